"""The list of meetings: to come or past, of every committee or of one; and what leads there."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from inquiries.models import Meeting
from tests.cast import NOW
from tests.factories import LONDON, make_meeting
from tests.published_agendas import (
    keep_pack,
    of,
)


def test_meetings_to_come_and_past_are_listed_apart(committee, see):
    make_meeting(committee)
    make_meeting(committee, date(2026, 3, 3))
    to_come, past = see("/meetings/"), see("/meetings/?when=past")
    assert "15 December 2026 at 14:00" in to_come
    assert "3 March 2026" not in to_come
    assert "3 March 2026 at 14:00" in past
    assert "15 December" not in past


def test_today_is_upcoming(committee, see):
    Meeting.objects.create(committee=committee, start=datetime(2026, 11, 23, 9, 30, tzinfo=LONDON))
    assert "23 November 2026 at 09:30" in see("/meetings/")
    assert "23 November 2026" not in see("/meetings/?when=past")


def test_meetings_of_one_committee(committee, other_member, see):
    make_meeting(committee)
    make_meeting(other_member.memberships.get().committee, date(2026, 12, 16))
    words = see("/meetings/?committee=environment")
    assert "16 December 2026 at 14:00: Environment Select Committee" in words
    assert "15 December" not in words


def test_marks_cancelled_and_published(agenda, committee, clerk, see):
    called_off = make_meeting(committee, date(2026, 12, 22))
    Meeting.objects.filter(pk=called_off.pk).update(cancelled_at=NOW, cancelled_by=clerk)
    published, cancelled = see("/meetings/").split("22 December 2026")
    assert "Agenda published" in published
    assert "Cancelled" not in published
    assert "Cancelled" in cancelled


@pytest.mark.parametrize("query", ["when=never", "committee=nowhere", "committee=%00", "page=x&when=%00"])
def test_invalid_query_shows_error(committee, see, query):
    make_meeting(committee)
    words = see(f"/meetings/?{query}")
    assert "There is a problem" in words
    assert "15 December" not in words


def test_list_is_paged(committee, see):
    for day in range(1, 26):
        make_meeting(committee, date(2027, 1, day))
    assert "Page 2" in see("/meetings/")
    assert "25 January 2027" in see("/meetings/?page=2")


def test_empty_list(db, see):
    assert "No meeting has been called yet." in see("/meetings/")
    assert "No past meeting" in see("/meetings/?when=past")


def test_only_clerks_are_led_to_calling_a_meeting(clerk, member, see):
    address = reverse("clerk:call_meeting")
    assert address in see("/meetings/", clerk)
    assert address not in see("/meetings/", member)


# --- Home and committee ------------------------------------------------------------------------------


def test_home_and_committee_lead_to_agendas(agenda, clerk, see):
    home, committee = see("/"), see("/committees/communities/")
    assert "Latest agendas" in home
    assert f'href="{of(agenda["meeting"])}">Communities Select Committee, 15 December 2026</a>' in home
    assert "Agenda published" in committee
    assert "/committees/communities/meetings.ics" in committee
    keep_pack(agenda["meeting"], agenda["lines"], by=clerk, number=2, published_at=NOW + timedelta(minutes=3))
    assert see("/").count("Communities Select Committee, 15 December 2026</a>") == 1


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count(committee, client, django_assert_num_queries, count):
    for day in range(1, count + 1):
        make_meeting(committee, date(2027, 1, day))
    with django_assert_num_queries(3):
        client.get("/meetings/")
