"""What happens to a request before the application sees it."""

import ipaddress
import logging

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, connection
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseNotAllowed

# Written by proxies: a request that carries one of them may come from anywhere.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")

# What is worth a line in the log of security, by the status of the answer.
REFUSALS = {400: "not_understood", 401: "not_signed_in", 403: "refused", 429: "limited"}
METHODS = ("GET", "HEAD", "POST")
security = logging.getLogger("scrutiny.security")

REFUSAL = (
    "This is a demonstration, in which anybody can sign in as anybody. "
    "It only answers the computer it runs on, without a proxy in between.\n"
)
UNPROTECTED = (
    "This installation has no secret key of its own, or shows debugging pages. "
    "It only answers the computer it runs on, without a proxy in between.\n"
)


class HealthMiddleware:
    """Answers /healthz: 200 when the database answers, else 503.

    It stands before the check of the host name and the redirect to HTTPS, since a load balancer or a
    container engine asks under whatever name it has for this process.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path != "/healthz":
            return self.get_response(request)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            return HttpResponse("The database does not answer.\n", content_type="text/plain", status=503)
        return HttpResponse("ok\n", content_type="text/plain")


class RefusalsMiddleware:
    """Notes every refusal: to whom, by number, and the name of the address; no word of what was asked or answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if event := REFUSALS.get(response.status_code):
            match, user = request.resolver_match, getattr(request, "user", None)
            person = user.pk if user is not None and user.is_authenticated else "nobody"
            place = match.view_name if match and match.view_name else "unknown"
            # Any word can stand where the method does.
            method = request.method if request.method in METHODS else "other"
            security.warning("%s person=%s at=%s method=%s", event, person, place, method)
        return response


class MethodsMiddleware:
    """Lets through what pages and files are asked with, and refuses every other method before anybody looks at it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)


class LoopbackOnlyMiddleware:
    """Refuses every request that may come from another machine, where the application must stay on this one:
    in demonstration mode, with debugging pages, with the secret that everybody knows. Else it is not there.
    """

    def __init__(self, get_response):
        if not (settings.DEMONSTRATION or settings.STAYS_HERE):
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        if not comes_from_this_machine(request):
            refusal = REFUSAL if settings.DEMONSTRATION else UNPROTECTED
            return HttpResponseForbidden(refusal, content_type="text/plain")
        return self.get_response(request)


def comes_from_this_machine(request):
    """Whether the request came straight from a loopback address."""
    if any(header in request.META for header in FORWARDED):
        return False
    return is_loopback(request.META.get("REMOTE_ADDR", ""))


def is_loopback(address):
    """Whether `address`, without a port, is a loopback address or the name localhost."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
