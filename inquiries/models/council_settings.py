"""What a council settles for itself and a clerk changes on a page."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q

from inquiries import rules
from inquiries.choices import WordedMail
from inquiries.models.fields import one_of

MOST_DAYS = 90
MOST_NUMBERS = 6
DAYS = (MinValueValidator(1), MaxValueValidator(MOST_DAYS))


def default_days_before():
    return list(rules.ReminderTimes.days_before)


def days_before(verbose_name):
    field = models.PositiveSmallIntegerField(validators=DAYS)
    return ArrayField(field, default=default_days_before, blank=True, size=MOST_NUMBERS, verbose_name=verbose_name)


def days(verbose_name, default):
    return models.PositiveSmallIntegerField(verbose_name, default=default, null=True, blank=True, validators=DAYS)


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
    # Reminders of updates, of sign-off and of Cabinet's response: rules.ReminderTimes. Empty for never.
    update_days_before = days_before("updates: days before")
    update_on_the_day = models.BooleanField("updates: on the day", default=True)
    update_days_after = days("updates: every so many days late", 7)
    update_escalate_after = days("updates: days late when escalated", 7)
    sign_off_days_before = days_before("sign-off: days before")
    sign_off_on_the_day = models.BooleanField("sign-off: on the day", default=True)
    sign_off_days_after = days("sign-off: every so many days late", 7)
    sign_off_escalate_after = days("sign-off: days late when escalated", 7)
    response_days_before = days_before("response: days before")
    response_on_the_day = models.BooleanField("response: on the day", default=True)
    response_days_after = days("response: every so many days late", 7)

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

    def all_reminder_times(self):
        """rules.ReminderTimes by the kind of task."""
        times = {kind: self.reminder_times(kind) for kind in ("update", "sign_off", "response")}
        times |= {"officer_report": times["update"], "report_signature": times["sign_off"]}
        return times | {"action": rules.ACTION_REMINDERS}

    def reminder_times(self, kind):
        return rules.ReminderTimes(
            days_before=tuple(getattr(self, f"{kind}_days_before")),
            on_the_day=getattr(self, f"{kind}_on_the_day"),
            days_after=getattr(self, f"{kind}_days_after"),
            escalate_after=getattr(self, f"{kind}_escalate_after", None),
        )


class MailWording(models.Model):
    """How a council words an e-mail about tasks; where it has none the standard wording of the e-mail holds."""

    occasion = models.CharField(max_length=50, choices=WordedMail.choices, unique=True)
    subject = models.CharField(max_length=200)
    opening = models.TextField(help_text="The first paragraph after the greeting.")

    class Meta:
        verbose_name = "wording of an e-mail"
        verbose_name_plural = "wordings of e-mails"
        constraints = [
            one_of(WordedMail, "occasion", "mail_wording_occasion_is_known"),
            CheckConstraint(
                name="mail_wording_is_complete",
                condition=~Q(subject="") & ~Q(opening=""),
                violation_error_message="Enter a subject and an opening.",
            ),
        ]

    def __str__(self):
        return self.get_occasion_display()
