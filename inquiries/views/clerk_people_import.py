"""People from a CSV file: uploaded, looked through row by row, recorded."""

import csv
import hashlib

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from inquiries.actions.expiry import KEEP_DRAFTS_DAYS
from inquiries.actions.people_import import (
    ChangedSince,
    forget_import,
    keep_people,
    plan_people,
    read_of,
    record_people,
)
from inquiries.forms.clerk_people_import import PeopleImportForm, PeopleUploadForm
from inquiries.models import PeopleImport
from inquiries.people_import.reading import WORDS
from inquiries.views.clerk_people import people_breadcrumbs
from inquiries.views.form_processing import apply_action, clerk_required
from inquiries.views.kept_words import forget_words, kept_words

COLUMN_WORDS = {
    "name": "The only one that is needed.",
    "email": "Who has none cannot sign in.",
    "job_title": "As it is printed after the name.",
    "organisation": "Where it is not the council itself.",
    "clerk": "Yes or no.",
    "committee": "The name of a select committee on which the person sits.",
    "role": "On that committee: chair, vice-chair, member, co-opted member or substitute. Empty: member.",
    "from": "The first day of the seat or portfolio, as 20/05/2025 or 2025-05-20.",
    "until": "Its last day. Empty while it is held.",
    "portfolio": "Of a Cabinet Member, in a row without committee.",
}
ANCHORS = {"error": "errors", "question": "questions", "new": "doing", "changed": "doing"}
CHANGED = (
    "What is recorded has changed since you opened this page, so the rows below may do something else now. Look "
    "through them again, then record them."
)


@clerk_required
def import_people(request):
    """Choose a CSV file; on to what it would do."""
    form = PeopleUploadForm(request.POST, request.FILES) if request.method == "POST" else PeopleUploadForm()
    if form.is_bound and form.is_valid():
        kept = keep_people(
            form.cleaned_data["read"],
            file_name=form.cleaned_data["file"].name,
            checksum=hashlib.sha256(form.cleaned_data["data"]).hexdigest(),
            by=request.user,
            now=timezone.now(),
        )
        return redirect("clerk:people_import", kept.pk)
    waiting = PeopleImport.objects.filter(confirmed_at__isnull=True).select_related("uploaded_by")[:10]
    context = {
        "form": form,
        "waiting": waiting,
        "columns": [(WORDS[column], COLUMN_WORDS[column]) for column in WORDS],
        "days": KEEP_DRAFTS_DAYS,
        "crumbs": _crumbs(),
    }
    return render(request, "clerk/import_people.html", context)


@clerk_required
def people_template(request):
    """An empty CSV file with the headings, as Excel opens it."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="people.csv"'
    csv.writer(response).writerow(WORDS.values())
    return response


@clerk_required
def people_import(request, pk):
    """Each row with what it would do; then to record them, or to throw the file away."""
    kept = get_object_or_404(PeopleImport.objects.select_related("uploaded_by", "confirmed_by"), pk=pk)
    if kept.confirmed_at is not None:
        return _page(request, kept, "clerk/people_imported.html")
    if request.POST.get("action") == "forget":
        return _forgotten(request, kept)
    data = request.POST if request.method == "POST" else kept_words(request)
    before = plan_people(read_of(kept), by=request.user)
    plan = plan_people(read_of(kept), data, by=request.user) if data else before
    recording = request.method == "POST" and data.get("action") == "record"
    form = PeopleImportForm(data, plan=plan, seen=before.mark, recording=recording)
    if recording and form.is_valid():
        return _recorded(request, kept, form, plan)
    return _page(request, kept, "clerk/people_import.html", form=form, plan=plan, mark=before.mark)


def _recorded(request, kept, form, plan):
    """Record what was seen; back to the page, with the reason, where that cannot be."""
    try:
        is_done = apply_action(
            form,
            record_people,
            kept,
            request.POST,
            seen=form.cleaned_data["seen"],
            leave_out=form.cleaned_data.get("leave_out", False),
            inviting=form.cleaned_data.get("invite", False),
            by=request.user,
            now=timezone.now(),
        )
    except ChangedSince as changed:
        form = PeopleImportForm(request.POST, plan=changed.plan, seen=changed.mark)
        form.add_error(None, CHANGED)
        page = {"form": form, "plan": changed.plan, "mark": changed.mark, "status": 409}
        return _page(request, kept, "clerk/people_import.html", **page)
    if not is_done:
        return _page(request, kept, "clerk/people_import.html", form=form, plan=plan, mark=form["seen"].value())
    forget_words(request)
    messages.success(request, _said(plan))
    return redirect("clerk:people_import", kept.pk)


def _forgotten(request, kept):
    forget_import(kept, by=request.user, now=timezone.now())
    forget_words(request)
    messages.success(request, f"{kept.file_name} has been thrown away. Nothing was recorded.")
    return redirect("clerk:import_people")


def _said(plan):
    new, changed = len(plan.new_people), sum(not one.is_new and one.does_something for one in plan.people)
    said = [f"{new} new {pluralize(new, 'person,people')}"] if new else []
    said += [f"{changed} {pluralize(changed, 'person,people')} changed"] if changed else []
    left = f" {len(plan.errors)} row{pluralize(len(plan.errors))} left out." if plan.errors else ""
    return f"Recorded: {' and '.join(said)}.{left}"


def _page(request, kept, page, *, status=200, plan=None, **context):
    if plan is not None:
        context |= {
            "plan": plan,
            "parts": [{"words": words, "anchor": ANCHORS.get(kind, "")} for kind, words in plan.summary()],
            "doing": [row for row in plan.rows if row.kind in ("new", "changed", "question")],
            "idle": [row for row in plan.rows if row.kind in ("unchanged", "repeated")],
        }
    context |= {"kept": kept, "crumbs": _crumbs(kept), "kept_words": kept_words(request)}
    return render(request, page, context, status=status)


def _crumbs(kept=None):
    if kept is None:
        return people_breadcrumbs(heading="Import people")
    return [*people_breadcrumbs(), ("Import people", reverse("clerk:import_people")), (kept.file_name, "")]
