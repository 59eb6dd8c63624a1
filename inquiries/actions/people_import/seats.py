"""What a row does to a person's seats: a seat added or ended, or nothing; or why not."""

from dataclasses import dataclass, field

from inquiries.actions.people import days_overlap
from inquiries.choices import SeatRole
from inquiries.documents.content import long_date
from inquiries.models import CabinetMember, Committee, Membership


@dataclass
class PlannedSeat:
    """One seat to be added (`seat` is None) or ended."""

    row: object
    values: dict = field(default_factory=dict)
    seat: Membership | CabinetMember | None = None


def plan_seat(one, row, held, **where):
    """Plan one row's seat. `where` says which (`committee` and `role`, or `portfolio`); `held` are the person's seats.

    What is planned is added to `held`, so that the rows of a file build on each other.
    """
    checked = row.checked
    same_place = [seat for seat in held if _place(seat) == _key(where)]
    found = _meant(same_place, checked, where.get("role"))
    if found is not None:
        _plan_end(one, row, found)
        return
    if checked.from_date is None:
        row.problems.append("Say in the column from since when the seat is held: 20/05/2025, say.")
        return
    for seat in same_place:
        if days_overlap(checked, seat):
            since = f"since {long_date(seat.from_date)}" if seat.until_date is None else _term(seat)
            row.problems.append(
                f"{checked.name} already holds a seat at that time: {_seat_words(seat)} {since}. End that one first."
            )
            return
    values = {**where, "from_date": checked.from_date, "until_date": checked.until_date}
    model = Membership if "committee" in where else CabinetMember
    held.append(model(**values))
    one.seats.append(PlannedSeat(row, values))
    row.sentences.append(f"Seat added: {_seat_words(held[-1])} {_term(held[-1])}.")


def _plan_end(one, row, seat):
    until = row.checked.until_date
    if until is None or until == seat.until_date:
        return
    if seat.until_date is not None:
        row.problems.append(
            f"The seat {_seat_words(seat)} is recorded as ended on {long_date(seat.until_date)}, not on "
            f"{long_date(until)}. Correct that on the person's page."
        )
    elif until < seat.from_date:
        row.problems.append(f"The seat would end before it begins, on {long_date(seat.from_date)}.")
    elif seat.pk is None:
        row.problems.append("Another line of this file begins the same seat.")
    else:
        seat.until_date = until
        one.seats.append(PlannedSeat(row, {"until_date": until}, seat))
        row.sentences.append(f"Seat ended: {_seat_words(seat)} until {long_date(until)}.")


def _meant(seats, checked, role):
    """The recorded seat that the row is about: the one that begins that day or, without a day, the one held now."""
    for seat in seats:
        if getattr(seat, "role", None) == role:
            if checked.from_date == seat.from_date:
                return seat
            if checked.from_date is None and seat.until_date in (None, checked.until_date):
                return seat
    return None


def _place(seat):
    return seat.committee_id if isinstance(seat, Membership) else seat.portfolio.casefold()


def _key(where):
    committee: Committee | None = where.get("committee")
    return committee.pk if committee else where["portfolio"].casefold()


def _seat_words(seat):
    if isinstance(seat, CabinetMember):
        return f"Cabinet Member ({seat.portfolio})"
    return f"{SeatRole(seat.role).label.lower()} of the {seat.committee}"


def _term(seat):
    until = f" until {long_date(seat.until_date)}" if seat.until_date else ""
    return f"from {long_date(seat.from_date)}{until}"
