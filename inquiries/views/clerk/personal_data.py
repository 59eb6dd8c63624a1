"""For a person who asks: what is kept about them as a file, and its erasure."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from inquiries.actions import personal_data
from inquiries.forms.clerk.personal_data import EraseForm
from inquiries.models import Person
from inquiries.views.clerk.guard import clerks_only, done, typed
from inquiries.views.clerk.people.page import crumbs
from inquiries.views.kept_words import forget_words, kept_words
from inquiries.views.your_data import as_download


@clerks_only
def export_person(request, pk):
    """Everything that is kept about a person, for the clerk to hand over."""
    person = get_object_or_404(Person, pk=pk)
    if request.method == "POST":
        return as_download(personal_data.export_person(person, by=request.user, now=timezone.now()))
    context = {"person": person, "crumbs": crumbs(person, "Export their data")}
    return render(request, "clerk/export_person.html", context)


@clerks_only
def erase_person(request, pk):
    """What would go, what would stay and why; then, with the name typed, to do it."""
    person = get_object_or_404(Person.objects.select_related("merged_into", "erased_by"), pk=pk)
    now = timezone.now()
    weighed = personal_data.weigh(person, now)
    form = EraseForm(typed(request), person=person)
    if request.method == "POST" and form.is_valid() and done(form, _erase, person, request.user, now):
        forget_words(request)
        messages.success(request, f"The personal data of {weighed.name_after} are erased.")
        return redirect("clerk:person", person.pk)
    context = {"person": person, "weighed": weighed, "form": form, "kept_words": kept_words(request)}
    return render(request, "clerk/erase_person.html", context | {"crumbs": crumbs(person, "Erase their data")})


def _erase(person, by, now):
    personal_data.erase_person(person, by=by, now=now)
