"""Seats on committees and portfolios: given, changed, ended."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from inquiries.actions import people, progress, responses
from inquiries.choices import SeatRole
from inquiries.models import CabinetMember, Entry, Membership, Person
from inquiries.permissions import Refused
from tests.cast import NOW, TODAY
from tests.factories import make_report


@pytest.fixture
def seat(member):
    """Held since 20 May 2025."""
    return member.memberships.get()


@pytest.mark.parametrize("part", ["leads", "signs the response", "writes", "signs the report"])
def test_a_seat_is_refused_to_whoever_takes_part_in_what_its_committee_judges(
    part, inquiry, committee, clerk, stranger, other_member
):
    report = make_report(inquiry, clerk)
    response = inquiry.responses.get(recommendations__reference="2")
    if part == "leads":
        responses.correct_response(response, lead_officer=stranger, by=clerk, now=NOW)
    elif part == "signs the response":
        responses.correct_response(response, cabinet_member=stranger, by=clerk, now=NOW)
    elif part == "writes":
        update = report.updates.for_page().get(response=response)
        progress.save_update(update, version=0, contributors=[stranger], by=clerk, now=NOW)
    else:
        progress.name_cabinet_members(report, people=[stranger], by=clerk, now=NOW)
    seat = {"role": SeatRole.MEMBER, "from_date": TODAY, "by": clerk, "now": NOW}
    with pytest.raises(Refused, match="leads, writes or signs a response to “Warm Homes Inquiry”"):
        people.give_seat(stranger, committee=committee, **seat)
    # On another committee, or in the past, they may have sat.
    people.give_seat(stranger, committee=other_member.memberships.get().committee, **seat)
    past = {"from_date": date(2020, 5, 1), "until_date": date(2024, 5, 1)}
    people.give_seat(stranger, committee=committee, **seat | past)


def test_give_seat(clerk, officer, committee):
    seat = people.give_seat(officer, committee=committee, role=SeatRole.VICE_CHAIR, from_date=TODAY, by=clerk, now=NOW)
    assert (seat.person, seat.committee, seat.role, seat.until_date) == (officer, committee, "vice_chair", None)
    assert Entry.objects.get().sentence == (
        "added the membership “Siân Llŷr-Ôwain, vice-chair of Communities Select Committee”"
    )


def test_rejects_overlapping_seats(clerk, member, committee):
    with pytest.raises(ValidationError) as refusal:
        people.give_seat(member, committee=committee, role=SeatRole.CHAIR, from_date=TODAY, by=clerk, now=NOW)
    assert refusal.value.messages == ["Councillor Anwen Pritchard already sits on this committee since 20 May 2025."]
    people.give_seat(
        member,
        committee=committee,
        role="member",
        from_date=date(2021, 5, 6),
        until_date=date(2025, 5, 19),
        by=clerk,
        now=NOW,
    )
    with pytest.raises(ValidationError, match="from 6 May 2021 until 19 May 2025"):
        people.give_seat(
            member,
            committee=committee,
            role="chair",
            from_date=date(2025, 1, 1),
            until_date=date(2025, 2, 1),
            by=clerk,
            now=NOW,
        )
    assert member.memberships.count() == 2


def test_change_seat(clerk, seat):
    changed = people.change_seat(seat, role="chair", from_date=date(2025, 5, 22), until_date=None, by=clerk, now=NOW)
    assert (changed.role, changed.from_date) == ("chair", date(2025, 5, 22))
    assert Entry.objects.get().changes == {"role": ["member", "chair"], "from_date": ["2025-05-20", "2025-05-22"]}


def test_end_seat(clerk, seat):
    ended = people.end_seat(seat, until_date=date(2026, 11, 30), by=clerk, now=NOW)
    assert ended.until_date == date(2026, 11, 30)
    entry = Entry.objects.get()
    assert entry.sentence == "ended the seat on the Communities Select Committee of Councillor Anwen Pritchard"
    assert entry.changes == {"until_date": [None, "2026-11-30"]}


@pytest.mark.parametrize(
    ("day", "reason"), [(date(2025, 5, 19), "The last day is before the first."), (TODAY, "It already ends")]
)
def test_rejects_wrong_last_day(clerk, seat, day, reason):
    if day == TODAY:
        Membership.objects.update(until_date=date(2026, 1, 1))
    with pytest.raises(ValidationError, match=reason):
        people.end_seat(seat, until_date=day, by=clerk, now=NOW)
    assert not Entry.objects.exists()


def test_portfolios(clerk, officer):
    made = people.give_seat(officer, portfolio=" Adult  Social Care ", from_date=TODAY, by=clerk, now=NOW)
    assert made.portfolio == "Adult Social Care"
    with pytest.raises(ValidationError, match="already holds this portfolio since 23 November 2026"):
        people.give_seat(officer, portfolio="adult social care", from_date=TODAY, by=clerk, now=NOW)
    made = people.change_seat(made, portfolio="Adults", from_date=TODAY, until_date=None, by=clerk, now=NOW)
    people.end_seat(made, until_date=date(2027, 5, 4), by=clerk, now=NOW)
    seat = CabinetMember.objects.get()
    assert (seat.portfolio, seat.from_date, seat.until_date) == ("Adults", TODAY, date(2027, 5, 4))
    assert [e.sentence for e in Entry.objects.order_by("pk")] == [
        "added the Cabinet Member “Siân Llŷr-Ôwain (Adult Social Care)”",
        "changed the Cabinet Member “Siân Llŷr-Ôwain (Adults)”",
        "ended the portfolio Adults of Siân Llŷr-Ôwain",
    ]


def test_rejects_seat_for_leaver(clerk, officer, committee):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    with pytest.raises(Refused, match="Record first that they are back"):
        people.give_seat(officer, committee=committee, role="member", from_date=TODAY, by=clerk, now=NOW)


def test_seats_require_a_clerk(chair, member, committee, seat):
    days = {"from_date": TODAY, "by": chair, "now": NOW}
    for deed in (
        lambda: people.give_seat(member, committee=committee, role="member", **days),
        lambda: people.change_seat(seat, role="member", until_date=None, **days),
        lambda: people.end_seat(seat, until_date=TODAY, by=chair, now=NOW),
        lambda: people.give_seat(member, portfolio="Transport", **days),
    ):
        with pytest.raises(Refused, match="Only a clerk can keep the records of people"):
            deed()
    assert not Entry.objects.exists()
