"""Cabinet's responses."""

from django.contrib import admin
from django.urls import reverse

from inquiries.admin.base import ReadOnlyInline, RecordAdmin
from inquiries.forms.admin import ResponseCorrectionForm, ResponseForm
from inquiries.models import Response, TargetDateChange
from inquiries.models.inquiries import first_reference_key


class TargetDateChangeInline(ReadOnlyInline):
    """Each change of the target date, with its reason."""

    model = TargetDateChange
    fields = ["old_date", "new_date", "reason", "changed_at", "changed_by"]


@admin.register(Response)
class ResponseAdmin(RecordAdmin):
    """A response is recorded and corrected here; its target date moves on the clerk's page, with a reason."""

    may_delete = False
    autocomplete_fields = ["inquiry", "lead_officer", "cabinet_member"]
    inlines = [TargetDateChangeInline]
    introduction = (
        "One response may answer several recommendations, 1a and 1b say: it is then one row of every report. "
        "Once progress has been asked for, the decision and the numbers it answers stand."
    )
    list_display = ["answers", "inquiry", "decision", "lead_officer", "cabinet_member", "target_date"]
    list_filter = ["decision", ("lead_officer", admin.EmptyFieldListFilter), "inquiry__committee", "answered_on"]
    list_select_related = ["inquiry", "lead_officer", "cabinet_member"]
    search_fields = ["text", "reason", "inquiry__title", "lead_officer__name", "recommendations__reference"]

    def get_queryset(self, request):
        return (
            Response.objects.annotate(first_key=first_reference_key("pk"))
            .prefetch_related("recommendations")
            .order_by("inquiry__title", "inquiry", "first_key")
        )

    def get_fieldsets(self, request, obj=None):
        dates = ["original_target_date", "target_date"] if obj else ["target_date"]
        return [
            (None, {"fields": ["inquiry", "answers", "decision", "text", "reason"]}),
            ("Who", {"fields": ["responding_body", "answered_on", "lead_officer", "cabinet_member"]}),
            ("When it is to be done", {"fields": dates}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return ["inquiry", "original_target_date", "target_date"] if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = ResponseCorrectionForm if change else ResponseForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def links(self, record):
        return [("Change the target date", reverse("clerk:change_target_date", args=[record.pk]))]

    @admin.display(description="answers", ordering="first_key")
    def answers(self, response):
        return response.references
