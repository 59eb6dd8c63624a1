"""The one application."""

from django.apps import AppConfig


class InquiriesConfig(AppConfig):
    """Inquiries, their recommendations, and what became of them."""

    name = "inquiries"
    verbose_name = "Inquiries"
    default_auto_field = "django.db.models.BigAutoField"
