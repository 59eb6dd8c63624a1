"""What Cabinet tells a committee six, twelve or more months on, and what the committee makes of it."""

from functools import cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, CheckConstraint, F, Prefetch, Q, When
from django.db.models.functions import Greatest, JSONObject, Least
from django.urls import reverse
from django.utils import timezone

from inquiries import rules
from inquiries.choices import (
    DatePrecision,
    ExemptParagraph,
    OfficerView,
    Rating,
    SeatRole,
    Stage,
    UpdateState,
    report_kind,
)
from inquiries.models.fields import (
    LineField,
    alphabetical,
    both_or_neither,
    fact_precision,
    has_key_in,
    not_empty,
    once,
    one_of,
    timestamp_and_user,
)
from inquiries.models.inquiries import Inquiry, Response, first_reference_key
from inquiries.models.meetings import Meeting
from inquiries.models.people import Membership, Person


class ProgressReportQuerySet(models.QuerySet):
    def at_stage(self, *stages):
        # A constraint says that no fact comes before the one that precedes it: the next one tells.
        following = [fact for fact, _ in rules.FACTS[1:]] + [None]
        wanted = Q(pk__in=[])
        for (fact, stage), next_fact in zip(rules.FACTS, following, strict=True):
            if stage in stages:
                wanted |= Q(**{f"{fact}_at__isnull": False} | ({f"{next_fact}_at__isnull": True} if next_fact else {}))
        if Stage.ASSESSED not in stages:
            # Follows from the others; said for the index of those under way.
            wanted &= Q(assessed_at__isnull=True)
        return self.filter(wanted)

    def public(self):
        return self.filter(models.Exists(ReportEdition.objects.filter(report=models.OuterRef("pk"))))

    def visible_to(self, person):
        """Reports of which `person` (anonymous too) may read at least a part.

        The public ones; before publication clerks read all, lead officers and contributors the rows that are
        theirs, Cabinet Members the reports they sign.
        """
        if not person.is_authenticated:
            return self.public()
        if person.is_clerk:
            return self.all()
        signed = SignOff.objects.filter(person=person).values("report")
        written = ProgressUpdate.objects.written_by(person).values("report")
        published = models.Exists(ReportEdition.objects.filter(report=models.OuterRef("pk")))
        return self.filter(published | has_key_in(signed) | has_key_in(written))

    def for_sign_off(self, person):
        """Reports whose sign-off page is for `person`: those they are named to sign; a clerk follows all."""
        if person.is_clerk:
            return self.all()
        return self.filter(has_key_in(SignOff.objects.filter(person=person).values("report")))


class ProgressReport(models.Model):
    """One round of progress updates for an inquiry: interim (6 months on), final (12 months on), or a further one.

    Its stage follows from its dated facts. Nothing here is changed but through `actions.progress` and
    `actions.assessments`.
    """

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="progress_reports")
    months_on = models.PositiveSmallIntegerField()
    update_date = models.DateField("date of this update", null=True, blank=True)
    update_precision = models.CharField(
        "known to the", max_length=10, choices=DatePrecision.choices, default=DatePrecision.DAY, editable=False
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="progress_reports"
    )
    updates_due_on = models.DateField(null=True, blank=True)
    sign_off_due_on = models.DateField(null=True, blank=True)
    commissioned_at, commissioned_by = timestamp_and_user()
    collected_at, collected_by = timestamp_and_user()
    collected_precision = fact_precision()
    signed_off_at, signed_off_by = timestamp_and_user()
    signed_off_precision = fact_precision()
    published_at, published_by = timestamp_and_user()
    published_precision = fact_precision()
    assessed_at, assessed_by = timestamp_and_user()
    assessed_precision = fact_precision()

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        ordering = ["inquiry", "months_on"]
        indexes = [
            models.Index(fields=["-published_at"], name="progress_report_latest_first"),
            models.Index(fields=["updates_due_on"], name="progress_report_by_deadline"),
            models.Index(
                fields=["updates_due_on", "id"],
                condition=models.Q(assessed_at__isnull=True),
                name="progress_report_under_way",
            ),
        ]
        constraints = [
            once(
                ["inquiry", "months_on"],
                "progress_report_once_per_inquiry_and_months",
                "This inquiry already has a progress report for this number of months.",
            ),
            CheckConstraint(
                name="progress_report_months_on_is_positive",
                condition=Q(months_on__gte=1, months_on__lte=240),
                violation_error_message="Enter a number of months between 1 and 240.",
            ),
            *(both_or_neither(fact, f"progress_report_{fact}_at_and_by") for fact, _ in rules.FACTS),
            one_of(DatePrecision, "update_precision", "progress_report_update_precision_is_known"),
            *(
                CheckConstraint(
                    name=f"progress_report_{later}_after_{earlier}",
                    condition=Q(**{f"{later}_at__isnull": True}) | Q(**{f"{earlier}_at__isnull": False}),
                    violation_error_message="One stage of the report follows the other: none can be left out.",
                )
                for (earlier, _), (later, _) in zip(rules.FACTS, rules.FACTS[1:], strict=False)
            ),
        ]

    def __str__(self):
        return f"{self.inquiry}: {self.kind}"

    def get_absolute_url(self):
        return reverse("public:report", args=[self.inquiry.slug, self.months_on])

    @property
    def kind(self):
        return f"{report_kind(self.months_on)} report ({self.months_on} months on)"

    @property
    def stage(self):
        return rules.stage_of(self)

    @property
    def is_public(self):
        return bool(self.editions.all())

    @property
    def is_published(self):
        return self.stage in (Stage.PUBLISHED, Stage.ASSESSED)

    @property
    def assessed_on(self):
        """The day of the meeting at which it was assessed; of an imported report, the day that the clerk gave."""
        if self.assessed_at is None:
            return None
        return self.meeting.day if self.meeting else timezone.localdate(self.assessed_at)

    def updates_version(self, updates=None):
        """Changes with the text of any update: the person who signs says which version they have read.

        `updates` are all of the report, from a caller who has them already.
        """
        updates = self.updates.all() if updates is None else updates
        marks = sorted((u.pk, u.version, u.closed_at is not None) for u in updates)
        return "-".join(f"{pk}.{version}{'.closed' if closed else ''}" for pk, version, closed in marks)

    def ratings_version(self, updates=None):
        """Changes with any of the committee's assessments, as `updates_version`."""
        updates = self.updates.select_related("assessment") if updates is None else updates
        recorded = sorted((u.pk, u.assessment.recorded_at) for u in updates if hasattr(u, "assessment"))
        return "-".join(f"{pk}.{recorded_at.timestamp()}" for pk, recorded_at in recorded)


class SignOff(models.Model):
    """One Cabinet Member's decision on a report. Signed by another person, it carries a note of the evidence."""

    report = models.ForeignKey(ProgressReport, on_delete=models.PROTECT, related_name="sign_offs")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sign_offs")
    signed_at, signed_by = timestamp_and_user()
    signed_precision = fact_precision()
    evidence_note = models.TextField(blank=True, help_text="How the Cabinet Member's agreement is known.")

    class Meta:
        verbose_name = "sign-off"
        ordering = ["report", "pk"]
        constraints = [
            once(
                ["report", "person"],
                "sign_off_once_per_report_and_person",
                "This Cabinet Member is already named for this report.",
            ),
            both_or_neither("signed", "sign_off_signed_at_and_by"),
            CheckConstraint(
                name="sign_off_on_behalf_has_evidence",
                condition=Q(signed_by__isnull=True) | Q(signed_by=F("person")) | ~Q(evidence_note=""),
                violation_error_message="Note the evidence: an e-mail of 3 November, say.",
            ),
        ]

    def __str__(self):
        return f"{self.person}: {'signed' if self.signed_at else 'not yet signed'}"


def update_due(update="", report="report__"):
    """`ProgressUpdate.due_on` for a query; the arguments are the paths to the fields of the update and its report."""
    due, extended = f"{report}updates_due_on", f"{update}extended_until"
    more_time = Least(Greatest(due, extended), f"{report}sign_off_due_on")
    until = Case(When(**{f"{extended}__isnull": False}, then=more_time), default=F(due))
    return Case(When(**{f"{due}__isnull": False}, then=Greatest(until, f"{update}return_due_on")))


class ProgressUpdateQuerySet(models.QuerySet):
    def open(self):
        return self.filter(
            report__in=ProgressReport.objects.at_stage(Stage.COMMISSIONED),
            submitted_at__isnull=True,
            closed_at__isnull=True,
        )

    def written_by(self, person):
        led = self.model.objects.filter(response__lead_officer=person).values("pk")
        contributed = UpdateContributor.objects.filter(person=person).values("update")
        return self.filter(has_key_in(led) | has_key_in(contributed))

    def visible_to(self, person):
        """The updates of which `person` may read the working text, before publication."""
        if not person.is_authenticated:
            return self.none()
        if person.is_clerk:
            return self.all()
        written = self.model.objects.written_by(person).values("pk")
        signed = self.model.objects.filter(report__sign_offs__person=person).values("pk")
        return self.filter(has_key_in(written) | has_key_in(signed))

    def in_order(self):
        return self.order_by(first_reference_key("response"), "pk")

    def for_page(self):
        found = self.for_rows().with_recommendations().with_contributors()
        return found.select_related("report__inquiry", "saved_by", "submitted_by")

    def for_writing(self):
        """With all that saving asks about: who writes it, and how it is referred to."""
        found = self.select_related("response", "report__inquiry").prefetch_related("named__person")
        return found.with_recommendations()

    def with_recommendations(self):
        return self.prefetch_related("response__recommendations")

    def with_contributors(self):
        return self.prefetch_related(Prefetch("named", UpdateContributor.objects.select_related("person")))

    def for_rows(self):
        return self.in_order().annotate(**row_columns()).select_related("response__lead_officer", "assessment")

    def action_rows(self):
        """What the committee asked for: about the same response in reports before, and about this update."""
        model = self.model._meta.get_field("action_points").related_model
        before = Q(update__report__months_on__lt=models.OuterRef("report__months_on"))
        before &= Q(update__report__assessed_at__isnull=False)
        # Of the same response in any case: PostgreSQL finds these by index, but not the one OR the other.
        asked = Q(update__response=models.OuterRef("response")) & (Q(update=models.OuterRef("pk")) | before)
        shown = {"owner": "owner__name", "asked_at": "update__report__meeting__start"}
        names = {name: name for name in ("update", "text", "due_on", "done_at", "done_note")}
        found = model.objects.filter(asked, update__report__meeting__isnull=False)
        return found.order_by("update__report__months_on", "due_on", "pk").values(row=JSONObject(**names | shown))

    def with_last_time(self, report=None):
        """With `last_time`: what was written about the same response in the report before; of `report`, where given."""
        rounds = ProgressUpdate.objects.select_related("report", "assessment").order_by("-report__months_on")
        if report is not None:
            rounds = rounds.filter(report__months_on__lt=report.months_on)
        return self.prefetch_related(Prefetch("response__updates", rounds, to_attr="rounds"))

    def with_indications(self, person, now):
        """With `noted`: those that `person` may see, and by whom."""
        noted = self.model._meta.get_field("indications").related_model.objects.visible_to(person, now)
        noted = noted.select_related("recorded_by")
        noted = noted.only("update", "rating", "note", "recorded_at", "recorded_by__name")
        return self.prefetch_related(Prefetch("indications", noted, to_attr="noted"))

    def about(self, reference):
        """The update whose response answers this number, however it is typed ("1A" for 1a). Of one report."""
        return self.filter(response__recommendations__reference_key=rules.natural_key(reference))


@cache
def row_columns():
    """Contributors, links, files and more as columns: most updates have none, and a page should not ask for that.

    Expressions alone, put together once: on a page they take as long as their answer.
    """
    update = models.OuterRef("pk")
    named = UpdateContributor.objects.filter(update=update).order_by("position", "pk")
    contributor = JSONObject(pk="person", name="person__name", job_title="person__job_title")
    links = Evidence.objects.filter(update=update).order_by("position", "pk")
    files = ProgressUpdate._meta.get_field("files").related_model.objects.current().filter(update=update)
    shown = JSONObject(pk="pk", title="title", allowed_at="allowed_at", page_count="page_count")
    requests = ProgressUpdate._meta.get_field("more_time_requests").related_model.objects
    asked = requests.filter(update=update, decided_at__isnull=True)
    corrections = Assessment._meta.get_field("corrections").related_model.objects
    corrected = corrections.filter(assessment__update=update).order_by("corrected_at", "pk")
    return {
        "contributor_rows": ArraySubquery(named.values(row=contributor)),
        "link_rows": ArraySubquery(links.values(row=JSONObject(title="title", url="url"))),
        "file_rows": ArraySubquery(files.order_by("pk").values(row=shown)),
        "correction_rows": ArraySubquery(corrected.values(row=JSONObject(at="corrected_at", reason="reason"))),
        "more_time_wanted": models.Subquery(asked.values("wanted_until")),
        "action_rows": ArraySubquery(ProgressUpdate.objects.action_rows()),
    }


class ProgressUpdate(models.Model):
    """What has been done about one response, in one report.

    `exempt_text` is only for the restricted pack; it names its paragraph of Schedule 12A.
    """

    report = models.ForeignKey(ProgressReport, on_delete=models.PROTECT, related_name="updates")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="updates")
    text = models.TextField("what has been done", blank=True)
    exempt_text = models.TextField("exempt part", blank=True)
    exempt_paragraph = models.PositiveSmallIntegerField(choices=ExemptParagraph.choices, null=True, blank=True)
    officer_view = models.CharField("your own view", max_length=20, choices=OfficerView.choices, blank=True)
    forecast_date = models.DateField("expected to be done by", null=True, blank=True)
    extended_until = models.DateField(null=True, blank=True, editable=False)
    contributors = models.ManyToManyField(
        Person, through="UpdateContributor", related_name="contributed_updates", blank=True
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    saved_at, saved_by = timestamp_and_user()
    submitted_at, submitted_by = timestamp_and_user()
    submitted_precision = fact_precision()
    closed_at, closed_by = timestamp_and_user()
    returned_at, returned_by = timestamp_and_user()
    return_note = models.TextField(blank=True, editable=False)
    return_due_on = models.DateField(null=True, blank=True, editable=False)

    objects = ProgressUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["report", "pk"]
        indexes = [
            models.Index(
                fields=["report"],
                condition=Q(submitted_at__isnull=True, closed_at__isnull=True),
                name="progress_update_unfinished",
            ),
        ]
        constraints = [
            once(
                ["report", "response"],
                "progress_update_once_per_report_and_response",
                "This report already has an update about this response.",
            ),
            one_of(OfficerView, "officer_view", "progress_update_officer_view_is_known", blank=True),
            one_of(ExemptParagraph, "exempt_paragraph", "progress_update_exempt_paragraph_is_known"),
            CheckConstraint(
                name="progress_update_exempt_part_names_its_paragraph",
                condition=Q(exempt_text="") | Q(exempt_paragraph__isnull=False),
                violation_error_message="Name the paragraph of Schedule 12A under which this part is exempt.",
            ),
            *(
                both_or_neither(fact, f"progress_update_{fact}_at_and_by")
                for fact in ("saved", "submitted", "closed", "returned")
            ),
            CheckConstraint(
                name="progress_update_submitted_or_closed",
                condition=Q(submitted_at__isnull=True) | Q(closed_at__isnull=True),
                violation_error_message="An update is submitted, or closed without one, not both.",
            ),
            CheckConstraint(
                name="progress_update_submitted_has_text",
                condition=Q(submitted_at__isnull=True) | ~Q(text="") | ~Q(exempt_text=""),
                violation_error_message=rules.NOTHING_TO_SUBMIT,
            ),
            CheckConstraint(
                name="progress_update_return_has_a_note",
                condition=Q(returned_at__isnull=True) | ~Q(return_note=""),
                violation_error_message="Say what you would like changed.",
            ),
        ]

    def __str__(self):
        return f"Progress update on {self.response.references}"

    def get_absolute_url(self):
        return reverse("officer:update", args=self.address)

    @property
    def reference(self):
        return min(self.response.recommendations.all(), key=lambda r: r.reference_key).reference

    @property
    def address(self):
        return self.report.inquiry.slug, self.report.months_on, self.reference

    @property
    def is_open(self):
        return self.report.stage == Stage.COMMISSIONED and self.submitted_at is None and self.closed_at is None

    @property
    def due_on(self):
        dates = self.report.updates_due_on, self.extended_until, self.report.sign_off_due_on, self.return_due_on
        return rules.update_due(*dates)

    @property
    def title_in_mail(self):
        return f"the progress update on {self.response.numbers} of the inquiry “{self.report.inquiry.title}”"

    @property
    def last_day(self):
        """The last day on which it can come and its report still be signed off, or published, in time; or None."""
        meeting = self.report.meeting
        days = [self.report.sign_off_due_on, meeting.deadlines.publication if meeting else None]
        return min((day for day in days if day), default=None)

    @property
    def is_returned(self):
        return self.returned_at is not None and self.is_open

    @property
    def state(self):
        if self.submitted_at is not None:
            return UpdateState.SUBMITTED
        if self.closed_at is not None:
            return UpdateState.NOT_RECEIVED
        if self.is_returned:
            return UpdateState.RETURNED
        return UpdateState.DRAFT if self.saved_at else UpdateState.NOT_STARTED

    @property
    def evidence_links(self):
        """Its links in order; without a query where it was fetched `for_rows` or `for_page`."""
        if not hasattr(self, "link_rows"):
            return list(self.evidence.all())
        return [Evidence(update=self, **row) for row in self.link_rows]

    @property
    def evidence_files(self):
        """Its files, as far as a page shows them; without a query where it was fetched `for_rows` or `for_page`."""
        model = self._meta.get_field("files").related_model
        if not hasattr(self, "file_rows"):
            return list(model.objects.current().filter(update=self))
        return [model(update=self, **row) for row in self.file_rows]

    @property
    def requested_actions(self):
        """What the committee asked for, as `action_rows` has it; without a query where it was fetched `for_rows`."""
        if hasattr(self, "action_rows"):
            return self.action_rows
        updates = ProgressUpdate.objects
        return updates.filter(pk=self.pk).values_list(ArraySubquery(updates.action_rows()), flat=True)[0]

    @property
    def last_time(self):
        return next((u for u in self.response.rounds if u.report.months_on < self.report.months_on), None)

    @property
    def confirmed_assessment(self):
        return getattr(self, "assessment", None) if self.report.assessed_at is not None else None

    @property
    def writers(self):
        """Everybody whose update this is to write, as people: the lead officer, where there is one, comes first."""
        return [person for person in (self.response.lead_officer, *self.contributor_names) if person]

    @property
    def has_reachable_writer(self):
        return any(person.email and person.is_active for person in self.writers)

    @property
    def contributor_names(self):
        return [named.person for named in self.named.all()]

    @property
    def contributor_details(self):
        """Their keys, names and job titles; without a query where it was fetched `for_rows` or `for_page`."""
        if hasattr(self, "contributor_rows"):
            return self.contributor_rows
        return [{"pk": one.pk, "name": one.name, "job_title": one.job_title} for one in self.contributor_names]


class UpdateContributor(models.Model):
    """A person whom the lead officer names to write an update; printed in brackets after it."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="named")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        # By the column: "update" would join the tables by which updates, reports and inquiries are ordered.
        ordering = ["update_id", "position", "pk"]
        constraints = [
            once(["update", "person"], "update_contributor_once", "This person is already named."),
        ]

    def __str__(self):
        return str(self.person)


class ReportEdition(models.Model):
    """A report as it was published: its words and files are kept, never rebuilt. Append-only."""

    report = models.ForeignKey(ProgressReport, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField()
    after_meeting = models.BooleanField(default=False, help_text="With the committee's ratings.")
    content = models.JSONField(help_text="documents.content.ReportContent as data, without any exempt words.")
    pdf = models.FileField(upload_to="report-editions/")
    docx = models.FileField("Word file", upload_to="report-editions/")
    pdf_checksum = models.CharField(max_length=64)
    docx_checksum = models.CharField(max_length=64)
    published_at, published_by = timestamp_and_user(required=True)
    published_precision = fact_precision()

    class Meta:
        ordering = ["report_id", "number"]
        constraints = [
            once(["report", "number"], "report_edition_number_once", "This edition exists already."),
        ]

    def __str__(self):
        return f"{self.report}, edition {self.number}"


class Evidence(models.Model):
    """A link that shows what an update says."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.CASCADE, related_name="evidence")
    title = LineField(max_length=200)
    url = models.URLField("web address", max_length=2000)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["update_id", "position", "pk"]
        verbose_name_plural = "evidence"
        constraints = [
            not_empty("title", "evidence_has_a_title", "Say what the link shows."),
            CheckConstraint(
                # A link that a browser would run as a program must never reach a page.
                name="evidence_url_is_of_the_web",
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"),
                violation_error_message="Enter a web address that begins with https:// or http://.",
            ),
        ]

    def __str__(self):
        return self.title


class Assessment(models.Model):
    """The committee's judgement of one update, at the report's meeting. Without a rating it is "to be assessed"."""

    update = models.OneToOneField(ProgressUpdate, on_delete=models.PROTECT, related_name="assessment")
    rating = models.PositiveSmallIntegerField(choices=Rating.choices, null=True, blank=True)
    comment = models.TextField(blank=True)
    recorded_at, recorded_by = timestamp_and_user(required=True)

    class Meta:
        constraints = [
            one_of(Rating, "rating", "assessment_rating_is_known"),
        ]

    def __str__(self):
        return self.get_rating_display() or "to be assessed"

    def is_of_meeting(self, meeting):
        """Whether it was recorded since the meeting began; before that it was a draft."""
        return meeting is not None and self.recorded_at >= meeting.start


class IndicationQuerySet(models.QuerySet):
    def visible_to(self, person, now):
        """One's own; from when the meeting has begun (`rules.check_was_held`) all, for its chair and the clerks."""
        begun = Q(update__report__meeting__start__lte=now, update__report__meeting__cancelled_at=None)
        if not person.is_clerk:
            chaired = Membership.objects.on(timezone.localdate(now)).filter(person=person, role=SeatRole.CHAIR)
            begun &= Q(update__report__inquiry__committee__in=chaired.values("committee"))
        return self.filter(Q(recorded_by=person) | begun)


class Indication(models.Model):
    """One member's own view of one update before the meeting, a rating or a note. The member is who recorded it."""

    update = models.ForeignKey(ProgressUpdate, on_delete=models.PROTECT, related_name="indications")
    rating = models.PositiveSmallIntegerField(choices=Rating.choices, null=True, blank=True)
    note = models.TextField(blank=True)
    recorded_at, recorded_by = timestamp_and_user(required=True, related_name="indications")

    objects = IndicationQuerySet.as_manager()

    class Meta:
        ordering = ["update_id", alphabetical("recorded_by__name"), "pk"]
        constraints = [
            one_of(Rating, "rating", "indication_rating_is_known"),
            CheckConstraint(
                name="indication_has_a_rating_or_a_note",
                condition=Q(rating__isnull=False) | ~Q(note=""),
                violation_error_message="Choose a rating or write a note.",
            ),
            once(
                ["update", "recorded_by"],
                "indication_once_per_update_and_member",
                "You have already noted an indication for this update.",
            ),
        ]

    def __str__(self):
        return f"{self.recorded_by}: {self.view or 'a note'}"

    @property
    def view(self):
        """The rating in words; nothing for a note alone."""
        return Rating(self.rating).label if self.rating else ""
