"""Seats on committees and portfolios in Cabinet: given, changed, ended by their last day."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.held_people import held
from inquiries.actions.records import save_record
from inquiries.documents.content import long_date
from inquiries.models import CabinetMember, Membership
from inquiries.permissions import Refused, check_can


@transaction.atomic
def give_seat(person, *, committee, role, from_date, until_date=None, by, now):
    """Seat a person on a committee as a value of SeatRole. Returns the Membership.

    Raises ValidationError where they sit there already in these days; Refused where they have left.
    """
    person = _present(person, by, now)
    seat = Membership(committee=committee, person=person, role=role, from_date=from_date, until_date=until_date)
    return _kept(seat, by=by, now=now)


@transaction.atomic
def change_seat(seat, *, role, from_date, until_date, by, now):
    """Correct a seat on a committee. Raises ValidationError or Refused."""
    return _changed(seat, {"role": role, "from_date": from_date, "until_date": until_date}, by=by, now=now)


@transaction.atomic
def end_seat(seat, *, until_date, by, now):
    """Let a seat on a committee end with `until_date`; it stays on record. Raises ValidationError or Refused."""
    return _ended(seat, until_date, f"ended the seat of {seat.person} on the {seat.committee}", by=by, now=now)


@transaction.atomic
def give_portfolio(person, *, portfolio, from_date, until_date=None, by, now):
    """Give a person a portfolio in Cabinet. Returns the CabinetMember. Raises ValidationError or Refused."""
    person = _present(person, by, now)
    words = " ".join(portfolio.split())
    seat = CabinetMember(person=person, portfolio=words, from_date=from_date, until_date=until_date)
    return _kept(seat, by=by, now=now)


@transaction.atomic
def change_portfolio(seat, *, portfolio, from_date, until_date, by, now):
    """Correct a portfolio: its name, its days. Raises ValidationError or Refused."""
    words = {"portfolio": " ".join(portfolio.split()), "from_date": from_date, "until_date": until_date}
    return _changed(seat, words, by=by, now=now)


@transaction.atomic
def end_portfolio(seat, *, until_date, by, now):
    """Let a portfolio end with `until_date`; it stays on record. Raises ValidationError or Refused."""
    return _ended(seat, until_date, f"ended the portfolio {seat.portfolio} of {seat.person}", by=by, now=now)


def overlapping(seat):
    """The other seats of the same person on the same committee, or with the same portfolio, on any of its days."""
    same = {"committee": seat.committee} if isinstance(seat, Membership) else {"portfolio__iexact": seat.portfolio}
    others = type(seat).objects.filter(person=seat.person, **same).exclude(pk=seat.pk)
    return [other for other in others if days_overlap(seat, other)]


def days_overlap(seat, other):
    """Whether two seats have a day in common. Without a last day a seat is held on."""
    starts_in_time = other.until_date is None or seat.from_date <= other.until_date
    return starts_in_time and (seat.until_date is None or other.from_date <= seat.until_date)


def end_seats_of(person, *, by, now):
    """End every seat and portfolio of the person today; one that has not started is withdrawn. For other deeds.

    Returns what was ended, as the names of the seats.
    """
    today, ended = timezone.localdate(now), []
    for model in (Membership, CabinetMember):
        for seat in model.objects.filter(person=person).exclude(until_date__lte=today):
            what = f"portfolio {seat.portfolio}" if model is CabinetMember else f"seat on the {seat.committee}"
            ended.append(what)
            if seat.from_date > today:
                history.write(
                    "deleted",
                    seat,
                    f"withdrew the {what} that had not started",
                    by=by,
                    now=now,
                    changes={"from_date": (seat.from_date, None)},
                )
                seat.delete()
            else:
                changes = history.set_fields(seat, until_date=today)
                seat.save(update_fields=["until_date"])
                history.write("end_seat", seat, f"ended the {what} of {person}", by=by, now=now, changes=changes)
    return ended


def _present(person, by, now):
    check_can("keep_people", by, person, timezone.localdate(now))
    person = held(person)
    if not person.is_active:
        raise Refused(f"{person} is not among those present. Record first that they are back.")
    return person


def _kept(seat, *, by, now):
    seat.full_clean(validate_constraints=False)
    if others := overlapping(seat):
        words = "sits on this committee" if isinstance(seat, Membership) else "holds this portfolio"
        raise ValidationError({"from_date": f"{seat.person} already {words} {_days_of(others[0])}."})
    seat.full_clean()
    return save_record(seat, by=by, now=now)


def _changed(seat, values, *, by, now):
    today = timezone.localdate(now)
    check_can("keep_people", by, seat, today)
    person = held(seat.person)
    seat = type(seat).objects.select_related("person").get(pk=seat.pk)
    history.set_fields(seat, **values)
    if not person.is_active and (seat.until_date is None or seat.until_date > today):
        raise Refused(f"{person} is not among those present: the seat cannot go on.")
    return _kept(seat, by=by, now=now)


def _ended(seat, until_date, sentence, *, by, now):
    check_can("keep_people", by, seat, timezone.localdate(now))
    held(seat.person)
    seat = type(seat).objects.select_related("person").get(pk=seat.pk)
    if seat.until_date is not None and until_date >= seat.until_date:
        raise ValidationError({"until_date": "It already ends before that day, or on it."})
    changes = history.set_fields(seat, until_date=until_date)
    if until_date < seat.from_date:
        raise ValidationError({"until_date": "The last day is before the first."})
    seat.save(update_fields=["until_date"])
    history.write("end_seat", seat, sentence, by=by, now=now, changes=changes)
    return seat


def _days_of(seat):
    if seat.until_date is None:
        return f"since {long_date(seat.from_date)}"
    return f"from {long_date(seat.from_date)} until {long_date(seat.until_date)}"
