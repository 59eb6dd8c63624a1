"""What every request passes before the application sees it, and every response after it."""

import ipaddress
import logging

from csp.middleware import CSPMiddleware
from django.conf import global_settings, settings
from django.core.exceptions import MiddlewareNotUsed, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, load_handler
from django.core.signals import request_finished
from django.http import HttpResponseForbidden, HttpResponseNotAllowed
from django.middleware.security import SecurityMiddleware

from scrutiny.logging import REQUEST_ID, log_security_event, make_request_id, request_id

# What a page of ours never needs, and an attacker who got into one might want. Passkeys are for ourselves alone.
DENIED_FEATURES = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"),
    *("gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock"),
    *("usb", "xr-spatial-tracking"),
)
PERMISSIONS_POLICY = ", ".join(
    [f"{feature}=()" for feature in DENIED_FEATURES]
    + ["publickey-credentials-create=(self)", "publickey-credentials-get=(self)"]
)
# What a person who is signed in sees is stored by nobody, not even by the browser on a shared tablet.
PRIVATE = "private, no-store"
# What everybody sees may be stored, but is asked for again: a new edition may be out.
PUBLIC = "no-cache"
SIGN_OUT_PAGES = ("account_logout", "account_sign_out_everywhere", "admin:logout")
# Only here are files taken, and only from people who are signed in.
UPLOAD_PAGES = (
    *("public:add_inquiry", "clerk:change_inquiry", "clerk:recommendations", "clerk:responses"),
    *("clerk:import_upload", "clerk:import_people", "clerk:import_tracker", "clerk:add_paper", "clerk:replace_paper"),
    "clerk:add_signed_minutes",
    *("officer:upload_reply", "officer:files", "officer:officer_report_pictures", "officer:upload_officer_report"),
    *("admin:inquiries_inquiry_add", "admin:inquiries_inquiry_change"),
)
# jQuery and select2, which the admin brings, write markup; our own scripts and GOV.UK Frontend do not.
TRUSTED_TYPES = ("require-trusted-types-for", "trusted-types")

# Written by proxies: a request that carries one of them may come from anywhere.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")
# Worth a line in the log of security, by the status of the response.
REFUSALS = {400: "not_understood", 401: "not_signed_in", 403: "refused", 429: "limited"}
METHODS = ("GET", "HEAD", "POST")


class HeadersMiddleware(CSPMiddleware, SecurityMiddleware):
    """Writes all security headers: those of Django's SecurityMiddleware, the content security policy, and more.

    It comes before every middleware that may answer, so that a response made on the way in (a wrong host name, a
    redirect to HTTPS, /healthz) has them, too; Django's own only redirects to HTTPS. What a view has written stays.
    """

    def process_response(self, request, response):
        response = super().process_response(request, response)
        response = SecurityMiddleware.process_response(self, request, response)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # Whether there is a session, or one begins: asks nothing of the database.
        is_private = settings.SESSION_COOKIE_NAME in request.COOKIES or bool(response.cookies)
        response.headers.setdefault("Cache-Control", PRIVATE if is_private else PUBLIC)
        if request.method == "POST" and view_name_of(request) in SIGN_OUT_PAGES:
            # What our scripts keep in the browser goes, too, where no script of ours ran.
            response.headers["Clear-Site-Data"] = '"storage"'
        return response

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and view_name_of(request).startswith("admin:"):
            parts.replace = (parts.replace or {}) | dict.fromkeys(TRUSTED_TYPES)
        return parts


class RequestIdMiddleware:
    """Gives each request an id: that of the proxy in front, where there is one and it has made one, else its own.

    The first of all, so that whatever is logged on the way has it.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        # By then the web server has written its line about the request.
        request_finished.connect(forget_request_id)

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "") if settings.PROXIES else ""
        request_id.set(given if REQUEST_ID.fullmatch(given) else make_request_id())
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id.get()
        return response


def forget_request_id(**kwargs):
    request_id.set("")


class RefusalsMiddleware:
    """Logs every refusal: to whom, by number, and the name of the address; nothing of what was sent or answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if event := REFUSALS.get(response.status_code):
            person, view = getattr(request, "user", None), view_name_of(request) or "unknown"
            # A request can name any word as its method.
            method = request.method if request.method in METHODS else "other"
            log_security_event(event, person, level=logging.WARNING, at=view, method=method)
        return response


class RefuseFiles(FileUploadHandler):
    """Keeps nothing of a file, not even for a moment, wherever UploadsMiddleware has not said otherwise."""

    def new_file(self, *args, **kwargs):
        if view_name_of(self.request) not in UPLOAD_PAGES:
            raise SuspiciousOperation("A file was sent to an address that takes none.")
        # What else was typed is kept for people whose session has ended: see views/drafts.py.
        self.request.sent_files = True
        raise SkipFile

    def receive_data_chunk(self, raw_data, start):
        """Never called."""

    def file_complete(self, file_size):
        """Never called."""


class UploadsMiddleware:
    """Takes files at the addresses for them, from people who are signed in.

    It comes before the check against forged forms, which reads all that was sent.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if view_name_of(request) in UPLOAD_PAGES and request.user.is_authenticated:
            request.upload_handlers = [load_handler(name, request) for name in global_settings.FILE_UPLOAD_HANDLERS]


class MethodsMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)


class LocalOnlyMiddleware:
    """Refuses every request that may come from another machine, where LOCAL_ONLY_REASON says that none may."""

    def __init__(self, get_response):
        if not settings.LOCAL_ONLY_REASON:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        is_forwarded = any(header in request.META for header in FORWARDED)
        if is_forwarded or not is_loopback(request.META.get("REMOTE_ADDR", "")):
            return HttpResponseForbidden(
                "Scrutiny only answers the computer it runs on, without a proxy in between: "
                f"{settings.LOCAL_ONLY_REASON}.\n",
                content_type="text/plain",
            )
        return self.get_response(request)


def refuse_to_listen(host):
    """Why a server must not listen on `host`; nothing where it may. A path (a socket) is never this machine alone."""
    if not settings.LOCAL_ONLY_REASON or is_loopback(host):
        return ""
    return f"Scrutiny does not start on {host}: {settings.LOCAL_ONLY_REASON}. Use 127.0.0.1."


def is_loopback(address):
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def view_name_of(request):
    match = getattr(request, "resolver_match", None)
    return match.view_name or "" if match else ""
