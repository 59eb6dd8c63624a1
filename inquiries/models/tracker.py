"""The tracker: each recommendation as one row of what can be filtered and sorted by."""

import functools
import operator

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from inquiries.choices import Decision, Ending, OfficerView, Rating, TrackerState
from inquiries.dates import date_text
from inquiries.models.inquiries import Inquiry, Recommendation
from inquiries.models.people import Committee
from inquiries.models.progress import ProgressUpdate, UpdateContributor


class TrackerRowQuerySet(models.QuerySet):
    def keys_of_work(self, person):
        """The keys of the recommendations that are this person's work.

        Those they lead, those of their portfolio while no round is under way, and those whose update of the round under
        way they contribute to or sign off: what others are writing is not for a Cabinet Member who does not sign it.
        """
        written = UpdateContributor.objects.filter(person=person).values("update")
        signed = ProgressUpdate.objects.filter(report__sign_offs__person=person).values("pk")
        rows = self.filter(published=False).order_by().values_list("recommendation")
        conditions = {"cabinet_member_id": person.pk, "update": None}, {"update__in": written}, {"update__in": signed}
        found = rows.filter(lead_officer_id=person.pk).union(*(rows.filter(**one) for one in conditions))
        return [key for (key,) in found]

    def visible_to(self, person):
        """One row of each recommendation that `person` may see: of the published facts, or with what is under way."""
        return functools.reduce(operator.or_, self.visible_parts(person)[0])

    def visible_parts(self, person):
        """`visible_to` as parts that the database looks up quickly: (parts to show, parts as well for counting).

        Those for counting are (how often it counts, rows): all published rows are counted by an index, and those of the
        person's own work taken away again.
        """
        if not person.is_authenticated or person.is_clerk:
            rows = self.filter(published=not person.is_authenticated)
            return [rows], [(1, rows)]
        theirs = self.model.objects.keys_of_work(person)
        published = self.filter(published=True)
        if not theirs:
            return [published], [(1, published)]
        # By their own keys, of which the database knows that each is one row.
        own = self.filter(published=False, pk__in=[2 * key for key in theirs])
        theirs_published = Q(pk__in=[2 * key + 1 for key in theirs])
        counted = [(1, published), (-1, published.filter(theirs_published)), (1, own)]
        return [published.exclude(theirs_published), own], counted

    def open(self):
        return self.exclude(state__in=Ending.values)

    def late(self, today):
        return self.filter(due_on__lt=today)


class TrackerRow(models.Model):
    """What the tracker shows of one recommendation: twice, with what is under way and of published facts alone.

    The second exists where the inquiry is public. The database writes both (`tracker_database`), nobody else.
    """

    id = models.BigIntegerField(primary_key=True, help_text="Twice the key of the recommendation, 1 more if published.")
    # Without constraints of the database: the row of a record that is deleted is, too, when the transaction commits.
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="tracker_rows"
    )
    published = models.BooleanField()
    inquiry = models.ForeignKey(Inquiry, on_delete=models.DO_NOTHING, db_constraint=False, related_name="tracker_rows")
    committee = models.ForeignKey(Committee, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    # Keys, not relations: who merges people or exports what is kept about them looks at the responses.
    lead_officer_id = models.BigIntegerField(null=True)
    cabinet_member_id = models.BigIntegerField(null=True)
    update = models.ForeignKey(
        ProgressUpdate,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        help_text="Of the round under way.",
    )
    decision = models.CharField(max_length=20, choices=Decision.choices, blank=True)
    state = models.CharField(max_length=30, choices=TrackerState.choices)
    rating = models.PositiveSmallIntegerField(choices=Rating.choices, null=True, help_text="The last one published.")
    rated_on = models.DateField(null=True)
    rated_precision = models.CharField(max_length=10, blank=True)
    officer_view = models.CharField(max_length=20, choices=OfficerView.choices, blank=True)
    original_target_date = models.DateField(null=True)
    target_date = models.DateField(null=True)
    is_under_way = models.BooleanField(help_text="Whether `months` is that of a round under way, not of the next one.")
    months = models.PositiveSmallIntegerField(null=True)
    months_due_on = models.DateField(null=True, help_text="When its next step is due, or the next round.")
    due_on = models.DateField(null=True, help_text="The first day on which anything is due that is still open.")
    # By which rows are sorted, in the alphabet's order.
    reference_key = models.CharField(max_length=200)
    inquiry_sort = models.CharField(max_length=300)
    committee_sort = models.CharField(max_length=200)
    lead_officer_sort = models.CharField(max_length=200, null=True)
    cabinet_member_sort = models.CharField(max_length=200, null=True)

    objects = TrackerRowQuerySet.as_manager()

    class Meta:
        # One for each column by which rows are sorted, one that alone answers how many there are of each.
        indexes = [
            models.Index(fields=["published", "rating", "state", "due_on"], name="tracker_counts"),
            models.Index(fields=["inquiry_sort", "inquiry", "reference_key", "id"], name="tracker_by_inquiry"),
            models.Index(fields=["reference_key", "id"], name="tracker_by_reference"),
            models.Index(fields=["committee_sort", "id"], name="tracker_by_committee"),
            models.Index(fields=["lead_officer_sort", "lead_officer_id", "id"], name="tracker_by_lead_officer"),
            models.Index(fields=["cabinet_member_sort", "cabinet_member_id", "id"], name="tracker_by_cabinet_member"),
            models.Index(fields=["decision", "id"], name="tracker_by_decision"),
            models.Index(fields=["state", "id"], name="tracker_by_state"),
            models.Index(F("rating").desc(nulls_last=True), "id", name="tracker_by_rating"),
            models.Index(fields=["rated_on", "id"], name="tracker_by_rated_on"),
            models.Index(fields=["officer_view", "id"], name="tracker_by_officer_view"),
            models.Index(fields=["target_date", "id"], name="tracker_by_target_date"),
            models.Index(fields=["months_due_on", "id"], name="tracker_by_months_due_on"),
            models.Index(fields=["due_on", "id"], name="tracker_by_due_on"),
            # What is counted where words are searched for.
            models.Index(
                fields=["recommendation"],
                include=["published", "rating", "state", "due_on"],
                name="tracker_of_recommendation",
            ),
            models.Index(fields=["lead_officer_id"], name="tracker_of_lead_officer"),
            models.Index(fields=["cabinet_member_id"], name="tracker_of_cabinet_member"),
            # For the clerk's board.
            models.Index(
                fields=["months_due_on", "inquiry"],
                condition=Q(published=False, state=TrackerState.BETWEEN_REPORTS),
                name="tracker_next_reports",
            ),
            models.Index(
                fields=["due_on", "inquiry"],
                condition=Q(published=False, state=TrackerState.RESPONSE_AWAITED),
                name="tracker_responses_awaited",
            ),
        ]

    def __str__(self):
        return f"{self.recommendation}, {self.get_state_display().lower()}"

    def days_late(self, today):
        return max((today - self.due_on).days, 0) if self.due_on else 0

    @property
    def rating_day(self):
        return date_text(self.rated_on, self.rated_precision) if self.rated_on else ""

    @property
    def report_address(self):
        """Of the report under way."""
        return reverse("public:report", args=[self.inquiry.slug, self.months])

    @property
    def what_is_due(self):
        """What is due on `due_on`, in a word."""
        if self.state == TrackerState.RESPONSE_AWAITED:
            return "Response"
        if self.due_on == self.target_date:
            return "Target date"
        if not self.is_under_way:
            return "Report"
        if self.state in (TrackerState.NOT_STARTED, TrackerState.DRAFT, TrackerState.RETURNED):
            return "Update"
        return "Meeting" if self.state in (TrackerState.SIGNED_OFF, TrackerState.PUBLISHED) else "Sign-off"
