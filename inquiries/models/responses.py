"""The answer of Cabinet, or of an outside body, to one or more recommendations."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils.text import get_text_list

from inquiries import rules
from inquiries.choices import PROMISES, Decision
from inquiries.models.constraints import both_or_neither, one_of
from inquiries.models.inquiries import Inquiry, Recommendation
from inquiries.models.people import Person


class ResponseQuerySet(models.QuerySet):
    def promises(self):
        """Responses that promise something, so that progress is reported. Twin: `Response.is_promise`."""
        return self.filter(decision__in=PROMISES)

    def open(self):
        """Promises with at least one recommendation that has not ended. Twin: `Response.is_open`."""
        open_ones = Recommendation.objects.open().filter(response=models.OuterRef("pk"))
        return self.promises().filter(models.Exists(open_ones))

    def in_order(self):
        """In the order of the first recommendation that each answers."""
        return self.annotate(first_key=models.Min("recommendations__reference_key")).order_by("first_key", "pk")


class Response(models.Model):
    """One answer. Where it answers 1a and 1b together it is one row of every report."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="responses")
    decision = models.CharField(max_length=20, choices=Decision.choices)
    text = models.TextField("response and actions", blank=True)
    reason = models.TextField(blank=True, help_text="Needed unless the recommendation is accepted as it stands.")
    responding_body = models.CharField(max_length=200, default="Cabinet")
    answered_on = models.DateField(null=True, blank=True)
    lead_officer = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="led_responses"
    )
    cabinet_member = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="Cabinet Member",
        help_text="Who signs off the updates about this response.",
    )
    original_target_date = models.DateField(null=True, blank=True, editable=False)
    target_date = models.DateField(null=True, blank=True, help_text="When the promise is to be kept.")

    objects = ResponseQuerySet.as_manager()

    class Meta:
        ordering = ["inquiry", "pk"]
        constraints = [
            one_of(Decision, "decision", "response_decision_is_known"),
            CheckConstraint(
                name="response_reason_unless_accepted",
                condition=Q(decision=Decision.ACCEPTED) | ~Q(reason=""),
                violation_error_message="Give Cabinet's reason: it is needed unless a recommendation is accepted.",
            ),
            CheckConstraint(
                name="response_target_date_keeps_its_original",
                condition=Q(target_date__isnull=True) | Q(original_target_date__isnull=False),
                violation_error_message="The first target date is kept beside the current one.",
            ),
        ]

    def __str__(self):
        return f"{self.get_decision_display()}: {self.text[:60]}" if self.text else self.get_decision_display()

    @property
    def is_promise(self):
        return rules.is_promise(self.decision)

    @property
    def is_open(self):
        """Twin of `ResponseQuerySet.open`."""
        return self.is_promise and any(not r.ended_as for r in self.recommendations.all())

    @property
    def answer(self):
        """What Cabinet answered, with its reason where it gave one (accepted in part, say), as one text.

        An imported document often gives one text for both: that is said once.
        """
        if not self.text or self.text == self.reason:
            return self.reason
        return f"{self.text}\n\nReason: {self.reason}" if self.reason else self.text

    @property
    def references(self):
        """The numbers it answers, in order: "1a and 1b"; "1a, 1b and 1c"."""
        return get_text_list([r.reference for r in self._in_order()], "and")

    @property
    def numbers(self):
        """The same within a sentence: "recommendation 2", "recommendations 1a and 1b"."""
        several = len(self._in_order()) > 1
        return f"recommendations {self.references}" if several else f"recommendation {self.references}"

    def _in_order(self):
        return sorted(self.recommendations.all(), key=lambda r: r.reference_key)

    def clean(self):
        super().clean()
        if self.decision and rules.needs_reason(self.decision) and not self.reason.strip():
            raise ValidationError(
                {"reason": "Give Cabinet's reason: it is needed unless a recommendation is accepted."}
            )


class TargetDateChange(models.Model):
    """One change of a target date, with the reason that committees ask for. Append-only."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="target_date_changes")
    old_date = models.DateField(null=True)
    new_date = models.DateField(null=True)
    reason = models.TextField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["changed_at", "pk"]
        constraints = [
            CheckConstraint(
                name="target_date_change_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Say why the target date changes.",
            ),
            CheckConstraint(
                name="target_date_change_changes_something",
                condition=Q(old_date__isnull=True) | Q(new_date__isnull=True) | ~Q(old_date=F("new_date")),
                violation_error_message="The target date is the same as before.",
            ),
            both_or_neither("changed", "target_date_change_changed_at_and_by"),
        ]

    def __str__(self):
        return f"{self.old_date} to {self.new_date}"
