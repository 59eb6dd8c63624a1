"""What every page knows, and the pages shown when something does not work."""

import re

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponseServerError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.permissions import can

# Never shown again on a page, whatever a form holds.
SECRET_FIELDS = frozenset({"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword", "code"})

# Of no use to a person who copies their text.
TECHNICAL_FIELDS = frozenset({"version", "writer", "form_key", "based_on", "action", "seen", "next"})


def site_context(request):
    """The council's name, whether this is the demonstration, and whether the person keeps the records.

    Queries nothing: `may_administer` is a function, so that pages that do not ask do not load the session.
    """
    return {
        "COUNCIL_NAME": settings.COUNCIL_NAME,
        "DEMONSTRATION": settings.DEMONSTRATION,
        # A request that is refused before the session is read has no user.
        "may_administer": lambda: (
            hasattr(request, "user") and can("administer", request.user, None, timezone.localdate())
        ),
    }


@require_safe
def information(request, page):
    names = (
        "CONTACT_NAME CONTACT_TELEPHONE CONTACT_EMAIL COUNCILLOR_INFORMATION PRIVACY_NOTICE ACCESSIBILITY_PREPARED "
        "ACCESSIBILITY_REVIEWED ACCESSIBILITY_TESTED SESSION_COOKIE_NAME CSRF_COOKIE_NAME KEEP_NOTIFICATIONS_DAYS "
        "KEEP_LEAVERS_MONTHS SITE_ADDRESS IDLE_MINUTES"
    )
    return render(request, f"site/{page}.html", {name: getattr(settings, name) for name in names.split()})


def forbidden(request, exception):
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request, exception):
    return render(request, "404.html", status=404)


def server_error(request):
    """500, with the text that was sent. Without context processors: what broke may break them too."""
    context = {"COUNCIL_NAME": settings.COUNCIL_NAME, "DEMONSTRATION": settings.DEMONSTRATION}
    try:
        context["posted_text"] = posted_text(request)
    except (MultiPartParserError, SuspiciousOperation, OSError):
        # What was sent cannot be read, or is too much: then that is what broke.
        context["posted_text"] = []
    return HttpResponseServerError(render_to_string("500.html", context))


def csrf_failure(request, reason=""):
    """403 after a form from an expired session: the text typed is shown, so that nobody loses them."""
    return render(request, "403_csrf.html", {"posted_text": posted_text(request)}, status=403)


def posted_text(request):
    """What was typed into the form that was sent, as (label, text); no secrets, nothing that only the form reads.

    Which form it was is not known here, so a label is the name of the field in plain words: "Exempt text".
    """
    return [
        (plain_label(name), text)
        for name, texts in request.POST.lists()
        if name not in SECRET_FIELDS | TECHNICAL_FIELDS and not name.endswith(("_key", "_FORMS"))
        for text in texts
        if text.strip()
    ]


def plain_label(name):
    if of_formset := re.fullmatch(r"(.+)-(\d{1,4})-(.+)", name):
        form, number, field = of_formset.groups()
        name = f"{form} {int(number) + 1}: {field}"
    label = name.replace("_", " ")
    return label[:1].upper() + label[1:]
