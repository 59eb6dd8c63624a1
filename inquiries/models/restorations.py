"""What follows from a restored backup until a clerk has looked through it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from inquiries.models.fields import both_or_neither, timestamp_and_user


class RestorationQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)


class Restoration(models.Model):
    """A backup that was restored. What waited in it is held; until a clerk closes it, nobody is reminded."""

    restored_on = models.DateTimeField()
    backup_made_on = models.DateTimeField()
    people_to_erase = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="The numbers of people who were erased after the backup was made.",
    )
    closed_at, closed_by = timestamp_and_user()

    objects = RestorationQuerySet.as_manager()

    class Meta:
        ordering = ["-restored_on"]
        constraints = [both_or_neither("closed", "restoration_closed_at_and_by")]

    def __str__(self):
        return f"Restore of the backup of {self.backup_made_on:%Y-%m-%d %H:%M} UTC"
