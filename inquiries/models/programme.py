"""What a committee means to do at its meetings to come: its work programme, and what is on every agenda."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import CheckConstraint, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from inquiries.choices import ProgrammeKind, StandingKind
from inquiries.models.fields import LineField, both_or_neither, not_empty, once, one_of, timestamp_and_user
from inquiries.models.meetings import AgendaItem, Meeting
from inquiries.models.people import Committee
from inquiries.rules import USUAL_END, USUAL_START, in_words, standing_kind


class StandingItem(models.Model):
    """An item of every agenda of a committee, in its order: at the start or at the end.

    What is filled in from data ("Minutes of the last meeting held on ...") follows from its title:
    `rules.standing_kind`.
    """

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="standing_items")
    title = LineField(max_length=200)
    at_end = models.BooleanField("at the end of the agenda", default=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["committee", "at_end", "position"]
        constraints = [
            once(["committee", "at_end", "position"], "standing_item_position_once", "This place is taken."),
            not_empty("title", "standing_item_has_a_title", "A standing item needs a title."),
        ]

    def __str__(self):
        return self.title


def usual_items():
    """The standing items that are proposed where a committee has none of its own; not saved."""
    titles = [(title, False) for title in USUAL_START] + [(title, True) for title in USUAL_END]
    return [StandingItem(title=title, at_end=at_end, position=n) for n, (title, at_end) in enumerate(titles, start=1)]


def standing_items_for(meeting):
    """(the standing items of its committee, when that meets before the meeting, and after it), in one query."""
    items = StandingItem.objects.filter(committee=OuterRef("pk")).order_by("at_end", "position")
    others = Meeting.objects.filter(committee=OuterRef("pk"), cancelled_at__isnull=True)
    before = others.filter(start__lt=meeting.start).order_by("-start")
    after = others.filter(start__gt=meeting.start).order_by("start")
    rows, *around = Committee.objects.values_list(
        ArraySubquery(items.values(row=JSONObject(title="title", at_end="at_end", position="position"))),
        *(Subquery(found.values("start")[:1]) for found in (before, after)),
    ).get(pk=meeting.committee_id)
    return ([StandingItem(**row) for row in rows] or usual_items(), *around)


def dates_around(before, after):
    """What is filled into the titles of standing items, by their kind; nothing where there is no such meeting."""
    found = {}
    if before:
        found[StandingKind.MINUTES] = f" held on {in_words(timezone.localdate(before))}"
    if after:
        start = timezone.localtime(after)
        found[StandingKind.NEXT_MEETING] = f": {in_words(start.date())} at {start:%H:%M}"
    return found


def filled_title(title, dates):
    return title + dates.get(standing_kind(title), "")


class ProgrammeEntryQuerySet(models.QuerySet):
    def open(self):
        """What is neither finished nor dropped."""
        return self.filter(finished_at__isnull=True, dropped_at__isnull=True)

    def ended(self):
        return self.exclude(finished_at__isnull=True, dropped_at__isnull=True)


class ProgrammeEntry(models.Model):
    """An entry of a committee's work programme: for a meeting, or a month until one is called, or no date yet.

    Everybody can read it, unless it was dropped.
    """

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="programme_entries")
    title = LineField(max_length=200)
    purpose = LineField(max_length=300, blank=True, help_text="What it is for.")
    contact = LineField("lead or contact", max_length=200, blank=True)
    kind = models.CharField(max_length=20, choices=ProgrammeKind.choices, default=ProgrammeKind.OTHER)
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="programme_entries"
    )
    month = models.DateField(null=True, blank=True, help_text="The first day of the month.")
    item = models.ForeignKey(
        AgendaItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="programme_entries",
        help_text="As which it was put on an agenda last.",
    )
    finished_at, finished_by = timestamp_and_user()
    dropped_at, dropped_by = timestamp_and_user()
    dropped_reason = LineField(max_length=300, blank=True)

    objects = ProgrammeEntryQuerySet.as_manager()

    class Meta:
        ordering = ["committee", "meeting__start", "month", "title", "pk"]
        verbose_name_plural = "programme entries"
        constraints = [
            not_empty("title", "programme_entry_has_a_title", "An entry needs a title."),
            one_of(ProgrammeKind, "kind", "programme_entry_kind_is_known"),
            CheckConstraint(
                name="programme_entry_has_one_time",
                condition=Q(meeting__isnull=True) | Q(month__isnull=True),
                violation_error_message="An entry is for a meeting or for a month, not for both.",
            ),
            CheckConstraint(
                name="programme_entry_month_is_its_first_day",
                condition=Q(month__isnull=True) | Q(month__day=1),
                violation_error_message="A month is given by its first day.",
            ),
            both_or_neither("finished", "programme_entry_finished_at_and_by"),
            both_or_neither("dropped", "programme_entry_dropped_at_and_by"),
            CheckConstraint(
                name="programme_entry_dropped_has_a_reason",
                condition=Q(dropped_at__isnull=True) | (Q(finished_at__isnull=True) & ~Q(dropped_reason="")),
                violation_error_message="Say why the entry is dropped.",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        return self.finished_at is None and self.dropped_at is None

    @property
    def when(self):
        """For when it is planned, as a form has it: "meeting-12", "2027-03" or ""."""
        if self.meeting_id:
            return f"meeting-{self.meeting_id}"
        return f"{self.month:%Y-%m}" if self.month else ""
