"""What every answer tells the browser to refuse: pages, files, redirects, errors, and static files alike.

The middleware stands before every other one, so that an answer made on the way in (a wrong host name, a redirect to
HTTPS, /healthz) has the headers, too.
"""

from csp.middleware import CSPMiddleware
from django.conf import settings

# What a page of ours never needs, and an attacker who got into one might want. Passkeys are for ourselves alone.
DENIED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY = ", ".join(
    [f"{feature}=()" for feature in DENIED]
    + ["publickey-credentials-create=(self)", "publickey-credentials-get=(self)"]
)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
}

# What a person who is signed in sees is kept by nobody, not even by the browser on a shared tablet.
PRIVATE = "private, no-store"
# What everybody sees may be kept, but is asked for again: a new edition may be out.
PUBLIC = "no-cache"

SIGNS_OUT = ("account_logout", "account_sign_out_everywhere", "admin:logout")

# jQuery and select2, which the admin brings, write markup; our own scripts and GOV.UK Frontend do not.
TRUSTED_TYPES = ("require-trusted-types-for", "trusted-types")


class HeadersMiddleware(CSPMiddleware):
    """Writes the headers of ALWAYS, the content security policy, and for how long an answer may be kept.

    A view that has written one of them itself is left alone.
    """

    def process_response(self, request, response):
        response = super().process_response(request, response)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if settings.HTTPS and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", _strict_transport())
        response.headers.setdefault("Cache-Control", PRIVATE if _is_private(request, response) else PUBLIC)
        if _signs_out(request):
            # Words that our scripts keep in the browser go, too, where no script of ours ran.
            response.headers["Clear-Site-Data"] = '"storage"'
        return response

    def get_policy_parts(self, request, response, report_only=False):
        """The policy of the settings; in the admin without trusted types."""
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and _place(request).startswith("admin:"):
            parts.replace = (parts.replace or {}) | dict.fromkeys(TRUSTED_TYPES)
        return parts


def _strict_transport():
    return f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"


def _place(request):
    """The name of the address that was asked for, or nothing where it has none."""
    match = getattr(request, "resolver_match", None)
    return match.view_name or "" if match else ""


def _is_private(request, response):
    """Whether there is a session, or begins one: asks nothing of the database."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or bool(response.cookies)


def _signs_out(request):
    return request.method == "POST" and _place(request) in SIGNS_OUT
