"""Home and "your work": what is new, what waits for whom, by when."""

from datetime import date

from inquiries.actions import inquiries as inquiry_actions
from inquiries.choices import Stage
from tests.cast import NOW
from tests.factories import make_inquiry, make_meeting, make_report


def test_home_shows_the_latest_reports_and_the_meetings_to_come(inquiry, committee, clerk, read):
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    make_report(inquiry, clerk, months_on=12)
    make_meeting(committee)
    make_meeting(committee, day=date(2026, 3, 2))
    words = read("/")
    assert "Warm Homes Inquiry: interim report (6 months on)" in words
    assert "12 months on" not in words
    assert "15 December 2026 at 14:00" in words
    assert "2 March 2026" not in words


def test_home_of_an_empty_council(db, read):
    words = read("/")
    assert "No progress report has been published yet." in words
    assert "No meeting has been called yet." in words


def test_home_of_a_stranger_has_nothing_waiting(inquiry, clerk, stranger, read):
    make_report(inquiry, clerk)
    words = read("/", stranger)
    assert "Nothing is waiting for you." in words
    assert "Warm Homes" not in words


def test_home_of_a_lead_officer(inquiry, clerk, officer, read):
    make_report(inquiry, clerk)
    words = read("/", officer)
    assert "Progress update on 1a and 1b" in words
    assert "Progress update on 2" not in words
    assert "Nothing is waiting" not in words


def test_home_of_a_cabinet_member(inquiry, clerk, cabinet_member, read):
    make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF)
    assert "Sign off: Warm Homes Inquiry" in read("/", cabinet_member)


def test_home_of_a_committee_member(inquiry, clerk, member, other_member, read):
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    assert "Warm Homes Inquiry" in read("/", member)
    assert "Warm Homes Inquiry" not in read("/", other_member)


def test_home_of_a_clerk_says_what_is_late_first(inquiry, committee, clerk, officer, cabinet_member, read):
    make_report(inquiry, clerk, meeting=make_meeting(committee, day=date(2026, 12, 15)))
    later = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Rural Buses Inquiry")
    make_report(later, clerk, meeting=make_meeting(committee, day=date(2027, 2, 16)))
    owed = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title="Libraries Inquiry")
    owed.received_on = date(2026, 10, 1)
    owed.save()
    inquiry_actions.add_recommendation(owed, reference="11", text="That libraries open late.", by=clerk, now=NOW)
    words = read("/", clerk)
    assert words.index("Warm Homes Inquiry: interim report") < words.index("Rural Buses Inquiry: interim report")
    assert "0 of 3 updates are in" in words
    assert "days overdue" in words
    assert "Due 30 November 2026, in 7 days" in words
    assert "Import a progress report from Word" in words
