"""What `manage.py check --deploy` says of our own settings, beside what Django says of its own."""

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.checks import Warning as Doubt

from scrutiny.env import LOOPBACK_NAMES

YEAR = 31_536_000
ENCRYPTED = ("require", "verify-ca", "verify-full")


def check_settings(app_configs, **kwargs):
    """The doubts about settings that are allowed, but that a real service should have a reason for."""
    doubts = []
    if settings.EMAIL_HOST and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or _is_here(settings.EMAIL_HOST)):
        doubts.append(
            Doubt(
                "Codes for signing in travel to the mail server in plain text.",
                hint="Set SCRUTINY_EMAIL_SECURITY to starttls or tls.",
                id="scrutiny.W001",
            )
        )
    if not _is_encrypted(settings.DATABASE_URL):
        doubts.append(
            Doubt(
                "What travels to the database on another machine may be read on the way.",
                hint="End DATABASE_URL with ?sslmode=verify-full, or with require in a network of your own.",
                id="scrutiny.W002",
            )
        )
    if settings.HTTPS and settings.SECURE_HSTS_SECONDS < YEAR:
        doubts.append(
            Doubt(
                "Browsers forget after less than a year that this site is for HTTPS only.",
                hint="Leave SCRUTINY_HSTS_SECONDS out once HTTPS works.",
                id="scrutiny.W003",
            )
        )
    return doubts


def _is_here(host):
    return host in LOOPBACK_NAMES or host == "::1"


def _is_encrypted(address):
    """Whether a connection to the database stays on this machine or cannot be read on the way."""
    parts = urlsplit(address)
    if not parts.hostname or _is_here(parts.hostname):
        return True
    return parse_qs(parts.query).get("sslmode", [""])[-1] in ENCRYPTED
