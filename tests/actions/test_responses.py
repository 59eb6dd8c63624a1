"""Cabinet's responses: recorded, corrected, their target dates moved."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import history, responses
from inquiries.choices import Decision
from inquiries.models import Entry, Notification, Recommendation, Response, TargetDateChange
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def response(inquiry):
    return inquiry.recommendations.get(reference="1a").response


def unanswered(inquiry, clerk, *references):
    add = factories.inquiries.add_recommendation
    return [add(inquiry, reference=r, text=f"That {r} be done.", by=clerk, now=NOW) for r in references]


def entry(verb):
    return Entry.objects.filter(verb=verb).latest("pk")


# record_response


def test_record_response_answers_several_recommendations_at_once(inquiry, clerk, officer, cabinet_member):
    recorded = responses.record_response(
        inquiry,
        recommendations=unanswered(inquiry, clerk, "12", "11"),
        decision=Decision.IN_PART,
        text=" We shall. ",
        reason=" As far as money goes. ",
        responded_on=date(2026, 6, 1),
        lead_officer=officer,
        cabinet_member=cabinet_member,
        target_date=date(2027, 3, 31),
        by=clerk,
        now=NOW,
    )
    kept = Response.objects.get(pk=recorded.pk)
    assert (kept.references, kept.numbers) == ("11 and 12", "recommendations 11 and 12")
    assert (kept.text, kept.reason, kept.responding_body) == ("We shall.", "As far as money goes.", "Cabinet")
    assert (kept.lead_officer, kept.cabinet_member) == (officer, cabinet_member)
    assert (kept.original_target_date, kept.target_date) == (date(2027, 3, 31), date(2027, 3, 31))
    assert entry("record_response").sentence == "recorded the response to 12, 11: accepted in part"
    assert entry("record_response").changes == {
        "recommendations": ["", "11 and 12"],
        "decision": ["", "in_part"],
        "text": ["", "We shall."],
        "reason": ["", "As far as money goes."],
        "responding_body": ["", "Cabinet"],
        "responded_on": [None, "2026-06-01"],
        "lead_officer": [None, "Siân Llŷr-Ôwain"],
        "cabinet_member": [None, "Councillor Ruth Adeyemi"],
        "target_date": [None, "2027-03-31"],
    }


@pytest.mark.parametrize(
    ("references", "numbers"),
    [
        (["11"], "recommendation 11"),
        (["13", "11"], "recommendations 11 and 13"),
        (["13", "11", "2b"], "recommendations 2b, 11 and 13"),
    ],
)
def test_the_numbers_of_a_response_read_as_people_say_them(inquiry, clerk, references, numbers):
    recorded = responses.record_response(
        inquiry,
        recommendations=unanswered(inquiry, clerk, *references),
        decision=Decision.ACCEPTED,
        by=clerk,
        now=NOW,
    )
    assert recorded.numbers == numbers


@pytest.mark.parametrize("decision", [choice for choice in Decision if choice != Decision.ACCEPTED])
def test_record_response_needs_a_reason_unless_accepted(inquiry, clerk, decision):
    (recommendation,) = unanswered(inquiry, clerk, "11")
    with pytest.raises(ValidationError, match="Give Cabinet's reason"):
        responses.record_response(
            inquiry, recommendations=[recommendation], decision=decision, reason=" ", by=clerk, now=NOW
        )
    assert Recommendation.objects.get(pk=recommendation.pk).response is None
    assert inquiry.responses.count() == 4


def test_record_response_needs_a_recommendation_of_this_inquiry_that_has_no_answer(inquiry, clerk, committee):
    def record(recommendations):
        responses.record_response(
            inquiry, recommendations=recommendations, decision=Decision.ACCEPTED, by=clerk, now=NOW
        )

    other = factories.make_inquiry(committee, clerk, title="Another Inquiry")
    with pytest.raises(ValidationError, match="at least one recommendation"):
        record([])
    with pytest.raises(ValidationError, match="Recommendation 4 belongs to another inquiry"):
        record([other.recommendations.get(reference="4")])
    with pytest.raises(ValidationError, match="Recommendation 2 already has a response"):
        record([*unanswered(inquiry, clerk, "11"), inquiry.recommendations.get(reference="2")])
    assert inquiry.responses.count() == 4


def test_record_response_sees_an_answer_that_came_in_the_meantime(inquiry, clerk):
    (seen,) = unanswered(inquiry, clerk, "11")
    first = responses.record_response(
        inquiry,
        recommendations=[Recommendation.objects.get(pk=seen.pk)],
        decision=Decision.ACCEPTED,
        by=clerk,
        now=NOW,
    )
    with pytest.raises(ValidationError, match="already has a response"):
        responses.record_response(
            inquiry, recommendations=[seen], decision=Decision.NOT_ACCEPTED, reason="No.", by=clerk, now=LATER
        )
    assert Recommendation.objects.get(pk=seen.pk).response == first


# correct_response


def test_correct_response_keeps_what_was_before_in_the_history(response, clerk, other_officer):
    corrected = responses.correct_response(
        response, text="Two numbers will be used.", lead_officer=other_officer, by=clerk, now=LATER
    )
    assert (corrected.text, corrected.lead_officer) == ("Two numbers will be used.", other_officer)
    assert entry("correct_response").sentence == "changed the response to 1a and 1b"
    assert entry("correct_response").changes == {
        "text": ["One number will be used.", "Two numbers will be used."],
        "lead_officer": ["Siân Llŷr-Ôwain", "Tom Okafor"],
    }


def test_correct_response_without_a_change_writes_no_history(response, clerk):
    responses.correct_response(response, text=response.text, by=clerk, now=LATER)
    assert not Entry.objects.filter(verb="correct_response").exists()


def test_correct_response_changes_the_decision_until_progress_has_been_asked_for(response, inquiry, clerk):
    changed = responses.correct_response(
        response, decision=Decision.IN_PRINCIPLE, reason="It costs.", by=clerk, now=NOW
    )
    assert changed.decision == Decision.IN_PRINCIPLE
    factories.make_report(inquiry, clerk)
    with pytest.raises(Refused, match="progress has already been asked for"):
        responses.correct_response(response, decision=Decision.NOT_ACCEPTED, by=clerk, now=LATER)
    # The words may still be corrected.
    responses.correct_response(response, decision=Decision.IN_PRINCIPLE, reason="It costs much.", by=clerk, now=LATER)
    assert Response.objects.get(pk=response.pk).reason == "It costs much."


def test_correct_response_refuses_what_it_may_not_change(response, clerk):
    with pytest.raises(TypeError, match="target_date"):
        responses.correct_response(response, target_date=date(2027, 1, 1), by=clerk, now=LATER)
    with pytest.raises(ValidationError, match="Give Cabinet's reason"):
        responses.correct_response(response, decision=Decision.DEFERRED, by=clerk, now=LATER)
    assert Response.objects.get(pk=response.pk).decision == Decision.ACCEPTED


# change_target_date


def test_the_first_target_date_becomes_the_original_and_needs_no_reason(response, clerk):
    changed = responses.change_target_date(response, target_date=date(2027, 3, 31), reason="", by=clerk, now=NOW)
    assert (changed.original_target_date, changed.target_date) == (date(2027, 3, 31), date(2027, 3, 31))
    assert not TargetDateChange.objects.exists()
    assert entry("change_target_date").changes == {
        "original_target_date": [None, "2027-03-31"],
        "target_date": [None, "2027-03-31"],
    }


def test_every_later_target_date_is_kept_with_its_reason(response, clerk):
    responses.change_target_date(response, target_date=date(2027, 3, 31), reason="", by=clerk, now=NOW)
    responses.change_target_date(response, target_date=date(2027, 6, 30), reason=" Late parts. ", by=clerk, now=LATER)
    changed = responses.change_target_date(response, target_date=None, reason="Nobody knows.", by=clerk, now=LATER)
    assert (changed.original_target_date, changed.target_date) == (date(2027, 3, 31), None)
    assert list(changed.target_date_changes.values_list("old_date", "new_date", "reason", "changed_by__name")) == [
        (date(2027, 3, 31), date(2027, 6, 30), "Late parts.", "Carys Whitlock"),
        (date(2027, 6, 30), None, "Nobody knows.", "Carys Whitlock"),
    ]
    assert entry("change_target_date").sentence == "changed the target date of the response to 1a and 1b"
    assert entry("change_target_date").note == "Nobody knows."


def test_change_target_date_is_refused_without_change_or_reason(response, clerk):
    with pytest.raises(Refused, match="same as before"):
        responses.change_target_date(response, target_date=None, reason="", by=clerk, now=NOW)
    responses.change_target_date(response, target_date=date(2027, 3, 31), reason="", by=clerk, now=NOW)
    with pytest.raises(Refused, match="same as before"):
        responses.change_target_date(response, target_date=date(2027, 3, 31), reason="So.", by=clerk, now=LATER)
    with pytest.raises(Refused, match="Say why the target date changes"):
        responses.change_target_date(response, target_date=date(2027, 6, 30), reason=" ", by=clerk, now=LATER)
    assert Response.objects.get(pk=response.pk).target_date == date(2027, 3, 31)
    assert Entry.objects.filter(verb="change_target_date").count() == 1


# for all of them


DEEDS = {
    "record": lambda inquiry, by: responses.record_response(
        inquiry,
        recommendations=[inquiry.recommendations.get(reference="4")],
        decision=Decision.ACCEPTED,
        by=by,
        now=NOW,
    ),
    "correct": lambda inquiry, by: responses.correct_response(
        inquiry.responses.in_order().first(), text="Other words.", by=by, now=NOW
    ),
    "target date": lambda inquiry, by: responses.change_target_date(
        inquiry.responses.in_order().first(), target_date=date(2027, 6, 30), reason="Late parts.", by=by, now=NOW
    ),
}


def everything(inquiry):
    return (
        list(inquiry.responses.order_by("pk").values()),
        list(inquiry.recommendations.in_order().values_list("reference", "response")),
        TargetDateChange.objects.count(),
        Entry.objects.count(),
    )


@pytest.mark.parametrize("deed", DEEDS)
def test_only_a_clerk_may(inquiry, officer, chair, cabinet_member, deed):
    before = everything(inquiry)
    for person in (officer, chair, cabinet_member):
        with pytest.raises(Refused, match="Only a clerk"):
            DEEDS[deed](inquiry, person)
    assert everything(inquiry) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_written_when_history_cannot_be(inquiry, clerk, response, monkeypatch, deed):
    responses.change_target_date(response, target_date=date(2027, 3, 31), reason="", by=clerk, now=NOW)
    before = everything(inquiry)

    def fails(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(history, "write", fails)
    with pytest.raises(RuntimeError):
        DEEDS[deed](inquiry, clerk)
    assert everything(inquiry) == before


def test_a_new_lead_officer_is_told_what_is_still_wanted(inquiry, response, clerk, stranger):
    factories.make_report(inquiry, clerk)
    responses.correct_response(response, lead_officer=stranger, by=clerk, now=NOW)
    assert Notification.objects.filter(recipient=stranger, occasion="update_wanted").count() == 1
    responses.correct_response(response, text="One number, day and night.", by=clerk, now=NOW)
    assert Notification.objects.filter(recipient=stranger).count() == 1


def test_who_has_left_is_given_no_response(inquiry, clerk, other_officer):
    other_officer.is_active = False
    other_officer.save()
    response = inquiry.responses.get(recommendations__reference="1a")
    for field in ("lead_officer", "cabinet_member"):
        with pytest.raises(ValidationError) as refusal:
            responses.correct_response(response, **{field: other_officer}, by=clerk, now=NOW)
        assert refusal.value.message_dict == {field: ["Tom Okafor has left."]}
    # What stands is not touched: the wording of a response that they led can be corrected.
    theirs = inquiry.responses.get(recommendations__reference="2")
    responses.correct_response(theirs, lead_officer=other_officer, text="Thrice a year.", by=clerk, now=NOW)
