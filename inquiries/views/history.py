"""The history of a record in words, what one entry changed, the versions of a text, and one of them restored."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from inquiries.actions.progress import EditClash, record_of, restore_text, right_to_restore, text_version
from inquiries.differences import differences
from inquiries.forms.clerk_inquiries import RestoreForm, VersionsForm
from inquiries.history_display import (
    EXEMPT_FIELDS,
    KIND_OF_MODEL,
    KINDS,
    TEXTS,
    changes_of,
    entries_about,
    is_restorable,
    kind_of,
    reads_exempt,
    versions_of,
    visible_entry,
    visible_records,
)
from inquiries.models import Entry, ProgressUpdate, Recommendation
from inquiries.permissions import can, check_can
from inquiries.templatetags.scrutiny import moment
from inquiries.views.drafts import login_required_keeping_post
from inquiries.views.form_processing import apply_action

ENTRIES = 50


@require_safe
@login_required_keeping_post
def record(request, kind, pk):
    found = get_visible_record(request, kind, pk)
    page = Paginator(entries_about(found), ENTRIES).get_page(request.GET.get("page"))
    context = {
        "record": found,
        "kind": kind,
        "page": page,
        "texts": [] if kind == "report" else visible_texts(request, found),
        "crumbs": record_crumbs(found),
    }
    return render(request, "history/record.html", context)


@require_safe
@login_required_keeping_post
def entry(request, pk):
    visible = visible_entry(pk, request.user, timezone.localdate())
    texts = TEXTS.get(visible.entry.subject_type, {})
    kind = kind_of(visible.entry)
    shown = [change for change in changes_of(visible.entry) if change.name not in visible.hidden]
    can_be_put_back = False
    if kind and is_restorable(visible.entry):
        found = record_of(visible.entry)
        can_be_put_back = can(right_to_restore(found), request.user, found, timezone.localdate())
    context = {
        "entry": visible.entry,
        "comparisons": [
            {"field": name, "title": title, "sides": differences(*(text or "" for text in visible.entry.changes[name]))}
            for name, title in texts.items()
            if any(change.name == name for change in shown)
        ],
        "changes": [change for change in shown if change.name not in texts],
        "is_withheld": any(name in visible.entry.changes for name in visible.hidden),
        "kind": kind,
        "can_be_put_back": can_be_put_back,
        "crumbs": entry_crumbs(visible.entry, kind, "What changed"),
    }
    return render(request, "history/entry.html", context)


@require_safe
@login_required_keeping_post
def versions(request, kind, pk, field):
    found = get_visible_record(request, kind, pk)
    texts = dict(visible_texts(request, found))
    if field not in texts:
        raise Http404
    every = {v.number: v for v in versions_of(KINDS[kind]._meta.model_name, pk, field)}
    labels = {n: f"Version {n}: {v.entry.by_name}, {moment(v.entry.at)}" for n, v in every.items()}
    form = VersionsForm(request.GET, labels=labels)
    earlier, later = (every[number] for number in form.chosen())
    context = {
        "record": found,
        "title": texts[field],
        "form": form,
        "earlier": earlier,
        "later": later,
        "last": max(every),
        "sides": differences(earlier.text, later.text),
        "crumbs": record_crumbs(found, ("History", reverse("history:record", args=[kind, pk])), "Versions"),
        "field": field,
    }
    return render(request, "history/versions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def restore(request, pk):
    visible = visible_entry(pk, request.user, timezone.localdate())
    if not is_restorable(visible.entry) or kind_of(visible.entry) is None:
        raise Http404
    found = record_of(visible.entry)
    check_can(right_to_restore(found), request.user, found, timezone.localdate())
    form = RestoreForm(
        request.POST if request.method == "POST" else None,
        seen=text_version(found),
        asks_for_reason=isinstance(found, Recommendation),
    )
    if request.method == "POST" and form.is_valid():
        return restore_text_of(request, visible.entry, found, form)
    return render_restore_page(request, visible.entry, found, form)


def restore_text_of(request, entry, found, form):
    try:
        if apply_action(form, restore_text, entry, by=request.user, now=timezone.now(), **form.cleaned_data):
            messages.success(request, "The earlier text has been restored.")
            return redirect(url_of_record(found))
    except EditClash as clash:
        data = form.data.copy()
        data["seen"] = text_version(clash.current)
        fresh = RestoreForm(data, seen="", asks_for_reason="reason" in form.fields)
        return render_restore_page(request, entry, clash.current, fresh, clash=clash)
    return render_restore_page(request, entry, found, form)


def render_restore_page(request, entry, found, form, clash=None):
    context = {
        "entry": entry,
        "record": found,
        "form": form,
        "clash": clash,
        "sides": differences(found.text, entry.changes["text"][1]),
        "is_the_same": found.text == entry.changes["text"][1],
        "back": reverse("history:entry", args=[entry.pk]),
        "crumbs": entry_crumbs(entry, KIND_OF_MODEL[entry.subject_type], "Restore this text"),
    }
    return render(request, "history/restore.html", context, status=409 if clash else 200)


def get_visible_record(request, kind, pk):
    records = visible_records(kind, request.user, timezone.localdate())
    if kind == "update":
        records = records.for_page()
    return get_object_or_404(records, pk=pk)


def visible_texts(request, found):
    """The texts of the record that have versions and that this person may read: [(field, what it is called)]."""
    named = TEXTS.get(found._meta.model_name, {})
    if isinstance(found, ProgressUpdate) and not reads_exempt(request.user, found, timezone.localdate()):
        named = {name: title for name, title in named.items() if name not in EXEMPT_FIELDS}
    entries = Entry.objects.about(found)
    return [(name, title) for name, title in named.items() if entries.filter(changes__has_key=name).exists()]


def url_of_record(found):
    if hasattr(found, "get_absolute_url"):
        return found.get_absolute_url()
    return reverse("history:record", args=[KIND_OF_MODEL[found._meta.model_name], found.pk])


def record_crumbs(found, *more):
    own = []
    if hasattr(found, "get_absolute_url"):
        own = [(str(found), found.get_absolute_url())]
    last = more[-1] if more else "History"
    return [*own, *more[:-1], (last, "")]


def entry_crumbs(entry, kind, last):
    about = [(entry.subject_label, reverse("history:record", args=[kind, entry.subject_id]))] if kind else []
    return [*about, (last, "")]
