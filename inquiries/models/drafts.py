"""What a person has typed and not saved."""

from django.db import models
from django.http import QueryDict

from inquiries.models.fields import once
from inquiries.models.people import Person


class Draft(models.Model):
    """What one person typed into the form at an address and has not saved. Theirs alone: no record, no history."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")
    address = models.CharField(max_length=500, help_text="The path of the page with the form.")
    data = models.JSONField(help_text="The fields as they were posted: {name: [values]}.")
    based_on_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version of the record that the form was opened with."
    )
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["person", "address"]
        constraints = [
            once(
                ["person", "address"],
                "draft_once_per_person_and_address",
                "This person already has a draft at this address.",
            ),
        ]

    def __str__(self):
        return f"{self.person}: {self.address}"

    @property
    def posted(self):
        posted = QueryDict(mutable=True)
        for name, values in self.data.items():
            posted.setlist(name, values)
        return posted
