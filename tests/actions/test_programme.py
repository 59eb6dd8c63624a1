"""The work programme, the standing items, and the agenda that is proposed from them."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import meetings, programme
from inquiries.actions.packs import build_packs, publish_packs
from inquiries.choices import Stage, Tagging
from inquiries.documents.work_programme import work_programme
from inquiries.models import Entry, Inquiry, Recommendation, Response, StandingItem
from inquiries.permissions import Refused
from inquiries.rules import USUAL_END, USUAL_START, is_same_standing_item, place_on_agenda, standing_kind
from tests import factories
from tests.cast import NOW, TODAY


@pytest.fixture
def meeting(committee):
    return factories.make_meeting(committee)


@pytest.fixture
def propose(meeting):
    def found():
        return programme.propose_agenda(meeting, now=NOW, today=TODAY).found

    return found


def titles(meeting):
    return [item.title for item in meeting.items.on_agenda().order_by("number")]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Minutes of the last meeting", "minutes"),
        ("Confirmation of the minutes of the meeting held on 3 March", "minutes"),
        ("Minutes of the Budget Working Group", None),
        ("Committee work programme", "work_programme"),
        ("Date of next meeting: 3 March 2027 at 10:00", "next_meeting"),
        ("Dates of future meetings", "next_meeting"),
        ("Apologies for absence", None),
    ],
)
def test_what_is_filled_into_a_standing_item(title, kind):
    assert standing_kind(title) == kind


def test_same_standing_item_whatever_its_date():
    assert is_same_standing_item("Minutes of the last meeting", "Minutes of the last meeting held on 3 March 2026")
    assert is_same_standing_item("Apologies  for absence", "APOLOGIES FOR ABSENCE")
    assert not is_same_standing_item("Apologies", "Declarations of interest")


@pytest.mark.parametrize(
    ("ranks", "rank", "number"),
    [
        ([], (1, 0), 1),
        ([(0, 1), (0, 3), (1, 0), (2, 1)], (0, 2), 2),
        ([(0, 1), (1, 0), (2, 1), (2, 2)], (1, 0), 3),
        ([(0, 1), (1, 0), (2, 2)], (2, 1), 3),
        ([(1, 0)], (0, 1), 1),
    ],
)
def test_place_of_a_new_item(ranks, rank, number):
    assert place_on_agenda(ranks, rank) == number


def test_an_agenda_is_made_of_what_is_proposed(meeting, committee, clerk, inquiry, propose):
    factories.make_meeting(committee, date(2026, 10, 6))
    factories.make_meeting(committee, date(2027, 1, 19))
    meetings.add_item(meeting, title="Apologies for absence", by=clerk, now=NOW)
    programme.add_entry(
        committee, title="Bus services", purpose="To hear of fares.", when=f"meeting-{meeting.pk}", by=clerk, now=NOW
    )
    programme.add_entry(committee, title="Libraries", when="2026-11", by=clerk, now=NOW)
    programme.add_entry(committee, title="Parks", when="2027-01", by=clerk, now=NOW)
    report = factories.make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    found = propose()
    assert [(one.title, one.reason) for one in found] == [
        ("Declarations of interest", "Standing item, at the start"),
        ("Minutes of the last meeting held on 6 October 2026", "Standing item, at the start"),
        ("Libraries", "Work programme, wanted in November 2026: other"),
        ("Bus services", "Work programme, for this meeting: other"),
        ("Warm Homes Inquiry", "Progress report for this meeting: signed off"),
        ("Work programme", "Standing item, at the end"),
        ("Date of next meeting: 19 January 2027 at 14:00", "Standing item, at the end"),
    ]
    keys = [one.key for one in found if one.title != "Libraries"]
    assert programme.add_proposals(meeting, keys=keys, by=clerk, now=NOW) == 6
    assert titles(meeting) == [
        "Apologies for absence",
        "Declarations of interest",
        "Minutes of the last meeting held on 6 October 2026",
        "Bus services",
        "Warm Homes Inquiry",
        "Work programme",
        "Date of next meeting: 19 January 2027 at 14:00",
    ]
    item = meeting.items.get(number=5)
    assert (item.report, item.subtitle, item.kind) == (report, report.kind, "report")
    entry = committee.programme_entries.get(title="Bus services")
    assert (entry.item.number, entry.item.subtitle) == (4, "To hear of fares.")
    assert [one.title for one in propose()] == ["Libraries"]
    # Chosen later, it comes before what stands at the end.
    programme.add_proposals(meeting, keys=[propose()[0].key], by=clerk, now=NOW)
    assert titles(meeting)[4:7] == ["Warm Homes Inquiry", "Libraries", "Work programme"]
    entry = committee.programme_entries.get(title="Libraries")
    assert (entry.meeting, entry.month, propose()) == (meeting, None, [])


def test_what_was_taken_off_is_offered_but_does_not_count(meeting, committee, clerk, propose):
    programme.add_entry(committee, title="Bus services", when=f"meeting-{meeting.pk}", by=clerk, now=NOW)
    programme.add_proposals(meeting, keys=[one.key for one in propose()], by=clerk, now=NOW)
    assert propose() == []
    for title in ("Bus services", "Work programme"):
        meetings.remove_item(meeting.items.get(title=title), by=clerk, now=NOW)
    assert [(one.title, one.is_urged) for one in propose()] == [("Bus services", False), ("Work programme", False)]
    assert programme.propose_agenda(meeting, now=NOW, today=TODAY).urged == []


def test_a_date_that_was_filled_in_follows_the_meetings(meeting, committee, clerk, propose):
    later = factories.make_meeting(committee, date(2027, 1, 19))
    [proposal] = [one for one in propose() if one.title.startswith("Date of next")]
    programme.add_proposals(meeting, keys=[proposal.key], by=clerk, now=NOW)
    meetings.change_meeting(later, start=later.start + timedelta(days=7), venue="", by=clerk, now=NOW)
    [proposal] = [one for one in propose() if one.item]
    assert proposal.title == "Date of next meeting: 26 January 2027 at 14:00"
    assert proposal.reason == "Item 1 is now “Date of next meeting: 19 January 2027 at 14:00”: its date is filled in"
    programme.add_proposals(meeting, keys=[proposal.key], by=clerk, now=NOW)
    assert titles(meeting) == ["Date of next meeting: 26 January 2027 at 14:00"]


def test_what_is_due_and_without_a_meeting_is_proposed_for_the_next_one(meeting, committee, clerk, inquiry, propose):
    later = factories.make_meeting(committee, date(2027, 1, 19))
    report = factories.make_report(inquiry, clerk, at=Stage.SIGNED_OFF)
    programme.add_entry(committee, title="Roads", when="2026-10", by=clerk, now=NOW)
    reasons = {one.title: one.reason for one in propose()}
    assert reasons["Warm Homes Inquiry"] == "Progress report, signed off"
    assert reasons["Roads"] == "Work programme, wanted in October 2026: other"
    there = {one.title for one in programme.propose_agenda(later, now=NOW, today=TODAY).found}
    assert not there & {"Warm Homes Inquiry", "Roads"}
    report.meeting = later
    report.save()
    assert "Warm Homes Inquiry" not in {one.title for one in propose()}


def test_a_report_that_is_due_must_be_commissioned_first(meeting, committee, clerk, inquiry, propose):
    Response.objects.update(responded_on=date(2026, 6, 1))
    [due] = [one for one in propose() if one.to_commission]
    assert due.title == "Warm Homes Inquiry"
    assert due.reason == "Interim report (6 months on), due on 1 December 2026: commission it first"
    with pytest.raises(Refused, match="has just changed"):
        programme.add_proposals(meeting, keys=[due.key], by=clerk, now=NOW)


def test_a_response_that_is_due_is_proposed(meeting, clerk, inquiry, propose):
    Recommendation.objects.update(response=None)
    Response.objects.all().delete()
    Inquiry.objects.update(received_on=date(2026, 10, 1))
    [response] = [one for one in propose() if one.key.startswith("response")]
    assert response.title == "Response of Cabinet: Warm Homes Inquiry"
    assert response.reason == "Response of Cabinet, due on 30 November 2026"
    programme.add_proposals(meeting, keys=[response.key], by=clerk, now=NOW)
    assert not [one for one in propose() if one.key.startswith("response")]


def test_nothing_is_proposed_for_a_meeting_that_has_begun(committee, clerk):
    past = factories.make_meeting(committee, TODAY - timedelta(days=1))
    assert programme.propose_agenda(past, now=NOW, today=TODAY).found == []


def test_the_agenda_of_a_new_meeting_begins_with_the_standing_items(committee, clerk):
    by = {"by": clerk, "now": NOW}
    usual = meetings.call_meeting(committee=committee, start=NOW + timedelta(days=30), venue="", usual_items=True, **by)
    assert titles(usual) == [*USUAL_START, *USUAL_END]
    programme.save_standing_items(committee, start="Welcome\n\n  Apologies ", end="Close", **by)
    assert [(one.title, one.at_end) for one in StandingItem.objects.all()] == [
        ("Welcome", False),
        ("Apologies", False),
        ("Close", True),
    ]
    own = meetings.call_meeting(committee=committee, start=NOW + timedelta(days=60), venue="", usual_items=True, **by)
    assert titles(own) == ["Welcome", "Apologies", "Close"]


def test_standing_items_once_each(committee, clerk):
    with pytest.raises(ValidationError, match="“welcome” is there twice"):
        programme.save_standing_items(committee, start="welcome\nClose", end="Welcome", by=clerk, now=NOW)


def test_an_entry_is_moved_finished_dropped_and_put_back(meeting, committee, clerk):
    by = {"by": clerk, "now": NOW}
    entry = programme.add_entry(committee, title="Buses", when="2027-03", contact="Tom Okafor", **by)
    moved = programme.change_entry(entry, when=f"meeting-{meeting.pk}", **by)
    assert (moved.meeting, moved.month) == (meeting, None)
    assert Entry.objects.about(entry).first().sentence == (
        "moved “Buses” in the work programme to the meeting of 15 December 2026"
    )
    with pytest.raises(ValidationError):
        programme.drop_entry(entry, reason=" ", **by)
    dropped = programme.drop_entry(entry, reason="Another committee does it.", **by)
    assert not dropped.is_open
    with pytest.raises(Refused, match="dropped already"):
        programme.finish_entry(entry, **by)
    assert programme.resume_entry(entry, **by).dropped_reason == ""
    assert programme.finish_entry(entry, **by).finished_by == clerk
    with pytest.raises(Refused, match="finished already"):
        programme.change_entry(entry, title="Trains", **by)


def test_a_meeting_of_another_committee_is_refused(other_member, committee, clerk):
    elsewhere = factories.make_meeting(other_member.memberships.get().committee)
    with pytest.raises(ValidationError):
        programme.add_entry(committee, title="Buses", when=f"meeting-{elsewhere.pk}", by=clerk, now=NOW)


def test_the_programme_in_the_order_of_its_dates(meeting, committee, clerk):
    by = {"by": clerk, "now": NOW}
    for title, when in (("Some day", ""), ("Roads", "2027-02"), ("Buses", f"meeting-{meeting.pk}")):
        programme.add_entry(committee, title=title, when=when, **by)
    programme.drop_entry(programme.add_entry(committee, title="Trams", **by), reason="None are left.", **by)
    shown = work_programme(committee, now=NOW, today=TODAY)
    assert [(part.heading, [line.title for line in part.lines]) for part in shown.parts] == [
        ("15 December 2026 at 14:00", ["Buses"]),
        ("February 2027", ["Roads"]),
        ("Without a date", ["Some day"]),
    ]


def test_the_paper_says_that_not_all_is_listed(meeting, committee, clerk, inquiry, monkeypatch, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    Recommendation.objects.update(response=None)
    Response.objects.all().delete()
    Inquiry.objects.update(received_on=date(2026, 10, 1), published_at=NOW, published_by=clerk)
    monkeypatch.setattr("inquiries.documents.forward_plan.MOST_ENTRIES", 1)
    item = meetings.add_item(meeting, title="Work programme", by=clerk, now=NOW)
    paper = programme.add_programme_paper(item, by=clerk, now=NOW)
    words = " ".join(paper.page_texts[0].split())
    assert "Of the reports and responses that are expected only those due first are listed." in words


@pytest.mark.usefixtures("chair")
def test_the_programme_as_a_paper_follows_it_until_it_is_published(meeting, committee, clerk, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    by = {"by": clerk, "now": NOW}
    entry = programme.add_entry(committee, title="Buses", when="2027-03", contact="Tom Okafor", **by)
    item = meetings.add_item(meeting, title="Work programme", **by)
    first = programme.add_programme_paper(item, **by)
    assert (first.item.kind, first.tagging, first.page_count) == ("papers", Tagging.VALID, 1)
    assert "Tom Okafor" in first.page_texts[0] and "March 2027" in first.page_texts[0]
    with pytest.raises(Refused, match="already"):
        programme.add_programme_paper(item, **by)
    programme.change_entry(entry, title="Buses and trains", **by)
    second = item.documents.on_agenda().get()
    assert second != first and "Buses and trains" in second.page_texts[0]
    # What changed otherwise is taken in when the pack is built.
    factories.make_meeting(committee, date(2027, 1, 19))
    build_packs(meeting, 0, **by)
    third = item.documents.on_agenda().get()
    assert third != second and "19 January 2027 at 14:00" in third.page_texts[0]
    build_packs(meeting, 0, **by)
    assert item.documents.on_agenda().get() == third
    publish_packs(meeting, 0, **by)
    programme.finish_entry(entry, **by)
    assert item.documents.on_agenda().get() == third
