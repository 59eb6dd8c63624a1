"""Files on their way in: uploaded, understood, corrected, not yet confirmed."""

from django.db import models

from inquiries.models.constraints import both_or_neither
from inquiries.models.dated_facts import happened
from inquiries.models.people import Person
from inquiries.models.progress import ProgressReport


class ReportImport(models.Model):
    """One uploaded Word file and the draft that was read from it. Confirmed, it names the report it became."""

    file_name = models.CharField(max_length=255)
    checksum = models.CharField(max_length=64)
    draft = models.JSONField(help_text="word_import.draft.DraftReport as data.")
    uploaded_at = models.DateTimeField(editable=False)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, editable=False, related_name="+")
    confirmed_at, confirmed_by = happened("confirmed by")
    report = models.ForeignKey(ProgressReport, on_delete=models.PROTECT, null=True, related_name="imports")

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            both_or_neither("uploaded", "report_import_uploaded_at_and_by"),
            both_or_neither("confirmed", "report_import_confirmed_at_and_by"),
        ]

    def __str__(self):
        return self.file_name


class PeopleImport(models.Model):
    """One uploaded CSV file of people, as it was read. Once confirmed or too old, its rows are forgotten."""

    file_name = models.CharField(max_length=255)
    checksum = models.CharField(max_length=64)
    rows = models.JSONField(help_text="The rows as they were read, until confirmed.")
    uploaded_at = models.DateTimeField(editable=False)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, editable=False, related_name="+")
    confirmed_at, confirmed_by = happened("confirmed by")

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            both_or_neither("uploaded", "people_import_uploaded_at_and_by"),
            both_or_neither("confirmed", "people_import_confirmed_at_and_by"),
        ]

    def __str__(self):
        return self.file_name
