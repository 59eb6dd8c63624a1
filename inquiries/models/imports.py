"""Files on their way in: uploaded, understood, corrected, not yet confirmed."""

from django.db import models

from inquiries.models.fields import both_or_neither, timestamp_and_user
from inquiries.models.progress import ProgressReport


class ReportImport(models.Model):
    """One uploaded Word file and the draft that was read from it. Confirmed, it names the report it became."""

    file_name = models.CharField(max_length=255)
    checksum = models.CharField(max_length=64)
    draft = models.JSONField(help_text="imports.draft.DraftReport as data.")
    uploaded_at, uploaded_by = timestamp_and_user(required=True)
    started_at, started_by = timestamp_and_user()  # while the worker records it
    rows_done = models.PositiveIntegerField(default=0, editable=False)
    failure = models.TextField(blank=True, editable=False, help_text="Why the worker could not record it.")
    confirmed_at, confirmed_by = timestamp_and_user()
    report = models.ForeignKey(ProgressReport, on_delete=models.PROTECT, null=True, related_name="imports")

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            both_or_neither("started", "report_import_started_at_and_by"),
            both_or_neither("confirmed", "report_import_confirmed_at_and_by"),
        ]

    def __str__(self):
        return self.file_name


class PeopleImport(models.Model):
    """One uploaded CSV file of people, as it was read. Once confirmed or too old, its rows are forgotten."""

    file_name = models.CharField(max_length=255)
    checksum = models.CharField(max_length=64)
    rows = models.JSONField(help_text="The rows as they were read, until confirmed.")
    uploaded_at, uploaded_by = timestamp_and_user(required=True)
    confirmed_at, confirmed_by = timestamp_and_user()

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            both_or_neither("confirmed", "people_import_confirmed_at_and_by"),
        ]

    def __str__(self):
        return self.file_name
