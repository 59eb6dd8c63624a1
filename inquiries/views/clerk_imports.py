"""Imports: a progress report from Word, people from CSV. Uploaded, looked through, corrected, recorded."""

import csv
import hashlib
from collections import Counter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from inquiries.actions.expiry import KEEP_DRAFTS_DAYS
from inquiries.actions.imports import (
    ROWS_AT_ONCE,
    check_import,
    choices_of,
    confirm_import,
    correct_import,
    draft_of,
    keep_import,
    named_committee,
    start_import,
)
from inquiries.actions.people_import import (
    CHANGED,
    ERROR,
    NEW,
    UNCHANGED,
    PreviewChanged,
    forget_import,
    keep_people,
    people_of_kind,
    preview_people,
    record_people,
)
from inquiries.actions.people_import import mark_of as mark_of_people
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.clerk_imports import OUTCOMES, ImportReview, PeopleImportForm, PeopleUploadForm, UploadForm
from inquiries.imports.people_csv import HEADINGS, PersonRow
from inquiries.models import Inquiry, PeopleImport, ReportImport
from inquiries.models.fields import checksum_of_data
from inquiries.permissions import Refused
from inquiries.views.clerk_people import people_breadcrumbs
from inquiries.views.drafts import delete_draft, draft_data, find_draft
from inquiries.views.form_processing import clerk_required

MOST_TITLES = 100
IMPORT_CHANGED = (
    "This import was changed since you opened this page, perhaps by another clerk or in another window. What you "
    "entered is below: check it, then save it once more to let it replace the other changes."
)


@clerk_required
def import_upload(request):
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        kept = keep_import(
            form.cleaned_data["draft"],
            file_name=form.cleaned_data["file"].name,
            checksum=hashlib.sha256(form.cleaned_data["data"]).hexdigest(),
            by=request.user,
            now=timezone.now(),
        )
        return redirect("clerk:import_preview", kept.pk)
    waiting = ReportImport.objects.filter(confirmed_at__isnull=True).select_related("uploaded_by")[:10]
    context = {"form": form, "waiting": waiting, "crumbs": import_breadcrumbs()}
    return render(request, "clerk/import_upload.html", context)


@clerk_required
def import_preview(request, pk):
    kept = get_object_or_404(ReportImport.objects.select_related("report__inquiry", "confirmed_by"), pk=pk)
    if kept.confirmed_at is not None:
        return render_imported(request, kept)
    if kept.started_at is not None:
        return render_importing(request, kept)
    if request.method != "POST":
        return render_review(request, kept, review_of(kept, draft_data(request)))
    review = review_of(kept, request.POST)
    if request.POST.get("seen") != mark_of(kept):
        data = request.POST.copy()
        data["seen"] = mark_of(kept)
        return render_review(request, kept, review_of(kept, data), problems=[(IMPORT_CHANGED, "")], status=409)
    if not review.is_valid():
        return render_review(request, kept, review)
    try:
        correct_import(kept, review.draft(), choices=review.choices(), by=request.user, now=timezone.now())
        kept.refresh_from_db()
        delete_draft(request)
        review = review_of(kept)
        if request.POST.get("action") == "import":
            return confirm_or_explain(request, kept, review)
    except Refused:
        # Imported while this request waited, by a second click perhaps: the page says so.
        kept.refresh_from_db()
        if kept.confirmed_at is None and kept.started_at is None:
            raise
        return render_imported(request, kept) if kept.confirmed_at else render_importing(request, kept)
    left = len(review.questions())
    to_do = f"{left} things are" if left > 1 else "1 thing is" if left else "nothing is"
    messages.success(request, f"Your corrections are saved; {to_do} left to look at.")
    return redirect("clerk:import_preview", kept.pk)


def render_importing(request, kept):
    context = {"kept": kept, "rows": len(draft_of(kept).rows), "crumbs": import_breadcrumbs(kept)}
    return render(request, "clerk/importing.html", context)


def render_imported(request, kept):
    return render(
        request, "clerk/imported.html", {"kept": kept, "crumbs": import_breadcrumbs(kept), "again": request.POST}
    )


# Another one as soon as anybody corrects the import: who saves says what they have seen.
def mark_of(kept):
    return checksum_of_data(kept.draft)[:16]


def confirm_or_explain(request, kept, review):
    draft = review.base
    must = [(draft.sentence_of(doubt), href) for doubt, href, _ in review.questions() if doubt.must_settle]
    if must:
        return render_review(request, kept, review, problems=must)
    if len(draft.rows) > ROWS_AT_ONCE:
        start_import(kept, by=request.user, now=timezone.now())
        return redirect("clerk:import_preview", kept.pk)
    target = {"committee": review.committee, "title": draft.inquiry, **choices_of(kept)}
    try:
        report = confirm_import(kept, draft, **target, by=request.user, now=timezone.now())
    except (Refused, PdfFailed) as refused:
        return render_review(request, kept, review, problems=[(str(refused), "")])
    except ValidationError as error:
        return render_review(request, kept, review, problems=[(message, "") for message in error.messages])
    rows, new = f"{len(draft.rows)} row{pluralize(len(draft.rows))}", review.check.new_people
    people = f" Newly recorded, without e-mail address: {', '.join(new)}." if new else ""
    messages.success(request, f"Imported: the {report.kind.lower()} on {report.inquiry}, {rows}.{people}")
    return redirect("clerk:manage", report.inquiry.slug, report.months_on)


def review_of(kept, data=None):
    draft, choices = draft_of(kept), choices_of(kept)
    committee = named_committee(draft)
    check = check_import(draft, committee, **choices)
    return ImportReview(draft, choices, mark_of(kept), data, check=check)


def render_review(request, kept, review, *, problems=(), status=200):
    questions = review.questions()
    titles = Inquiry.objects.filter(committee=review.committee) if review.committee else Inquiry.objects.all()
    context = {
        "kept": kept,
        "review": review,
        "draft": find_draft(request),
        "to_settle": [question for question in questions if question[0].must_settle],
        "to_check": [question for question in questions if not question[0].must_settle],
        "titles": titles.order_by("title").values_list("title", flat=True)[:MOST_TITLES],
        "outcomes": OUTCOMES,
        "same_file": ReportImport.objects.filter(checksum=kept.checksum, confirmed_at__isnull=False)
        .select_related("report__inquiry")
        .first(),
        "error_list": [*([(kept.failure, "")] if kept.failure else []), *problems, *review.problems()],
        "crumbs": import_breadcrumbs(kept),
    }
    return render(request, "clerk/import_preview.html", context, status=status)


def import_breadcrumbs(kept=None):
    crumbs = [("Import a progress report", reverse("clerk:import_upload"))]
    return [*crumbs, (kept.file_name, "")] if kept else crumbs


@clerk_required
def import_people(request):
    form = PeopleUploadForm(request.POST, request.FILES) if request.method == "POST" else PeopleUploadForm()
    if form.is_bound and form.is_valid():
        kept = keep_people(
            form.cleaned_data["rows"],
            form.cleaned_data["unknown_columns"],
            file_name=form.cleaned_data["file"].name,
            checksum=hashlib.sha256(form.cleaned_data["data"]).hexdigest(),
            by=request.user,
            now=timezone.now(),
        )
        return redirect("clerk:people_import", kept.pk)
    context = {
        "form": form,
        "waiting": PeopleImport.objects.filter(confirmed_at__isnull=True).select_related("uploaded_by")[:10],
        "columns": [PersonRow.base_fields[name] for name in HEADINGS],
        "days": KEEP_DRAFTS_DAYS,
        "crumbs": people_breadcrumbs(heading="Import people"),
    }
    return render(request, "clerk/import_people.html", context)


@clerk_required
def people_template(request):
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="people.csv"'
    csv.writer(response, quoting=csv.QUOTE_ALL).writerow(HEADINGS.values())
    return response


@clerk_required
def people_import(request, pk):
    kept = get_object_or_404(PeopleImport.objects.select_related("uploaded_by", "confirmed_by"), pk=pk)
    if kept.confirmed_at is not None:
        crumbs = people_import_breadcrumbs(kept)
        return render(request, "clerk/people_imported.html", {"kept": kept, "crumbs": crumbs})
    action = request.POST.get("action")
    by = {"by": request.user, "now": timezone.now()}
    if action == "forget":
        forget_import(kept, **by)
        delete_draft(request)
        messages.success(request, f"{kept.file_name} has been thrown away. Nothing was recorded.")
        return redirect("clerk:import_people")
    data = request.POST if request.method == "POST" else draft_data(request)
    form = PeopleImportForm(data, rows=kept.rows["rows"], recording=action == "record")
    if action not in ("check", "record") or not form.is_valid():
        return render_people_import(request, kept, form)
    if action == "check":
        preview_people(kept, form.choices, **by)
        delete_draft(request)
        return redirect(f"{request.path}#doing")
    inviting = form.cleaned_data.get("invite", False)
    try:
        rows = record_people(kept, form.choices, seen=request.POST.get("seen"), inviting=inviting, **by)
    except Refused as refused:
        # Who is meant may be another question by now.
        form = PeopleImportForm(request.POST, rows=kept.rows["rows"])
        form.add_error(None, str(refused))
        return render_people_import(request, kept, form, status=409 if isinstance(refused, PreviewChanged) else 200)
    delete_draft(request)
    new, changed = people_of_kind(rows, NEW), people_of_kind(rows, CHANGED)
    counts = [("{} new {}", len(new)), ("{} {} changed", len(changed - new))]
    parts = [text.format(count, pluralize(count, "person,people")) for text, count in counts if count]
    messages.success(request, f"Recorded: {' and '.join(parts)}.")
    return redirect("clerk:people_import", kept.pk)


def render_people_import(request, kept, form, *, status=200):
    rows = kept.rows["rows"]
    context = {
        "kept": kept,
        "form": form,
        "mark": mark_of_people(kept),
        "counts": Counter(row["kind"] for row in rows),
        "errors": [row for row in rows if row["kind"] == ERROR],
        "doing": [row for row in rows if row["kind"] not in (ERROR, UNCHANGED)],
        "idle": [row for row in rows if row["kind"] == UNCHANGED],
        "unknown_columns": kept.rows["unknown_columns"],
        "crumbs": people_import_breadcrumbs(kept),
        "draft": find_draft(request),
    }
    return render(request, "clerk/people_import.html", context, status=status)


def people_import_breadcrumbs(kept):
    return [*people_breadcrumbs(), ("Import people", reverse("clerk:import_people")), (kept.file_name, "")]
