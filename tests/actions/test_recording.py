"""An inquiry as a clerk records it: added, corrected, deleted, with its recommendations and Cabinet's responses."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import endings, inquiries, responses
from inquiries.actions.records import FieldsChanged, mark_of
from inquiries.check_history import changed_records
from inquiries.models import Entry, Inquiry, Person, Recommendation, Response
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW


@pytest.fixture
def bus_inquiry(committee, clerk):
    return inquiries.add_inquiry(committee=committee, title="Buses", by=clerk, now=NOW)


def add(inquiry, clerk, *references):
    texts = [{"reference": one, "text": f"That {one} is done."} for one in references]
    inquiries.add_recommendations(inquiry, texts, by=clerk, now=NOW)
    return list(inquiry.recommendations.all())


def answer(inquiry, clerk, recommendations, **values):
    given = {"recommendations": recommendations, "decision": "accepted", "text": "Agreed."} | values
    return responses.record_responses(inquiry, [given], by=clerk, now=NOW)[0]


def last_sentence():
    return str(Entry.objects.latest("pk"))


def test_add_inquiry_makes_an_address_of_the_title(committee, clerk, member):
    made = inquiries.add_inquiry(
        committee=committee, title="New", received_on=date(2026, 11, 2), is_health=True, by=clerk, now=NOW
    )
    assert (made.slug, made.response_due, made.is_being_recorded) == ("new-2", date(2026, 11, 30), True)
    assert last_sentence() == "Carys Whitlock added the inquiry “New”"
    with pytest.raises(ValidationError, match="already has the inquiry"):
        inquiries.add_inquiry(committee=committee, title="new ", by=clerk, now=NOW)
    with pytest.raises(Refused):
        inquiries.add_inquiry(committee=committee, title="Trees", by=member, now=NOW)


def test_change_inquiry_merges_what_two_clerks_change(bus_inquiry, clerk):
    based_on = {"title": mark_of("Buses"), "summary": mark_of("")}
    inquiries.change_inquiry(bus_inquiry, title="Bus services", summary="", based_on=based_on, by=clerk, now=NOW)
    inquiries.change_inquiry(bus_inquiry, title="Buses", summary="Late.", based_on=based_on, by=clerk, now=NOW)
    changed = Inquiry.objects.get(pk=bus_inquiry.pk)
    assert (changed.title, changed.summary, changed.slug) == ("Bus services", "Late.", "buses")
    with pytest.raises(FieldsChanged):
        inquiries.change_inquiry(bus_inquiry, title="Trams", based_on=based_on, by=clerk, now=NOW)


def test_add_recommendations_adds_all_or_none(bus_inquiry, clerk):
    assert [one.reference for one in add(bus_inquiry, clerk, "1", "2a")] == ["1", "2a"]
    with pytest.raises(ValidationError, match="2A: This inquiry already has a recommendation"):
        add(bus_inquiry, clerk, "3", "2A")
    assert bus_inquiry.recommendations.count() == 2


def test_correct_recommendation_while_the_inquiry_is_being_recorded(bus_inquiry, clerk):
    first, _ = add(bus_inquiry, clerk, "1", "2")
    corrected = inquiries.correct_recommendation(first, reference=" 1a", text="That it is done. ", by=clerk, now=NOW)
    assert (corrected.reference, corrected.reference_key, corrected.text, corrected.wording) == (
        "1a",
        "000001.a",
        "That it is done.",
        1,
    )
    assert Entry.objects.latest("pk").changes["reference"] == ["1", "1a"]
    with pytest.raises(ValidationError, match="already has a recommendation with this number"):
        inquiries.correct_recommendation(first, reference="2", text="That it is done.", by=clerk, now=NOW)


def test_what_is_public_or_commissioned_is_neither_corrected_nor_deleted(inquiry, bus_inquiry, clerk, officer):
    factories.make_report(inquiry, clerk)
    add(bus_inquiry, clerk, "1")
    inquiries.publish_inquiry(bus_inquiry, by=clerk, now=NOW)
    for one, why in ((inquiry, "have been commissioned"), (bus_inquiry, "is public")):
        recommendation = one.recommendations.first()
        with pytest.raises(Refused, match=why):
            inquiries.delete_inquiry(one, by=clerk, now=NOW)
        with pytest.raises(Refused, match=why):
            inquiries.delete_recommendation(recommendation, by=clerk, now=NOW)
        with pytest.raises(Refused, match=why):
            inquiries.correct_recommendation(recommendation, reference="9", text="A.", by=clerk, now=NOW)
    with pytest.raises(Refused, match="Progress has already been asked for"):
        responses.remove_response(inquiry.responses.filter(updates__isnull=False).first(), by=clerk, now=NOW)
    inquiries.withdraw_inquiry(bus_inquiry, reason="A mistake.", by=clerk, now=NOW)
    with pytest.raises(Refused, match="It has been public"):
        inquiries.delete_inquiry(bus_inquiry, by=clerk, now=NOW)


def test_delete_recommendation_that_nothing_depends_on(bus_inquiry, clerk, officer):
    first, second, third = add(bus_inquiry, clerk, "1", "2", "3")
    response = answer(bus_inquiry, clerk, [first])
    endings.end_recommendation(second, ending="withdrawn", reason="Moot.", on=NOW.date(), by=clerk, now=NOW)
    for one, why in ((first, "Remove the response first"), (second, "has ended")):
        with pytest.raises(Refused, match=why):
            inquiries.delete_recommendation(one, by=clerk, now=NOW)
    responses.remove_response(response, by=clerk, now=NOW)
    for one in (first, third):
        one.refresh_from_db()
        inquiries.delete_recommendation(one, by=clerk, now=NOW)
    assert list(bus_inquiry.recommendations.all()) == [second]
    assert last_sentence() == "Carys Whitlock deleted recommendation 3"
    assert Entry.objects.latest("pk").changes["text"] == ["That 3 is done.", None]


def test_remove_response_leaves_its_recommendations(bus_inquiry, clerk):
    first, second = add(bus_inquiry, clerk, "1", "2")
    response = answer(bus_inquiry, clerk, [first, second], target_date=date(2027, 4, 1))
    responses.remove_response(response, by=clerk, now=NOW)
    assert not Response.objects.exists()
    assert set(bus_inquiry.recommendations.values_list("response", flat=True)) == {None}
    assert last_sentence() == "Carys Whitlock removed the response to 1, 2"


def test_remove_response_keeps_one_whose_target_date_was_changed_with_a_reason(bus_inquiry, clerk):
    response = answer(bus_inquiry, clerk, add(bus_inquiry, clerk, "1"), target_date=date(2027, 4, 1))
    responses.change_target_date(response, target_date=date(2027, 6, 1), reason="Staff.", by=clerk, now=NOW)
    with pytest.raises(Refused, match="target date was changed"):
        responses.remove_response(response, by=clerk, now=NOW)
    with pytest.raises(Refused, match="has been changed since"):
        responses.set_first_target_date(response, target_date=date(2027, 7, 1), by=clerk, now=NOW)
    with pytest.raises(Refused, match="stays on record"):
        inquiries.delete_inquiry(bus_inquiry, by=clerk, now=NOW)


def test_set_first_target_date_needs_no_reason_while_the_inquiry_is_being_recorded(bus_inquiry, clerk):
    response = answer(bus_inquiry, clerk, add(bus_inquiry, clerk, "1"), target_date=date(2028, 4, 1))
    response = responses.set_first_target_date(response, target_date=date(2027, 4, 1), by=clerk, now=NOW)
    assert (response.target_date, response.original_target_date) == (date(2027, 4, 1), date(2027, 4, 1))
    inquiries.publish_inquiry(bus_inquiry, by=clerk, now=NOW)
    with pytest.raises(Refused, match="public"):
        responses.set_first_target_date(response, target_date=date(2027, 5, 1), by=clerk, now=NOW)


def test_record_responses_records_new_people_with_them_or_nothing(bus_inquiry, clerk, officer, member):
    first, second = add(bus_inquiry, clerk, "1", "2")
    new_people = {"rhys": {"name": "Rhys Vaughan", "job_title": "Engineer", "email": "rhys@wealdshire.example"}}
    given = [
        {"recommendations": [first], "decision": "accepted", "lead_officer": "rhys"},
        {"recommendations": [second], "decision": "in_part", "reason": "", "lead_officer": officer},
    ]
    with pytest.raises(ValidationError, match="2: Give Cabinet's reason"):
        responses.record_responses(bus_inquiry, given, new_people=new_people, by=clerk, now=NOW)
    assert not Response.objects.exists() and not Person.objects.filter(name="Rhys Vaughan").exists()
    given[1] |= {"reason": "Costs.", "lead_officer": member}
    with pytest.raises(ValidationError, match="2: Councillor Anwen Pritchard sits on the Communities"):
        responses.record_responses(bus_inquiry, given, new_people=new_people, by=clerk, now=NOW)
    given[1] |= {"lead_officer": officer}
    responses.record_responses(bus_inquiry, given, new_people=new_people, by=clerk, now=NOW)
    assert [one.lead_officer.title_and_name for one in Response.objects.in_order()] == [
        "Rhys Vaughan, Engineer",
        "Siân Llŷr-Ôwain, Head of Customer Access",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_deleted_inquiry_stays_in_the_history(committee, clerk):
    inquiry = inquiries.add_inquiry(committee=committee, title="Buses", by=clerk, now=NOW)
    answer(inquiry, clerk, add(inquiry, clerk, "1"))
    add(inquiry, clerk, "2")
    inquiries.delete_inquiry(inquiry, by=clerk, now=NOW)
    assert (Inquiry.objects.count(), Recommendation.objects.count(), Response.objects.count()) == (0, 0, 0)
    sentence = "Carys Whitlock deleted the inquiry “Buses” of the Communities Select Committee, with 2 recommendations"
    assert last_sentence() == sentence
    assert not [line for line in changed_records() if "committee" not in line and "person" not in line]
