"""Signing in with one click. Its address exists in demonstration mode only (see scrutiny/urls.py)."""

from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import get_user_model, login
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from inquiries.accounts.login_state import is_own_url
from inquiries.models import Response

DEMONSTRATION_DOMAIN = "@demonstration.example"


@dataclass(frozen=True)
class DemonstrationPerson:
    """Somebody to sign in as: `what` is the part they play."""

    pk: int
    name: str
    what: str


def _people():
    return (
        get_user_model()
        .objects.filter(email__endswith=DEMONSTRATION_DOMAIN, is_active=True)
        .annotate(contributions=Count("contributed_updates"))
        .order_by("pk")
    )


def demonstration_people():
    """Everybody one may sign in as with one click, in the order in which they were made."""
    leading = set(Response.objects.values_list("lead_officer_id", flat=True))
    return [DemonstrationPerson(pk=person.pk, name=person.name, what=_part(person, leading)) for person in _people()]


def _part(person, leading):
    """The part they play, and their job title where it does not say so itself (Cabinet Member, Chair)."""
    if person.is_clerk:
        return f"Clerk ({person.job_title})"
    if person.pk in leading:
        return f"Lead officer ({person.job_title})"
    if person.contributions:
        return f"Contributor ({person.job_title})"
    return person.job_title


@require_POST
def sign_in(request):
    """Sign in as the person of the demonstration whose number is posted as `person`; then go to `next`.

    404 for everybody else, whatever their number.
    """
    number = request.POST.get("person", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Http404
    person = get_object_or_404(_people(), pk=int(number))
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    # As every other way does: whoever has just signed in may set up a second factor.
    record_authentication(request, person, "demonstration")
    wanted = request.POST.get("next", "")
    return redirect(wanted if is_own_url(wanted) else "/")
