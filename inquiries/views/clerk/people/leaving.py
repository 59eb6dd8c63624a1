"""Somebody leaves, or comes back."""

from functools import partial

from django.utils import timezone

from inquiries.actions import people
from inquiries.actions.people.holdings import open_work, seats_of
from inquiries.forms.clerk.leaving import LeaverForm
from inquiries.rules import Refused
from inquiries.views.clerk.guard import clerks_only, typed
from inquiries.views.clerk.people.page import about, check_before, check_is_present, person_or_404
from inquiries.views.clerk.reports import ConfirmForm


@clerks_only
def record_leaver(request, pk):
    """Everything that is theirs and open, and who takes it over."""
    person, today = person_or_404(pk), timezone.localdate()
    check_before(request, "record_leaver", person)
    check_is_present(request, person)
    work = open_work(person)
    seats = [seat for held in seats_of(person) for seat in held if seat.until_date is None or seat.until_date > today]
    return about(
        request,
        person,
        LeaverForm(typed(request), person=person, work=work, today=today),
        partial(people.record_leaver, person, by=request.user, now=timezone.now()),
        page="record_leaver",
        words="Record that they leave",
        said=f"{person} is recorded as a leaver.",
        today=today,
        work=work,
        seats=seats,
    )


@clerks_only
def record_return(request, pk):
    """Somebody who left is back."""
    person = person_or_404(pk)
    if request.method != "POST" and (person.is_active or person.merged_at or person.erased_at):
        raise Refused("Only somebody who has left can come back.")
    return about(
        request,
        person,
        ConfirmForm(typed(request)),
        partial(people.record_return, person, by=request.user, now=timezone.now()),
        page="record_return",
        words="Record that they are back",
        said=f"{person} is back.",
    )
