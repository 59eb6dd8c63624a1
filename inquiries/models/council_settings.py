"""What a council settles for itself and a clerk changes on a page: one row."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q

from inquiries import rules


def default_report_months():
    return list(rules.REPORT_MONTHS)


class CouncilSettings(models.Model):
    """Read it by `CouncilSettings.current()`; without a row the defaults hold."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    report_months = ArrayField(
        models.PositiveSmallIntegerField(),
        default=default_report_months,
        help_text="How many months after Cabinet’s response a progress report is due, then at the last interval.",
    )

    class Meta:
        verbose_name_plural = "council settings"
        constraints = [
            CheckConstraint(
                name="council_settings_are_one_row",
                condition=Q(pk=1),
                violation_error_message="There is one set of settings.",
            ),
            CheckConstraint(
                name="council_settings_have_report_months",
                condition=Q(report_months__len__gte=1),
                violation_error_message="Enter at least one number of months.",
            ),
        ]

    def __str__(self):
        return "Settings"

    @classmethod
    def current(cls):
        return cls.objects.first() or cls()
