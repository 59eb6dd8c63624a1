"""What every page knows, and the pages shown when something does not work."""

import logging
import re
import sys
from contextlib import suppress
from functools import cache

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, HttpResponseServerError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views import defaults
from django.views.decorators.http import require_safe

from inquiries.health import is_worker_silent, recent_work
from inquiries.permissions import can
from scrutiny.error_codes import describe_fault
from scrutiny.faults import NO_ROOM, is_database_outage, is_disk_full
from scrutiny.logging import request_id

logger = logging.getLogger(__name__)

# Never shown again on a page, whatever a form holds.
SECRET_FIELDS = frozenset({"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword", "code"})

# Of no use to a person who copies their text.
TECHNICAL_FIELDS = frozenset({"version", "writer", "form_key", "based_on", "action", "seen", "next"})

# After which browsers and machines are asked to come back, in seconds.
RETRY_SECONDS = 10


def site_context(request):
    """The council's name, whether this is the demonstration, and whether the person keeps the records.

    Queries nothing: `may_administer` is a function, so that pages that do not ask do not load the session; a page that
    asks in each row of a table has it worked out once.
    """
    return {
        "COUNCIL_NAME": settings.COUNCIL_NAME,
        "DEMONSTRATION": settings.DEMONSTRATION,
        "request_id": request_id.get(),
        "may_administer": cache(lambda: may_administer(request)),
        "service_trouble": cache(lambda: service_trouble(request)),
    }


def may_administer(request):
    """A request that is refused before the session is read has no user."""
    return hasattr(request, "user") and can("administer", request.user, None, timezone.localdate())


def service_trouble(request):
    """What clerks see on every page while the worker is dead or the mail server refuses e-mails; else None."""
    if not may_administer(request):
        return None
    work = recent_work.find()
    worker_is_silent = is_worker_silent(work)
    if not worker_is_silent and not work.emails_failing:
        return None
    return {"work": work, "worker_is_silent": worker_is_silent}


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


def bad_request(request, exception):
    """400; or 503 where the session could not be saved because the database was lost, which Django calls deleted."""
    return server_error(request) if is_database_outage(exception) else defaults.bad_request(request, exception)


def server_error(request):
    """500 or 503, with what was sent. Without context processors and base.html: what broke may break them too."""
    error = sys.exc_info()[1]
    context = {
        "COUNCIL_NAME": settings.COUNCIL_NAME,
        "DEMONSTRATION": settings.DEMONSTRATION,
        "request_id": request_id.get(),
    }
    # Where what was sent cannot be read, or is too much, that is what broke.
    with suppress(MultiPartParserError, SuspiciousOperation, OSError):
        context |= {"posted_text": posted_text(request), "fields": fields_to_send_again(request)}
    if is_disk_full(error):
        return unavailable(request, error, context | {"message": NO_ROOM})
    if is_database_outage(error):
        return unavailable(request, error, context)
    return HttpResponseServerError(render_to_string("500.html", context))


def unavailable(request, error, context):
    view = request.resolver_match.view_name if request.resolver_match else "unknown"
    logger.error("Unavailable: %s at %s.", describe_fault(error), view)
    response = HttpResponse(render_to_string("503.html", context | {"address": request.get_full_path()}), status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    # One line is enough: Django would write the traceback of every request of an outage.
    response._has_been_logged = True
    return response


def fields_to_send_again(request):
    """The fields of the form that was sent, as pairs; none where it held what a page must not show, or files.

    With the mark against forged forms that it came with, never a new one: it may not have been checked.
    """
    if getattr(request, "sent_files", False) or request.FILES:
        return []
    if not request.POST.get("csrfmiddlewaretoken") or set(request.POST) & SECRET_FIELDS - {"csrfmiddlewaretoken"}:
        return []
    return [(name, text) for name, texts in request.POST.lists() for text in texts]


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
