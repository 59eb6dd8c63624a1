"""Two records of one person become one."""

from functools import partial

from django.utils import timezone

from inquiries.actions import people
from inquiries.actions.people.holdings import had_by
from inquiries.forms.clerk.people import MergeForm
from inquiries.permissions import Refused
from inquiries.views.clerk.guard import clerks_only, typed
from inquiries.views.clerk.people.page import about, person_or_404


@clerks_only
def merge_person(request, pk):
    """Choose the record that stays; see both side by side, and what moves; merge."""
    person = person_or_404(pk)
    if request.method != "POST":
        _check_can_be_merged(person)
    asked = MergeForm(typed(request) or (request.GET if "into" in request.GET else None), person=person)
    into = asked.cleaned_data["into"] if asked.is_bound and asked.is_valid() else None
    had = had_by([one for one in (person, into) if one], timezone.localdate())
    return about(
        request,
        person,
        asked,
        partial(people.merge_person, person, by=request.user, now=timezone.now()),
        page="merge_person",
        words="Merge with another record",
        said=f"The record of {person} is merged.",
        after=into,
        into=into,
        sides=[(one, had[one.pk]) for one in (person, into) if one],
        moving=people.what_moves(person, into) if into else None,
        doubles=[] if into else people.likely_doubles(person.name, apart_from=person),
    )


def _check_can_be_merged(person):
    if person.merged_at or person.erased_at or person.email:
        raise Refused("Only a record without an e-mail address can be merged into another.")
