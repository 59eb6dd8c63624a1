"""What all pages of the admin have in common: rights from the one table, deeds from the actions, our history."""

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models
from django.db.models import ProtectedError
from django.forms import FileInput
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from inquiries.actions.records import delete_record
from inquiries.forms.admin import NotSaved, RecordForm, RecordFormSet
from inquiries.history_display import changes_of_entries
from inquiries.models import Entry
from inquiries.permissions import can
from inquiries.rules import Refused

# A page of history.
ENTRIES = 50


class Permitted:
    """Whether somebody may enter is asked of `permissions`; what can be done to these records is said here."""

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


def administers(request, record=None):
    """Whether who asks may keep records."""
    return can("administer", request.user, record, timezone.localdate())


class RecordAdmin(Permitted, admin.ModelAdmin):
    """A kind of record. `introduction` stands above its form, `links` beside its title."""

    form = RecordForm
    # Deeds are done one by one, each with its history.
    actions = None
    # One count less on each list.
    show_full_result_count = False
    # The storage is private: there is no address to link a file to.
    formfield_overrides = {models.FileField: {"widget": FileInput}}
    introduction = ""

    def links(self, record):
        """(words, address) of the clerk's pages where this record is changed by a deed."""
        return []

    def get_view_on_site_url(self, obj=None):
        """The record's own page, without the detour by which Django asks for its host name."""
        return obj.get_absolute_url() if obj is not None and hasattr(obj, "get_absolute_url") else None

    def history_of(self, record):
        """The history entries shown for the record, newest first."""
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
        except OverflowError:
            # A year of thirty digits in the address: no day has it.
            return HttpResponseRedirect(request.path)

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, search_term.replace("\x00", ""))

    # Deeds

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Django's own; a deed that is refused shows the form again, with the reason and everything typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotSaved as refusal:
            request.refused = refusal
        except IntegrityError:
            request.refused = NotSaved(
                None, ValidationError("Somebody else has just recorded the same. Look at the list, then try again.")
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
                raise NotSaved(None, ValidationError(_why_kept(record, error))) from error
        for row in formset.forms:
            if row.has_changed() and row not in formset.deleted_forms:
                row.attempt(by=request.user, now=now)

    def delete_model(self, request, obj):
        delete_record(obj, by=request.user, now=timezone.now())

    def delete_view(self, request, object_id, extra_context=None):
        """Django's own; a deletion that is refused after all goes back to the record and says why."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except (Refused, ProtectedError) as error:
            record = self.get_object(request, unquote(object_id))
            self.message_user(request, _why_kept(record, error), messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:inquiries_{self.opts.model_name}_change", args=[record.pk]))

    # History: ours, written by the actions; the admin keeps none of its own.

    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def log_deletions(self, request, queryset):
        return None

    def history_view(self, request, object_id, extra_context=None):
        """Who changed the record, when, from what to what."""
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
    """Records that only deeds make and change: to look at, never to touch."""

    may_add = may_change = may_delete = False


class RecordInline(Permitted, admin.TabularInline):
    """Records kept on the page of the record they belong to."""

    form = RecordForm
    formset = RecordFormSet
    in_table = True
    extra = 0
    view_on_site = False

    def get_formset(self, request, obj=None, **kwargs):
        kwargs["form"] = with_refusal(self.form, request, in_table=self.in_table)
        return super().get_formset(request, obj, **kwargs)


class StackedRecordInline(RecordInline):
    """The same, one field under the other."""

    template = "admin/edit_inline/stacked.html"
    in_table = False


class ReadOnlyInline(RecordInline):
    """Records to look at on the page of the record they belong to."""

    may_add = may_change = may_delete = False

    def get_readonly_fields(self, request, obj=None):
        return flatten_fieldsets(self.get_fieldsets(request, obj)) if self.fields else self.readonly_fields


def with_refusal(form, request, **more):
    """The form class, told of the deed that was refused while this request was answered, and of `more`."""
    return type(form.__name__, (form,), {"refused": getattr(request, "refused", None), **more})


def link(words, name, *args):
    """A link to the page `name`."""
    return format_html('<a href="{}">{}</a>', reverse(name, args=args), words)


def _why_kept(record, error):
    if isinstance(error, ProtectedError):
        others = ", ".join(sorted({str(kept._meta.verbose_name) for kept in error.protected_objects}))
        return f"“{record}” cannot be deleted: other records depend on it ({others})."
    return str(error)
