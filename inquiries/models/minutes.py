"""What happened at a meeting: who was there, what was decided of each item, the minutes published and signed."""

from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Q, Subquery
from django.db.models.lookups import IsNull
from django.urls import reverse

from inquiries.choices import ExemptParagraph, Presence, PresentAs
from inquiries.models.fields import LineField, both_or_neither, not_empty, once, one_of, timestamp_and_user
from inquiries.models.meetings import AgendaItem, Meeting
from inquiries.models.people import Person


def with_minutes_state(meetings, now):
    """The meetings, each with how far its minutes are: `has_attendance`, `lacks_outcomes`, `has_edition`, `has_signed`,
    and `has_later_meeting`, one of the same committee that had begun `now`, at which they can have been signed."""
    of_meeting = {"meeting": OuterRef("pk")}
    later = Meeting.objects.filter(
        committee=OuterRef("committee"), start__gt=OuterRef("start"), start__lte=now, cancelled_at__isnull=True
    )
    # Not by a join: PostgreSQL would join every item of the council with its outcome.
    recorded = ItemOutcome.objects.filter(item=OuterRef("pk"))
    open_items = AgendaItem.objects.on_agenda().filter(~Exists(recorded), **of_meeting).order_by()
    return meetings.annotate(
        has_attendance=Exists(Minutes.objects.filter(**of_meeting, attendance_at__isnull=False)),
        # Nor by EXISTS, for which it would look for the open items of all meetings.
        lacks_outcomes=IsNull(Subquery(open_items.values("pk")[:1]), False),
        has_edition=Exists(MinutesEdition.objects.public().filter(**of_meeting)),
        has_signed=Exists(SignedMinutes.objects.public().filter(**of_meeting)),
        has_later_meeting=Exists(later),
    )


class Minutes(models.Model):
    """When a meeting began and ended, and that its attendance was recorded."""

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    started = models.TimeField(null=True, blank=True)
    ended = models.TimeField(null=True, blank=True)
    first_number = LineField(
        max_length=20, blank=True, help_text="The number of the first minute, where the council numbers them."
    )
    attendance_at, attendance_by = timestamp_and_user()

    class Meta:
        verbose_name_plural = "minutes"
        constraints = [both_or_neither("attendance", "minutes_attendance_at_and_by")]

    def __str__(self):
        return f"Minutes of {self.meeting}"


class Attendance(models.Model):
    """One person at a meeting, or who sent apologies. Who has no account here is named by `name`, as "name, title"."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendance")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="attendance")
    name = LineField(max_length=300, blank=True)
    present_as = models.CharField(max_length=10, choices=PresentAs.choices)
    presence = models.CharField(max_length=10, choices=Presence.choices, default=Presence.PRESENT)
    substitute_for = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = LineField(max_length=200, blank=True, help_text="“in the chair”, or “until item 6”.")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["meeting_id", "position", "pk"]
        verbose_name_plural = "attendance"
        constraints = [
            one_of(PresentAs, "present_as", "attendance_present_as_is_known"),
            one_of(Presence, "presence", "attendance_presence_is_known"),
            once(["meeting", "person"], "attendance_once_per_person", "This person is named twice."),
            CheckConstraint(
                name="attendance_names_a_person",
                condition=Q(person__isnull=False, name="") | (Q(person__isnull=True) & ~Q(name="")),
                violation_error_message="Say who it is.",
            ),
        ]

    def __str__(self):
        return str(self.person) if self.person_id else self.name.partition(",")[0]


class DeclarationOfInterest(models.Model):
    """An interest that a person declared at a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="declarations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="declarations")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="declarations")
    nature = LineField(max_length=500)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["meeting_id", "position", "pk"]
        verbose_name_plural = "declarations of interest"
        constraints = [not_empty("nature", "declaration_has_its_nature", "Say what the interest is.")]

    def __str__(self):
        return f"{self.person}: {self.nature}"


class ItemOutcome(models.Model):
    """What was decided of an item. `exempt_text` is never published; it names its paragraph of Schedule 12A."""

    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="outcome")
    text = models.TextField(blank=True)
    exempt_text = models.TextField(blank=True)
    exempt_paragraph = models.PositiveSmallIntegerField(choices=ExemptParagraph.choices, null=True, blank=True)
    recorded_at, recorded_by = timestamp_and_user(required=True)

    class Meta:
        constraints = [
            one_of(ExemptParagraph, "exempt_paragraph", "item_outcome_exempt_paragraph_is_known"),
            CheckConstraint(
                name="item_outcome_exempt_part_names_its_paragraph",
                condition=Q(exempt_text="") | Q(exempt_paragraph__isnull=False),
                violation_error_message="Name the paragraph of Schedule 12A under which this part is exempt.",
            ),
        ]

    def __str__(self):
        return f"Outcome of item {self.item}"


class PublishedQuerySet(models.QuerySet):
    def public(self):
        return self.filter(withdrawn_at__isnull=True)

    def visible_to(self, person):
        return self.all() if person.is_authenticated and person.is_clerk else self.public()


class MinutesEdition(models.Model):
    """What was published of a meeting's attendance and outcomes, as it was then. Only its withdrawal is added."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="minutes_editions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField(help_text="documents.minutes.MinutesContent as data, without any exempt words.")
    reason = LineField(max_length=300, blank=True, help_text="Why it was corrected.")
    published_at, published_by = timestamp_and_user(required=True)
    withdrawn_at, withdrawn_by = timestamp_and_user()
    withdrawn_reason = LineField(max_length=300, blank=True, editable=False)

    objects = PublishedQuerySet.as_manager()

    class Meta:
        ordering = ["meeting_id", "number"]
        constraints = [
            once(["meeting", "number"], "minutes_edition_number_once", "This edition exists already."),
            CheckConstraint(
                name="minutes_edition_correction_has_a_reason",
                condition=Q(number=1) | ~Q(reason=""),
                violation_error_message="Say what is corrected, and why.",
            ),
            both_or_neither("withdrawn", "minutes_edition_withdrawn_at_and_by"),
            CheckConstraint(
                name="minutes_edition_withdrawn_has_a_reason",
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""),
                violation_error_message="Say why it is withdrawn.",
            ),
        ]

    def __str__(self):
        return f"Draft minutes of {self.meeting}, edition {self.number}"

    def get_absolute_url(self):
        return reverse("public:minutes", args=[self.meeting_id, self.number])


class SignedMinutes(models.Model):
    """The minutes as the committee agreed them and its chair signed them, checked and cleaned on receipt."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="signed_minutes")
    signed_meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="signed at the meeting"
    )
    file = models.FileField(upload_to="signed-minutes/")
    original_name = models.CharField(max_length=300, blank=True)
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the kept file.")
    page_count = models.PositiveIntegerField()
    uploaded_at, uploaded_by = timestamp_and_user(required=True)
    withdrawn_at, withdrawn_by = timestamp_and_user()
    withdrawn_reason = LineField(max_length=300, blank=True, editable=False)

    objects = PublishedQuerySet.as_manager()

    class Meta:
        ordering = ["meeting_id", "pk"]
        verbose_name_plural = "signed minutes"
        constraints = [
            once(
                ["meeting"],
                "signed_minutes_once",
                "The signed minutes of this meeting are here already. Withdraw them first.",
                condition=Q(withdrawn_at__isnull=True),
            ),
            both_or_neither("withdrawn", "signed_minutes_withdrawn_at_and_by"),
            CheckConstraint(
                name="signed_minutes_withdrawn_has_a_reason",
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""),
                violation_error_message="Say why they are withdrawn.",
            ),
        ]

    def __str__(self):
        return f"Signed minutes of {self.meeting}"

    def get_absolute_url(self):
        return reverse("public:signed_minutes", args=[self.meeting_id, self.pk])
