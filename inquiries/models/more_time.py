"""More time for a progress update or an officer report."""

from django.db import models
from django.db.models import CheckConstraint, Q
from django.urls import reverse

from inquiries.models.fields import both_or_neither, not_empty, once, timestamp_and_user
from inquiries.models.officer_reports import OfficerReport
from inquiries.models.progress import ProgressUpdate


class MoreTimeRequestQuerySet(models.QuerySet):
    def waiting(self):
        is_open = Q(update__in=ProgressUpdate.objects.open()) | Q(officer_report__in=OfficerReport.objects.open())
        return self.filter(is_open, decided_at__isnull=True)

    def for_page(self):
        found = self.select_related("update__response", "update__report__inquiry", "asked_by", "decided_by")
        found = found.select_related("officer_report__item__meeting__committee")
        return found.prefetch_related("update__response__recommendations")


class MoreTimeRequest(models.Model):
    """An officer asks for more time for an update or an officer report; a clerk grants it, until this or another day,
    or refuses it."""

    update = models.ForeignKey(
        ProgressUpdate, on_delete=models.PROTECT, null=True, blank=True, related_name="more_time_requests"
    )
    officer_report = models.ForeignKey(
        OfficerReport, on_delete=models.PROTECT, null=True, blank=True, related_name="more_time_requests"
    )
    wanted_until = models.DateField("new date")
    reason = models.TextField()
    asked_at, asked_by = timestamp_and_user(required=True)
    decided_at, decided_by = timestamp_and_user()
    granted_until = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    objects = MoreTimeRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            both_or_neither("decided", "more_time_request_decided_at_and_by"),
            not_empty("reason", "more_time_request_has_a_reason", "Say why you need more time."),
            CheckConstraint(
                name="more_time_request_is_about_one",
                condition=Q(update__isnull=True, officer_report__isnull=False)
                | Q(update__isnull=False, officer_report__isnull=True),
                violation_error_message="More time is asked for one update, or for one officer report.",
            ),
            *(
                once(
                    [about],
                    f"more_time_request_for_{about}_waits_once",
                    "More time has already been asked for, and a clerk has not decided yet.",
                    condition=Q(decided_at__isnull=True),
                )
                for about in ("update", "officer_report")
            ),
            CheckConstraint(
                name="more_time_request_granted_when_decided",
                condition=Q(granted_until__isnull=True) | Q(decided_at__isnull=False),
                violation_error_message="More time is granted by a clerk.",
            ),
            CheckConstraint(
                name="more_time_request_refused_with_a_note",
                condition=Q(decided_at__isnull=True) | Q(granted_until__isnull=False) | ~Q(note=""),
                violation_error_message="Say why more time is refused.",
            ),
        ]

    def __str__(self):
        if self.officer_report:
            return f"More time for {self.officer_report.title_in_mail}"
        return f"More time for the update on {self.update.response.references}"

    def get_absolute_url(self):
        if self.officer_report:
            return reverse("clerk:decide_report_more_time", args=[self.officer_report_id, self.pk])
        report = self.update.report
        return reverse("clerk:decide_more_time", args=[report.inquiry.slug, report.months_on, self.pk])

    @property
    def subject(self):
        return self.officer_report or self.update

    @subject.setter
    def subject(self, subject):
        setattr(self, "officer_report" if isinstance(subject, OfficerReport) else "update", subject)

    @property
    def short_name(self):
        """As the subject of an e-mail says it."""
        if self.officer_report:
            return self.officer_report.title_in_mail
        return f"progress update on {self.update.response.numbers}"
