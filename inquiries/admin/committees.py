"""Committees and who sits on them."""

from django.contrib import admin

from inquiries.admin.base import RecordAdmin, RecordInline
from inquiries.forms.admin import SeatForm
from inquiries.models import Committee, Entry, Membership


class MembershipInline(RecordInline):
    """The seats of a committee."""

    model = Membership
    form = SeatForm
    fields = ["person", "role", "from_date", "until_date"]
    autocomplete_fields = ["person"]
    extra = 1

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("committee", "person")


@admin.register(Committee)
class CommitteeAdmin(RecordAdmin):
    """The select committees."""

    fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline]
    introduction = "When somebody leaves the committee, enter the last day under “until” rather than deleting the seat."
    list_display = ["name", "slug"]
    search_fields = ["name"]

    def history_of(self, record):
        return Entry.objects.about(record, *record.memberships.all())
