"""A meeting while it takes place: the row it is at, and what was corrected after its assessments were confirmed."""

from django.db import models

from inquiries.choices import Rating
from inquiries.models.fields import not_empty, one_of, timestamp_and_user
from inquiries.models.meetings import Meeting
from inquiries.models.progress import Assessment, ProgressUpdate


class ShownRow(models.Model):
    """The row that the screen in the room shows. The screen follows the room page of who showed it."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="shown_row")
    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="+")
    shown_at, shown_by = timestamp_and_user(required=True)

    def __str__(self):
        return f"{self.meeting}: {self.update}"


class AssessmentCorrection(models.Model):
    """A confirmed assessment was corrected: what it had been, and why it was changed."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="corrections")
    rating_before = models.PositiveSmallIntegerField(choices=Rating.choices, null=True, blank=True)
    comment_before = models.TextField(blank=True)
    reason = models.TextField()
    corrected_at, corrected_by = timestamp_and_user(required=True)

    class Meta:
        ordering = ["assessment_id", "corrected_at", "pk"]
        constraints = [
            one_of(Rating, "rating_before", "assessment_correction_rating_before_is_known"),
            not_empty("reason", "assessment_correction_has_a_reason", "Say why the assessment is corrected."),
        ]

    def __str__(self):
        return f"Correction of the assessment of {self.assessment.update.response.references}"
