"""Meetings and their agendas: called, changed, cancelled; items in order whatever is done to them."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from inquiries.actions import meetings, progress
from inquiries.actions.endings import end_recommendation
from inquiries.choices import ItemKind, Tagging
from inquiries.models import AgendaDocument, AgendaItem, AgendaPack, Committee, Entry, Holiday, Meeting, Notification
from inquiries.models.meetings import holidays_middleware
from inquiries.permissions import Refused
from inquiries.uploads.paper import PageFacts
from tests.cast import NOW
from tests.factories import make_inquiry, make_meeting, make_received, make_report

AT_TWO = datetime(2026, 12, 15, 14, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def meeting(committee):
    return make_meeting(committee)


@pytest.fixture
def put(meeting, clerk):
    """A function that puts an item on the agenda."""

    def put(title, **values):
        return meetings.add_item(meeting, title=title, by=clerk, now=NOW, **values)

    return put


def order(meeting):
    return [f"{item.number} {item.title}" for item in meeting.items.on_agenda()]


def said():
    return [str(entry) for entry in Entry.objects.order_by("pk")]


def publish(meeting, clerk, supplement=0):
    pack = AgendaPack(
        meeting=meeting, edition="public", supplement=supplement, content={}, built_at=NOW, built_by=clerk
    )
    pack.file.save("pack.pdf", ContentFile(b"%PDF-"), save=False)
    pack.published_at, pack.published_by = NOW, clerk
    pack.save()
    return pack


def call(committee, clerk, start=AT_TWO, **values):
    return meetings.call_meeting(committee=committee, start=start, venue="Room 2", by=clerk, now=NOW, **values)


# The meeting


def test_call_meeting(committee, clerk):
    meeting = call(committee, clerk)
    assert (meeting.committee, meeting.start, meeting.venue) == (committee, AT_TWO, "Room 2")
    assert said() == ["Carys Whitlock added the meeting “Communities Select Committee, 15 December 2026”"]
    assert order(meeting) == []


def test_call_meeting_adds_usual_items(committee, clerk):
    meeting = call(committee, clerk, usual_items=True)
    assert order(meeting) == [
        "1 Apologies for absence",
        "2 Declarations of interest",
        "3 Minutes of the last meeting",
        "4 Work programme",
        "5 Date of next meeting",
    ]
    assert {item.kind for item in meeting.items.all()} == {ItemKind.NOTHING}


def test_call_meeting_rejects_taken_time(committee, clerk):
    call(committee, clerk)
    with pytest.raises(ValidationError) as refused:
        call(committee, clerk)
    assert refused.value.messages == ["This committee already meets at 14:00 on 15 December 2026."]
    call(Committee.objects.create(name="Health", slug="health"), clerk)
    assert Meeting.objects.count() == 2


def test_call_meeting_again_after_cancelling(committee, clerk):
    meetings.cancel_meeting(call(committee, clerk), reason="Snow.", by=clerk, now=NOW)
    assert call(committee, clerk).cancelled_at is None
    assert Meeting.objects.count() == 2


def test_call_meeting_in_past_is_recorded(committee, clerk):
    assert call(committee, clerk, start=datetime(2015, 11, 10, 10, tzinfo=UTC)).day == date(2015, 11, 10)


@pytest.mark.parametrize("who", ["officer", "member", "chair", "cabinet_member", "stranger"])
def test_meeting_actions_require_a_clerk(who, people, meeting, clerk):
    item = meetings.add_item(meeting, title="Apologies", by=clerk, now=NOW)
    by, before = {"by": people[who], "now": NOW}, Entry.objects.count()
    for action in (
        lambda: meetings.call_meeting(committee=meeting.committee, start=AT_TWO, venue="", **by),
        lambda: meetings.change_meeting(meeting, start=AT_TWO, venue="", **by),
        lambda: meetings.cancel_meeting(meeting, reason="Snow.", **by),
        lambda: meetings.add_item(meeting, title="More", **by),
        lambda: meetings.change_item(item, title="Less", **by),
        lambda: meetings.move_item(item, to=1, **by),
        lambda: meetings.remove_item(item, **by),
    ):
        with pytest.raises(Refused) as refused:
            action()
        assert str(refused.value) == "Only a clerk can do this."
    assert (Meeting.objects.count(), Entry.objects.count(), order(meeting)) == (1, before, ["1 Apologies"])


def test_change_meeting(meeting, clerk):
    start = AT_TWO + timedelta(days=1)
    meetings.change_meeting(meeting, start=start, venue="Oculus", by=clerk, now=LATER)
    meeting.refresh_from_db()
    assert (meeting.start, meeting.venue) == (start, "Oculus")
    changes = Entry.objects.get().changes
    assert changes["venue"] == ["Mezzanine Room 2", "Oculus"]
    assert set(changes) == {"start", "venue"}


def test_unchanged_meeting_writes_no_history(meeting, clerk):
    meetings.change_meeting(meeting, start=meeting.start, venue=meeting.venue, by=clerk, now=LATER)
    assert not Entry.objects.exists()


def test_change_meeting_rejects_taken_time(committee, meeting, clerk):
    other = call(committee, clerk, start=AT_TWO + timedelta(days=1))
    with pytest.raises(ValidationError, match="already meets at 14:00 on 16 December 2026"):
        meetings.change_meeting(meeting, start=other.start, venue="", by=clerk, now=NOW)
    meeting.refresh_from_db()
    assert meeting.start == AT_TWO


def test_moving_a_meeting_moves_the_dates_that_were_worked_out_from_it(
    meeting, committee, clerk, officer, other_officer, cabinet_member
):
    inquiry = make_inquiry(
        committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member
    )
    report = make_report(inquiry, clerk, meeting=meeting)
    published = make_report(inquiry, clerk, meeting=meeting, months_on=12, at="published")
    progress.reschedule(
        report,
        meeting=meeting,
        update_date=meeting.day,
        updates_due_on=report.updates_due_on,
        sign_off_due_on=date(2026, 12, 1),
        by=clerk,
        now=NOW,
    )
    Notification.objects.all().delete()
    meetings.change_meeting(meeting, start=datetime(2027, 1, 12, 14, tzinfo=UTC), venue="", by=clerk, now=LATER)
    report.refresh_from_db()
    assert (report.update_date, report.updates_due_on) == (date(2027, 1, 12), date(2026, 12, 9))
    # Set by hand, so it stays; and what is published keeps its dates.
    assert report.sign_off_due_on == date(2026, 12, 1)
    published.refresh_from_db()
    assert (published.update_date, published.updates_due_on) == (date(2026, 12, 15), date(2026, 11, 16))
    entry = Entry.objects.filter(verb="reschedule").latest("pk")
    assert entry.changes == {
        "update_date": ["2026-12-15", "2027-01-12"],
        "updates_due_on": ["2026-11-16", "2026-12-09"],
    }
    assert [n.recipient for n in Notification.objects.order_by("recipient__name")] == [officer, other_officer]
    body = Notification.objects.get(recipient=officer).body
    assert "Communities Select Committee, 15 December 2026 has been moved to 12 January 2027." in body
    assert "of “Warm Homes Inquiry”: by 9 December 2026 instead of 16 November 2026" in body


def test_moving_a_meeting_notifies_a_cabinet_member_once_and_not_those_who_are_done(
    meeting, committee, clerk, officer, cabinet_member
):
    for title in ("Warm Homes Inquiry", "Bus services"):
        inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        make_report(inquiry, clerk, meeting=meeting, at="awaiting_sign_off")
    Notification.objects.all().delete()
    meetings.change_meeting(meeting, start=datetime(2027, 1, 12, 14, tzinfo=UTC), venue="", by=clerk, now=LATER)
    notification = Notification.objects.get()
    assert notification.recipient == cabinet_member
    assert notification.body.count("sign-off of the interim report (6 months on)") == 2


@pytest.mark.parametrize(("start", "venue"), [(AT_TWO + timedelta(hours=1), "Room 2"), (AT_TWO, "Oculus")])
def test_members_are_notified_when_the_meeting_of_a_published_agenda_changes(meeting, clerk, member, start, venue):
    meetings.change_meeting(meeting, start=AT_TWO, venue="Room 2", by=clerk, now=NOW)
    assert not Notification.objects.exists()
    publish(meeting, clerk)
    meetings.change_meeting(meeting, start=AT_TWO, venue="Room 2", by=clerk, now=NOW)
    assert not Notification.objects.exists()
    meetings.change_meeting(meeting, start=start, venue=venue, by=clerk, now=LATER)
    notification = Notification.objects.get()
    assert (notification.recipient, notification.occasion) == (member, "meeting_changed")
    assert f"It now takes place on Tuesday 15 December 2026 at {start:%H:%M}: {venue}." in notification.body


def test_a_meeting_at_which_something_was_decided_does_not_move(meeting, committee, clerk, cabinet_member):
    inquiry = make_inquiry(committee, clerk, cabinet_member=cabinet_member)
    make_report(inquiry, clerk, meeting=meeting, at="assessed")
    moved = {"start": AT_TWO + timedelta(days=7), "venue": meeting.venue, "by": clerk, "now": LATER}
    with pytest.raises(Refused, match="The assessments of “Warm Homes Inquiry” are of this meeting"):
        meetings.change_meeting(meeting, **moved)
    with pytest.raises(Refused, match="are of this meeting"):
        meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=LATER)
    ended = inquiry.recommendations.get(reference="10")
    end = {"ending": "superseded", "reason": "A law.", "by": clerk, "now": AT_TWO}
    other = call(committee, clerk, start=AT_TWO - timedelta(days=1))
    end_recommendation(ended, on=other.day, meeting=other, **end)
    with pytest.raises(Refused, match="Recommendation 10 of “Warm Homes Inquiry” was ended at this meeting"):
        meetings.change_meeting(other, **moved)
    meetings.change_meeting(meeting, start=AT_TWO, venue="Oculus", by=clerk, now=LATER)


def test_an_extra_holiday_moves_the_dates_that_were_worked_out_and_back_again(meeting, committee, clerk, officer):
    inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=officer)
    report = make_report(inquiry, clerk, meeting=meeting)
    Notification.objects.all().delete()
    day = Holiday(day=date(2026, 12, 9), name="National mourning")
    meetings.save_holiday(day, by=clerk, now=NOW)
    report.refresh_from_db()
    assert (report.updates_due_on, report.sign_off_due_on) == (date(2026, 11, 13), date(2026, 11, 27))
    assert (report.update_date, meeting.deadlines.publication) == (date(2026, 12, 15), date(2026, 12, 4))
    # One e-mail, though two of their dates have changed.
    body = Notification.objects.get().body
    assert "There is a new holiday: 9 December 2026, National mourning." in body
    assert "by 13 November 2026 instead of 16 November 2026" in body
    assert "by 27 November 2026 instead of 30 November 2026" in body
    assert str(Entry.objects.filter(verb="added").latest("pk")) == (
        "Carys Whitlock added the holiday “9 December 2026, National mourning”"
    )
    meetings.delete_holiday(Holiday.objects.get(), by=clerk, now=LATER)
    report.refresh_from_db()
    assert (report.updates_due_on, report.sign_off_due_on) == (date(2026, 11, 16), date(2026, 11, 30))
    with pytest.raises(Refused, match="Only a clerk"):
        meetings.save_holiday(Holiday(day=date(2026, 12, 9), name="Mine"), by=officer, now=LATER)


def test_a_holiday_is_named_and_recorded_once(clerk):
    meetings.save_holiday(Holiday(day=date(2026, 12, 9), name="National mourning"), by=clerk, now=NOW)
    with pytest.raises(ValidationError, match="already exists"), transaction.atomic():
        meetings.save_holiday(Holiday(day=date(2026, 12, 9), name="Again"), by=clerk, now=NOW)
    with pytest.raises(ValidationError):
        meetings.save_holiday(Holiday(day=date(2026, 12, 10), name=""), by=clerk, now=NOW)


@pytest.mark.parametrize("meeting_count", [1, 3])
def test_a_request_reads_the_holidays_once(meeting_count, committee, django_assert_num_queries):
    several = [make_meeting(committee, date(2026, 12, day)) for day in range(1, 1 + meeting_count)]
    with django_assert_num_queries(1):
        holidays_middleware(lambda request: [meeting.deadlines for meeting in several])(None)


def test_cancel_meeting(meeting, clerk):
    meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=LATER)
    meeting.refresh_from_db()
    assert (meeting.cancelled_at, meeting.cancelled_by, meeting.cancelled_reason) == (LATER, clerk, "Snow.")
    entry = Entry.objects.get()
    assert (entry.verb, entry.note) == ("cancel", "Snow.")


def told():
    return [notification.recipient.name for notification in Notification.objects.filter(occasion="meeting_cancelled")]


def test_cancelling_notifies_members(meeting, clerk, member, stranger):
    meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=LATER)
    assert told() == [member.name]
    assert "Snow." in Notification.objects.get().body


@pytest.mark.parametrize("published", [False, True])
def test_cancelling_past_meeting_notifies_if_published(meeting, clerk, member, published):
    if published:
        publish(meeting, clerk)
    meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=meeting.start + timedelta(days=1))
    assert told() == ([member.name] if published else [])


def test_cancel_meeting_requires_reason(meeting, clerk):
    with pytest.raises(ValidationError, match="Say why"):
        meetings.cancel_meeting(meeting, reason=" ", by=clerk, now=NOW)
    meeting.refresh_from_db()
    assert meeting.cancelled_at is None


def test_cancelled_meeting_cannot_change(meeting, clerk):
    meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=NOW)
    with pytest.raises(Refused, match="already been cancelled"):
        meetings.cancel_meeting(meeting, reason="Snow.", by=clerk, now=LATER)
    with pytest.raises(Refused, match="Call another one"):
        meetings.change_meeting(meeting, start=AT_TWO + timedelta(days=7), venue="", by=clerk, now=LATER)


# Items


def test_add_item_at_end_and_between(meeting, put):
    put("Apologies")
    put("Minutes")
    put("Declarations", number=2)
    put("Far away", number=99)
    assert order(meeting) == ["1 Apologies", "2 Declarations", "3 Minutes", "4 Far away"]
    assert said()[2] == "Carys Whitlock put item “2. Declarations” on the agenda"


def test_add_item_requires_title(meeting, put):
    put("Apologies")
    with pytest.raises(ValidationError) as refused:
        put("", number=1)
    assert "title" in refused.value.error_dict
    assert order(meeting) == ["1 Apologies"]


def test_add_item_with_report(meeting, inquiry, clerk, put):
    report = make_report(inquiry, clerk)
    item = put("Warm homes", kind=ItemKind.REPORT, report=report)
    assert item.report == report
    assert Entry.objects.about(item).get().inquiry_id == inquiry.pk


def test_add_item_checks_the_report(meeting, inquiry, clerk, cabinet_member, put):
    report = make_report(inquiry, clerk)
    other = Committee.objects.create(name="Health", slug="health")
    elsewhere = make_inquiry(other, clerk, title="Ambulances", cabinet_member=cabinet_member)
    for values, words in (
        ({"kind": ItemKind.REPORT}, "Choose the progress report that this item carries."),
        ({"kind": ItemKind.PAPERS, "report": report}, "Only an item that carries a progress report names one."),
        ({"kind": ItemKind.REPORT, "report": make_report(elsewhere, clerk)}, "This report is for another committee."),
    ):
        with pytest.raises(ValidationError) as refused:
            put("Warm homes", **values)
        assert refused.value.message_dict == {"report": [words]}
    put("Warm homes", kind=ItemKind.REPORT, report=report)
    with pytest.raises(ValidationError) as refused:
        put("Once more", kind=ItemKind.REPORT, report=report)
    assert refused.value.message_dict == {"report": ["Item 1 of this agenda carries this report already."]}
    assert order(meeting) == ["1 Warm homes"]


def test_removed_report_can_come_back(meeting, inquiry, clerk, put):
    report = make_report(inquiry, clerk)
    meetings.remove_item(put("Warm homes", kind=ItemKind.REPORT, report=report), by=clerk, now=NOW)
    put("Warm homes again", kind=ItemKind.REPORT, report=report)
    assert order(meeting) == ["1 Warm homes again"]


def test_change_item(meeting, inquiry, clerk, put):
    item, report = put("Warm homes"), make_report(inquiry, clerk)
    meetings.change_item(
        item, title="Warm Homes Inquiry", subtitle="Six months on", kind="report", report=report, by=clerk, now=LATER
    )
    item.refresh_from_db()
    assert (item.title, item.subtitle, item.kind, item.report) == (
        "Warm Homes Inquiry",
        "Six months on",
        "report",
        report,
    )
    entry = Entry.objects.about(item).first()
    assert entry.changes["title"] == ["Warm homes", "Warm Homes Inquiry"]
    assert (entry.verb, entry.inquiry_id) == ("change_item", inquiry.pk)


def test_change_item_keeps_own_report(meeting, inquiry, clerk, put):
    report = make_report(inquiry, clerk)
    item = put("Warm homes", kind="report", report=report)
    meetings.change_item(item, title="Warmer homes", by=clerk, now=LATER)
    meetings.change_item(item, kind="nothing", report=None, by=clerk, now=LATER)
    item.refresh_from_db()
    assert (item.title, item.kind, item.report) == ("Warmer homes", "nothing", None)


def test_unchanged_item_writes_no_history(clerk, put):
    item = put("Apologies")
    meetings.change_item(item, title="Apologies", by=clerk, now=LATER)
    assert Entry.objects.about(item).count() == 1


def test_change_item_with_papers_keeps_kind(clerk, put):
    item = put("Budget", kind=ItemKind.PAPERS)
    paper = meetings.add_paper(item, make_received(), title="Budget", by=clerk, now=NOW)
    with pytest.raises(ValidationError) as refused:
        meetings.change_item(item, kind=ItemKind.NOTHING, by=clerk, now=LATER)
    assert refused.value.message_dict == {"kind": ["This item has papers. Remove them first."]}
    meetings.remove_paper(paper, by=clerk, now=LATER)
    meetings.change_item(item, kind=ItemKind.NOTHING, by=clerk, now=LATER)
    item.refresh_from_db()
    assert item.kind == ItemKind.NOTHING


@pytest.mark.parametrize(
    ("to", "expected"),
    [(1, "DABCE"), (2, "ADBCE"), (4, "ABCDE"), (5, "ABCED"), (0, "DABCE"), (99, "ABCED")],
)
def test_move_item(meeting, clerk, put, to, expected):
    items = {title: put(title) for title in "ABCDE"}
    moved = meetings.move_item(items["D"], to=to, by=clerk, now=LATER)
    assert order(meeting) == [f"{number} {title}" for number, title in enumerate(expected, start=1)]
    assert moved.number == expected.index("D") + 1
    moves = Entry.objects.filter(verb="move_item")
    assert [entry.sentence for entry in moves] == (
        [f"moved item “D” from 4 to {moved.number}"] if expected != "ABCDE" else []
    )


def test_move_item_moved_meanwhile(meeting, clerk, put):
    stale = put("A")
    put("B")
    meetings.move_item(AgendaItem.objects.get(pk=stale.pk), to=2, by=clerk, now=NOW)
    meetings.move_item(stale, to=1, by=clerk, now=LATER)
    assert order(meeting) == ["1 A", "2 B"]


def test_remove_item_removes_papers(meeting, clerk, put):
    first, second = put("Budget", kind=ItemKind.PAPERS), put("Minutes")
    paper = meetings.add_paper(first, make_received(), title="Figures", by=clerk, now=NOW)
    meetings.remove_item(first, by=clerk, now=LATER)
    assert order(meeting) == ["1 Minutes"]
    first.refresh_from_db()
    paper.refresh_from_db()
    second.refresh_from_db()
    assert (first.removed_at, first.removed_by) == (paper.removed_at, paper.removed_by) == (LATER, clerk)
    assert second.number == 1
    assert Entry.objects.about(first).first().sentence == "took item “1. Budget” off the agenda"


def test_removed_item_cannot_change(clerk, put):
    item = put("Budget")
    meetings.remove_item(item, by=clerk, now=NOW)
    for action, values in (
        (meetings.change_item, {"title": "More"}),
        (meetings.move_item, {"to": 1}),
        (meetings.remove_item, {}),
    ):
        with pytest.raises(Refused, match="has been removed from the agenda"):
            action(item, **values, by=clerk, now=LATER)


# Supplements


def test_new_item_goes_into_next_supplement(meeting, clerk, put):
    assert put("Apologies").supplement == 0
    publish(meeting, clerk)
    assert put("Urgent business").supplement == 1
    assert put("Corrected", supplement=0).supplement == 0
    publish(meeting, clerk, supplement=1)
    assert put("Still more").supplement == 2


def test_open_supplement_counts_public_packs(meeting, clerk):
    pack = AgendaPack(meeting=meeting, edition="public", content={}, built_at=NOW, built_by=clerk)
    pack.file.save("pack.pdf", ContentFile(b"%PDF-"), save=False)
    pack.save()
    assert meetings.open_supplement(meeting) == 0


LATER = NOW + timedelta(hours=1)


@pytest.fixture
def item(meeting, clerk):
    return meetings.add_item(meeting, title="Budget", kind=ItemKind.PAPERS, by=clerk, now=NOW)


@pytest.fixture
def add(item, clerk):
    """A function that adds a paper to the item."""

    def add(title, received=None, **values):
        return meetings.add_paper(
            item, received or make_received(title=title), title=title, by=clerk, now=NOW, **values
        )

    return add


def paper_titles(item):
    return [paper.title for paper in item.documents.on_agenda()]


def sentences(paper):
    return [entry.sentence for entry in Entry.objects.about(paper)]


def test_add_paper_keeps_file_facts(item, clerk, add):
    received = replace(make_received(2, name="fin rep.pdf", tagged=False), cleaned=("A script.",))
    paper = add("Figures", received, exempt_paragraph=3)
    paper.refresh_from_db()
    assert (paper.title, paper.original_name, paper.page_count, paper.tagging) == (
        "Figures",
        "fin rep.pdf",
        2,
        Tagging.UNTAGGED,
    )
    assert (paper.page_texts, paper.cleaned, paper.language) == (list(received.page_texts), ["A script."], "en-GB")
    assert [PageFacts(**page) for page in paper.pages] == list(received.pages)
    assert (paper.exempt_paragraph, paper.supplement, paper.position) == (3, 0, 1)
    assert (paper.uploaded_at, paper.uploaded_by) == (NOW, clerk)
    with paper.file.open("rb") as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == paper.checksum == received.checksum
    assert sentences(paper) == ["added the paper “Figures” of item 1"]


def test_stored_file_name_is_neutral(add):
    paper = add("Dismissal of J Doe", make_received(name="doe.pdf"), exempt_paragraph=1)
    assert "doe" not in paper.file.name.lower()
    assert paper.checksum[:32] in paper.file.name


def test_long_file_metadata_is_truncated(add):
    received = replace(make_received(name=f"{'n' * 400}.pdf"), language="x" * 50)
    paper = add("Figures", received)
    assert paper.original_name == "n" * 296 + ".pdf"
    assert paper.language == "x" * 20


def test_add_paper_requires_papers_item(meeting, clerk, add):
    other = meetings.add_item(meeting, title="Apologies", by=clerk, now=NOW)
    with pytest.raises(ValidationError) as refused:
        meetings.add_paper(other, make_received(), title="Figures", by=clerk, now=NOW)
    assert refused.value.messages == ["Only an item that carries papers can have a paper."]


@pytest.mark.parametrize(("field", "values"), [("title", {"title": ""}), ("exempt_paragraph", {"exempt_paragraph": 8})])
def test_add_paper_rejects_invalid_fields(item, clerk, field, values):
    with pytest.raises(ValidationError) as refused:
        meetings.add_paper(item, make_received(), **{"title": "Figures", **values}, by=clerk, now=NOW)
    assert set(refused.value.error_dict) == {field}
    assert not AgendaDocument.objects.exists()


@pytest.mark.parametrize("who", ["officer", "member", "chair", "cabinet_member", "stranger"])
def test_paper_actions_require_a_clerk(who, people, item, add):
    paper, by = add("Figures"), {"by": people[who], "now": NOW}
    before = Entry.objects.count()
    for action in (
        lambda: meetings.add_paper(item, make_received(), title="More", **by),
        lambda: meetings.change_paper(paper, title="Less", exempt_paragraph=None, supplement=0, **by),
        lambda: meetings.replace_paper(paper, make_received(), **by),
        lambda: meetings.move_paper(paper, to=1, **by),
        lambda: meetings.remove_paper(paper, **by),
    ):
        with pytest.raises(Refused) as refused:
            action()
        assert str(refused.value) == "Only a clerk can do this."
    assert (paper_titles(item), Entry.objects.count()) == (["Figures"], before)


def test_change_paper(clerk, add):
    paper = add("Figures")
    meetings.change_paper(paper, title="The figures", exempt_paragraph=3, supplement=1, by=clerk, now=LATER)
    paper.refresh_from_db()
    assert (paper.title, paper.exempt_paragraph, paper.supplement) == ("The figures", 3, 1)
    entry = Entry.objects.about(paper).first()
    assert entry.changes == {"title": ["Figures", "The figures"], "exempt_paragraph": [None, 3], "supplement": [0, 1]}
    meetings.change_paper(paper, title="The figures", exempt_paragraph=None, supplement=1, by=clerk, now=LATER)
    paper.refresh_from_db()
    assert paper.exempt_paragraph is None


def test_unchanged_paper_writes_no_history(clerk, add):
    paper = add("Figures")
    meetings.change_paper(paper, title="Figures", exempt_paragraph=None, supplement=0, by=clerk, now=LATER)
    assert len(sentences(paper)) == 1


def test_replace_paper_keeps_old_paper(item, clerk, add):
    add("First")
    old = add("Second", exempt_paragraph=3, supplement=1)
    add("Third")
    other = make_received(2, title="Other words")
    new = meetings.replace_paper(old, other, by=clerk, now=LATER)
    assert paper_titles(item) == ["First", "Second", "Third"]
    assert [paper.pk for paper in item.documents.on_agenda()][1] == new.pk != old.pk
    assert (new.exempt_paragraph, new.supplement, new.checksum) == (3, 1, other.checksum)
    old.refresh_from_db()
    assert (old.removed_at, old.removed_by) == (LATER, clerk)
    with old.file.open("rb") as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == old.checksum != other.checksum


def test_failed_replacement_changes_nothing(item, clerk, add):
    paper = add("Figures")
    faulty = replace(make_received(), pages=())
    with pytest.raises(ValidationError):
        meetings.replace_paper(paper, faulty, by=clerk, now=LATER)
    assert [kept.pk for kept in item.documents.on_agenda()] == [paper.pk]


@pytest.mark.parametrize(("to", "expected"), [(1, "CAB"), (2, "ACB"), (3, "ABC"), (0, "CAB"), (99, "ABC")])
def test_move_paper(item, clerk, add, to, expected):
    three = {title: add(title) for title in "ABC"}
    meetings.move_paper(three["C"], to=to, by=clerk, now=LATER)
    assert paper_titles(item) == list(expected)
    assert (sentences(three["C"])[0] == "moved the paper “C” of item 1") is (expected != "ABC")


def test_move_paper_skips_removed_papers(item, clerk, add):
    three = {title: add(title) for title in "ABC"}
    meetings.remove_paper(three["A"], by=clerk, now=NOW)
    meetings.move_paper(three["C"], to=1, by=clerk, now=LATER)
    assert paper_titles(item) == ["C", "B"]


def test_remove_paper_keeps_record(item, clerk, add):
    paper = add("Figures")
    meetings.remove_paper(paper, by=clerk, now=LATER)
    assert paper_titles(item) == []
    paper.refresh_from_db()
    assert (paper.removed_at, paper.removed_by) == (LATER, clerk)
    assert sentences(paper)[0] == "took off the paper “Figures” of item 1"
    for action, values in (
        (meetings.change_paper, {"title": "x", "exempt_paragraph": None, "supplement": 0}),
        (meetings.replace_paper, {"received": make_received()}),
        (meetings.move_paper, {"to": 1}),
        (meetings.remove_paper, {}),
    ):
        with pytest.raises(Refused, match="This paper has been removed from the agenda"):
            action(paper, **values, by=clerk, now=LATER)


def test_new_paper_goes_into_next_supplement(meeting, clerk, add):
    pack = AgendaPack(meeting=meeting, edition="public", content={}, built_at=NOW, built_by=clerk)
    pack.file.save("pack.pdf", ContentFile(b"%PDF-"), save=False)
    pack.published_at, pack.published_by = NOW, clerk
    pack.save()
    assert add("Late").supplement == 1
    assert add("Corrected", supplement=0).supplement == 0
