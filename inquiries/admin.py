"""Django's admin for clerks: to keep and repair committees, people, inquiries and responses through the actions.

What has pages of its own (reports, meetings, packs, imports) is not repeated here.
"""

# Imported first, so that they have registered what is unregistered below: accounts are people, and what they may do
# is in permissions.py.
from datetime import datetime

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
import procrastinate.contrib.django.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, connection, models
from django.db.models import Max, Min, OuterRef, ProtectedError, Q
from django.forms import FileInput
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.text import smart_split, unescape_string_literal
from procrastinate.contrib.django.models import ProcrastinateJob

from inquiries.actions.inquiries import delete_recommendation
from inquiries.actions.meetings import delete_holiday
from inquiries.actions.records import delete_record
from inquiries.forms.admin import (
    HolidayForm,
    InquiryForm,
    NotSaved,
    PersonForm,
    PortfolioForm,
    RecommendationForm,
    RecommendationFormSet,
    RecordFile,
    RecordForm,
    RecordFormSet,
    RecordSelect,
    ResponseCorrectionForm,
    ResponseForm,
    SeatForm,
)
from inquiries.history_display import changes_of, changes_of_entries
from inquiries.models import (
    CabinetMember,
    Committee,
    Entry,
    Holiday,
    Inquiry,
    Membership,
    Notification,
    Person,
    Recommendation,
    Response,
    TargetDateChange,
)
from inquiries.models.fields import alphabetical, count_rows
from inquiries.models.history import SEARCHED
from inquiries.models.inquiries import first_reference_key
from inquiries.permissions import can
from inquiries.rules import Refused
from inquiries.views.repeated_posts import answer_once

admin.site.unregister([Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, ProcrastinateJob])

# A page of history.
ENTRIES = 50
# Lists are counted and paged up to here: who wants an older row narrows the list down.
MOST_COUNTED = 2000


class CappedPaginator(Paginator):
    """Counts up to MOST_COUNTED rows; `is_capped` says that there are more. Of a large table a count takes longest."""

    @cached_property
    def counted(self):
        return self.object_list.order_by()[: MOST_COUNTED + 1].count()

    @cached_property
    def count(self):
        return min(self.counted, MOST_COUNTED)

    @property
    def is_capped(self):
        return self.counted > MOST_COUNTED


def holding(model, fields, word):
    """The condition that one of `fields` holds the word; fields of other records are looked up there first."""
    found = Q()
    for path in fields:
        name, _, rest = path.partition("__")
        if not rest:
            found |= Q(**{f"{name}__icontains": word})
            continue
        relation = model._meta.get_field(name)
        others = relation.related_model.objects.filter(**{f"{rest}__icontains": word}).order_by()
        if relation.one_to_many:
            found |= Q(pk__in=others.values(relation.field.attname))
        else:
            found |= Q(**{f"{relation.attname}__in": others.values("pk")})
    return found


class YearFilter(admin.DateFieldListFilter):
    """The usual filter of dates, and each year: with the first and the last day looked up, not every row."""

    def __init__(self, field, request, params, model, model_admin, field_path):
        super().__init__(field, request, params, model, model_admin, field_path)
        ends = model.objects.aggregate(first=Min(field_path), last=Max(field_path))
        first, last = (timezone.localtime(day).year if day else 0 for day in ends.values())
        for year in range(last, first - 1, -1) if first else ():
            start, end = (timezone.make_aware(datetime(one, 1, 1)) for one in (year, year + 1))
            self.links += ((str(year), {self.lookup_kwarg_since: str(start), self.lookup_kwarg_until: str(end)}),)


class Permitted:
    """Whether a person may enter is asked of `permissions`; what can be done to these records is said here."""

    may_add = may_change = may_delete = True

    def has_module_permission(self, request):
        return administers(request)

    def has_view_permission(self, request, obj=None):
        return administers(request, obj)

    def has_add_permission(self, request, obj=None):
        return self.may_add and administers(request, obj)

    def has_change_permission(self, request, obj=None):
        return self.may_change and administers(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.may_delete and administers(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = RecordSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def administers(request, record=None):
    return can("administer", request.user, record, timezone.localdate())


class KnownValuesFilter(admin.AllValuesFieldListFilter):
    """The values of a column that has an index, from one to the next: not by going through every row."""

    def __init__(self, field, request, params, model, model_admin, field_path):
        super().__init__(field, request, params, model, model_admin, field_path)
        column, table = (connection.ops.quote_name(name) for name in (field.column, model._meta.db_table))
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH RECURSIVE known(value) AS (SELECT min({column}) FROM {table} UNION ALL "  # noqa: S608
                f"SELECT (SELECT min({column}) FROM {table} WHERE {column} > value) FROM known "
                "WHERE value IS NOT NULL) SELECT value FROM known WHERE value IS NOT NULL"
            )
            self.lookup_choices = [value for (value,) in cursor.fetchall()]


class RecordAdmin(Permitted, admin.ModelAdmin):
    """A kind of record. `introduction` is shown above its form, `links` beside its title."""

    form = RecordForm
    # Actions are done one by one, each with its history.
    actions = None
    # One count less on each list.
    show_full_result_count = False
    paginator = CappedPaginator
    # The storage is private: there is no address to link a file to.
    formfield_overrides = {models.FileField: {"form_class": RecordFile, "widget": FileInput}}
    introduction = ""

    def links(self, record):
        """(text, address) of the clerk's pages where this record is changed by an action."""
        return []

    def get_view_on_site_url(self, obj=None):
        """The record's own page, without the detour by which Django asks for its host name."""
        return obj.get_absolute_url() if obj is not None and hasattr(obj, "get_absolute_url") else None

    def history_of(self, record):
        return Entry.objects.about(record)

    # Rendering

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = with_refusal(kwargs.get("form", self.form), request)
        return super().get_form(request, obj, change=change, **kwargs)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["introduction"] = self.introduction
        context["object_links"] = self.links(obj) if obj is not None and change else []
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changelist_view(self, request, extra_context=None):
        # PostgreSQL does not take NUL in a text, and says so too late for the list to answer.
        if any("\x00" in value for values in request.GET.lists() for value in (values[0], *values[1])):
            return HttpResponseRedirect(request.path)
        try:
            return super().changelist_view(request, extra_context)
        except (OverflowError, ValueError):
            # A year of thirty digits in the address, or the year -1: no day has it.
            if not request.GET:
                raise
            return HttpResponseRedirect(request.path)

    def get_object(self, request, object_id, from_field=None):
        return super().get_object(request, object_id, from_field or None)

    def get_search_results(self, request, queryset, search_term):
        """What holds every word; without a join, which would go through all rows of both tables."""
        for word in smart_split(search_term.replace("\x00", "")):
            is_quoted = len(word) > 1 and word[0] in "\"'" and word[0] == word[-1]
            queryset = self.holding(queryset, unescape_string_literal(word) if is_quoted else word)
        return queryset, False

    def holding(self, queryset, word):
        return queryset.filter(holding(self.model, self.search_fields, word))

    # Actions

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return answer_once(self.process_changeform, request, object_id, form_url, extra_context)

    def process_changeform(self, request, object_id, form_url, extra_context):
        """Show the form again when an action is refused, with the reason and everything typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotSaved as refusal:
            request.refused = refusal
        except IntegrityError:
            request.refused = NotSaved(
                None, ValidationError("Someone else has just recorded the same. Look at the list, then try again.")
            )
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        if form.has_changed() or not change:
            form.attempt(by=request.user, now=timezone.now())

    def save_formset(self, request, form, formset, change):
        formset.save(commit=False)
        now = timezone.now()
        for record in formset.deleted_objects:
            try:
                delete_record(record, by=request.user, now=now)
            except (Refused, ProtectedError) as error:
                raise NotSaved(None, ValidationError(reason_not_deleted(record, error))) from error
        for row in formset.forms:
            if row.has_changed() and row not in formset.deleted_forms:
                row.attempt(by=request.user, now=now)

    def delete_model(self, request, obj):
        delete_record(obj, by=request.user, now=timezone.now())

    def delete_view(self, request, object_id, extra_context=None):
        """Go back to the record when the deletion is refused, and say why."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except (Refused, ProtectedError) as error:
            record = self.get_object(request, unquote(object_id))
            self.message_user(request, reason_not_deleted(record, error), messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:inquiries_{self.opts.model_name}_change", args=[record.pk]))

    # History: ours, written by the actions; the admin keeps none of its own.

    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def log_deletions(self, request, queryset):
        return None

    def history_view(self, request, object_id, extra_context=None):
        record = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        if record is None:
            raise Http404
        page = Paginator(self.history_of(record), ENTRIES).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {record}",
            "object": record,
            "opts": self.opts,
            "page": page,
            "entries": changes_of_entries(page),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/object_history.html", context)


class ReadOnlyAdmin(RecordAdmin):
    may_add = may_change = may_delete = False


class RecordInline(Permitted, admin.TabularInline):
    form = RecordForm
    formset = RecordFormSet
    in_table = True
    extra = 0
    view_on_site = False

    def get_formset(self, request, obj=None, **kwargs):
        kwargs["form"] = with_refusal(self.form, request, in_table=self.in_table)
        return super().get_formset(request, obj, **kwargs)


class StackedRecordInline(RecordInline):
    template = "admin/edit_inline/stacked.html"
    in_table = False


class ReadOnlyInline(RecordInline):
    may_add = may_change = may_delete = False

    def get_readonly_fields(self, request, obj=None):
        return flatten_fieldsets(self.get_fieldsets(request, obj)) if self.fields else self.readonly_fields


def with_refusal(form, request, **more):
    """The form class with the refusal of this request's action, if any, and with `more`."""
    return type(form.__name__, (form,), {"refused": getattr(request, "refused", None), **more})


def link(words, name, *args):
    return format_html('<a href="{}">{}</a>', reverse(name, args=args), words)


def reason_not_deleted(record, error):
    if isinstance(error, ProtectedError):
        others = ", ".join(sorted({str(kept._meta.verbose_name) for kept in error.protected_objects}))
        return f"“{record}” cannot be deleted: other records depend on it ({others})."
    return str(error)


class MembershipInline(RecordInline):
    model = Membership
    form = SeatForm
    fields = ["person", "role", "from_date", "until_date"]
    autocomplete_fields = ["person"]
    extra = 1

    def get_queryset(self, request):
        # Those that have ended are on the page of each person.
        present = Q(until_date=None) | Q(until_date__gte=timezone.localdate())
        return super().get_queryset(request).filter(present).select_related("committee", "person")


@admin.register(Committee)
class CommitteeAdmin(RecordAdmin):
    fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline]
    introduction = "When a person leaves the committee, enter the last day under “until” rather than deleting the seat."
    list_display = ["name", "slug"]
    search_fields = ["name"]

    def get_deleted_objects(self, objs, request):
        """Why a committee cannot be deleted is shown by its first inquiry and meeting, not by all of them."""
        first = [records.first() for one in objs for records in (one.inquiries, one.meetings)]
        if any(first):
            return [], {}, set(), [str(record) for record in first if record]
        return super().get_deleted_objects(objs, request)

    def history_of(self, record):
        return Entry.objects.about(record, *record.memberships.all())


@admin.register(Person)
class PersonAdmin(RecordAdmin):
    form = PersonForm
    set_by_actions = ["email", "is_clerk", "is_active", "invited_at", "left_at", "merged_into", "erased_at"]
    # Their names are in reports: a person who leaves is recorded as a leaver.
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
        return ["name", "job_title", "organisation", *(self.set_by_actions if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return self.set_by_actions if obj else []

    def has_change_permission(self, request, obj=None):
        # The record of a person who has left is closed.
        return super().has_change_permission(request, obj) and (obj is None or obj.is_active)

    def get_search_results(self, request, queryset, search_term):
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        if request.resolver_match.url_name == "autocomplete":
            # A person who has left is given nothing more to do.
            found = found.present()
        return found, has_duplicates

    def links(self, record):
        return [("The page of this person", reverse("clerk:person", args=[record.pk]))]

    def history_of(self, record):
        return Entry.objects.about(record, *record.cabinet_seats.all(), *record.memberships.all())


@admin.register(CabinetMember)
class CabinetMemberAdmin(RecordAdmin):
    form = PortfolioForm
    fields = ["person", "portfolio", "from_date", "until_date"]
    autocomplete_fields = ["person"]
    introduction = "When a person gives up a portfolio, enter the last day under “until” rather than deleting the seat."
    list_display = ["portfolio", "person", "from_date", "until_date"]
    list_filter = [("until_date", admin.EmptyFieldListFilter)]
    list_select_related = ["person"]
    search_fields = ["portfolio", "person__name"]


@admin.register(Holiday)
class HolidayAdmin(RecordAdmin):
    form = HolidayForm
    fields = ["day", "name"]
    introduction = (
        "Bank holidays of England are known. Enter here other days that do not count as working days: a day of "
        "national mourning, say. Deadlines that were worked out from a meeting move, and those concerned are notified."
    )
    list_display = ["day", "name"]
    search_fields = ["name"]

    def delete_model(self, request, obj):
        delete_holiday(obj, by=request.user, now=timezone.now())


class RecommendationInline(RecordInline):
    """A new recommendation is typed here; those that are there are in a table, which leads to their own pages."""

    verbose_name_plural = "new recommendations"
    model = Recommendation
    form = RecommendationForm
    formset = RecommendationFormSet
    may_change = may_delete = False
    fields = ["reference", "text", "reference_given"]

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if obj else 3

    def get_queryset(self, request):
        return Recommendation.objects.none()


class ResponseInline(StackedRecordInline):
    """A new response is typed here; those that are there are corrected on their own page, to which the table leads."""

    model = Response
    form = ResponseForm
    may_change = may_delete = False
    fieldsets = [
        (None, {"fields": ["answers", "decision", "text", "reason", ("lead_officer", "cabinet_member")]}),
        ("Who answered, when, and the target date", {"fields": [("responding_body", "responded_on", "target_date")]}),
    ]
    autocomplete_fields = ["lead_officer", "cabinet_member"]
    extra = 1

    def get_queryset(self, request):
        return Response.objects.none()


@admin.register(Inquiry)
class InquiryAdmin(RecordAdmin):
    """To repair an inquiry. It is recorded, published, and its updates commissioned, on the clerk's pages."""

    form = InquiryForm
    fieldsets = [
        (None, {"fields": ["committee", "title", "slug", "summary"]}),
        (
            "The inquiry report",
            {"fields": [("completed_on", "completed_precision", "completed_body"), "report_file", "kept_file"]},
        ),
        ("Cabinet's response", {"fields": ["received_on", "notice_on", "is_health", "response_due"]}),
        ("In public", {"fields": ["published_at", "published_by"]}),
    ]
    readonly_fields = ["kept_file", "response_due", "published_at", "published_by", "recorded"]
    autocomplete_fields = ["committee"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [RecommendationInline, ResponseInline]
    introduction = (
        "Type each recommendation with the number and the wording of the committee's report. When Cabinet has "
        "answered, add a response and the numbers that it answers. A recommendation's number is never changed "
        "afterwards; its wording is changed on its own page, with a reason."
    )
    list_display = ["title", "committee", "completed_on", "how_many", "published"]
    list_filter = ["committee", ("published_at", admin.EmptyFieldListFilter), "is_health"]
    list_select_related = ["committee"]
    search_fields = ["title", "committee__name", "summary"]
    ordering = ["-pk"]
    date_hierarchy = "completed_on"

    def get_queryset(self, request):
        recommendations = Recommendation.objects.filter(inquiry=OuterRef("pk"))
        return super().get_queryset(request).annotate(recommendation_count=count_rows(recommendations, "inquiry"))

    def get_fieldsets(self, request, obj=None):
        recorded = [("Recommendations", {"fields": ["recorded"]})] if obj else []
        return [*super().get_fieldsets(request, obj), *recorded]

    def recorded(self, inquiry):
        """A table: they are changed on their own pages."""
        rows = [
            (
                link(one.reference, "admin:inquiries_recommendation_change", one.pk),
                " (given by us)" if one.reference_given else "",
                one.text,
                link(one.response.get_decision_display(), "admin:inquiries_response_change", one.response_id)
                if one.response
                else "none yet",
                one.get_ended_as_display() or "not ended",
            )
            for one in inquiry.recommendations.select_related("response").order_by("reference_key")
        ]
        heads = format_html_join(
            "", '<th scope="col">{}</th>', [("Number",), ("Wording",), ("Response",), ("Ended as",)]
        )
        cells = format_html_join("", "<tr><td>{}{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        return (
            format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", heads, cells) if rows else "none"
        )

    def get_readonly_fields(self, request, obj=None):
        # People have linked to the address of what is public.
        return [*self.readonly_fields, "slug"] if obj and obj.is_public else self.readonly_fields

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj and obj.is_public else self.prepopulated_fields

    def links(self, record):
        action = (
            ("Withdraw from the public", "withdraw_inquiry") if record.is_public else ("Publish", "publish_inquiry")
        )
        return [
            (text, reverse(f"clerk:{name}", args=[record.slug]))
            for text, name in (("Step by step", "record_inquiry"), action, ("Commission updates", "commission"))
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
    ordering = ["inquiry__title", "inquiry_id", "reference_key"]

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

    def delete_model(self, request, obj):
        delete_recommendation(obj, by=request.user, now=timezone.now())

    def links(self, record):
        end = ("Open it again", "resume_recommendation") if record.ended_as else ("End it", "end_recommendation")
        return [
            (text, reverse(f"clerk:{name}", args=[record.pk]))
            for text, name in (("Change the wording", "reword_recommendation"), end)
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


class TargetDateChangeInline(ReadOnlyInline):
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
        "Once progress has been asked for, the decision and the numbers it answers cannot be changed."
    )
    list_display = ["answers", "inquiry", "decision", "lead_officer", "cabinet_member", "target_date"]
    list_filter = ["decision", ("lead_officer", admin.EmptyFieldListFilter), "inquiry__committee", "responded_on"]
    list_select_related = ["inquiry", "lead_officer", "cabinet_member"]
    search_fields = ["text", "reason", "inquiry__title", "lead_officer__name", "recommendations__reference"]

    def get_queryset(self, request):
        return (
            Response.objects.annotate(first_key=first_reference_key("pk"))
            .prefetch_related("recommendations")
            .order_by("inquiry__title", "inquiry_id", "first_key")
        )

    def get_fieldsets(self, request, obj=None):
        dates = ["original_target_date", "target_date"] if obj else ["target_date"]
        return [
            (None, {"fields": ["inquiry", "answers", "decision", "text", "reason"]}),
            ("Who", {"fields": ["responding_body", "responded_on", "lead_officer", "cabinet_member"]}),
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


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    fields = ["at", "by_name", "on_behalf_of", "sentence", "subject", "what_changed", "note"]
    list_display = ["at", "by_name", "on_behalf_of", "sentence", "subject_label"]
    list_display_links = ["at", "sentence"]
    list_filter = [("at", YearFilter), ("verb", KnownValuesFilter), ("subject_type", KnownValuesFilter)]
    search_fields = SEARCHED

    def holding(self, queryset, word):
        return queryset.holding(word)

    def links(self, record):
        inquiry = Inquiry.objects.filter(pk=record.inquiry_id).first()
        address = "admin:inquiries_inquiry_history"
        return [("History of the inquiry", reverse(address, args=[inquiry.pk]))] if inquiry else []

    @admin.display(description="about")
    def subject(self, entry):
        try:
            model = apps.get_model("inquiries", entry.subject_type)
            if model.objects.filter(pk=entry.subject_id).exists():
                return link(entry.subject_label, f"admin:inquiries_{entry.subject_type}_change", entry.subject_id)
        except (LookupError, NoReverseMatch):
            pass
        return entry.subject_label

    @admin.display(description="what changed")
    def what_changed(self, entry):
        lines = ((c.what, c.before, c.after) for c in changes_of(entry))
        words = format_html_join("", "<li>{}: from “{}” to “{}”</li>", lines)
        return format_html("<ul>{}</ul>", words) if words else "no values changed"


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    fields = [
        *("recipient", "reply_to", "subject", "body", "occasion", "queued_on", "goes_out_on", "attempted_on"),
        *("sent_on", "opened_on", "failures", "last_failure", "refused_on"),
    ]
    list_display = ["subject", "recipient", "queued_on", "sent_on", "failures"]
    list_filter = [
        ("sent_on", admin.EmptyFieldListFilter),
        ("occasion", KnownValuesFilter),
        ("queued_on", YearFilter),
    ]
    list_select_related = ["recipient"]
    search_fields = ["subject", "recipient__name", "recipient__email"]
