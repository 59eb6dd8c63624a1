"""Seats on committees and portfolios in Cabinet."""

from functools import partial

from django.shortcuts import get_object_or_404
from django.utils import timezone

from inquiries.actions import people
from inquiries.forms.clerk.seats import ChangeSeatForm, EndForm, GiveSeatForm, PortfolioForm
from inquiries.views.clerk.guard import clerks_only, typed
from inquiries.views.clerk.people.page import about, check_is_present, person_or_404


@clerks_only
def give_seat(request, pk):
    """A seat on a committee."""
    person = person_or_404(pk)
    check_is_present(request, person)
    form = GiveSeatForm(typed(request), today=timezone.localdate())
    deed = partial(people.give_seat, person, by=request.user, now=timezone.now())
    return about(request, person, form, deed, page="give_seat", words="Give a seat", said=f"{person} has a seat.")


@clerks_only
def change_seat(request, pk, seat):
    """Another role, first or last day."""
    seat = _of(pk, "memberships", seat)
    deed = partial(people.change_seat, seat, by=request.user, now=timezone.now())
    form = ChangeSeatForm(typed(request), seat=seat)
    return about(
        request,
        seat.person,
        form,
        deed,
        page="change_seat",
        words="Change a seat",
        said="The seat is changed.",
        seat=seat,
    )


@clerks_only
def end_seat(request, pk, seat):
    """The last day on a committee."""
    seat = _of(pk, "memberships", seat)
    deed = partial(people.end_seat, seat, by=request.user, now=timezone.now())
    form = EndForm(typed(request), initial={"until_date": timezone.localdate()})
    return about(
        request,
        seat.person,
        form,
        deed,
        page="end_seat",
        words="End a seat",
        said="The last day is recorded.",
        seat=seat,
    )


@clerks_only
def give_portfolio(request, pk):
    """A portfolio in Cabinet."""
    person = person_or_404(pk)
    check_is_present(request, person)
    form = PortfolioForm(typed(request), today=timezone.localdate())
    deed = partial(people.give_portfolio, person, by=request.user, now=timezone.now())
    return about(
        request,
        person,
        form,
        deed,
        page="give_portfolio",
        words="Give a portfolio",
        said=f"{person} has the portfolio.",
    )


@clerks_only
def change_portfolio(request, pk, seat):
    """Another name, first or last day of a portfolio."""
    seat = _of(pk, "cabinet_seats", seat)
    deed = partial(people.change_portfolio, seat, by=request.user, now=timezone.now())
    form = PortfolioForm(typed(request), seat=seat)
    said = "The portfolio is changed."
    return about(
        request, seat.person, form, deed, page="change_portfolio", words="Change a portfolio", said=said, seat=seat
    )


@clerks_only
def end_portfolio(request, pk, seat):
    """The last day of a portfolio."""
    seat = _of(pk, "cabinet_seats", seat)
    deed = partial(people.end_portfolio, seat, by=request.user, now=timezone.now())
    form = EndForm(typed(request), initial={"until_date": timezone.localdate()})
    said = "The last day is recorded."
    return about(request, seat.person, form, deed, page="end_portfolio", words="End a portfolio", said=said, seat=seat)


def _of(pk, seats, seat):
    """The seat of this person, and of nobody else."""
    return get_object_or_404(getattr(person_or_404(pk), seats).select_related(), pk=seat)
