"""Files on their way in: uploaded, understood, corrected, not yet confirmed."""

from django.db import models

from inquiries.models.fields import both_or_neither, once, timestamp_and_user
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


class TrackerImport(models.Model):
    """One uploaded tracker of the council's own. Once confirmed or too old, what was read of it is forgotten."""

    file_name = models.CharField(max_length=255)
    checksum = models.CharField(max_length=64)
    sheets = models.JSONField(help_text="imports.sheets.Sheet as data, until confirmed.")
    choices = models.JSONField(default=dict, help_text="What the clerk decided so far: actions.tracker_import.")
    uploaded_at, uploaded_by = timestamp_and_user(required=True)
    started_at, started_by = timestamp_and_user()  # while the worker records it
    rows = models.PositiveIntegerField(default=0, editable=False, help_text="How many rows are to be recorded.")
    rows_done = models.PositiveIntegerField(default=0, editable=False)
    failure = models.TextField(blank=True, editable=False, help_text="Why the worker could not record it.")
    confirmed_at, confirmed_by = timestamp_and_user()
    counts = models.JSONField(default=dict, help_text="How much was recorded of what.")

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            both_or_neither("started", "tracker_import_started_at_and_by"),
            both_or_neither("confirmed", "tracker_import_confirmed_at_and_by"),
        ]

    def __str__(self):
        return self.file_name


class ColumnMatching(models.Model):
    """What the columns of a tracker with these headings hold, and what its values mean: proposed the next time."""

    headings = models.CharField(max_length=64, help_text="SHA-256 of the headings in their order.")
    matching = models.JSONField(help_text="imports.tracker_columns.Matching as data.")
    meanings = models.JSONField(default=dict, help_text="Of values that name no person and no committee.")
    saved_at, saved_by = timestamp_and_user(required=True)

    class Meta:
        ordering = ["-saved_at"]
        constraints = [
            once(["headings"], "column_matching_once_per_headings", "These headings have been matched already."),
        ]

    def __str__(self):
        return f"Columns matched on {self.saved_at:%Y-%m-%d}"
