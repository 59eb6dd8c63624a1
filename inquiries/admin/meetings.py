"""Meetings, their agendas, the papers and the packs."""

from django.contrib import admin
from django.urls import reverse

from inquiries.admin.base import ReadOnlyAdmin, ReadOnlyInline, RecordAdmin, link
from inquiries.forms.admin import MeetingForm
from inquiries.models import AgendaDocument, AgendaItem, AgendaPack, Clearance, Entry, Meeting, PackEntry, PackPaper


class AgendaItemInline(ReadOnlyInline):
    """The agenda of a meeting, which is built on the clerk's pages."""

    model = AgendaItem
    fields = ["number", "title", "subtitle", "kind", "report", "removed_at"]
    show_change_link = True


@admin.register(Meeting)
class MeetingAdmin(RecordAdmin):
    """The meetings of the committees."""

    form = MeetingForm
    fields = ["committee", "start", "venue"]
    readonly_fields = ["cancelled_at", "cancelled_by", "cancelled_reason"]
    introduction = "Items, papers and packs are made on the page “Agenda and packs”; here they can be looked at."
    autocomplete_fields = ["committee"]
    inlines = [AgendaItemInline]
    list_display = ["committee", "start", "venue", "cancelled_at"]
    list_filter = ["committee", "start"]
    list_select_related = ["committee"]
    search_fields = ["committee__name", "venue"]
    date_hierarchy = "start"

    def get_fields(self, request, obj=None):
        cancelled = obj is not None and obj.cancelled_at is not None
        return [*self.fields, *self.readonly_fields] if cancelled else self.fields

    def get_readonly_fields(self, request, obj=None):
        # The reports on an agenda are for one committee; a meeting that is cancelled stays as it was.
        if obj is None:
            return self.readonly_fields
        return [*self.readonly_fields, *(self.fields if obj.cancelled_at is not None else ["committee"])]

    def get_inlines(self, request, obj):
        return self.inlines if obj is not None and obj.items.exists() else []

    def links(self, record):
        return [("Agenda and packs", reverse("clerk:agenda", args=[record.pk]))]

    def history_of(self, record):
        return Entry.objects.about(record, *record.items.all())


class PaperFile:
    """The file of a paper, on the page that asks who may read it."""

    @admin.display(description="file")
    def kept_file(self, record):
        return link(record.original_name or "PDF", "public:paper", record.item.meeting_id, record.pk)


class AgendaDocumentInline(PaperFile, ReadOnlyInline):
    """The papers of an item."""

    model = AgendaDocument
    fields = ["title", "kept_file", "page_count", "exempt_paragraph", "position", "removed_at"]


@admin.register(AgendaItem)
class AgendaItemAdmin(ReadOnlyAdmin):
    """The items of all agendas."""

    fields = ["meeting", "number", "title", "subtitle", "kind", "report", "to_follow", "supplement", "removed_at"]
    inlines = [AgendaDocumentInline]
    list_display = ["number", "title", "meeting", "kind"]
    list_display_links = ["title"]
    list_filter = ["kind", "meeting__committee"]
    list_select_related = ["meeting__committee"]
    search_fields = ["title", "subtitle", "meeting__committee__name"]
    ordering = ["-meeting__start", "number"]

    def history_of(self, record):
        return Entry.objects.about(record, *record.documents.all())


@admin.register(AgendaDocument)
class AgendaDocumentAdmin(PaperFile, ReadOnlyAdmin):
    """The papers of all items."""

    fields = [
        "item",
        "title",
        "kept_file",
        "checksum",
        "page_count",
        "tagging",
        "language",
        "cleaned",
        "exempt_paragraph",
        "supplement",
        "position",
        "uploaded_at",
        "uploaded_by",
        "removed_at",
    ]
    list_display = ["title", "item", "kept_file", "exempt_paragraph", "uploaded_at"]
    list_filter = ["exempt_paragraph", "uploaded_at"]
    list_select_related = ["item"]
    search_fields = ["title", "item__title"]
    ordering = ["-item__meeting__start", "item__number", "position"]


class PackEntryInline(ReadOnlyInline):
    """Which item stands on which pages."""

    model = PackEntry
    fields = ["item", "exempt", "range"]


class PackPaperInline(ReadOnlyInline):
    """Which papers it carries."""

    model = PackPaper
    fields = ["document", "first_page"]


@admin.register(AgendaPack)
class AgendaPackAdmin(ReadOnlyAdmin):
    """The packs that have been built."""

    fields = [
        "meeting",
        "edition",
        "supplement",
        "number",
        "kept_file",
        "checksum",
        "first_page",
        "last_page",
        "last_exempt_page",
        "is_accessible",
        "built_at",
        "built_by",
        "published_at",
        "published_by",
        "withdrawn_at",
        "withdrawn_by",
        "withdrawn_reason",
    ]
    inlines = [PackEntryInline, PackPaperInline]
    list_display = ["meeting", "edition", "supplement", "number", "built_at", "published_at", "withdrawn_at"]
    list_filter = ["edition", "published_at", "meeting__committee"]
    list_select_related = ["meeting__committee"]
    search_fields = ["meeting__committee__name"]
    ordering = ["-meeting__start", "edition", "supplement", "number"]

    @admin.display(description="file")
    def kept_file(self, record):
        return link("PDF", "public:pack", record.meeting_id, record.pk, "pdf")

    def history_of(self, record):
        return Entry.objects.about(record, record.meeting)


@admin.register(Clearance)
class ClearanceAdmin(ReadOnlyAdmin):
    """Words of withheld papers that clerks have cleared for publication."""

    fields = ["meeting", "text", "reason", "cleared_at", "cleared_by"]
    list_display = ["text", "meeting", "reason", "cleared_at", "cleared_by"]
    list_filter = ["cleared_at", "meeting__committee"]
    list_select_related = ["meeting__committee", "cleared_by"]
    search_fields = ["text", "reason", "meeting__committee__name"]
    ordering = ["-cleared_at"]
