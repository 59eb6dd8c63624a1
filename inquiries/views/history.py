"""The history of a record in words, what one entry changed, the versions of a text, and one of them restored."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from inquiries.actions import restoring
from inquiries.actions.progress import EditClash
from inquiries.differences import differences
from inquiries.forms.history import RestoreForm, VersionsForm
from inquiries.models import ProgressUpdate, Recommendation
from inquiries.recounting import KINDS, TEXTS, changes_in_words, entries_about, readable, readable_entry, versions_of
from inquiries.recounting.readable import EXEMPT_FIELDS, WORD, kind_of, reads_exempt
from inquiries.recounting.versions import can_be_put_back
from inquiries.templatetags.scrutiny import moment
from inquiries.views.form_processing import apply_action
from inquiries.views.kept_words import sign_in_first

ENTRIES = 50


@require_safe
@sign_in_first
def record(request, kind, pk):
    """Who changed a record, when, and on whose behalf, newest first."""
    found = _readable(request, kind, pk)
    page = Paginator(entries_about(found), ENTRIES).get_page(request.GET.get("page"))
    context = {
        "record": found,
        "kind": kind,
        "page": page,
        "texts": [] if kind == "report" else _texts(request, kind, found),
        "crumbs": _crumbs(found),
    }
    return render(request, "history/record.html", context)


@require_safe
@sign_in_first
def entry(request, pk):
    """What one entry changed, each text with its words compared."""
    told = readable_entry(pk, request.user, timezone.localdate())
    texts = TEXTS.get(told.entry.subject_type, {})
    kind = kind_of(told.entry)
    shown = [change for change in changes_in_words(told.entry) if change.name not in told.hidden]
    context = {
        "entry": told.entry,
        "comparisons": [_comparison(told.entry, name, title) for name, title in texts.items() if _has(shown, name)],
        "changes": [change for change in shown if change.name not in texts],
        "is_withheld": any(name in told.entry.changes for name in told.hidden),
        "kind": kind,
        "can_be_put_back": kind and can_be_put_back(told.entry) and _may_put_back(request, told.entry),
        "crumbs": _crumbs_of_entry(told.entry, kind, "What changed"),
    }
    return render(request, "history/entry.html", context)


@require_safe
@sign_in_first
def versions(request, kind, pk, field):
    """Any two versions of the same text, compared."""
    found = _readable(request, kind, pk)
    if field not in dict(_texts(request, kind, found)):
        raise Http404
    every = {v.number: v for v in versions_of(KINDS[kind]._meta.model_name, pk, field)}
    form = VersionsForm(request.GET, labels={number: _label(version) for number, version in every.items()})
    earlier, later = (every[number] for number in form.chosen())
    context = {
        "record": found,
        "title": dict(_texts(request, kind, found))[field],
        "form": form,
        "earlier": earlier,
        "later": later,
        "last": max(every),
        "sides": differences(earlier.text, later.text),
        "crumbs": _crumbs(found, ("History", reverse("history:record", args=[kind, pk])), "Versions"),
        "field": field,
    }
    return render(request, "history/versions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_first
def restore(request, pk):
    """Put an earlier text back as a new version."""
    told = readable_entry(pk, request.user, timezone.localdate())
    if not can_be_put_back(told.entry) or kind_of(told.entry) is None:
        raise Http404
    found = restoring.record_of(told.entry)
    restoring.check_can_restore(found, by=request.user, today=timezone.localdate())
    form = RestoreForm(
        request.POST if request.method == "POST" else None,
        seen=restoring.text_mark(found),
        asks_for_reason=isinstance(found, Recommendation),
    )
    if request.method == "POST" and form.is_valid():
        return _restore(request, told.entry, found, form)
    return _restore_page(request, told.entry, found, form)


def _restore(request, entry, found, form):
    try:
        if apply_action(form, restoring.restore_text, entry, by=request.user, now=timezone.now(), **form.cleaned_data):
            messages.success(request, "The earlier text has been restored.")
            return redirect(_home(found))
    except EditClash as clash:
        data = form.data.copy()
        data["seen"] = restoring.text_mark(clash.current)
        fresh = RestoreForm(data, seen="", asks_for_reason="reason" in form.fields)
        return _restore_page(request, entry, clash.current, fresh, clash=clash)
    return _restore_page(request, entry, found, form)


def _restore_page(request, entry, found, form, clash=None):
    context = {
        "entry": entry,
        "record": found,
        "form": form,
        "clash": clash,
        "sides": differences(found.text, entry.changes["text"][1]),
        "is_the_same": found.text == entry.changes["text"][1],
        "back": reverse("history:entry", args=[entry.pk]),
        "crumbs": _crumbs_of_entry(entry, WORD[entry.subject_type], "Put this text back"),
    }
    return render(request, "history/restore.html", context, status=409 if clash else 200)


def _may_put_back(request, entry):
    return restoring.can_restore(restoring.record_of(entry), by=request.user, today=timezone.localdate())


def _readable(request, kind, pk):
    records = readable(kind, request.user, timezone.localdate())
    if kind == "update":
        records = records.for_page()
    return get_object_or_404(records, pk=pk)


def _texts(request, kind, found):
    """The texts of the record that have versions and that this person may read: [(field, what it is called)]."""
    named = TEXTS.get(found._meta.model_name, {})
    if isinstance(found, ProgressUpdate) and not reads_exempt(request.user, found, timezone.localdate()):
        named = {name: title for name, title in named.items() if name not in EXEMPT_FIELDS}
    return [item for item in named.items() if versions_of(found._meta.model_name, found.pk, item[0])]


def _has(changes, name):
    return any(change.name == name for change in changes)


def _comparison(entry, name, title):
    before, after = entry.changes[name]
    return {"field": name, "title": title, "sides": differences(before or "", after or "")}


def _label(version):
    return f"Version {version.number}: {version.entry.by_name}, {moment(version.entry.at)}"


def _home(found):
    """The page where the record is read or, where it has none, its history."""
    if hasattr(found, "get_absolute_url"):
        return found.get_absolute_url()
    return reverse("history:record", args=[WORD[found._meta.model_name], found.pk])


def _crumbs(found, *more):
    own = []
    if hasattr(found, "get_absolute_url"):
        own = [(str(found), found.get_absolute_url())]
    last = more[-1] if more else "History"
    return [("Home", reverse("public:home")), *own, *more[:-1], (last, "")]


def _crumbs_of_entry(entry, kind, words):
    about = [(entry.subject_label, reverse("history:record", args=[kind, entry.subject_id]))] if kind else []
    return [("Home", reverse("public:home")), *about, (words, "")]
