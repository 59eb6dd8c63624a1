"""Word files on their way in: to look at. They are corrected and confirmed on the clerk's page."""

from django.contrib import admin
from django.urls import reverse

from inquiries.admin.base import ReadOnlyAdmin
from inquiries.models import ReportImport


@admin.register(ReportImport)
class ReportImportAdmin(ReadOnlyAdmin):
    """Every uploaded Word file."""

    fields = ["file_name", "checksum", "uploaded_at", "uploaded_by", "confirmed_at", "confirmed_by", "report"]
    list_display = ["file_name", "uploaded_at", "uploaded_by", "confirmed_at", "report"]
    list_filter = [("confirmed_at", admin.EmptyFieldListFilter), "uploaded_at"]
    list_select_related = ["uploaded_by", "report__inquiry"]
    search_fields = ["file_name"]

    def links(self, record):
        return [("Open the preview", reverse("clerk:import_preview", args=[record.pk]))]
