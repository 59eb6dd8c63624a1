"""What happens to a request before the application sees it."""

import ipaddress

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, connection
from django.http import HttpResponse, HttpResponseForbidden

# Written by proxies: a request that carries one of them may come from anywhere.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")

REFUSAL = (
    "This is a demonstration, in which anybody can sign in as anybody. "
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


class LoopbackOnlyMiddleware:
    """In demonstration mode, refuses every request that may come from another machine. Else it is not there."""

    def __init__(self, get_response):
        if not settings.DEMONSTRATION:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        if not comes_from_this_machine(request):
            return HttpResponseForbidden(REFUSAL, content_type="text/plain")
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
