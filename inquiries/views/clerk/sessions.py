"""How somebody signs in, seen by a clerk: their sessions ended, their second factor reset."""

from functools import partial

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import sessions
from inquiries.models import Person
from inquiries.views.clerk.guard import answer, clerks_only, typed
from inquiries.views.clerk.reports import ConfirmForm


@clerks_only
def end_sessions(request, pk):
    """Sign somebody out everywhere: a tablet was lost, say."""
    deed = partial(sessions.end_sessions, by=request.user, now=timezone.now())
    return _about(request, pk, deed, "end_sessions", "They have been signed out everywhere.")


@clerks_only
def reset_second_factor(request, pk):
    """Let somebody who lost their device set up their second step again."""
    deed = partial(sessions.reset_second_factor, by=request.user, now=timezone.now())
    return _about(request, pk, deed, "reset_second_factor", "How they sign in has been reset.")


def _about(request, pk, deed, name, said):
    person = get_object_or_404(Person, pk=pk)
    then = reverse("clerk:person", args=[person.pk])
    crumbs = [("Your work", reverse("public:home")), ("People", reverse("clerk:people")), (person.name, then)]
    return answer(
        request,
        ConfirmForm(typed(request)),
        partial(deed, person),
        page=f"clerk/{name}.html",
        then=then,
        said=said,
        context={
            "person": person,
            "back": then,
            "crumbs": crumbs,
        },
    )
