"""A committee's meeting, its agenda, and the packs built from it."""

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils import timezone

from inquiries.choices import ExemptParagraph, ItemKind, PackEdition
from inquiries.models.committees import Committee
from inquiries.models.constraints import both_or_neither, one_of, one_of_or_none
from inquiries.models.files import validate_pdf
from inquiries.models.people import Person


class Meeting(models.Model):
    """One meeting of one committee."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    start = models.DateTimeField()
    venue = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-start"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "start"],
                name="meeting_once_at_a_time",
                violation_error_message="This committee already meets at this time.",
            ),
        ]

    def __str__(self):
        return f"{self.committee}, {self.day.day} {self.day:%B %Y}"

    @property
    def day(self):
        """The day of the meeting where the council is."""
        return timezone.localtime(self.start).date()


class AgendaItem(models.Model):
    """A numbered item: a progress report, uploaded papers, or nothing to read."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    subtitle = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=ItemKind.choices, default=ItemKind.NOTHING)
    report = models.ForeignKey(
        "inquiries.ProgressReport", on_delete=models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number"],
                name="agenda_item_number_once_in_meeting",
                violation_error_message="This meeting already has an item with this number.",
            ),
            one_of(ItemKind, "kind", "agenda_item_kind_is_known"),
            CheckConstraint(
                name="agenda_item_is_report_papers_or_nothing",
                condition=Q(kind=ItemKind.REPORT, report__isnull=False)
                | (~Q(kind=ItemKind.REPORT) & Q(report__isnull=True)),
                violation_error_message="An item carries a progress report, or papers, or nothing.",
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.title}"


class AgendaDocumentQuerySet(models.QuerySet):
    def public(self):
        """Papers that everybody may read once they are published."""
        return self.filter(exempt_paragraph__isnull=True)


class AgendaDocument(models.Model):
    """An uploaded paper of an item. With a paragraph of Schedule 12A named, it is exempt."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=300)
    file = models.FileField(upload_to="agenda-documents/", validators=[FileExtensionValidator(["pdf"]), validate_pdf])
    exempt_paragraph = models.PositiveSmallIntegerField(choices=ExemptParagraph.choices, null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=1)
    uploaded_at = models.DateTimeField(editable=False)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, editable=False, related_name="+")

    objects = AgendaDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["item", "position"]
        constraints = [
            one_of_or_none(ExemptParagraph, "exempt_paragraph", "agenda_document_exempt_paragraph_is_known"),
            both_or_neither("uploaded", "agenda_document_uploaded_at_and_by"),
        ]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        if self.item_id and self.item.kind != ItemKind.PAPERS:
            raise ValidationError("Only an item that carries papers can have a paper.")


class AgendaPack(models.Model):
    """One built pack of a meeting, kept as it was printed."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="packs")
    edition = models.CharField(max_length=10, choices=PackEdition.choices)
    supplement = models.PositiveSmallIntegerField(default=0, help_text="0 is the main agenda.")
    number = models.PositiveSmallIntegerField("build", default=1)
    file = models.FileField(upload_to="agenda-packs/")
    checksum = models.CharField(max_length=64)
    built_at = models.DateTimeField()
    built_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["meeting", "edition", "supplement", "number"]
        constraints = [
            one_of(PackEdition, "edition", "agenda_pack_edition_is_known"),
            models.UniqueConstraint(
                fields=["meeting", "edition", "supplement", "number"],
                name="agenda_pack_number_once",
                violation_error_message="This build of the pack exists already.",
            ),
            both_or_neither("built", "agenda_pack_built_at_and_by"),
        ]

    def __str__(self):
        return f"{self.meeting}: {self.get_edition_display().lower()} pack"


class PackEntry(models.Model):
    """Which item stands on which pages of a pack."""

    pack = models.ForeignKey(AgendaPack, on_delete=models.CASCADE, related_name="entries")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="+")
    first_page = models.PositiveIntegerField()
    last_page = models.PositiveIntegerField()

    class Meta:
        ordering = ["pack", "first_page"]
        verbose_name_plural = "pack entries"
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "item"],
                name="pack_entry_once_in_pack",
                violation_error_message="This item already stands in the pack.",
            ),
            CheckConstraint(
                name="pack_entry_ends_after_it_starts",
                condition=Q(first_page__gte=1, last_page__gte=F("first_page")),
                violation_error_message="The last page is before the first.",
            ),
        ]

    def __str__(self):
        return f"{self.item}: {self.first_page} - {self.last_page}"
