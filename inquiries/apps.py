"""The one application."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from inquiries.history_database import check_role
from scrutiny.checks import check_settings


class InquiriesConfig(AppConfig):
    """Inquiries, their recommendations, and what became of them."""

    name = "inquiries"
    verbose_name = "Inquiries"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Have `manage.py check --deploy` ask our own questions, too."""
        register(check_settings, Tags.security, deploy=True)
        register(check_role, Tags.database)
