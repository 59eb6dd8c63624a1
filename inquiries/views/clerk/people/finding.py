"""The list of people, and one person's page."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.actions.people import other_records_of
from inquiries.actions.people.holdings import had_by, open_work, seats_of
from inquiries.forms.clerk.people import PeopleSearch
from inquiries.models import Entry
from inquiries.permissions import rights_over
from inquiries.views.clerk.guard import clerks_only
from inquiries.views.clerk.people.page import crumbs, person_or_404

PER_PAGE = 50
MOST_HISTORY = 50


@require_safe
@clerks_only
def people(request):
    """Search and filter over everybody on record, with what each of them has."""
    today = timezone.localdate()
    form = PeopleSearch(request.GET)
    page = Paginator(form.found(today), PER_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    had = had_by(found, today)
    lines = [(person, had[person.pk]) for person in found]
    return render(request, "clerk/people.html", {"form": form, "page": page, "lines": lines, "crumbs": crumbs()[:1]})


@require_safe
@clerks_only
def person(request, pk):
    """One person: how they are reached, what they have, whether they can sign in, what has happened."""
    person, today = person_or_404(pk), timezone.localdate()
    seats, portfolios = seats_of(person)
    merged, doubles = other_records_of(person)
    context = {
        "person": person,
        "today": today,
        "may": rights_over(request.user, person, today, "keep_people", "record_leaver", "merge_people"),
        "seats": seats,
        "portfolios": portfolios,
        "work": open_work(person),
        "merged": merged,
        "doubles": doubles,
        "history": Entry.objects.about(person, *merged, *seats, *portfolios)[:MOST_HISTORY].by_day(),
        "crumbs": crumbs(),
    }
    return render(request, "clerk/person.html", context)
