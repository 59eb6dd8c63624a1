"""An inquiry, its numbered recommendations, and the responses to them with their target dates."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.text import get_text_list

from inquiries import rules
from inquiries.choices import ACCEPTED_DECISIONS, DatePrecision, Decision, Ending, FactPrecision, LetterStep
from inquiries.dates import date_text
from inquiries.models.fields import (
    LineField,
    NaturalKeyField,
    both_or_neither,
    has_key_in,
    not_empty,
    once,
    one_of,
    timestamp_and_user,
    validate_pdf,
)
from inquiries.models.people import Committee, Person
from inquiries.text import fold_text, folded_pattern, has_visible_text

NEW = "new"  # inquiries/new/ is no inquiry


class InquiryQuerySet(models.QuerySet):
    def public(self):
        return self.filter(published_at__isnull=False)

    def being_recorded(self):
        """Neither public nor commissioned: a clerk is still recording them, and can delete them."""
        return self.filter(published_at__isnull=True, progress_reports__isnull=True)

    def titled(self, title):
        """Those with this title, however it is typed."""
        return self.filter(title__iregex=f"^{folded_pattern(title)}$") if fold_text(title) else self.none()

    def visible_to(self, person):
        """Inquiries that `person` (anonymous too) may see: the public ones, and those they work on."""
        if not person.is_authenticated:
            return self.public()
        if person.is_clerk:
            return self.all()
        return self.filter(
            Q(published_at__isnull=False)
            | has_key_in(self.model.objects.filter(responses__lead_officer=person).values("pk"))
            | has_key_in(self.model.objects.filter(progress_reports__updates__contributors=person).values("pk"))
            | has_key_in(self.model.objects.filter(progress_reports__sign_offs__person=person).values("pk"))
        )


class Inquiry(models.Model):
    """One inquiry of one committee."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="inquiries")
    title = LineField(max_length=300)
    slug = models.SlugField(max_length=100, unique=True, help_text="The title in web addresses.")
    summary = models.TextField(blank=True)
    completed_on = models.DateField(
        "report completed on",
        null=True,
        blank=True,
        help_text="When the inquiry report was completed. Any day of the month, where only the month is known.",
    )
    completed_precision = models.CharField(
        "known to the", max_length=10, choices=DatePrecision.choices, default=DatePrecision.MONTH
    )
    completed_body = LineField(
        "completed at", max_length=100, blank=True, help_text="The body the report went to: Cabinet, say."
    )
    received_on = models.DateField(null=True, blank=True, help_text="When Cabinet received the report.")
    notice_on = models.DateField(
        null=True, blank=True, help_text="When notice requiring a response was given, if later (section 9FE)."
    )
    is_health = models.BooleanField(
        "health scrutiny", default=False, help_text="A response from a health body is due in 28 days."
    )
    report_file = models.FileField(
        "inquiry report",
        upload_to="inquiry-reports/",
        blank=True,
        validators=[FileExtensionValidator(["pdf"]), validate_pdf],
        help_text="The committee's report, as PDF.",
    )
    report_file_checksum = models.CharField(max_length=64, blank=True, editable=False, help_text="SHA-256 of the file.")
    published_at, published_by = timestamp_and_user()
    # Since when the public page says that no response has come.
    no_response_at, no_response_by = timestamp_and_user()

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "inquiries"
        ordering = ["-completed_on", "title"]
        indexes = [
            models.Index(fields=["-completed_on", "title"], name="inquiry_latest_first"),
            models.Index(fields=["title", "id"], name="inquiry_by_title"),
            models.Index(F("completed_on").desc(nulls_last=True), "title", "id", name="inquiry_by_completion"),
        ]
        constraints = [
            both_or_neither("published", "inquiry_published_at_and_by"),
            both_or_neither("no_response", "inquiry_no_response_at_and_by"),
            one_of(DatePrecision, "completed_precision", "inquiry_completed_precision_is_known"),
            not_empty("title", "inquiry_has_a_title", "An inquiry needs a title."),
            CheckConstraint(
                name="inquiry_slug_is_not_new",
                condition=~Q(slug=NEW),
                violation_error_message="“new” is the address of the page where inquiries are recorded.",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("public:inquiry", args=[self.slug])

    def clean(self):
        super().clean()
        others = Inquiry.objects.filter(committee=self.committee_id).exclude(pk=self.pk)
        if other := others.titled(self.title or "").first():
            raise ValidationError(
                {"title": f"This committee already has the inquiry “{other}”. Add the year, say, to tell them apart."}
            )

    @property
    def is_public(self):
        return self.published_at is not None

    @property
    def is_being_recorded(self):
        return not self.is_public and not self.progress_reports.exists()

    @property
    def completion(self):
        if self.completed_on is None:
            return ""
        day = date_text(self.completed_on, self.completed_precision)
        return f"{day} ({self.completed_body})" if self.completed_body else day

    @property
    def asked_on(self):
        """The day from which the time for Cabinet's response runs."""
        return max(self.received_on, self.notice_on or self.received_on) if self.received_on else None

    @property
    def response_due(self):
        return rules.response_due(self.received_on, self.notice_on, health=self.is_health)


class ResponseLetter(models.Model):
    """One letter that asks for the response, in the words in which it was sent."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="response_letters")
    step = models.CharField(max_length=20, choices=LetterStep.choices)
    addressed_to = LineField(max_length=300)
    salutation = LineField(max_length=200)
    body = models.TextField()
    sent_on = models.DateField()
    sent_at, sent_by = timestamp_and_user(required=True)

    class Meta:
        ordering = ["inquiry_id", "sent_on", "pk"]
        constraints = [
            one_of(LetterStep, "step", "response_letter_step_is_known"),
            once(["inquiry", "step"], "response_letter_once_per_step", "This letter has already been sent."),
            not_empty("addressed_to", "response_letter_is_addressed", "Say to whom the letter goes."),
            not_empty("body", "response_letter_has_text", "Write the letter."),
        ]

    def __str__(self):
        return f"{self.get_step_display()}: {self.inquiry}"


def validate_reference(value):
    if not rules.is_reference(value):
        raise ValidationError(
            "Enter a number such as 1a, R7, 2.1 or 4a) i): at most 24 characters, without the signs / ? #."
        )


class RecommendationQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_as="")

    def in_order(self):
        return self.order_by("inquiry", "reference_key", "pk")


class Recommendation(models.Model):
    """One numbered recommendation. Its number is never reused or changed; its wording has versions.

    Only while its inquiry is being recorded is it corrected or deleted, like any text that was mistyped. The earlier
    wordings are in the history. State changes go through `actions.inquiries`.
    """

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="recommendations")
    reference = LineField("number", max_length=24, validators=[validate_reference])
    reference_key = NaturalKeyField(max_length=200, editable=False)
    reference_given = models.BooleanField(
        "number given by us", default=False, help_text="Tick it where the committee's report has no number here."
    )
    text = models.TextField("wording")
    wording = models.PositiveIntegerField("version of the wording", default=1, editable=False)
    response = models.ForeignKey(
        "inquiries.Response", on_delete=models.PROTECT, null=True, blank=True, related_name="recommendations"
    )
    ended_as = models.CharField(max_length=30, choices=Ending.choices, blank=True, editable=False)
    ended_on = models.DateField(null=True, blank=True, editable=False)
    ended_precision = models.CharField(
        max_length=10, choices=FactPrecision.choices, default=FactPrecision.DAY, editable=False
    )
    ended_reason = models.TextField(blank=True, editable=False)
    ended_meeting = models.ForeignKey(
        "inquiries.Meeting", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    ended_at, ended_by = timestamp_and_user()

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["reference_key"]
        indexes = [GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="recommendation_words")]
        constraints = [
            once(
                ["inquiry", "reference_key"],
                "recommendation_reference_once_in_inquiry",
                "This inquiry already has a recommendation with this number.",
            ),
            one_of(Ending, "ended_as", "recommendation_ended_as_is_known", blank=True),
            both_or_neither("ended", "recommendation_ended_at_and_by"),
            CheckConstraint(
                name="recommendation_end_is_complete",
                condition=Q(ended_as="", ended_on__isnull=True, ended_at__isnull=True, ended_reason="")
                | (~Q(ended_as="") & ~Q(ended_reason="") & Q(ended_on__isnull=False, ended_at__isnull=False)),
                violation_error_message="An ended recommendation needs the day and the reason of its end.",
            ),
            not_empty("text", "recommendation_has_text", "A recommendation needs its wording."),
        ]

    def __str__(self):
        return f"Recommendation {self.reference}"

    def get_absolute_url(self):
        return reverse("public:recommendation", args=[self.inquiry.slug, self.reference])

    @property
    def ending(self):
        """What became of it, when and where: "Superseded, decided at the meeting on 1 July 2026"."""
        if self.ended_precision == FactPrecision.UNKNOWN:
            return self.get_ended_as_display()
        where = "decided at the meeting on " if self.ended_meeting_id else ""
        return f"{self.get_ended_as_display()}, {where}{date_text(self.ended_on, self.ended_precision)}"

    def clean(self):
        super().clean()
        self.reference_key = rules.natural_key(self.reference or "")
        if not has_visible_text(self.text or ""):
            raise ValidationError({"text": "Enter the wording of the recommendation."})
        if self.response_id and self.inquiry_id and self.response.inquiry_id != self.inquiry_id:
            raise ValidationError({"response": "This response belongs to another inquiry."})


def first_reference_key(response):
    """The sort key of the first recommendation that a response answers; `response` is the path to its key.

    A subquery for each row: a join with Min() would group all tables of the query before the first row is found.
    """
    answered = Recommendation.objects.filter(response=models.OuterRef(response)).order_by("reference_key")
    return models.Subquery(answered.values("reference_key")[:1])


LONGEST_TITLE_WORDS = 110  # of a recommendation, where it names a link


class ResponseQuerySet(models.QuerySet):
    def accepted(self):
        return self.filter(decision__in=ACCEPTED_DECISIONS)

    def open(self):
        open_ones = Recommendation.objects.open().filter(response=models.OuterRef("pk"))
        return self.accepted().filter(models.Exists(open_ones))

    def in_order(self):
        return self.order_by(first_reference_key("pk"), "pk")


class Response(models.Model):
    """One answer. Where it answers 1a and 1b together it is one row of every report."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="responses")
    decision = models.CharField(max_length=20, choices=Decision.choices)
    text = models.TextField("response and actions", blank=True)
    reason = models.TextField(blank=True, help_text="Needed unless the recommendation is accepted without changes.")
    responding_body = LineField(max_length=200, default="Cabinet")
    responded_on = models.DateField(null=True, blank=True)
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
    target_date = models.DateField(null=True, blank=True, help_text="When it is to be implemented.")

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
    def is_accepted(self):
        return rules.is_accepted(self.decision)

    @property
    def is_open(self):
        return self.is_accepted and any(not r.ended_as for r in self.recommendations.all())

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
    def title(self):
        """What it is about, in the recommendation's own words: "1a and 1b: That the council publishes one number …"."""
        words = " ".join(self._in_order()[0].text.split())
        if len(words) > LONGEST_TITLE_WORDS:
            words = f"{words[:LONGEST_TITLE_WORDS].rsplit(' ', 1)[0]}…"
        return f"{self.references}: {words}"

    @property
    def numbers(self):
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
    changed_at, changed_by = timestamp_and_user(required=True)

    class Meta:
        ordering = ["changed_at", "pk"]
        constraints = [
            not_empty("reason", "target_date_change_has_a_reason", "Say why the target date changes."),
            CheckConstraint(
                name="target_date_change_changes_something",
                condition=Q(old_date__isnull=True) | Q(new_date__isnull=True) | ~Q(old_date=F("new_date")),
                violation_error_message="The target date is the same as before.",
            ),
        ]

    def __str__(self):
        return f"{self.old_date} to {self.new_date}"
