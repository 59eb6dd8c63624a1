"""The one application, and what `manage.py check --deploy` says about our own settings."""

from urllib.parse import parse_qs, urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, Warning, register

from inquiries.history_database import check_role
from scrutiny.middleware import is_loopback

YEAR = 31_536_000
ENCRYPTED = ("require", "verify-ca", "verify-full")


class InquiriesConfig(AppConfig):
    """Inquiries, their recommendations, and what became of them."""

    name = "inquiries"
    verbose_name = "Inquiries"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Have `manage.py check --deploy` ask our own questions, too."""
        register(check_settings, Tags.security, deploy=True)
        register(check_role, Tags.database)


def check_settings(app_configs, **kwargs):
    """Warnings about settings that are allowed, but that a real service should have a reason for."""
    warnings = []
    is_encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.EMAIL_HOST and not (is_encrypted or is_loopback(settings.EMAIL_HOST)):
        warnings.append(
            Warning(
                "Codes for signing in travel to the mail server in plain text.",
                hint="Set SCRUTINY_EMAIL_SECURITY to starttls or tls.",
                id="scrutiny.W001",
            )
        )
    database = urlsplit(settings.DATABASE_URL)
    is_remote = bool(database.hostname) and not is_loopback(database.hostname)
    if is_remote and parse_qs(database.query).get("sslmode", [""])[-1] not in ENCRYPTED:
        warnings.append(
            Warning(
                "What travels to the database on another machine may be read on the way.",
                hint="End DATABASE_URL with ?sslmode=verify-full, or with require in a network of your own.",
                id="scrutiny.W002",
            )
        )
    if settings.HTTPS and settings.SECURE_HSTS_SECONDS < YEAR:
        warnings.append(
            Warning(
                "Browsers forget after less than a year that this site is for HTTPS only.",
                hint="Leave SCRUTINY_HSTS_SECONDS out once HTTPS works.",
                id="scrutiny.W003",
            )
        )
    return warnings
