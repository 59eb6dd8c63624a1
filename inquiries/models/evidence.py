"""What shows that an update is true."""

from django.db import models
from django.db.models import CheckConstraint, Q

from inquiries.models.progress import ProgressUpdate


class Evidence(models.Model):
    """A link that shows what an update says."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="evidence")
    title = models.CharField(max_length=200)
    url = models.URLField("web address", max_length=2000)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["update", "position", "pk"]
        verbose_name_plural = "evidence"
        constraints = [
            CheckConstraint(
                name="evidence_has_a_title",
                condition=~Q(title=""),
                violation_error_message="Say what the link shows.",
            ),
            CheckConstraint(
                # A link that a browser would run as a program must never reach a page.
                name="evidence_url_is_of_the_web",
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"),
                violation_error_message="Enter a web address that begins with https:// or http://.",
            ),
        ]

    def __str__(self):
        return self.title
