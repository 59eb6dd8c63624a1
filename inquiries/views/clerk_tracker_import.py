"""A council's own tracker from Excel or CSV: uploaded, matched by column and value, looked through, recorded."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from inquiries.actions.expiry import KEEP_DRAFTS_DAYS
from inquiries.actions.tracker_import import (
    TrackerChoices,
    choose_sheet,
    forget_tracker,
    give_meanings,
    keep_tracker,
    mark_of,
    match_columns,
    plan_of,
    proposed_matching,
    remembered,
    sheet_of,
    sheets_of,
    start_recording,
    unsettled_values,
)
from inquiries.actions.tracker_plan import COUNTED, counted
from inquiries.actions.tracker_values import KnownValues
from inquiries.forms.clerk_tracker_import import ColumnsForm, SheetForm, TrackerUploadForm, ValuesForm
from inquiries.imports.tracker_columns import count_values
from inquiries.imports.tracker_rows import NOTE, PART, ROW, read_tracker
from inquiries.models import TrackerImport
from inquiries.permissions import Refused
from inquiries.views.drafts import delete_draft
from inquiries.views.form_processing import Success, bound_data, clerk_required, process_form

PER_PAGE = 50
DOUBT_TAGS = {ROW: ("Row left out", "red"), PART: ("Part left out", "orange"), NOTE: ("Note", "grey")}
KIND_TITLES = {
    "committee": "Committees",
    "decision": "Decisions",
    "status": "Statuses",
    "view": "Lead officers’ own views of progress",
    "rating": "The committee’s ratings",
    "round": "Which update a row holds",
    "officer": "Lead officers",
    "member": "Cabinet Members and portfolios",
}


@clerk_required
def import_tracker(request):
    form = TrackerUploadForm(request.POST, request.FILES) if request.method == "POST" else TrackerUploadForm()
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        kept = keep_tracker(
            values["sheets"],
            file_name=values["file"].name,
            checksum=values["checksum"],
            by=request.user,
            now=timezone.now(),
        )
        return redirect(next_step(kept))
    waiting = TrackerImport.objects.filter(confirmed_at__isnull=True).defer("sheets").select_related("uploaded_by")
    context = {"form": form, "waiting": waiting[:10], "days": KEEP_DRAFTS_DAYS, "crumbs": breadcrumbs()}
    return render(request, "clerk/import_tracker.html", context)


def next_step(kept):
    """The address of the first step that is not done, or of the preview."""
    choices = TrackerChoices.of(kept)
    if choices.sheet is None:
        return reverse("clerk:tracker_sheet", args=[kept.pk])
    if choices.matching is None:
        return reverse("clerk:tracker_columns", args=[kept.pk])
    if not choices.rounds or unsettled_values(sheet_of(kept, choices), choices):
        return reverse("clerk:tracker_values", args=[kept.pk])
    return reverse("clerk:tracker_import", args=[kept.pk])


def open_tracker(pk):
    """The import, and where its page is while no step of it can be taken: None for a page with a form."""
    kept = get_object_or_404(TrackerImport.objects.select_related("uploaded_by", "confirmed_by"), pk=pk)
    is_over = kept.confirmed_at is not None or kept.started_at is not None
    return kept, reverse("clerk:tracker_import", args=[pk]) if is_over else None


@clerk_required
def tracker_sheet(request, pk):
    kept, elsewhere = open_tracker(pk)
    if elsewhere:
        return redirect(elsewhere)
    form = SheetForm(bound_data(request), sheets=sheets_of(kept), choices=TrackerChoices.of(kept))
    success = Success(reverse("clerk:tracker_columns", args=[pk]), "The sheet is chosen.")
    return process_step(request, kept, form, choose_sheet, success, {})


@clerk_required
def tracker_columns(request, pk):
    kept, elsewhere = open_tracker(pk)
    choices = TrackerChoices.of(kept)
    if elsewhere or choices.sheet is None:
        return redirect(elsewhere or next_step(kept))
    sheet = sheet_of(kept, choices)
    matching, source = proposed_matching(kept)
    form = ColumnsForm(bound_data(request), sheet=sheet, heading_row=choices.heading_row, matching=matching)
    success = Success(reverse("clerk:tracker_values", args=[pk]), "The columns are matched.")
    context = {"sheet": sheet, "source": source, "choices": choices, "sheets": len(kept.sheets)}
    return process_step(request, kept, form, match_columns, success, context)


@clerk_required
def tracker_values(request, pk):
    kept, elsewhere = open_tracker(pk)
    choices = TrackerChoices.of(kept)
    if elsewhere or choices.matching is None:
        return redirect(elsewhere or next_step(kept))
    sheet = sheet_of(kept, choices)
    values = count_values(sheet, choices.heading_row, choices.matching)
    earlier = remembered(kept)
    known = KnownValues(
        values, meanings=earlier.meanings if earlier else {}, signer=choices.signer, today=timezone.localdate()
    )
    form = ValuesForm(
        bound_data(request),
        values=values,
        choices=choices,
        known=known,
        read=partial(read_tracker, sheet, choices.heading_row, choices.matching),
        file_name=kept.file_name,
        today=timezone.localdate(),
    )
    success = Success(reverse("clerk:tracker_import", args=[pk]), "What the values mean is saved.")
    sections = [(KIND_TITLES[kind], fields) for kind, fields in form.sections]
    return process_step(request, kept, form, give_meanings, success, {"sections": sections})


def process_step(request, kept, form, action, success, context):
    context = {"kept": kept, "mark": mark_of(kept), "crumbs": breadcrumbs(kept), **context}
    return process_form(request, form, partial(action, kept, seen=request.POST.get("seen", "")), success, context)


@clerk_required
def tracker_import(request, pk):
    kept, elsewhere = open_tracker(pk)
    crumbs = breadcrumbs(kept)
    if kept.confirmed_at is not None:
        return render(request, "clerk/tracker_imported.html", {"kept": kept, "lines": done(kept), "crumbs": crumbs})
    if elsewhere:
        return render(request, "clerk/importing.html", {"kept": kept, "rows": kept.rows, "crumbs": crumbs})
    by = {"by": request.user, "now": timezone.now()}
    if request.POST.get("action") == "forget":
        forget_tracker(kept, **by)
        messages.success(request, f"{kept.file_name} has been thrown away. Nothing was recorded.")
        return redirect("clerk:import_tracker")
    address = next_step(kept)
    if address != request.path:
        return redirect(address)
    if request.POST.get("action") == "record":
        try:
            start_recording(kept, **by)
        except Refused as refused:
            return render_preview(request, kept, crumbs, problems=[(str(refused), "")])
        delete_draft(request)
        return redirect(request.path)
    return render_preview(request, kept, crumbs)


def render_preview(request, kept, crumbs, problems=()):
    plan = plan_of(kept, timezone.localdate())
    page = Paginator(rows_of(plan), PER_PAGE).get_page(request.GET.get("page"))
    left_out = {kind: sum(doubt.kind == kind for doubt in plan.doubts) for kind in (ROW, PART)}
    context = {
        "kept": kept,
        "plan": plan,
        "lines": [
            (
                COUNTED[what].partition(",")[2].capitalize(),
                f"{new:,} new" + (f", {recorded:,} recorded already and left alone" if recorded else ""),
            )
            for what, (new, recorded) in plan.counts.items()
            if new or recorded
        ],
        "about_file": [doubt for doubt in plan.doubts if doubt.row == 0],
        "rows_left_out": left_out[ROW],
        "parts_left_out": left_out[PART],
        "notes": sum(doubt.kind == NOTE for doubt in plan.doubts),
        "page": page,
        "error_list": [*([(kept.failure, "")] if kept.failure else []), *problems],
        "crumbs": crumbs,
    }
    return render(request, "clerk/tracker_import.html", context)


def rows_of(plan):
    """The rows of the sheet as dictionaries: those with doubts first, the gravest before the others."""
    rows = {}
    for inquiry in plan.inquiries:
        for planned in inquiry.rows:
            rows[planned.row.row] = {
                "row": planned.row.row,
                "inquiry": inquiry.title,
                "references": planned.row.references,
                "what": planned.what,
                "doubts": [],
                "order": len(DOUBT_TAGS),
            }
    for doubt in plan.doubts:
        if doubt.row:
            empty = {"row": doubt.row, "inquiry": "", "references": "", "what": [], "doubts": [], "order": 9}
            row = rows.setdefault(doubt.row, empty)
            row["doubts"].append((*DOUBT_TAGS[doubt.kind], doubt.message))
            row["order"] = min(row["order"], list(DOUBT_TAGS).index(doubt.kind))
    return sorted(rows.values(), key=lambda row: (row["order"], row["row"]))


def done(kept):
    return [counted(what, new) for what, (new, _) in kept.counts.items() if new]


def breadcrumbs(kept=None):
    crumbs = [("Import a tracker", reverse("clerk:import_tracker"))]
    return [*crumbs, (kept.file_name, "")] if kept else crumbs
