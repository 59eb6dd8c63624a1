"""Somebody is invited, or their record changed."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from inquiries.actions import people
from inquiries.forms.clerk.people import InviteForm, PersonForm
from inquiries.rules import Refused
from inquiries.views.clerk.guard import clerks_only, done, typed
from inquiries.views.clerk.people.page import about, check_is_present, crumbs, person_or_404
from inquiries.views.clerk.reports import ConfirmForm
from inquiries.views.kept_words import forget_words, kept_words


@clerks_only
def invite(request):
    """A new person, or one on record who becomes complete; invited by e-mail where there is an address."""
    form = InviteForm(typed(request), today=timezone.localdate())
    made = []

    def deed(**values):
        made.append(people.invite(**values, by=request.user, now=timezone.now()))

    if request.method == "POST" and form.is_valid() and done(form, deed, **form.cleaned_data):
        forget_words(request)
        invited = f"{made[0]} is invited: a letter is on its way." if made[0].email else f"{made[0]} is on record."
        messages.success(request, invited)
        return redirect("clerk:person", made[0].pk)
    context = {"form": form, "kept_words": kept_words(request), "crumbs": crumbs(words="Invite somebody")}
    return render(request, "clerk/invite.html", context)


@clerks_only
def send_invitation(request, pk):
    """Send the invitation, for the first time or again."""
    person = person_or_404(pk)
    check_is_present(request, person)
    if request.method != "POST" and not person.email:
        raise Refused(f"{person} has no e-mail address. Enter one first.")
    return about(
        request,
        person,
        ConfirmForm(typed(request)),
        partial(people.send_invitation, person, by=request.user, now=timezone.now()),
        page="send_invitation",
        words="Send an invitation",
        said="The invitation is on its way.",
    )


@clerks_only
def change_person(request, pk):
    """Another name, e-mail address, job title or organisation; a clerk or not."""
    person = person_or_404(pk)
    check_is_present(request, person)
    return about(
        request,
        person,
        PersonForm(typed(request), person=person),
        partial(people.change_person, person, by=request.user, now=timezone.now()),
        page="change_person",
        words="Change this record",
        said="The record is changed.",
    )
