"""Somebody leaves: what they had is handed over, nothing is left without an owner. Or they come back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import handover, people, progress, responses
from inquiries.actions.endings import end_recommendation
from inquiries.choices import Ending, Stage
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.models import CabinetMember, Entry, Membership, Notification, PackPlan, Person, ProgressUpdate, Response
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW, TODAY, person

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def report(inquiry, clerk, officer, contributor):
    """Being collected: the officer leads 1a and 1b, the contributor writes there too."""
    report = factories.make_report(inquiry, clerk)
    update = report.updates.about("1a").get()
    progress.save_update(update, version=0, text="Half.", contributors=[contributor], by=officer, now=NOW)
    Notification.objects.all().delete()
    return report


def leave(who, by, **takers):
    return handover.record_leaver(who, **takers, by=by, now=LATER)


def give_portfolio(who):
    CabinetMember.objects.create(person=who, portfolio="Transport", from_date=date(2025, 5, 20))


def nothing_happened(who):
    who.refresh_from_db()
    assert who.is_active
    assert not Entry.objects.filter(at=LATER).exists()
    assert not Notification.objects.exists()


def wrong(refusal):
    return refusal.value.message_dict


# Handed over


def test_hands_over_responses(report, clerk, officer, other_officer, client):
    client.force_login(officer)
    leave(officer, clerk, responses=other_officer)
    officer.refresh_from_db()
    assert (officer.is_active, officer.left_at, officer.left_by) == (False, LATER, clerk)
    assert Response.objects.filter(lead_officer=officer).count() == 0
    update = report.updates.about("1a").get()
    assert (update.response.lead_officer, update.text) == (other_officer, "Half.")
    assert ProgressUpdate.objects.written_by(other_officer).open().filter(pk=update.pk).exists()
    assert client.get("/").context["user"].is_anonymous


def test_notifies_the_taker_once(report, clerk, officer, other_officer, contributor):
    progress.save_update(
        report.updates.about("2").get(), version=0, text="", contributors=[officer], by=other_officer, now=NOW
    )
    leave(officer, clerk, responses=contributor, contributions=contributor)
    letter = Notification.objects.get()
    assert (letter.recipient, letter.occasion) == (contributor, "handed_over")
    assert (
        "- lead officer for recommendations 1a and 1b of “Warm Homes Inquiry”, "
        "whose progress update is wanted by 1 June 2027\n"
        "- contributor to the progress update on recommendation 2 of “Warm Homes Inquiry”\n"
    ) in letter.body


def test_hands_over_one_by_one(inquiry, clerk, officer, other_officer, contributor):
    one, two = (inquiry.responses.get(recommendations__reference=number) for number in ("1a", "10"))
    responses.correct_response(two, lead_officer=officer, by=clerk, now=NOW)
    leave(officer, clerk, responses=other_officer, one_by_one={two.pk: contributor})
    for response, lead in ((one, other_officer), (two, contributor)):
        response.refresh_from_db()
        assert response.lead_officer == lead
    assert set(Notification.objects.values_list("recipient__name", flat=True)) == {"Tom Okafor", "Priya Nair"}


def test_one_by_one_rejects_leavers(inquiry, clerk, officer):
    response = inquiry.responses.get(recommendations__reference="1a")
    with pytest.raises(ValidationError) as refusal:
        leave(officer, clerk, one_by_one={response.pk: officer})
    assert wrong(refusal) == {"responses": ["Choose another person"]}
    leave(officer, clerk, one_by_one={response.pk: clerk})
    response.refresh_from_db()
    assert response.lead_officer == clerk


def test_handover_history(report, clerk, officer, other_officer):
    leave(officer, clerk, responses=other_officer)
    told = Entry.objects.filter(at=LATER).order_by("pk")
    assert [entry.sentence for entry in told][:2] == [
        "handed the response to 1a and 1b over to Tom Okafor",
        "recorded that Siân Llŷr-Ôwain has left",
    ]
    assert told[0].changes == {"lead_officer": ["Siân Llŷr-Ôwain", "Tom Okafor"]}
    assert (told[0].inquiry_id, told[1].changes) == (report.inquiry_id, {"is_active": [True, False]})
    assert told[1].note == ("Tom Okafor takes over: lead officer for recommendations 1a and 1b of “Warm Homes Inquiry”")


def test_hands_over_without_report(inquiry, clerk, officer, other_officer):
    with pytest.raises(ValidationError):
        leave(officer, clerk)
    leave(officer, clerk, responses=other_officer)
    assert inquiry.responses.get(recommendations__reference="1a").lead_officer == other_officer


def test_hands_over_contributions(report, clerk, contributor, other_officer):
    update = report.updates.about("1a").get()
    leave(contributor, clerk, contributions=other_officer)
    update = report.updates.for_page().get(pk=update.pk)
    assert update.contributor_names == [other_officer]
    assert update.version == 2
    leave(other_officer, clerk, responses=update.response.lead_officer)
    assert list(report.updates.for_page().get(pk=update.pk).contributor_names) == []


def test_returned_update_without_writer(inquiry, clerk, cabinet_member, contributor):
    inquiry.responses.update(lead_officer=None)
    report = factories.make_report(inquiry, clerk, cabinet_members=[cabinet_member])
    update = report.updates.about("1a").get()
    update = progress.save_update(update, version=0, text="Done.", contributors=[contributor], by=clerk, now=NOW)
    progress.submit_update(update, version=update.version, by=contributor, now=NOW)
    leave(contributor, clerk)
    Notification.objects.all().delete()
    progress.return_update(update, note="By when?", by=cabinet_member, now=LATER)
    told = Notification.objects.get()
    assert (told.recipient, told.occasion) == (clerk, "update_returned")


def test_reopened_update_without_writer(inquiry, clerk, officer):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    for recommendation in inquiry.recommendations.open():
        ended = {"ending": Ending.SUPERSEDED, "reason": "Overtaken.", "on": TODAY}
        end_recommendation(recommendation, **ended, by=clerk, now=NOW)
    leave(officer, clerk)
    Notification.objects.all().delete()
    update = report.updates.about("1a").get()
    progress.reopen(report, to=Stage.COMMISSIONED, updates=[update], reason="A wrong sum.", by=clerk, now=LATER)
    told = Notification.objects.get(occasion="update_reopened")
    assert told.recipient == clerk


def test_contribution_without_other_writer(report, clerk, contributor, officer, other_officer):
    update = report.updates.about("10").get()
    progress.save_update(update, version=0, text="", contributors=[contributor], by=clerk, now=NOW)
    with pytest.raises(ValidationError) as refusal:
        leave(contributor, clerk)
    assert wrong(refusal) == {"contributions": ["Choose who contributes: nobody else is there to write"]}
    nothing_happened(contributor)
    leave(contributor, clerk, contributions=officer)
    assert report.updates.for_page().get(pk=update.pk).contributor_names == [officer]


def test_hands_over_open_sign_off(inquiry, clerk, cabinet_member, stranger):
    report = factories.make_report(inquiry, clerk)
    with pytest.raises(ValidationError) as refusal:
        leave(cabinet_member, clerk)
    assert wrong(refusal) == {"sign_offs": ["Choose who signs these reports off"]}
    give_portfolio(stranger)
    leave(cabinet_member, clerk, sign_offs=stranger)
    assert [sign_off.person for sign_off in report.sign_offs.all()] == [stranger]
    assert set(inquiry.responses.values_list("cabinet_member", flat=True)) == {stranger.pk, cabinet_member.pk}
    assert inquiry.responses.open().exclude(cabinet_member=stranger).count() == 0
    seat = CabinetMember.objects.get(person=cabinet_member)
    assert seat.until_date == TODAY


def test_keeps_given_sign_off(inquiry, clerk, cabinet_member, stranger, officer):
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[stranger])
    progress.sign_off(report.sign_offs.get(person=cabinet_member), by=cabinet_member, now=NOW)
    give_portfolio(stranger)
    leave(cabinet_member, clerk, sign_offs=stranger)
    given = report.sign_offs.get(person=cabinet_member)
    assert (given.signed_at, given.signed_by) == (NOW, cabinet_member)


def test_taker_signs_once(inquiry, clerk, cabinet_member, stranger):
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[stranger])
    progress.sign_off(report.sign_offs.get(person=stranger), by=stranger, now=NOW)
    give_portfolio(stranger)
    leave(cabinet_member, clerk, sign_offs=stranger)
    report.refresh_from_db()
    assert report.stage == Stage.SIGNED_OFF
    assert [sign_off.person for sign_off in report.sign_offs.all()] == [stranger]


def test_published_report_keeps_names(inquiry, clerk, officer, other_officer):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    edition = report.editions.get()
    leave(officer, clerk, responses=other_officer)
    edition.refresh_from_db()
    assert edition.content["lead_officers"][0][0] == "Siân Llŷr-Ôwain"
    assert report.updates.about("1a").get().text == "Work on 1a and 1b is going well."


def test_open_report_prints_new_name(report, clerk, officer, other_officer):
    leave(officer, clerk, responses=other_officer)
    content = progress_report_content(for_content().get(pk=report.pk))
    assert [row.lead_officer for row in content.rows] == ["Tom Okafor", "Tom Okafor", ""]


def test_hands_over_planned_publication(committee, clerk, officer):
    colleague = person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True)
    plan = PackPlan.objects.create(
        meeting=factories.make_meeting(committee), publish_on=LATER, planned_at=NOW, planned_by=colleague
    )
    for taker, reason in ((None, "Choose the clerk who answers"), (officer, "Siân Llŷr-Ôwain is no clerk")):
        with pytest.raises(ValidationError, match=reason):
            leave(colleague, clerk, plans=taker)
    leave(colleague, clerk, plans=clerk)
    plan.refresh_from_db()
    assert plan.planned_by == clerk
    colleague.refresh_from_db()
    assert colleague.is_clerk is False


def test_seats_of_leaver_end(clerk, member, committee):
    health = committee._meta.model.objects.create(name="Health Select Committee", slug="health")
    Membership.objects.create(committee=health, person=member, from_date=date(2026, 12, 1))
    leave(member, clerk)
    seat = member.memberships.get()
    assert (seat.committee, seat.until_date) == (committee, TODAY)
    assert Entry.objects.about(member).get().note == (
        "ended: seat on the Communities Select Committee, seat on the Health Select Committee"
    )


def test_deletes_unsent_notifications(inquiry, clerk, officer, other_officer):
    factories.make_report(inquiry, clerk)
    assert Notification.objects.filter(recipient=officer).count() == 1
    leave(officer, clerk, responses=other_officer)
    assert not Notification.objects.filter(recipient=officer).exists()


# Refused


def test_rejects_a_taker_who_sits_on_the_committee(report, clerk, officer, member):
    with pytest.raises(ValidationError) as refusal:
        leave(officer, clerk, responses=member)
    assert wrong(refusal) == {
        "responses": [
            "Councillor Anwen Pritchard sits on the Communities Select Committee, which judges this work: choose "
            "another person"
        ]
    }


def test_rejects_work_without_owner(report, clerk, officer):
    with pytest.raises(ValidationError) as refusal:
        leave(officer, clerk)
    assert wrong(refusal) == {"responses": ["Choose who leads these responses from now on"]}
    nothing_happened(officer)


def test_rejects_leavers_as_takers(report, clerk, officer, other_officer):
    Person.objects.filter(pk=other_officer.pk).update(is_active=False)
    for taker, reason in (
        (officer, "Choose another person"),
        (other_officer, "Choose another person: Tom Okafor has left"),
    ):
        with pytest.raises(ValidationError) as refusal:
            leave(officer, clerk, responses=taker)
        assert wrong(refusal) == {"responses": [reason]}
    nothing_happened(officer)


def test_clerk_cannot_record_themselves(clerk):
    with pytest.raises(Refused, match="not of themselves"):
        leave(clerk, clerk)
    nothing_happened(clerk)


def test_leaver_requires_clerk(officer, other_officer):
    with pytest.raises(Refused, match="Only a clerk can record that a person leaves"):
        leave(officer, other_officer)


def test_removed_clerk_is_refused(clerk, db):
    colleague = person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True)
    leave(clerk, colleague)
    # What the other one's page still holds is of a moment ago.
    with pytest.raises(Refused, match="You are no longer a clerk"):
        leave(colleague, clerk)
    assert list(Person.objects.clerks()) == [colleague]


def test_rejects_second_departure(clerk, officer, inquiry, other_officer):
    leave(officer, clerk, responses=other_officer)
    with pytest.raises(Refused, match="has already been recorded as a leaver"):
        leave(officer, clerk, responses=other_officer)


# Back


def test_record_return(clerk, officer, client):
    client.force_login(officer)
    leave(officer, clerk)
    handover.record_return(officer, by=clerk, now=LATER + timedelta(days=1))
    officer.refresh_from_db()
    assert (officer.is_active, officer.left_at, officer.left_by) == (True, None, None)
    assert client.get("/").context["user"].is_anonymous
    entry = Entry.objects.first()
    assert (entry.sentence, entry.changes) == (
        "recorded that Siân Llŷr-Ôwain is back",
        {"is_active": [False, True]},
    )


def test_returned_person_is_notified_again(inquiry, clerk, officer, other_officer):
    report = factories.make_report(inquiry, clerk)
    Notification.objects.update(sent_on=NOW)
    leave(officer, clerk, responses=other_officer)
    handover.record_return(officer, by=clerk, now=LATER)
    Notification.objects.update(sent_on=LATER)
    response = report.updates.about("1a").get().response
    responses.correct_response(response, lead_officer=officer, by=clerk, now=LATER)
    told = Notification.objects.get(sent_on=None)
    assert (told.recipient, told.occasion) == (officer, "update_wanted")


def test_returned_clerk_is_no_clerk(clerk):
    colleague = person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True)
    leave(colleague, clerk)
    handover.record_return(colleague, by=clerk, now=LATER)
    colleague.refresh_from_db()
    assert (colleague.is_active, colleague.is_clerk) == (True, False)


def test_rejects_wrong_returns(clerk, officer, other_officer, stranger):
    Person.objects.filter(pk=other_officer.pk).update(
        is_active=False, email=None, merged_at=NOW, merged_by=clerk, merged_into=officer
    )
    Person.objects.filter(pk=stranger.pk).update(is_active=False, email=None, erased_at=NOW, erased_by=clerk)
    for who, reason in (
        (officer, "is present already"),
        (other_officer, "has been merged into that of Siân Llŷr-Ôwain"),
        (stranger, "has been erased"),
    ):
        with pytest.raises(Refused, match=reason):
            handover.record_return(who, by=clerk, now=LATER)


def test_make_clerk_of_a_leaver(clerk, officer):
    leave(officer, clerk)
    made, changed = people.make_clerk(email=officer.email, name="", now=LATER)
    assert (made, changed, made.is_active, made.is_clerk, made.left_at) == (officer, True, True, True, None)
