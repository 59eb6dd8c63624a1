"""The e-mails of the service: what was sent to whom, about what."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from inquiries.models.people import Person

# With the growing pauses between them, a notification is given up after some five days.
MOST_FAILURES = 12
# The occasion of one that only says that a code did not reach its recipient.
SIGN_IN_CODE = "sign_in_code"
# A code that failed longer ago is of no interest.
CODE_DAYS = 7
MAY_HAVE_BEEN_SENT = "The service stopped while it was being sent; afterwards it was no longer needed."


class NotificationQuerySet(models.QuerySet):
    def waiting(self):
        """Those that are still to be sent; not those that go out within a digest, and not those that were given up."""
        return self.filter(sent_on=None, digest=None, failures__lt=MOST_FAILURES)

    def held(self):
        return self.waiting().filter(is_held=True)

    def withdraw(self):
        """Never send them. What a mail server may have taken, because its sender was killed, stays on record."""
        unsent = self.filter(sent_on=None)
        unsent.filter(attempted_on=None).delete()
        unsent.update(failures=MOST_FAILURES, last_failure=MAY_HAVE_BEEN_SENT)

    def undelivered_codes(self, now):
        """Of the last days, of people who have not signed in since."""
        since = now - timedelta(days=CODE_DAYS)
        codes = self.filter(occasion=SIGN_IN_CODE, queued_on__gt=since, recipient__is_active=True)
        return codes.exclude(recipient__last_login__gt=F("queued_on"))


class Notification(models.Model):
    """An e-mail, stored in the transaction of the action that causes it and sent by a job deferred in the same."""

    recipient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notifications")
    reply_to = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The clerk to whom an answer goes.",
    )
    occasion = models.CharField(max_length=50)
    key = models.CharField(max_length=200, unique=True, help_text="The same key is never stored twice.")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    about = models.JSONField(default=dict, editable=False, help_text="The records from which it is written again.")
    concerns = ArrayField(
        models.CharField(max_length=50),
        default=list,
        editable=False,
        help_text="The tasks and reports it is about, as kind:key.",
    )
    goes_out_on = models.DateField(
        default=timezone.localdate, help_text="The day for which it is meant: one e-mail about a task each day."
    )
    for_digest = models.BooleanField(default=False, help_text="It goes out with the others of a day, in one e-mail.")
    digest = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="items",
        help_text="The e-mail with which it goes out.",
    )
    queued_on = models.DateTimeField()
    attempted_on = models.DateTimeField(
        null=True, blank=True, help_text="When it was handed to the mail server, which has not refused it since."
    )
    sent_on = models.DateTimeField(null=True, blank=True)
    opened_on = models.DateTimeField(null=True, blank=True, help_text="When its recipient first followed its link.")
    failures = models.PositiveSmallIntegerField(default=0)
    last_failure = models.TextField(blank=True, help_text="Its kind, and the codes that the mail server gave.")
    refused_on = models.DateTimeField(
        null=True, blank=True, help_text="When the mail server refused the address for good: it is not tried again."
    )

    is_held = models.BooleanField(
        default=False, help_text="It waited in a backup that was restored: it is sent when a clerk says so."
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_on", "-pk"]
        indexes = [
            models.Index(fields=["queued_on"], condition=Q(sent_on__isnull=True), name="notification_waiting"),
            models.Index(
                fields=["recipient"], condition=Q(for_digest=True, digest__isnull=True), name="notification_for_digest"
            ),
            models.Index(fields=["goes_out_on"], condition=Q(is_held=True), name="notification_held"),
            GinIndex(fields=["concerns"], name="notification_concerns"),
            models.Index(fields=["-queued_on", "-id"], name="notification_latest_first"),
            models.Index(fields=["occasion"], name="notification_by_occasion"),
        ]

    def __str__(self):
        return f"{self.subject} to {self.recipient}"

    @property
    def link(self):
        """The address to which it leads, the first that is a line of its text."""
        return next((line for line in self.body.split("\n") if "://" in line and " " not in line), "")

    @property
    def may_have_been_sent(self):
        return self.is_given_up and self.attempted_on is not None

    @property
    def is_given_up(self):
        return self.sent_on is None and self.failures >= MOST_FAILURES
