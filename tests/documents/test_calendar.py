"""A committee's calendar, read back as a calendar program reads it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from inquiries.actions import meetings
from inquiries.choices import PackEdition
from inquiries.documents.calendar import committee_calendar
from inquiries.models import Committee, Meeting
from tests.cast import NOW
from tests.factories import LONDON, make_meeting
from tests.published_agendas import MARKER, add_item, add_paper, keep_pack, line, withdraw

ADDRESS = "/committees/communities/meetings.ics"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_ADDRESS = "https://scrutiny.example"
    settings.COUNCIL_NAME = "Wealdshire County Council"


def calendar_of(committee, now=NOW):
    return Calendar.from_ical(committee_calendar(committee, now=now))


def event_of(committee):
    (event,) = calendar_of(committee).walk("VEVENT")
    return event


def test_meeting_is_an_event(committee):
    meeting = make_meeting(committee)
    event = event_of(committee)
    assert event["UID"] == f"meeting-{meeting.pk}@scrutiny.example"
    assert event["SUMMARY"] == "Communities Select Committee"
    assert event["LOCATION"] == "Mezzanine Room 2"
    assert event["URL"] == f"https://scrutiny.example/meetings/{meeting.pk}/"
    assert event["STATUS"] == "CONFIRMED"
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert event["DTSTART"].dt.replace(tzinfo=None) == datetime(2026, 12, 15, 14)
    assert event["DTSTART"].dt.astimezone(UTC) == datetime(2026, 12, 15, 14, tzinfo=UTC)
    assert "The last day to publish the agenda is 7 December 2026." in event["DESCRIPTION"]
    assert {"DTEND", "DURATION"}.isdisjoint(event)


def test_follows_summer_time(committee):
    make_meeting(committee, date(2027, 6, 1))
    calendar = calendar_of(committee)
    (event,) = calendar.walk("VEVENT")
    assert event["DTSTART"].dt.astimezone(UTC) == datetime(2027, 6, 1, 13, tzinfo=UTC)
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/London"


def test_calendar_names_committee(committee):
    make_meeting(committee)
    calendar = calendar_of(committee)
    assert calendar["X-WR-CALNAME"] == "Communities Select Committee: Wealdshire County Council"
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]


def test_covers_last_year_onwards(committee, other_member):
    for day in (date(2025, 11, 1), date(2025, 12, 1), date(2026, 11, 24), date(2028, 1, 5)):
        make_meeting(committee, day)
    make_meeting(other_member.memberships.get().committee, date(2026, 12, 2))
    days = [event["DTSTART"].dt.date() for event in calendar_of(committee).walk("VEVENT")]
    assert days == [date(2025, 12, 1), date(2026, 11, 24), date(2028, 1, 5)]


def test_committee_without_meetings(committee):
    assert calendar_of(committee).walk("VEVENT") == []


def test_escapes_text(db):
    committee = Committee.objects.create(name="Roads, Rail; Ferries\\Sea", slug="roads")
    venue = "Room 1\r\nATTENDEE:mailto:x@example.org, floor; 2" + "é" * 90
    Meeting.objects.create(committee=committee, start=datetime(2026, 12, 15, 14, tzinfo=LONDON), venue=venue)
    event = event_of(committee)
    assert event["SUMMARY"] == "Roads, Rail; Ferries\\Sea"
    assert event["LOCATION"] == "Room 1 ATTENDEE:mailto:x@example.org, floor; 2" + "é" * 90
    assert "ATTENDEE" not in event


def test_changed_meeting_is_new_version(committee, clerk):
    start = datetime(2026, 12, 15, 14, tzinfo=LONDON)
    meeting = meetings.call_meeting(committee=committee, start=start, venue="Hall", by=clerk, now=NOW)
    first = event_of(committee)
    later = NOW + timedelta(hours=1)
    meetings.change_meeting(meeting, start=start + timedelta(hours=2), venue="Hall", by=clerk, now=later)
    moved = event_of(committee)
    last = NOW + timedelta(hours=2)
    meetings.cancel_meeting(meeting, reason="Snow, deep; cold.", by=clerk, now=last)
    cancelled = event_of(committee)
    assert first["UID"] == moved["UID"] == cancelled["UID"]
    assert first["SEQUENCE"] < moved["SEQUENCE"] < cancelled["SEQUENCE"]
    assert [event["LAST-MODIFIED"].dt for event in (first, moved, cancelled)] == [NOW, later, last]
    assert [event["DTSTAMP"].dt for event in (first, moved, cancelled)] == [NOW, later, last]
    assert cancelled["STATUS"] == "CANCELLED"
    assert cancelled["SUMMARY"] == "Cancelled: Communities Select Committee"
    assert "This meeting was cancelled. Snow, deep; cold." in cancelled["DESCRIPTION"]


def test_publication_is_new_version(committee, clerk):
    meeting = make_meeting(committee)
    before = event_of(committee)
    pack = keep_pack(meeting, [line(add_item(meeting, 1, "APOLOGIES"))], by=clerk, published_at=NOW)
    published = event_of(committee)
    withdraw(pack, by=clerk)
    withdrawn = event_of(committee)
    assert before["SEQUENCE"] < published["SEQUENCE"] < withdrawn["SEQUENCE"]
    assert "The agenda was published on 23 November 2026." in published["DESCRIPTION"]
    assert published["LAST-MODIFIED"].dt == NOW
    assert "The last day to publish the agenda" in withdrawn["DESCRIPTION"]


def test_same_facts_give_same_bytes(committee):
    make_meeting(committee)
    assert committee_calendar(committee, now=NOW) == committee_calendar(committee, now=NOW + timedelta(minutes=5))


def test_calendar_has_nothing_exempt(committee, clerk, people, client):
    meeting = make_meeting(committee)
    item = add_item(meeting, 1, f"{MARKER}item")
    secret = add_paper(item, f"{MARKER}title", by=clerk, exempt_paragraph=3)
    lines = [line(item, exempt_papers=[secret], exempt_paragraphs=(3,))]
    keep_pack(meeting, lines, by=clerk, edition=PackEdition.RESTRICTED)
    for person in people.values():
        if person.is_authenticated:
            client.force_login(person)
        response = client.get(ADDRESS)
        assert MARKER.encode() not in response.content
        assert b"was published" not in response.content


def test_serves_calendar(committee, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    make_meeting(committee)
    response = client.get(ADDRESS)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="communities-meetings.ics"'
    assert response.content == committee_calendar(committee, now=NOW)
    assert b"\r\n" in response.content
    assert max(len(piece) for piece in response.content.split(b"\r\n")) <= 75
    assert client.get(ADDRESS, headers={"if-none-match": response["ETag"]}).status_code == 304


def test_no_committee_no_calendar(db, client):
    assert client.get("/committees/nobody/meetings.ics").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_queries(committee, clerk, client, django_assert_num_queries, count):
    for day in range(1, count + 1):
        make_meeting(committee, date(2027, 1, day))
    # One for the holidays, once.
    with django_assert_num_queries(5):
        client.get(ADDRESS)
