"""Actions that a committee asks for: set, changed, removed, done, reminded of, printed in the next report."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import docx
import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import action_points, assessments, handover, progress
from inquiries.choices import Rating, Stage
from inquiries.documents.data_formats import progress_report_csv, report_data
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.models import ActionPoint, Entry, Notification
from inquiries.notifications import queue_reminders
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

pytestmark = pytest.mark.usefixtures("quick_files")

# Before, in and after the meeting of 15 December 2026.
BEFORE = datetime(2026, 12, 14, 10, tzinfo=UTC)
DECIDED = datetime(2026, 12, 15, 14, 30, tzinfo=UTC)
LATER = DECIDED + timedelta(days=40)
DUE = date(2027, 2, 1)
ASKED = {"text": "Publish the number on every bill.", "due_on": DUE}


@pytest.fixture
def report(inquiry, clerk, committee, chair):
    """1a and 1b raise concerns, 2 is not delivered, 10 is implemented."""
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=factories.make_meeting(committee))
    ratings = (Rating.CONCERNS, Rating.NOT_DELIVERED, Rating.IMPLEMENTED)
    for update, rating in zip(report.updates.for_page(), ratings, strict=True):
        assessments.assess(update, rating=rating, comment="", seen=None, by=chair, now=NOW + timedelta(hours=1))
    Notification.objects.all().delete()
    return report


@pytest.fixture
def row(report):
    return report.updates.for_page().first()


@pytest.fixture
def action(row, contributor, chair):
    return action_points.set_action_point(row, **ASKED, owner=contributor, by=chair, now=DECIDED)


def confirm(report, clerk):
    assessments.confirm_assessments(report, by=clerk, now=DECIDED + timedelta(minutes=5))
    report.refresh_from_db()


def mails(occasion):
    return list(Notification.objects.filter(occasion=occasion).order_by("pk"))


def test_an_action_is_a_draft_until_the_ratings_are_confirmed_and_then_its_owner_is_told(
    report, action, contributor, clerk
):
    assert mails("action_wanted") == []
    assert queue_reminders(DUE - timedelta(days=7), LATER) == 0
    assert progress_report_content(for_content().get(pk=report.pk)).rows[0].actions == ()
    confirm(report, clerk)
    (mail,) = mails("action_wanted")
    assert mail.recipient == contributor
    assert mail.subject == "Action for you by 1 February 2027: Warm Homes Inquiry"
    assert "\n- Publish the number on every bill.\n" in mail.body
    assert f"/actions/{action.pk}/" in mail.body
    content = report.editions.get(number=2).content
    assert [(one["text"], one["owner"]) for one in content["rows"][0]["actions"]] == [(ASKED["text"], "Priya Nair")]
    assert "\nThe committee asks: Publish the number on every bill, by 1 February 2027 (Priya Nair)." in (
        Notification.objects.get(occasion="assessments_confirmed", recipient__name__startswith="Siân").body
    )


def test_an_action_set_after_the_ratings_were_confirmed_is_published_and_sent_at_once(report, row, contributor, clerk):
    confirm(report, clerk)
    action_points.set_action_point(row, **ASKED, owner=contributor, by=clerk, now=LATER)
    edition = report.editions.get(number=3)
    assert (edition.after_meeting, edition.content["rows"][0]["actions"][0]["text"]) == (True, ASKED["text"])
    assert [mail.recipient for mail in mails("action_wanted")] == [contributor]


def test_an_action_is_set_where_the_committee_has_concerns_and_once_the_meeting_has_begun(report, row, officer, chair):
    with pytest.raises(Refused, match="which has not begun"):
        action_points.set_action_point(row, **ASKED, owner=officer, by=chair, now=BEFORE)
    with pytest.raises(Refused, match="where the committee has concerns"):
        implemented = report.updates.for_page()[2]
        action_points.set_action_point(implemented, **ASKED, owner=officer, by=chair, now=DECIDED)
    with pytest.raises(ValidationError, match="after the meeting"):
        early = ASKED | {"due_on": date(2026, 12, 14)}
        action_points.set_action_point(row, **early, owner=officer, by=chair, now=DECIDED)
    assert not ActionPoint.objects.exists()


def test_an_action_is_set_by_the_chair_or_a_clerk(row, officer, member, other_member, cabinet_member):
    for person in (officer, member, other_member, cabinet_member):
        with pytest.raises(Refused, match="Only the chair or a clerk sets actions"):
            action_points.set_action_point(row, **ASKED, owner=officer, by=person, now=DECIDED)


def test_a_changed_action_goes_to_its_new_owner(report, action, officer, clerk):
    confirm(report, clerk)
    action_points.change_action_point(action, owner=officer, by=clerk, now=LATER)
    assert [mail.recipient.name for mail in mails("action_wanted")] == ["Priya Nair", "Siân Llŷr-Ôwain"]
    assert report.editions.count() == 3
    entry = Entry.objects.filter(verb="change_action_point").get()
    assert entry.changes == {"owner": ["Priya Nair", "Siân Llŷr-Ôwain"]}


def test_an_action_is_removed_while_it_is_a_draft(report, action, row, officer, clerk):
    action_points.remove_action_point(action, by=clerk, now=DECIDED)
    assert not ActionPoint.objects.exists()
    kept = action_points.set_action_point(row, **ASKED, owner=officer, by=clerk, now=DECIDED)
    confirm(report, clerk)
    with pytest.raises(Refused, match="This action is public"):
        action_points.remove_action_point(kept, by=clerk, now=LATER)


def test_an_action_is_done_by_its_owner_or_a_clerk_with_a_sentence(report, action, contributor, officer, clerk, chair):
    confirm(report, clerk)
    for person in (officer, chair):
        with pytest.raises(Refused, match="Only the person who was asked, or a clerk"):
            action_points.finish_action_point(action, note="It is.", by=person, now=LATER)
    with pytest.raises(Refused, match="Say in a sentence"):
        action_points.finish_action_point(action, note=" ", by=contributor, now=LATER)
    done = action_points.finish_action_point(action, note="It is on every bill.", by=contributor, now=LATER)
    assert (done.done_at, done.done_by, done.is_open) == (LATER, contributor, False)
    (mail,) = mails("action_done")
    assert (mail.recipient, "What was done: It is on every bill." in mail.body) == (chair, True)
    with pytest.raises(Refused, match="This action is done"):
        action_points.finish_action_point(action, note="Again.", by=clerk, now=LATER)


def test_that_it_is_done_can_be_undone(report, action, contributor, officer, clerk):
    confirm(report, clerk)
    with pytest.raises(Refused, match="open already"):
        action_points.resume_action_point(action, by=contributor, now=LATER)
    action_points.finish_action_point(action, note="It is on every bill.", by=contributor, now=LATER)
    with pytest.raises(Refused, match="Only the person who was asked, or a clerk"):
        action_points.resume_action_point(action, by=officer, now=LATER)
    again = action_points.resume_action_point(action, by=clerk, now=LATER)
    assert (again.done_at, again.done_by, again.done_note, again.is_open) == (None, None, "", True)
    entry = Entry.objects.filter(verb="resume_action_point").get()
    assert entry.sentence == "opened the action on 1a and 1b again: Publish the number on every bill."
    assert (entry.changes, entry.on_behalf_of) == ({"done_note": ["It is on every bill.", ""]}, "Priya Nair")
    # Who asked is told once more when it is done.
    later = LATER + timedelta(days=1)
    action_points.finish_action_point(action, note="Now it is.", by=contributor, now=later)
    assert len(mails("action_done")) == 2


def test_the_owner_is_reminded_once_before_and_once_when_it_is_late(report, action, contributor, clerk):
    confirm(report, clerk)
    reminded = []
    for day in (DUE + timedelta(days=n) for n in range(-20, 30)):
        queue_reminders(day, datetime(day.year, day.month, day.day, 7, tzinfo=UTC))
        found = Notification.objects.filter(occasion__in=("reminder", "escalation"), queued_on__date=day)
        reminded += [(day, mail.recipient.name, mail.subject) for mail in found]
    about = "action on recommendations 1a and 1b"
    assert reminded == [
        (date(2027, 1, 25), "Priya Nair", f"Reminder: {about}, due 1 February"),
        (date(2027, 2, 2), "Priya Nair", f"Late: {about}, due 1 February"),
    ]


def test_the_next_report_shows_open_and_done_actions_in_every_format(report, action, row, officer, contributor, clerk):
    other = action_points.set_action_point(row, text="Ask Ofgem.", due_on=DUE, owner=officer, by=clerk, now=DECIDED)
    confirm(report, clerk)
    action_points.finish_action_point(other, note="=Ofgem agreed.", by=officer, now=LATER)
    following = progress.commission(
        report.inquiry,
        months_on=12,
        by=clerk,
        now=LATER,
        cabinet_members=[],
        updates_due_on=date(2027, 6, 1),
        sign_off_due_on=date(2027, 6, 8),
    )
    content = progress_report_content(for_content().get(pk=following.pk))
    asked = "At its meeting on 15 December 2026 the committee asked:"
    sentences = [
        f"{asked} Publish the number on every bill, by 1 February 2027 (Priya Nair). Not done yet.",
        f"{asked} Ask Ofgem, by 1 February 2027 (Siân Llŷr-Ôwain). Done on 24 January 2027: =Ofgem agreed.",
    ]
    assert [str(one) for one in content.rows[0].earlier_actions] == sentences
    assert content.rows[1].earlier_actions == content.rows[0].actions == ()
    paragraphs = [
        para.text
        for table in docx.Document(BytesIO(progress_report_docx(content))).tables
        for cell in table._cells
        for para in cell.paragraphs
    ]
    assert set(sentences) <= set(paragraphs)
    assert "\n".join(sentences) in progress_report_csv(content).decode("utf-8-sig")
    (first, second) = report_data(content)["responses"][0]["earlier_actions"]
    assert (first["done_on"], second["done_on"], second["asked_on"]) == (None, "2027-01-24", "2026-12-15")


def test_a_reopened_report_takes_its_actions_from_the_next_report_and_from_your_work(report, action, clerk):
    confirm(report, clerk)
    assert ActionPoint.objects.open().get() == action
    progress.reopen(report, to=Stage.PUBLISHED, reason="A wrong rating.", by=clerk, now=LATER)
    assert not ActionPoint.objects.open().exists()
    assert ActionPoint.objects.get().is_open is False


def test_the_action_of_a_leaver_is_handed_over(report, action, contributor, officer, clerk):
    confirm(report, clerk)
    with pytest.raises(ValidationError, match="Choose who does what the committee asked for"):
        handover.record_leaver(contributor, by=clerk, now=LATER)
    handover.record_leaver(contributor, actions=officer, by=clerk, now=LATER)
    action.refresh_from_db()
    assert action.owner == officer
    (mail,) = mails("handed_over")
    assert "action on recommendations 1a and 1b of “Warm Homes Inquiry”" in mail.body
