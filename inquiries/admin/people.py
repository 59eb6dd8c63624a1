"""People and their seats in Cabinet."""

from django.contrib import admin
from django.urls import reverse

from inquiries.admin.base import RecordAdmin
from inquiries.forms.admin import PersonForm, PortfolioForm
from inquiries.models import CabinetMember, Entry, Person
from inquiries.models.fields import alphabetical


@admin.register(Person)
class PersonAdmin(RecordAdmin):
    """Everybody who takes part. Whether and how they sign in, and that they leave, are deeds with their own pages."""

    form = PersonForm
    of_deeds = ["email", "is_clerk", "is_active", "invited_at", "left_at", "merged_into", "erased_at"]
    # Their names stand in reports: who leaves is recorded as a leaver.
    may_delete = False
    introduction = (
        "People sign in with a code that is sent to their e-mail address. Without an address a person can be "
        "named, as lead officer or contributor, but cannot sign in. E-mail addresses, clerks, invitations and leavers "
        "are kept on the page “People”. People are never deleted."
    )
    list_display = ["name", "email", "job_title", "organisation", "is_clerk", "is_active"]
    list_filter = ["is_clerk", "is_active"]
    search_fields = ["name", "email", "job_title", "organisation"]
    ordering = [alphabetical("name"), "pk"]

    def get_fields(self, request, obj=None):
        return ["name", "job_title", "organisation", *(self.of_deeds if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return self.of_deeds if obj else []

    def has_change_permission(self, request, obj=None):
        # The record of somebody who has left is closed.
        return super().has_change_permission(request, obj) and (obj is None or obj.is_active)

    def get_search_results(self, request, queryset, search_term):
        found, has_doubles = super().get_search_results(request, queryset, search_term)
        if request.resolver_match.url_name == "autocomplete":
            # Who has left is given nothing more to do.
            found = found.present()
        return found, has_doubles

    def links(self, record):
        return [("The page of this person", reverse("clerk:person", args=[record.pk]))]

    def history_of(self, record):
        return Entry.objects.about(record, *record.cabinet_seats.all(), *record.memberships.all())


@admin.register(CabinetMember)
class CabinetMemberAdmin(RecordAdmin):
    """Who holds which portfolio."""

    form = PortfolioForm
    fields = ["person", "portfolio", "from_date", "until_date"]
    autocomplete_fields = ["person"]
    introduction = "When somebody gives up a portfolio, enter the last day under “until” rather than deleting the seat."
    list_display = ["portfolio", "person", "from_date", "until_date"]
    list_filter = [("until_date", admin.EmptyFieldListFilter)]
    list_select_related = ["person"]
    search_fields = ["portfolio", "person__name"]
