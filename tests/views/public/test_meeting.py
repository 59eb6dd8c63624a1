"""The public's page of a meeting: before its agenda is published, and the agenda as it was published."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from inquiries.actions import assessments
from inquiries.choices import PackEdition, Rating
from inquiries.models import Meeting, Person
from tests.cast import NOW
from tests.factories import LONDON, confirm_assessments, make_meeting
from tests.published_agendas import (
    MARKER,
    add_item,
    add_paper,
    county_agenda,
    keep_pack,
    line,
    of,
    report_paper,
)

# --- Before publication ------------------------------------------------------------------------------


def test_before_publication_the_page_says_when_and_by_when(committee, chair, member, see):
    words = see(of(make_meeting(committee)))
    assert "Tuesday 15 December 2026 at 14:00" in words
    assert "Mezzanine Room 2" in words
    assert "The agenda will be published by 7 December 2026." in words
    assert words.index("Councillor Harold Penrose (chair)") < words.index("Councillor Anwen Pritchard")
    assert "/committees/communities/meetings.ics" in words


def test_before_publication_items_and_papers_are_nobodys_to_see(inquiry, clerk, people, see):
    agenda = county_agenda(inquiry, clerk, published_at=None)
    for person in people.values():
        words = see(of(agenda["meeting"]), person)
        assert "LIBRARIES" not in words
        assert MARKER not in words


def test_late_agenda_is_marked(committee, see):
    words = see(of(make_meeting(committee, date(2026, 11, 25))))
    assert "<strong>The agenda is late.</strong> It was to be published by 17 November 2026." in words


def test_past_meeting_without_agenda(committee, see):
    assert "No agenda of this meeting has been published here." in see(of(make_meeting(committee, date(2026, 3, 3))))


def test_cancelled_meeting_shows_reason(committee, clerk, see):
    meeting = make_meeting(committee)
    reason = "There is <snow>."
    Meeting.objects.filter(pk=meeting.pk).update(cancelled_at=NOW, cancelled_by=clerk, cancelled_reason=reason)
    words = see(of(meeting))
    assert "This meeting was cancelled.</strong> There is &lt;snow&gt;." in words
    assert "will be published" not in words


def test_clerks_are_led_to_the_agenda_builder(committee, clerk, member, see):
    meeting = make_meeting(committee)
    address = reverse("clerk:agenda", args=[meeting.pk])
    assert address in see(of(meeting), clerk)
    assert address not in see(of(meeting), member)


def test_unknown_meeting_is_404(db, see):
    see("/meetings/1/", status=404)


# --- The agenda --------------------------------------------------------------------------------------


def test_shows_agenda(agenda, see):
    words = see(of(agenda["meeting"]))
    assert "What becomes of them" in words
    assert (
        f'href="/meetings/{agenda["meeting"].pk}/papers/{agenda["paper"].pk}.pdf">Library strategy (PDF)</a>' in words
    )
    assert "5 pages, from page 3" in words
    assert "1 page, from page 8. Not tagged for screen readers" in words
    assert "Pages 3 - 8" in words
    assert "Pages 9 - 12" in words
    assert "To follow" in words
    assert agenda["public"].get_absolute_url() in words
    assert agenda["public"].checksum in words
    assert "Agenda pack, public (PDF, 12 pages)" in words
    assert "It passes the machine checks" in words
    assert "Agenda published</dt>" in words
    assert "23 November 2026 at 09:30" in words


def test_exempt_items_say_which_paragraph_in_words(agenda, see):
    words = see(of(agenda["meeting"]))
    assert "Paragraph 1: Information relating to any individual" in words
    assert "Paragraph 3: Information relating to the financial or business affairs" in words
    assert "The press and public may be excluded from the meeting while this is discussed" in words


def test_links_report_and_its_version_for_the_meeting(agenda, see):
    words = see(of(agenda["meeting"]))
    assert 'href="/inquiries/warm-homes-inquiry/progress/6/"' in words
    assert "/inquiries/warm-homes-inquiry/progress/6/editions/1/" in words
    assert "with the committee's ratings" not in words


def test_links_version_with_ratings(agenda, clerk, see):
    report = agenda["report"]
    for update, rating in zip(report.updates.for_page(), Rating, strict=False):
        assessments.assess(update, rating=rating, comment="", seen=None, by=clerk, now=NOW)
    confirm_assessments(report, by=clerk, now=NOW + timedelta(minutes=5))
    words = see(of(agenda["meeting"]))
    assert "As it was published for this meeting (version 1)" in words
    assert "After the meeting, with the committee's ratings (version 2)" in words


def test_private_report_has_no_link(inquiry, clerk, see):
    agenda = county_agenda(inquiry, clerk)
    meeting = make_meeting(inquiry.committee, date(2026, 12, 16))
    item = add_item(meeting, 1, "UPDATE", report=agenda["report"])
    paper = report_paper(agenda["report"])
    gone = type(paper)(pk=0, slug="gone", months_on=6, content=paper.content)
    keep_pack(meeting, [line(item, report=gone)], by=clerk)
    words = see(of(meeting))
    assert "Progress report: Warm Homes Inquiry" in words
    assert "/progress/" not in words


def test_members_are_those_that_the_agenda_prints(agenda, member, chair, committee, see):
    committee.memberships.all().delete()
    assert "Councillor Harold Penrose (chair)" in see(of(agenda["meeting"]))


def test_changed_venue_shows_printed_venue(agenda, see):
    meeting = agenda["meeting"]
    before = "The place has changed since the agenda was published.</strong> The agenda says"
    assert "The place has changed" not in see(of(meeting))
    Meeting.objects.filter(pk=meeting.pk).update(venue="The Guildhall")
    assert f"{before} {meeting.venue}." in see(of(meeting))
    Meeting.objects.filter(pk=meeting.pk).update(cancelled_at=NOW, cancelled_by=Person.objects.first())
    assert "The place has changed" not in see(of(meeting))


def test_changed_time_shows_printed_time(agenda, see):
    Meeting.objects.filter(pk=agenda["meeting"].pk).update(start=datetime(2026, 12, 15, 16, tzinfo=LONDON))
    words = see(of(agenda["meeting"]))
    assert (
        "The time has changed since the agenda was published.</strong> The agenda says 15 December 2026 at 14:00"
        in words
    )
    assert "Tuesday 15 December 2026 at 16:00" in words


def test_late_publication_shows_reason(committee, clerk, see):
    meeting = make_meeting(committee, date(2026, 11, 25))
    keep_pack(meeting, [line(add_item(meeting, 1, "FLOOD"))], by=clerk, urgency_reason="The river rose.")
    words = see(of(meeting))
    assert "Late</strong>" in words
    assert "Why it is taken as urgent although it was late: The river rose." in words


def test_escapes_user_text(committee, clerk, see):
    meeting = make_meeting(committee)
    item = add_item(meeting, 1, "<b>BOLD</b>", subtitle="<i>x</i>")
    paper = add_paper(item, "<script>alert(1)</script>", by=clerk)
    keep_pack(meeting, [line(item, papers=[paper])], by=clerk)
    words = see(of(meeting))
    assert "<script>alert" not in words
    assert "<b>" not in words
    assert "&lt;b&gt;BOLD" in words


# --- Queries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("public", 5), ("stranger", 9), ("member", 8), ("clerk", 7)])
def test_meeting_query_count(inquiry, clerk, people, client, django_assert_num_queries, who, queries, count):
    meeting = county_agenda(inquiry, clerk)["meeting"]
    for number in range(count):
        item = add_item(meeting, 10 + number, "MORE")
        papers = [add_paper(item, f"Paper {which}", by=clerk) for which in range(count)]
        secrets = [add_paper(item, f"Secret {which}", by=clerk, exempt_paragraph=1) for which in range(count)]
        for edition, exempt in ((PackEdition.PUBLIC, ()), (PackEdition.RESTRICTED, secrets)):
            lines = [line(item, papers=papers, exempt_papers=exempt, exempt_paragraphs=(1,))]
            keep_pack(meeting, lines, by=clerk, edition=edition, supplement=number + 1)
    if people[who].is_authenticated:
        client.force_login(people[who])
    with django_assert_num_queries(queries):
        client.get(of(meeting))
