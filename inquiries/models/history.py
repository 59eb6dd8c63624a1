"""Who changed what, when, from what to what, and on whose behalf. Append-only; database triggers hold it."""

from itertools import groupby

from django.db import models
from django.db.models import Q
from django.utils import timezone

from inquiries.models.people import Person

# What may have to be erased one day, by the kind of its subject: an entry, which cannot be changed, only says that
# there was something; a PersonalValue says what.
PERSONAL = {"person": ("email",)}
KEPT_APART = "kept apart"


class EntryQuerySet(models.QuerySet):
    def about(self, *subjects):
        """The entries about these records, newest first."""
        wanted, kinds = Q(pk__in=[]), {}
        for subject in subjects:
            kinds.setdefault(subject._meta.model_name, []).append(subject.pk)
        for kind, keys in kinds.items():
            wanted |= Q(subject_type=kind, subject_id__in=keys)
        return self.filter(wanted).order_by("-at", "-pk")

    def by_day(self):
        """The entries as a list of (day, entries), newest first."""
        return [(day, list(entries)) for day, entries in groupby(self, key=lambda e: timezone.localdate(e.at))]


class Entry(models.Model):
    """One deed. It copies the names it needs: no foreign key, so it never blocks and never goes with its subject."""

    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200)
    on_behalf_of = models.CharField(max_length=200, blank=True)
    verb = models.CharField(max_length=50)
    sentence = models.CharField(max_length=500, help_text="The deed in words, without who and when.")
    subject_type = models.CharField(max_length=50)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=300)
    inquiry_id = models.BigIntegerField(null=True)
    changes = models.JSONField(default=dict, help_text="{field: [before, after]}")
    states = models.JSONField(
        default=dict, help_text="The records it changed as they then were: {model/key: {column: value}}."
    )
    note = models.TextField(blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "history entry"
        verbose_name_plural = "history"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="entry_of_subject"),
            models.Index(fields=["inquiry_id", "-at"], name="entry_of_inquiry"),
        ]

    def __str__(self):
        return f"{self.by_name} {self.sentence}"


class Seal(models.Model):
    """The mark by which a changed, lost or slipped-in entry is found. The database writes it (`history_seals`).

    `digest` covers the entry and the digest before it. There is no gap between positions.
    """

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the digest before this one and the entry.")

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return f"{self.position} {self.digest}"


class Notification(models.Model):
    """An outgoing message, stored in the transaction of the deed that causes it and sent once.

    `send_notices` claims a row for a while before it sends it, so that two senders never send the same.
    """

    recipient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notifications")
    occasion = models.CharField(max_length=50)
    key = models.CharField(max_length=200, unique=True, help_text="The same key is never stored twice.")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    queued_on = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_on = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_failure = models.TextField(blank=True)

    class Meta:
        ordering = ["-queued_on", "-pk"]
        indexes = [
            models.Index(fields=["queued_on"], condition=Q(sent_on__isnull=True), name="notification_waiting"),
        ]

    def __str__(self):
        return f"{self.subject} to {self.recipient}"
