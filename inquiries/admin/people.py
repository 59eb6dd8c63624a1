"""People and their seats in Cabinet."""

from django.contrib import admin

from inquiries.admin.base import RecordAdmin
from inquiries.forms.admin import PersonForm
from inquiries.models import CabinetMember, Entry, Person


@admin.register(Person)
class PersonAdmin(RecordAdmin):
    """Everybody who takes part."""

    form = PersonForm
    fields = ["name", "email", "job_title", "organisation", "is_clerk", "is_active"]
    # Their names stand in reports: who leaves is switched off.
    may_delete = False
    introduction = (
        "People sign in with a code that is sent to their e-mail address. Without an address a person can be "
        "named, as lead officer or contributor, but cannot sign in. When somebody leaves, untick “active”: their "
        "name stays where it is, and they can no longer sign in. People are never deleted."
    )
    list_display = ["name", "email", "job_title", "organisation", "is_clerk", "is_active"]
    list_filter = ["is_clerk", "is_active"]
    search_fields = ["name", "email", "job_title", "organisation"]
    ordering = ["name", "pk"]

    def history_of(self, record):
        return Entry.objects.about(record, *record.cabinet_seats.all(), *record.memberships.all())


@admin.register(CabinetMember)
class CabinetMemberAdmin(RecordAdmin):
    """Who holds which portfolio."""

    fields = ["person", "portfolio", "from_date", "until_date"]
    autocomplete_fields = ["person"]
    introduction = "When somebody gives up a portfolio, enter the last day under “until” rather than deleting the seat."
    list_display = ["portfolio", "person", "from_date", "until_date"]
    list_filter = [("until_date", admin.EmptyFieldListFilter)]
    list_select_related = ["person"]
    search_fields = ["portfolio", "person__name"]
