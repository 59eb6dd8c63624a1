"""Progress reports and what belongs to them: to look at. They change by deeds, on the clerk's pages."""

from django.contrib import admin
from django.urls import reverse

from inquiries.admin.base import ReadOnlyAdmin, ReadOnlyInline, link
from inquiries.choices import Stage
from inquiries.models import (
    Assessment,
    Entry,
    Evidence,
    ProgressReport,
    ProgressUpdate,
    ReportEdition,
    SignOff,
    UpdateContributor,
)
from inquiries.models.inquiries import first_reference_key
from inquiries.rules import FACTS


class StageFilter(admin.SimpleListFilter):
    """Where a report stands."""

    title = "stage"
    parameter_name = "stage"
    path = ""

    def lookups(self, request, model_admin):
        return Stage.choices

    def queryset(self, request, queryset):
        if self.value() not in Stage.values:
            return queryset
        return queryset.filter(pk__in=self._at(Stage(self.value())))

    def _at(self, stage):
        return ProgressReport.objects.at_stage(stage).values("pk")


class StageOfReportFilter(StageFilter):
    """Where the report of an update stands."""

    def _at(self, stage):
        return ProgressUpdate.objects.filter(report__in=ProgressReport.objects.at_stage(stage)).values("pk")


class SignOffInline(ReadOnlyInline):
    """Who signs."""

    model = SignOff
    fields = ["person", "signed_at", "signed_by", "evidence_note"]


class EditionInline(ReadOnlyInline):
    """What has been published."""

    model = ReportEdition
    fields = ["number", "after_meeting", "published_at", "published_by"]
    show_change_link = True


class UpdateInline(ReadOnlyInline):
    """The rows of a report."""

    model = ProgressUpdate
    fields = ["about", "lead_officer", "submitted_at", "closed_at", "returned_at"]
    show_change_link = True

    def get_queryset(self, request):
        return ProgressUpdate.objects.for_page()

    @admin.display(description="recommendations")
    def about(self, update):
        return update.response.references

    @admin.display(description="lead officer")
    def lead_officer(self, update):
        return update.response.lead_officer or "none"


@admin.register(ProgressReport)
class ProgressReportAdmin(ReadOnlyAdmin):
    """The rounds of progress reports."""

    fieldsets = [
        (None, {"fields": ["inquiry", "months_on", "stage", "meeting", "update_date"]}),
        ("Deadlines", {"fields": ["updates_due_on", "sign_off_due_on"]}),
        ("What has happened", {"fields": [(f"{fact}_at", f"{fact}_by") for fact, _ in FACTS]}),
    ]
    inlines = [SignOffInline, UpdateInline, EditionInline]
    list_display = ["inquiry", "months_on", "stage", "updates_due_on", "sign_off_due_on", "meeting"]
    list_filter = [StageFilter, "months_on", "inquiry__committee"]
    list_select_related = ["inquiry", "meeting__committee"]
    search_fields = ["inquiry__title"]
    ordering = ["inquiry__title", "inquiry", "months_on"]

    def links(self, record):
        address = [record.inquiry.slug, record.months_on]
        return [
            ("Manage this report", reverse("clerk:manage", args=address)),
            ("Change the dates", reverse("clerk:reschedule", args=address)),
        ]

    def history_of(self, record):
        return Entry.objects.about(record, *record.sign_offs.all(), *record.updates.all())

    @admin.display(description="stage")
    def stage(self, report):
        return report.stage.label


class ContributorInline(ReadOnlyInline):
    """Who else writes."""

    model = UpdateContributor
    fields = ["person"]


class EvidenceInline(ReadOnlyInline):
    """Links that show it."""

    model = Evidence
    fields = ["title", "url"]


@admin.register(ProgressUpdate)
class ProgressUpdateAdmin(ReadOnlyAdmin):
    """The rows of all reports."""

    fieldsets = [
        (None, {"fields": ["report", "about", "lead_officer", "text", "officer_view"]}),
        ("Exempt part", {"fields": ["exempt_text", "exempt_paragraph"]}),
        (
            "What has happened",
            {
                "fields": [
                    ("saved_at", "saved_by", "version"),
                    ("submitted_at", "submitted_by"),
                    ("closed_at", "closed_by"),
                    ("returned_at", "returned_by"),
                    "return_note",
                ]
            },
        ),
        ("The committee's assessment", {"fields": ["rating", "comment"]}),
    ]
    inlines = [ContributorInline, EvidenceInline]
    list_display = ["about", "report", "lead_officer", "is_in", "officer_view", "rating"]
    list_filter = [
        StageOfReportFilter,
        ("submitted_at", admin.EmptyFieldListFilter),
        "officer_view",
        "report__inquiry__committee",
    ]
    search_fields = ["text", "report__inquiry__title", "response__lead_officer__name"]

    def get_queryset(self, request):
        return (
            ProgressUpdate.objects.for_page()
            .annotate(first_key=first_reference_key("response"))
            .order_by("report__inquiry__title", "report__inquiry", "report__months_on", "first_key")
        )

    def links(self, record):
        return [
            ("Open the update", reverse("officer:update", args=record.address)),
            ("Manage its report", reverse("clerk:manage", args=record.address[:2])),
        ]

    def history_of(self, record):
        assessment = getattr(record, "assessment", None)
        return Entry.objects.about(record, *([assessment] if assessment else []))

    @admin.display(description="recommendations", ordering="first_key")
    def about(self, update):
        return update.response.references

    @admin.display(description="lead officer", ordering="response__lead_officer__name")
    def lead_officer(self, update):
        return update.response.lead_officer or "none"

    @admin.display(description="submitted", boolean=True, ordering="submitted_at")
    def is_in(self, update):
        return update.submitted_at is not None

    @admin.display(description="assessment", ordering="assessment__rating")
    def rating(self, update):
        return str(getattr(update, "assessment", ""))

    @admin.display(description="comment")
    def comment(self, update):
        return getattr(getattr(update, "assessment", None), "comment", "")


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    """What the committees made of the updates."""

    fields = ["about", "report", "rating", "comment", "meeting", "recorded_at", "recorded_by"]
    list_display = ["about", "report", "rating", "meeting", "recorded_at", "recorded_by"]
    list_filter = ["rating", "update__report__inquiry__committee"]
    search_fields = ["comment", "update__report__inquiry__title"]
    ordering = ["-recorded_at"]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("update__report__inquiry", "update__response", "meeting__committee", "recorded_by")
            .prefetch_related("update__response__recommendations")
        )

    def links(self, record):
        return [("Record assessments", reverse("committee:assess", args=record.update.address[:2]))]

    @admin.display(description="recommendations")
    def about(self, assessment):
        return assessment.update.response.references

    @admin.display(description="progress report")
    def report(self, assessment):
        return link(assessment.update.report, "admin:inquiries_progressreport_change", assessment.update.report_id)


@admin.register(SignOff)
class SignOffAdmin(ReadOnlyAdmin):
    """Who has signed what."""

    fields = ["report", "person", "signed_at", "signed_by", "evidence_note"]
    list_display = ["report", "person", "signed_at", "signed_by"]
    list_filter = [("signed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["report__inquiry", "person", "signed_by"]
    search_fields = ["person__name", "report__inquiry__title"]
    ordering = ["-report__commissioned_at", "pk"]

    def links(self, record):
        address = [record.report.inquiry.slug, record.report.months_on]
        found = [("Manage the report", reverse("clerk:manage", args=address))]
        if record.signed_at is None:
            found.insert(0, ("Record this sign-off", reverse("clerk:record_sign_off", args=[*address, record.pk])))
        return found


@admin.register(ReportEdition)
class ReportEditionAdmin(ReadOnlyAdmin):
    """What has been published, as it was printed."""

    fields = [
        "report",
        "number",
        "after_meeting",
        "published_at",
        "published_by",
        "files",
        "pdf_checksum",
        "docx_checksum",
    ]
    list_display = ["report", "number", "after_meeting", "published_at", "published_by"]
    list_filter = ["after_meeting", "report__inquiry__committee"]
    list_select_related = ["report__inquiry", "published_by"]
    search_fields = ["report__inquiry__title"]
    ordering = ["-published_at", "pk"]

    def links(self, record):
        address = [record.report.inquiry.slug, record.report.months_on, record.number]
        return [("Read this edition", reverse("public:edition", args=address))]

    @admin.display(description="files")
    def files(self, edition):
        address = [edition.report.inquiry.slug, edition.report.months_on, edition.number]
        pdf = link("PDF", "public:edition_export", *address, "pdf")
        return pdf + ", " + link("Word", "public:edition_export", *address, "docx")
