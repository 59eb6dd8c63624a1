"""What the committee makes of an update: members' indications, and the assessment at the meeting."""

from django.db import models

from inquiries.choices import Rating
from inquiries.models.fields import alphabetical, once, one_of, timestamp_and_user
from inquiries.models.meetings import Meeting
from inquiries.models.progress import ProgressUpdate


class Assessment(models.Model):
    """The committee's judgement of one update at a meeting. Without a rating it is "to be assessed"."""

    update = models.OneToOneField(ProgressUpdate, on_delete=models.PROTECT, related_name="assessment")
    rating = models.PositiveSmallIntegerField(choices=Rating.choices, null=True, blank=True)
    comment = models.TextField(blank=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments")
    recorded_at, recorded_by = timestamp_and_user(required=True)

    class Meta:
        constraints = [
            one_of(Rating, "rating", "assessment_rating_is_known"),
        ]

    def __str__(self):
        return self.get_rating_display() or "to be assessed"


class Indication(models.Model):
    """One member's own view of one update before the meeting. The member is who recorded it."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.PROTECT, related_name="indications")
    rating = models.PositiveSmallIntegerField(choices=Rating.choices)
    note = models.TextField(blank=True)
    recorded_at, recorded_by = timestamp_and_user(required=True, related_name="indications")

    class Meta:
        ordering = ["update_id", alphabetical("recorded_by__name"), "pk"]
        constraints = [
            one_of(Rating, "rating", "indication_rating_is_known"),
            once(
                ["update", "recorded_by"],
                "indication_once_per_update_and_member",
                "You have already noted an indication for this update.",
            ),
        ]

    def __str__(self):
        return f"{self.recorded_by}: {self.get_rating_display()}"
