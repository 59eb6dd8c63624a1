"""History and outgoing messages: to look at."""

from django.apps import apps
from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join

from inquiries.admin.base import ReadOnlyAdmin, link
from inquiries.history_display import changes_of
from inquiries.models import Entry, Inquiry, Notification


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Every deed, newest first."""

    fields = ["at", "by_name", "on_behalf_of", "sentence", "subject", "what_changed", "note"]
    list_display = ["at", "by_name", "on_behalf_of", "sentence", "subject_label"]
    list_display_links = ["at", "sentence"]
    list_filter = ["at", "verb", "subject_type"]
    search_fields = ["sentence", "by_name", "on_behalf_of", "subject_label", "note"]
    date_hierarchy = "at"

    def links(self, record):
        inquiry = Inquiry.objects.filter(pk=record.inquiry_id).first()
        address = "admin:inquiries_inquiry_history"
        return [("History of the inquiry", reverse(address, args=[inquiry.pk]))] if inquiry else []

    @admin.display(description="about")
    def subject(self, entry):
        """The record it is about, with a link where it is still there and has a page here."""
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
        return format_html("<ul>{}</ul>", words) if words else "nothing but the deed itself"


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Every message, sent or waiting."""

    fields = ["recipient", "subject", "body", "occasion", "queued_on", "sent_on", "failures", "last_failure"]
    list_display = ["subject", "recipient", "queued_on", "sent_on", "failures"]
    list_filter = [("sent_on", admin.EmptyFieldListFilter), "occasion", "queued_on"]
    list_select_related = ["recipient"]
    search_fields = ["subject", "recipient__name", "recipient__email"]
    date_hierarchy = "queued_on"
