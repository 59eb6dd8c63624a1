"""A committee's meeting, its agenda, and the papers of its items. The packs built from them are in `packs.py`."""

from contextvars import ContextVar

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from inquiries import rules
from inquiries.choices import ExemptParagraph, ItemKind, Tagging
from inquiries.models.fields import LineField, both_or_neither, not_empty, once, one_of, timestamp_and_user
from inquiries.models.people import CabinetMember, Committee, Membership


class Holiday(models.Model):
    """A day that does not count towards any deadline, beside the bank holidays, which are known: a day of mourning."""

    day = models.DateField(unique=True)
    name = LineField(max_length=100)

    class Meta:
        ordering = ["-day"]
        constraints = [not_empty("name", "holiday_has_a_name", "Say what day this is.")]

    def __str__(self):
        return f"{self.day.day} {self.day:%B %Y}, {self.name}"


# For the length of a request, [the days] once they have been read; None where nothing is remembered.
remembered_holidays: ContextVar[list | None] = ContextVar("remembered_holidays", default=None)


def holidays_middleware(get_response):
    """Reads the holidays at most once for a request."""

    def respond(request):
        token = remembered_holidays.set([])
        try:
            return get_response(request)
        finally:
            remembered_holidays.reset(token)

    return respond


def extra_holidays():
    known = remembered_holidays.get()
    if known:
        return known[0]
    days = frozenset(Holiday.objects.values_list("day", flat=True))
    if known is not None:
        known.append(days)
    return days


def forget_holidays():
    (remembered_holidays.get() or []).clear()


def clear_days():
    """How this council counts days."""
    return rules.ClearDays(settings.COUNT_SATURDAY, settings.EXCLUDE_CHRISTMAS_EVE, extra_holidays())


def deadlines_of(meeting_day):
    """The deadlines of a report that goes to a meeting on this day, as this council counts them."""
    return rules.deadlines(
        meeting_day,
        clear_days(),
        sign_off_days=settings.SIGN_OFF_DAYS_BEFORE_PUBLICATION,
        update_days=settings.UPDATES_DAYS_BEFORE_SIGN_OFF,
    )


def report_dates(meeting_day):
    """The dates of a report that goes to a meeting on this day, by field."""
    worked_out = deadlines_of(meeting_day)
    return {"update_date": meeting_day, "updates_due_on": worked_out.updates, "sign_off_due_on": worked_out.sign_off}


class Meeting(models.Model):
    """One meeting of one committee. That it takes place, where and when is public from the start."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    start = models.DateTimeField()
    venue = LineField(max_length=300, blank=True)
    cancelled_at, cancelled_by = timestamp_and_user()
    cancelled_reason = LineField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["-start"]
        indexes = [models.Index(fields=["start"], name="meeting_by_start")]
        constraints = [
            once(
                ["committee", "start"],
                "meeting_once_at_a_time",
                "This committee already meets at this time.",
                condition=Q(cancelled_at__isnull=True),
            ),
            both_or_neither("cancelled", "meeting_cancelled_at_and_by"),
        ]

    def __str__(self):
        return f"{self.committee}, {self.day.day} {self.day:%B %Y}"

    def get_absolute_url(self):
        return reverse("public:meeting", args=[self.pk])

    @property
    def day(self):
        return timezone.localtime(self.start).date()

    @property
    def deadlines(self):
        """The deadlines of a report that goes to this meeting."""
        return deadlines_of(self.day)


class AgendaQuerySet(models.QuerySet):
    def on_agenda(self):
        """What has not been removed. What was removed is kept, for the packs that were published with it."""
        return self.filter(removed_at__isnull=True)


class AgendaItem(models.Model):
    """A numbered item: a progress report, uploaded papers, or nothing to read."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    title = LineField(max_length=300)
    subtitle = LineField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=ItemKind.choices, default=ItemKind.NOTHING)
    report = models.ForeignKey(
        "inquiries.ProgressReport", on_delete=models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    to_follow = models.BooleanField("papers to follow", default=False, help_text="They come in a supplement.")
    supplement = models.PositiveSmallIntegerField(
        default=0,
        help_text="0: it, or its report, is printed in the main agenda. Otherwise: in the supplement of this number.",
    )
    removed_at, removed_by = timestamp_and_user()

    objects = AgendaQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [
            once(
                ["meeting", "number"],
                "agenda_item_number_once_in_meeting",
                "This meeting already has an item with this number.",
                condition=Q(removed_at__isnull=True),
            ),
            one_of(ItemKind, "kind", "agenda_item_kind_is_known"),
            CheckConstraint(
                name="agenda_item_is_report_papers_or_nothing",
                condition=Q(kind=ItemKind.REPORT, report__isnull=False)
                | (~Q(kind=ItemKind.REPORT) & Q(report__isnull=True)),
                violation_error_message="An item carries a progress report, or papers, or nothing.",
            ),
            not_empty("title", "agenda_item_has_a_title", "An item needs a title."),
            both_or_neither("removed", "agenda_item_removed_at_and_by"),
        ]

    def __str__(self):
        return f"{self.number}. {self.title}"


class AgendaDocumentQuerySet(AgendaQuerySet):
    def visible_to(self, person, today):
        """Papers that `person` (anonymous too) may read by themselves.

        Everybody those that a published public pack carries, unless they have been marked exempt since; who reads
        exempt papers also those of a published restricted pack; clerks all.
        """
        if person.is_authenticated and person.is_clerk:
            return self.all()
        if not person.is_authenticated:
            return self.public()
        readers = exempt_readers(person, today, "item__meeting__committee")
        return self.filter(self.is_public() | (Q(Exists(self.in_packs())) & readers))

    def public(self):
        return self.filter(self.is_public())

    def is_public(self):
        return Q(Exists(self.in_packs().filter(pack__edition="public")), exempt_paragraph__isnull=True)

    def in_packs(self):
        """For `visible_to`: where the paper is in packs that are published."""
        return self.model._meta.get_field("pack_papers").related_model.objects.filter(
            document=OuterRef("pk"), pack__published_at__isnull=False, pack__withdrawn_at__isnull=True
        )


def exempt_readers(person, today, committee):
    """The condition that `person` reads what is exempt: a Cabinet Member, or who sits on the committee at that path.

    Twin of the right `see_exempt`, for those who are no clerk.
    """
    seats = Membership.objects.on(today).filter(person=person, committee=OuterRef(committee))
    return Q(Exists(CabinetMember.objects.on(today).filter(person=person))) | Q(Exists(seats))


# In points, the shorter side first; makers of PDFs round.
PAPER_SIZES = {"A4": (595, 842), "A3": (842, 1191), "A5": (420, 595)}
ROUNDING = 6


def name_paper_size(width, height):
    """The name of a page's size in points: "A4", "A3 landscape", or "another size"."""
    short, long = sorted((width, height))
    for name, (known_short, known_long) in PAPER_SIZES.items():
        if abs(short - known_short) <= ROUNDING and abs(long - known_long) <= ROUNDING:
            return f"{name} landscape" if width > height else name
    return "another size"


class AgendaDocument(models.Model):
    """An uploaded paper of an item, checked and cleaned. With a paragraph of Schedule 12A named, it is exempt.

    Its file is never changed: another file is another paper, and the one it replaces is removed.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="documents")
    title = LineField(max_length=300)
    file = models.FileField(upload_to="agenda-documents/")
    original_name = models.CharField(max_length=300, blank=True)
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the kept file.")
    page_count = models.PositiveIntegerField()
    pages = models.JSONField(default=list, help_text="uploads.paper.PageFacts of each page.")
    page_texts = models.JSONField(default=list, blank=True, help_text="The text of each page.")
    tagging = models.CharField(max_length=10, choices=Tagging.choices, default=Tagging.UNTAGGED)
    tagging_check = models.CharField(
        max_length=200, blank=True, help_text="Which check, of the file with which checksum, said what `tagging` is."
    )
    language = models.CharField(max_length=20, blank=True)
    cleaned = models.JSONField(default=list, blank=True, help_text="What was taken out on receipt, in sentences.")
    exempt_paragraph = models.PositiveSmallIntegerField(choices=ExemptParagraph.choices, null=True, blank=True)
    contact = LineField("contact officer", max_length=300, blank=True, help_text="Printed on the front sheet.")
    position = models.PositiveSmallIntegerField(default=1)
    supplement = models.PositiveSmallIntegerField(default=0, help_text="0: printed in the main agenda.")
    programme_checksum = models.CharField(
        max_length=64, blank=True, help_text="Of the work programme from which it was made; empty for another paper."
    )
    uploaded_at, uploaded_by = timestamp_and_user(required=True)
    removed_at, removed_by = timestamp_and_user()

    objects = AgendaDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["item", "position", "pk"]
        constraints = [
            one_of(ExemptParagraph, "exempt_paragraph", "agenda_document_exempt_paragraph_is_known"),
            one_of(Tagging, "tagging", "agenda_document_tagging_is_known"),
            CheckConstraint(
                name="agenda_document_has_pages",
                condition=Q(page_count__gte=1),
                violation_error_message="A paper has at least one page.",
            ),
            both_or_neither("removed", "agenda_document_removed_at_and_by"),
        ]

    def __str__(self):
        return self.title

    @property
    def paper_sizes(self):
        return list(dict.fromkeys(name_paper_size(page["width"], page["height"]) for page in self.pages))
