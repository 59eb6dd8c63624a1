"""What the committee asks for where it has concerns: by whom, by when, and what came of it."""

from django.db import models
from django.db.models import CheckConstraint, Q
from django.urls import reverse

from inquiries.models.fields import LineField, both_or_neither, not_empty, timestamp_and_user
from inquiries.models.people import Person
from inquiries.models.progress import ProgressUpdate


class ActionPointQuerySet(models.QuerySet):
    def not_done(self):
        return self.filter(done_at__isnull=True)

    def open(self):
        """Those that are to be done: set, the ratings confirmed, and not done yet."""
        return self.not_done().filter(update__report__assessed_at__isnull=False)

    def visible_to(self, person):
        """Those whose own page `person` may read; the report shows them to everybody."""
        if not person.is_authenticated:
            return self.none()
        if person.is_clerk:
            return self.all()
        return self.filter(owner=person, update__report__assessed_at__isnull=False)

    def for_page(self):
        found = self.select_related("owner", "done_by", "set_by", "update__response", "update__report__meeting")
        found = found.select_related("update__report__inquiry__committee")
        return found.prefetch_related("update__response__recommendations")


class ActionPoint(models.Model):
    """An action that a committee asks for about one row of a report; a draft until the ratings are confirmed."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.PROTECT, related_name="action_points")
    text = LineField("what is to be done", max_length=500)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="action_points")
    due_on = models.DateField("due on")
    set_at, set_by = timestamp_and_user(required=True)
    done_at, done_by = timestamp_and_user()
    done_note = LineField("what was done", max_length=500, blank=True)

    objects = ActionPointQuerySet.as_manager()

    class Meta:
        verbose_name = "action"
        ordering = ["update_id", "due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(done_at__isnull=True), name="action_point_open_by_due_on"),
        ]
        constraints = [
            not_empty("text", "action_point_has_a_text", "Say what is to be done."),
            both_or_neither("done", "action_point_done_at_and_by"),
            CheckConstraint(
                name="action_point_done_has_a_note",
                condition=Q(done_at__isnull=True) | ~Q(done_note=""),
                violation_error_message="Say in a sentence what was done.",
            ),
        ]

    def __str__(self):
        return self.text

    def get_absolute_url(self):
        return reverse("officer:action_point", args=[self.pk])

    @property
    def is_open(self):
        return self.done_at is None and self.update.report.assessed_at is not None
