"""Inquiries with what they recommend and what was answered."""

from django.contrib import admin
from django.db.models import Count
from django.urls import reverse

from inquiries.admin.base import RecordAdmin, RecordInline, StackedRecordInline, link
from inquiries.forms.admin import RecommendationForm, RecommendationFormSet, ResponseForm
from inquiries.models import Entry, Inquiry, Recommendation, Response


class RecommendationInline(RecordInline):
    """New recommendations are typed here; those that are there can be looked at."""

    model = Recommendation
    form = RecommendationForm
    formset = RecommendationFormSet
    may_change = may_delete = False
    fields = ["reference", "text", "reference_given", "answer", "outcome"]
    readonly_fields = ["answer", "outcome"]
    show_change_link = True

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if obj else 3

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("response")

    @admin.display(description="response")
    def answer(self, recommendation):
        return recommendation.response.get_decision_display() if recommendation.response else "none yet"

    @admin.display(description="ended as")
    def outcome(self, recommendation):
        return recommendation.get_ended_as_display() or "not ended"


class ResponseInline(StackedRecordInline):
    """A new response is typed here; those that are there are corrected on their own page."""

    model = Response
    form = ResponseForm
    may_change = may_delete = False
    fieldsets = [
        (None, {"fields": ["answers", "decision", "text", "reason", ("lead_officer", "cabinet_member")]}),
        ("Who answered, when, and the target date", {"fields": [("responding_body", "answered_on", "target_date")]}),
    ]
    autocomplete_fields = ["lead_officer", "cabinet_member"]
    extra = 1
    show_change_link = True

    def get_queryset(self, request):
        return (
            Response.objects.in_order()
            .select_related("lead_officer", "cabinet_member")
            .prefetch_related("recommendations")
        )

    @admin.display(description="Answers recommendations")
    def answers(self, response):
        return response.references


@admin.register(Inquiry)
class InquiryAdmin(RecordAdmin):
    """An inquiry is recorded here; published, and its updates commissioned, on the clerk's pages."""

    fieldsets = [
        (None, {"fields": ["committee", "title", "slug", "summary"]}),
        (
            "The inquiry report",
            {"fields": [("completed_on", "completed_precision", "completed_body"), "report_file", "kept_file"]},
        ),
        ("Cabinet's response", {"fields": ["received_on", "notice_on", "is_health", "response_due"]}),
        ("In public", {"fields": ["published_at", "published_by"]}),
    ]
    readonly_fields = ["kept_file", "response_due", "published_at", "published_by"]
    autocomplete_fields = ["committee"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [RecommendationInline, ResponseInline]
    introduction = (
        "Type each recommendation with the number and the words of the committee's report. When Cabinet has "
        "answered, add a response and the numbers that it answers. A recommendation's number is never changed "
        "afterwards; its wording is changed on its own page, with a reason."
    )
    list_display = ["title", "committee", "completed_on", "how_many", "published"]
    list_filter = ["committee", ("published_at", admin.EmptyFieldListFilter), "is_health"]
    list_select_related = ["committee"]
    search_fields = ["title", "committee__name", "summary"]
    date_hierarchy = "completed_on"

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(recommendation_count=Count("recommendations"))

    def get_readonly_fields(self, request, obj=None):
        # People have linked to the address of what is public.
        return [*self.readonly_fields, "slug"] if obj and obj.is_public else self.readonly_fields

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj and obj.is_public else self.prepopulated_fields

    def links(self, record):
        deed = ("Withdraw from the public", "withdraw_inquiry") if record.is_public else ("Publish", "publish_inquiry")
        return [
            (words, reverse(f"clerk:{name}", args=[record.slug]))
            for words, name in (deed, ("Commission updates", "commission"))
        ]

    def history_of(self, record):
        return Entry.objects.filter(inquiry_id=record.pk)

    @admin.display(description="recommendations", ordering="recommendation_count")
    def how_many(self, inquiry):
        return inquiry.recommendation_count

    @admin.display(description="public", boolean=True, ordering="published_at")
    def published(self, inquiry):
        return inquiry.is_public

    @admin.display(description="report now kept")
    def kept_file(self, inquiry):
        return link("Open", "public:inquiry_file", inquiry.slug) if inquiry.pk and inquiry.report_file else "none"

    @admin.display(description="response due")
    def response_due(self, inquiry):
        return inquiry.response_due or "once the report has been received"


class StateFilter(admin.SimpleListFilter):
    """Whether a recommendation has been answered, and whether it still comes back."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("unanswered", "Not yet answered"), ("open", "Answered, not ended"), ("ended", "Ended")]

    def queryset(self, request, queryset):
        wanted = {
            "unanswered": {"response__isnull": True, "ended_as": ""},
            "open": {"response__isnull": False, "ended_as": ""},
        }
        if self.value() == "ended":
            return queryset.exclude(ended_as="")
        return queryset.filter(**wanted.get(self.value(), {}))


class OwnRecommendationForm(RecommendationForm):
    """A new recommendation on its own page, where the inquiry is chosen."""

    class Meta(RecommendationForm.Meta):
        fields = ["inquiry", *RecommendationForm.Meta.fields]


@admin.register(Recommendation)
class RecommendationAdmin(RecordAdmin):
    """A recommendation is added here; what becomes of it is decided on the clerk's pages."""

    form = OwnRecommendationForm
    may_change = False
    autocomplete_fields = ["inquiry"]
    introduction = "The number is never changed or used again. The wording is changed with a reason, on its own page."
    list_display = ["number", "inquiry", "wording_in_short", "response_decision", "ended_as"]
    list_display_links = ["number"]
    list_filter = [StateFilter, "ended_as", "response__decision", "inquiry__committee"]
    list_select_related = ["inquiry", "response"]
    search_fields = ["reference", "text", "inquiry__title"]
    ordering = ["inquiry__title", "inquiry", "reference_key"]

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["inquiry", "reference", "text", "reference_given"]})]
        return [
            (None, {"fields": ["inquiry", "reference", "reference_given", "text", "wording", "response"]}),
            ("Outcome", {"fields": ["ended_as", "ended_on", "ended_reason", "ended_meeting", "ended_by"]}),
        ]

    def has_delete_permission(self, request, obj=None):
        """Only what was mistyped a moment ago goes: unanswered, not ended, not yet public."""
        untouched = obj is None or not (obj.response_id or obj.ended_as or obj.inquiry.is_public)
        return untouched and super().has_delete_permission(request, obj)

    def links(self, record):
        end = ("Open it again", "resume_recommendation") if record.ended_as else ("End it", "end_recommendation")
        return [
            (words, reverse(f"clerk:{name}", args=[record.pk]))
            for words, name in (("Change the wording", "reword_recommendation"), end)
        ]

    @admin.display(description="number", ordering="reference_key")
    def number(self, recommendation):
        return recommendation.reference

    @admin.display(description="wording")
    def wording_in_short(self, recommendation):
        return recommendation.text if len(recommendation.text) <= 100 else f"{recommendation.text[:100]}…"

    @admin.display(description="response", ordering="response__decision")
    def response_decision(self, recommendation):
        return recommendation.response.get_decision_display() if recommendation.response else "none yet"
