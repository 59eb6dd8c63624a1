"""Reports that officers write for an item of an agenda, beside the progress reports: commissioned, written, signed."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import CheckConstraint, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import JSONArray
from django.urls import reverse

from inquiries.choices import ExemptParagraph, OfficerReportState, SignatureRole
from inquiries.models.fields import LineField, both_or_neither, has_key_in, not_empty, once, one_of, timestamp_and_user
from inquiries.models.meetings import AgendaDocument, AgendaItem
from inquiries.models.people import Person


class OfficerReportQuerySet(models.QuerySet):
    def current(self):
        """Those that are still wanted: not cancelled, nor their meeting, nor their item removed from the agenda."""
        wanted = self.filter(cancelled_at__isnull=True, item__removed_at__isnull=True)
        return wanted.filter(item__meeting__cancelled_at__isnull=True)

    def open(self):
        return self.current().filter(submitted_at__isnull=True)

    def awaiting_sign_off(self):
        return self.current().filter(submitted_at__isnull=False, signed_off_at__isnull=True)

    def written_by(self, person):
        named = OfficerReportContributor.objects.filter(person=person).values("report")
        return self.filter(Q(author=person) | has_key_in(named))

    def visible_to(self, person):
        """Those that `person` writes or signs, whatever their state; clerks all. What is signed is in the pack."""
        if not person.is_authenticated:
            return self.none()
        if person.is_clerk:
            return self.all()
        signs = OfficerReportSignature.objects.filter(report=OuterRef("pk"), person=person)
        named = OfficerReportContributor.objects.filter(report=OuterRef("pk"), person=person)
        return self.filter(Q(author=person) | Exists(signs) | Exists(named))

    def for_lines(self):
        """With its author, the `signers` [role, name] who have not signed, and the key of a request for more time that
        waits; without its text."""
        to_sign = OfficerReportSignature.objects.filter(report=OuterRef("pk"), signed_at__isnull=True)
        shown = JSONArray("role", "person__name")
        requests = self.model._meta.get_field("more_time_requests").related_model.objects
        waiting = requests.filter(officer_report=OuterRef("pk"), decided_at__isnull=True)
        return (
            self.select_related("author")
            .defer("sections")
            .annotate(
                signers=ArraySubquery(to_sign.order_by("-role", "pk").values(row=shown)),
                request_key=Subquery(waiting.values("pk")),
            )
        )

    def for_page(self):
        return self.select_related("item__meeting__committee", "author", "saved_by", "returned_by").prefetch_related(
            Prefetch("named", OfficerReportContributor.objects.select_related("person")),
            Prefetch("signatures", OfficerReportSignature.objects.select_related("person", "signed_by")),
        )


class OfficerReport(models.Model):
    """One officer report. When all who are named have signed it, its PDF becomes the paper `document` of its item.

    A deadline that is not set is worked out from the meeting.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="officer_reports")
    title = LineField(max_length=300)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="officer_reports")
    contributors = models.ManyToManyField(
        Person, through="OfficerReportContributor", related_name="contributed_officer_reports", blank=True
    )
    exempt_paragraph = models.PositiveSmallIntegerField(choices=ExemptParagraph.choices, null=True, blank=True)
    text_due = models.DateField("text is due on", null=True, blank=True)
    sign_off_due = models.DateField("sign-off is due on", null=True, blank=True)
    sections = models.JSONField(
        default=list, blank=True, help_text="[{heading, text}] in their order, the text as documents/report_markup.py."
    )
    contact_name = LineField(max_length=200, blank=True)
    contact_job_title = LineField(max_length=200, blank=True)
    contact_telephone = LineField(max_length=50, blank=True)
    contact_email = models.EmailField("contact e-mail address", blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    document = models.OneToOneField(
        AgendaDocument, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="officer_report"
    )
    commissioned_at, commissioned_by = timestamp_and_user(required=True)
    saved_at, saved_by = timestamp_and_user()
    submitted_at, submitted_by = timestamp_and_user()
    returned_at, returned_by = timestamp_and_user()
    return_note = models.TextField(blank=True, editable=False)
    return_due_on = models.DateField(null=True, blank=True, editable=False)
    signed_off_at, signed_off_by = timestamp_and_user()
    cancelled_at, cancelled_by = timestamp_and_user()

    objects = OfficerReportQuerySet.as_manager()

    class Meta:
        ordering = ["item_id", "pk"]
        constraints = [
            not_empty("title", "officer_report_has_a_title", "A report needs a title."),
            one_of(ExemptParagraph, "exempt_paragraph", "officer_report_exempt_paragraph_is_known"),
            *(
                both_or_neither(fact, f"officer_report_{fact}_at_and_by")
                for fact in ("saved", "submitted", "returned", "signed_off", "cancelled")
            ),
            CheckConstraint(
                name="officer_report_return_has_a_note",
                condition=Q(returned_at__isnull=True) | ~Q(return_note=""),
                violation_error_message="Say what you would like changed.",
            ),
            CheckConstraint(
                name="officer_report_signed_off_was_submitted_and_is_a_paper",
                condition=Q(signed_off_at__isnull=True) | Q(submitted_at__isnull=False, document__isnull=False),
                violation_error_message="Only a report that has been submitted, and set as a PDF, is signed off.",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("officer:officer_report", args=[self.pk])

    @property
    def meeting(self):
        return self.item.meeting

    @property
    def title_in_mail(self):
        """A mail goes through many hands: the title of what is exempt is not in it."""
        return "an exempt report" if self.exempt_paragraph else f"the report “{self.title}”"

    @property
    def text_due_on(self):
        """The last day for the text, also after it was returned."""
        due = self.text_due or self.meeting.deadlines.updates
        return max(due, self.return_due_on) if self.return_due_on else due

    due_on = text_due_on  # as of an update

    @property
    def sign_off_due_on(self):
        return self.sign_off_due or self.meeting.deadlines.sign_off

    @property
    def last_day(self):
        """The last day on which its text can come and it still be signed off, and the agenda published, in time."""
        return min(self.sign_off_due_on, self.meeting.deadlines.publication)

    @property
    def is_open(self):
        return self.submitted_at is None and self.is_current

    @property
    def is_current(self):
        return all(one.cancelled_at is None for one in (self, self.meeting)) and self.item.removed_at is None

    @property
    def is_returned(self):
        return self.returned_at is not None and self.is_open

    @property
    def state(self):
        if not self.is_current:
            return OfficerReportState.CANCELLED
        if self.signed_off_at is not None:
            return OfficerReportState.SIGNED_OFF
        if self.submitted_at is not None:
            return OfficerReportState.AWAITING_SIGN_OFF
        if self.returned_at is not None:
            return OfficerReportState.RETURNED
        return OfficerReportState.DRAFT if self.saved_at else OfficerReportState.NOT_STARTED

    @property
    def contact(self):
        """As the front sheet prints it; without a job title, which it has no room for."""
        return ", ".join(part for part in (self.contact_name, self.contact_telephone, self.contact_email) if part)

    @property
    def contributor_names(self):
        return [named.person for named in self.named.all()]

    @property
    def writers(self):
        """Everybody whose report this is to write, as people; the author comes first."""
        return [self.author, *self.contributor_names]


class OfficerReportContributor(models.Model):
    """A person whom the author names to write with them."""

    report = models.ForeignKey(OfficerReport, on_delete=models.CASCADE, related_name="named")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["report_id", "position", "pk"]
        constraints = [
            once(["report", "person"], "officer_report_contributor_once", "This person is already named."),
        ]

    def __str__(self):
        return str(self.person)


class OfficerReportSignature(models.Model):
    """The sign-off of one person who is named to sign an officer report: its director, or a Cabinet Member."""

    report = models.ForeignKey(OfficerReport, on_delete=models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=20, choices=SignatureRole.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="officer_report_signatures")
    signed_at, signed_by = timestamp_and_user()
    evidence_note = models.TextField(blank=True, help_text="How it is known, where a clerk recorded it.")
    signed_checksum = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of what was signed, by `text_checksum`.",
    )

    class Meta:
        ordering = ["report_id", "-role", "pk"]
        constraints = [
            once(["report", "role"], "officer_report_signature_once_in_a_role", "One person signs in each role."),
            one_of(SignatureRole, "role", "officer_report_signature_role_is_known"),
            both_or_neither("signed", "officer_report_signature_signed_at_and_by"),
            CheckConstraint(
                name="officer_report_signature_is_of_a_text",
                condition=Q(signed_at__isnull=True) | ~Q(signed_checksum=""),
                violation_error_message="What was signed has to be kept with the sign-off.",
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.get_role_display()}"


class OfficerReportPictureQuerySet(models.QuerySet):
    def current(self):
        return self.filter(removed_at__isnull=True)


class OfficerReportPicture(models.Model):
    """A picture of an officer report, drawn anew when it was received, with what it shows in words."""

    report = models.ForeignKey(OfficerReport, on_delete=models.PROTECT, related_name="pictures")
    name = models.CharField(max_length=50, help_text="By which the text names it.")
    alternative_text = LineField("what it shows", max_length=500)
    file = models.FileField(upload_to="officer-report-pictures/", blank=True)
    original_name = models.CharField(max_length=300, blank=True)
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the kept file.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    uploaded_at, uploaded_by = timestamp_and_user(required=True)
    removed_at, removed_by = timestamp_and_user()

    objects = OfficerReportPictureQuerySet.as_manager()

    class Meta:
        ordering = ["report_id", "pk"]
        constraints = [
            once(["report", "name"], "officer_report_picture_name_once", "Another picture has this name."),
            not_empty("alternative_text", "officer_report_picture_has_words", "Say what the picture shows."),
            both_or_neither("removed", "officer_report_picture_removed_at_and_by"),
            CheckConstraint(
                name="officer_report_picture_is_there_until_removed",
                condition=~Q(file="") | Q(removed_at__isnull=False),
                violation_error_message="Choose the file.",
            ),
        ]

    def __str__(self):
        return self.alternative_text

    def get_absolute_url(self):
        return reverse("officer:officer_report_picture", args=[self.report_id, self.pk])
