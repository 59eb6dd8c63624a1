"""Files that officers attach to an update as evidence."""

from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Q
from django.urls import reverse

from inquiries.models.fields import LineField, both_or_neither, has_key_in, not_empty, timestamp_and_user
from inquiries.models.progress import ProgressUpdate, ReportEdition


class EvidenceFileQuerySet(models.QuerySet):
    def current(self):
        """What has not been removed."""
        return self.filter(removed_at__isnull=True)

    def public(self):
        """Those that a clerk has allowed, once an edition of the report lists them."""
        listed = ReportEdition.objects.filter(
            report=OuterRef("update__report"), published_at__gte=OuterRef("allowed_at")
        )
        return self.current().filter(Exists(listed), update__closed_at__isnull=True)

    def visible_to(self, person):
        """The public ones, and those of updates whose working text `person` (anonymous too) may read."""
        if not person.is_authenticated:
            return self.public()
        if person.is_clerk:
            return self.current()
        readable = self.model.objects.filter(update__in=ProgressUpdate.objects.visible_to(person)).values("pk")
        return self.current().filter(has_key_in(readable) | has_key_in(self.model.objects.public().values("pk")))


class EvidenceFile(models.Model):
    """A PDF that shows what an update says, checked and cleaned. Published only where a clerk has allowed it."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.PROTECT, related_name="files")
    title = LineField(max_length=200)
    file = models.FileField(upload_to="evidence-files/", blank=True)
    original_name = models.CharField(max_length=300, blank=True)
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the kept file.")
    page_count = models.PositiveIntegerField()
    uploaded_at, uploaded_by = timestamp_and_user(required=True)
    allowed_at, allowed_by = timestamp_and_user()
    removed_at, removed_by = timestamp_and_user()

    objects = EvidenceFileQuerySet.as_manager()

    class Meta:
        ordering = ["update_id", "pk"]
        constraints = [
            not_empty("title", "evidence_file_has_a_title", "Say what the file shows."),
            both_or_neither("allowed", "evidence_file_allowed_at_and_by"),
            both_or_neither("removed", "evidence_file_removed_at_and_by"),
            CheckConstraint(
                name="evidence_file_removed_is_not_allowed",
                condition=Q(removed_at__isnull=True) | Q(allowed_at__isnull=True),
                violation_error_message="A file that has been removed is not published.",
            ),
            CheckConstraint(
                name="evidence_file_is_there_until_removed",
                condition=~Q(file="") | Q(removed_at__isnull=False),
                violation_error_message="Choose the file.",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        report = self.update.report
        return reverse("public:evidence_file", args=[report.inquiry.slug, report.months_on, self.pk])
