"""Meetings, their agendas, the papers and the packs."""

from django.contrib import admin

from inquiries.admin.base import ReadOnlyAdmin, ReadOnlyInline, RecordAdmin, RecordInline
from inquiries.forms.admin import RecordForm
from inquiries.models import AgendaDocument, AgendaItem, AgendaPack, Entry, Meeting, PackEntry


class AgendaItemInline(RecordInline):
    """The agenda of a meeting."""

    model = AgendaItem
    fields = ["number", "title", "subtitle", "kind", "report"]
    autocomplete_fields = ["report"]
    extra = 1
    show_change_link = True


@admin.register(Meeting)
class MeetingAdmin(RecordAdmin):
    """The meetings of the committees."""

    fields = ["committee", "start", "venue"]
    autocomplete_fields = ["committee"]
    inlines = [AgendaItemInline]
    introduction = "An item carries a progress report, or papers, or nothing. Papers are added on the item's own page."
    list_display = ["committee", "start", "venue"]
    list_filter = ["committee", "start"]
    list_select_related = ["committee"]
    search_fields = ["committee__name", "venue"]
    date_hierarchy = "start"

    def history_of(self, record):
        return Entry.objects.about(record, *record.items.all())


class AgendaDocumentForm(RecordForm):
    """A paper; a new one is uploaded by who records it."""

    class Meta:
        model = AgendaDocument
        fields = ["item", "title", "file", "exempt_paragraph", "position"]

    def record(self, *, by, now):
        if self.instance.pk is None or "file" in self.changed_data:
            self.instance.uploaded_at, self.instance.uploaded_by = now, by
        return super().record(by=by, now=now)


class KeptFile:
    """Shows that a file is there; its address comes with the pages that serve it."""

    @admin.display(description="file now kept")
    def kept_file(self, record):
        return record.file.name.rsplit("/", 1)[-1] if record.file else "none"


class AgendaDocumentInline(KeptFile, RecordInline):
    """The papers of an item."""

    model = AgendaDocument
    form = AgendaDocumentForm
    formfield_overrides = RecordAdmin.formfield_overrides
    fields = ["title", "file", "kept_file", "exempt_paragraph", "position"]
    readonly_fields = ["kept_file"]


@admin.register(AgendaItem)
class AgendaItemAdmin(RecordAdmin):
    """The items of all agendas."""

    fields = ["meeting", "number", "title", "subtitle", "kind", "report"]
    autocomplete_fields = ["meeting", "report"]
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
class AgendaDocumentAdmin(KeptFile, RecordAdmin):
    """The papers of all items."""

    form = AgendaDocumentForm
    fields = ["item", "title", "file", "kept_file", "exempt_paragraph", "position", "uploaded_at", "uploaded_by"]
    readonly_fields = ["kept_file", "uploaded_at", "uploaded_by"]
    autocomplete_fields = ["item"]
    introduction = (
        "A paper that names a paragraph of Schedule 12A is exempt: only the restricted pack carries it. "
        "Leave the paragraph empty for a paper that everybody may read."
    )
    list_display = ["title", "item", "exempt_paragraph", "uploaded_at"]
    list_filter = ["exempt_paragraph", "uploaded_at"]
    list_select_related = ["item"]
    search_fields = ["title", "item__title"]
    ordering = ["-item__meeting__start", "item__number", "position"]


class PackEntryInline(ReadOnlyInline):
    """Which item stands on which pages."""

    model = PackEntry
    fields = ["item", "first_page", "last_page"]


@admin.register(AgendaPack)
class AgendaPackAdmin(KeptFile, ReadOnlyAdmin):
    """The packs that have been built."""

    fields = ["meeting", "edition", "supplement", "number", "kept_file", "checksum", "built_at", "built_by"]
    inlines = [PackEntryInline]
    list_display = ["meeting", "edition", "supplement", "number", "built_at", "built_by"]
    list_filter = ["edition", "meeting__committee"]
    list_select_related = ["meeting__committee", "built_by"]
    search_fields = ["meeting__committee__name"]
    ordering = ["-meeting__start", "edition", "supplement", "number"]
