"""An officer report is moved to another meeting."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import meetings, more_time, officer_reports
from inquiries.choices import ItemKind, OfficerReportState
from inquiries.models import AgendaPack, Committee, Entry, Meeting, Notification
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(committee, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return factories.make_meeting(committee, date(2027, 1, 26))


@pytest.fixture
def later(committee):
    return factories.make_meeting(committee, date(2027, 3, 16))


@pytest.fixture
def report(meeting, clerk, officer, other_officer):
    return factories.make_officer_report(meeting, clerk, author=officer, director=other_officer)


def move(report, later, by, **values):
    return officer_reports.move(report, meeting=later, note="The figures come late.", **values, by=by, now=NOW)


def titles(meeting):
    return [item.title for item in meeting.items.on_agenda().order_by("number")]


def test_its_item_and_dates_are_those_of_the_other_meeting(report, meeting, later, clerk, officer, other_officer):
    for title in ("Apologies for absence", "Date of next meeting"):
        meetings.add_item(later, title=title, by=clerk, now=NOW)
    officer_reports.change(report, text_due=date(2026, 12, 1), by=clerk, now=NOW)
    report = move(report, later, clerk)
    assert report.meeting == later
    assert (report.text_due_on, report.sign_off_due_on) == (later.deadlines.updates, later.deadlines.sign_off)
    assert titles(meeting) == []
    assert titles(later) == ["Apologies for absence", "Contact centre", "Date of next meeting"]
    moved = Notification.objects.filter(occasion="officer_report_moved").order_by("pk")
    assert [one.recipient for one in moved] == [officer, other_officer]
    assert "at its meeting on Tuesday 16 March 2027, not at that on Tuesday 26 January 2027" in moved[0].body
    assert "The figures come late." in moved[0].body
    entry = Entry.objects.get(verb="move_officer_report")
    assert entry.sentence == "moved to the meeting on 16 March 2027 the officer report “Contact centre”"
    assert entry.note == "The figures come late."
    assert entry.changes["text_due"] == ["2026-12-01", later.deadlines.updates.isoformat()]


def test_dates_can_be_given(report, later, clerk):
    report = move(report, later, clerk, text_due=date(2027, 1, 4), sign_off_due=date(2027, 1, 11))
    assert (report.text_due_on, report.sign_off_due_on) == (date(2027, 1, 4), date(2027, 1, 11))


def test_dates_that_have_passed_are_refused(report, later, clerk):
    with pytest.raises(ValidationError, match="has passed"):
        move(report, later, clerk, text_due=date(2026, 11, 2))
    assert officer_reports.fetch(report).meeting != later


def test_signatures_stay_and_the_paper_is_set_again(report, meeting, later, clerk, officer):
    report = factories.sign_officer_report(factories.write_officer_report(report, officer, submit=True))
    first = report.document
    report = move(report, later, clerk)
    assert report.state == OfficerReportState.SIGNED_OFF
    assert report.signatures.get().signed_at == NOW
    assert report.document != first and report.document.item == report.item
    assert "16 March 2027" in " ".join(report.document.page_texts)
    first.refresh_from_db()
    assert first.removed_at == NOW
    assert titles(meeting) == []


def test_an_item_of_the_same_title_is_taken(report, later, clerk):
    item = meetings.add_item(later, title="Contact Centre", by=clerk, now=NOW)
    assert move(report, later, clerk).item == item
    item.refresh_from_db()
    assert item.kind == ItemKind.PAPERS


def test_on_a_published_agenda_the_item_stays_and_says_so(report, meeting, later, clerk):
    published = {"published_at": NOW, "published_by": clerk}
    AgendaPack.objects.create(
        meeting=meeting, edition="public", file="p.pdf", content={}, built_at=NOW, built_by=clerk, **published
    )
    move(report, later, clerk)
    item = meeting.items.on_agenda().get()
    assert (item.subtitle, item.kind) == ("Deferred to the meeting on 16 March 2027", ItemKind.NOTHING)


def test_an_item_with_other_papers_stays(report, meeting, later, clerk):
    meetings.add_paper(report.item, factories.make_received(), title="Figures", by=clerk, now=NOW)
    move(report, later, clerk)
    assert titles(meeting) == ["Contact centre"]
    assert [paper.title for paper in meeting.items.get().documents.on_agenda()] == ["Figures"]


def test_what_a_meeting_had_before_it_stays(report, meeting, later, clerk, officer):
    """Deferred at the meeting: its agenda and paper are what they were, also when the next version is signed."""
    report = factories.sign_officer_report(factories.write_officer_report(report, officer, submit=True))
    first = report.document
    Meeting.objects.filter(pk=meeting.pk).update(start=NOW - timedelta(hours=1))
    report = officer_reports.reopen(report, reason="The committee asked for more.", by=clerk, now=NOW)
    report = move(report, later, clerk)
    assert report.document is None
    factories.sign_officer_report(factories.write_officer_report(report, officer, submit=True))
    first.refresh_from_db()
    assert first.removed_at is None and titles(meeting) == ["Contact centre"]


def test_of_a_meeting_that_was_cancelled(report, meeting, later, clerk, officer):
    meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=NOW)
    report = move(report, later, clerk)
    assert report.state == OfficerReportState.NOT_STARTED


def test_more_time_that_waits_is_granted_by_the_new_date(report, later, clerk, officer):
    asked = {"wanted_until": date(2027, 1, 4), "reason": "Leave.", "by": officer, "now": NOW}
    request = more_time.ask_for_more_time(report, **asked)
    report = move(report, later, clerk)
    request.refresh_from_db()
    assert (request.granted_until, request.decided_by) == (report.text_due_on, clerk)


def test_where_it_cannot_go(report, meeting, later, clerk, officer):
    homes = Committee.objects.create(name="Homes Select Committee", slug="homes")
    with pytest.raises(Refused, match="Only a clerk"):
        move(report, later, officer)
    with pytest.raises(Refused, match="for this meeting already"):
        move(report, meeting, clerk)
    with pytest.raises(Refused, match="of another committee"):
        move(report, factories.make_meeting(homes, date(2027, 3, 9)), clerk)
    meetings.cancel_meeting(later, reason="Snow.", by=clerk, now=NOW)
    later.refresh_from_db()
    with pytest.raises(Refused, match="has been cancelled"):
        move(report, later, clerk)
