"""A progress report from Word: uploaded, looked through, corrected, imported."""

import hashlib
import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from inquiries.actions.import_questions import differences, import_doubts, known_inquiry, named_committee, people_in
from inquiries.actions.imports import choices_of, confirm_import, correct_import, draft_of, keep_import
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.clerk_import_rows import OUTCOMES
from inquiries.forms.clerk_imports import ImportReview, UploadForm
from inquiries.imports.draft import Doubt
from inquiries.models import Inquiry, ReportImport
from inquiries.permissions import Refused
from inquiries.views.form_processing import clerk_required
from inquiries.views.kept_words import forget_words, kept_words

MOST_TITLES = 100
CHANGED = (
    "This import was changed since you opened this page, perhaps by another clerk or in another window. What you "
    "entered is below: check it, then save it once more to let it replace the other changes."
)


@clerk_required
def import_upload(request):
    """Choose a Word document; on to what was understood of it."""
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
    context = {"form": form, "waiting": waiting, "crumbs": _crumbs()}
    return render(request, "clerk/import_upload.html", context)


@clerk_required
def import_preview(request, pk):
    """Everything that was understood, to be corrected, checked again, and imported."""
    kept = get_object_or_404(ReportImport.objects.select_related("report__inquiry", "confirmed_by"), pk=pk)
    if kept.confirmed_at is not None:
        return _imported(request, kept)
    words = kept_words(request)
    if request.method != "POST":
        return _page(request, kept, _review(kept, words), words=words)
    importing = request.POST.get("action") == "import"
    review = _review(kept, request.POST, importing=importing)
    if request.POST.get("seen") != mark_of(kept):
        review = _review(kept, _seen_now(request.POST, kept), importing=importing)
        return _page(request, kept, review, problems=[(CHANGED, "")], status=409)
    if not review.is_valid():
        return _page(request, kept, review)
    draft = review.draft()
    try:
        correct_import(kept, draft, choices=review.choices(), by=request.user, now=timezone.now())
    except Refused:
        # Imported while this request waited, by a second click perhaps: the page says so.
        kept.refresh_from_db()
        if kept.confirmed_at is None:
            raise
        return _imported(request, kept)
    kept.refresh_from_db()
    forget_words(request)
    return _import(request, kept, draft, review) if importing else _checked(request, kept)


def _imported(request, kept):
    return render(request, "clerk/imported.html", {"kept": kept, "crumbs": _crumbs(kept), "again": request.POST})


def mark_of(kept):
    """A mark that is another one as soon as anybody corrects the import."""
    return hashlib.sha256(json.dumps(kept.draft, sort_keys=True).encode()).hexdigest()[:16]


def _checked(request, kept):
    left = len(_review(kept).questions())
    asked = f"{left} things are" if left > 1 else "1 thing is" if left else "nothing is"
    messages.success(request, f"Your corrections are saved; {asked} left to look at.")
    return redirect("clerk:import_preview", kept.pk)


def _import(request, kept, draft, review):
    """Record the report; back to the page, with all that is in the way, where it cannot be."""
    saved = _review(kept)
    must = [
        (f"{name}: {d.message}" if name else d.message, href) for d, href, name in saved.questions() if d.must_settle
    ]
    if must:
        return _page(request, kept, saved, problems=must)
    words = review.header.cleaned_data
    new = people_in(draft)[1]
    try:
        report = confirm_import(
            kept,
            draft,
            committee=words["committee"],
            title=words["inquiry"],
            **review.choices(),
            by=request.user,
            now=timezone.now(),
        )
    except (Refused, PdfFailed) as refused:
        return _page(request, kept, saved, problems=[(str(refused), "")])
    except ValidationError as error:
        return _page(request, kept, saved, problems=[(message, "") for message in error.messages])
    messages.success(request, _recorded(report, len(draft.rows), new))
    return redirect("clerk:manage", report.inquiry.slug, report.months_on)


def _recorded(report, rows, new):
    people = f" Newly recorded, without e-mail address: {', '.join(new)}." if new else ""
    return f"Imported: the {report.kind.lower()} on {report.inquiry}, {rows} row{pluralize(rows)}.{people}"


def _review(kept, data=None, *, importing=False):
    draft = draft_of(kept)
    people = people_in(draft)
    committee = named_committee(draft)
    inquiry = known_inquiry(committee, draft.inquiry)
    extra = import_doubts(draft, people[2], inquiry)
    if draft.committee and committee is None:
        message = f"No committee called “{draft.committee}” is recorded. Choose one, or add it in the admin first."
        extra.append(Doubt(message, field="committee", must_settle=True))
    review = ImportReview(
        draft, choices_of(kept), mark_of(kept), data, committee=committee, extra=extra, importing=importing
    )
    review.known_people, review.new_people, _ = people
    review.committee, review.inquiry = committee, inquiry
    return review


def _seen_now(data, kept):
    data = data.copy()
    data["seen"] = mark_of(kept)
    return data


def _page(request, kept, review, *, problems=(), words=None, status=200):
    questions = review.questions()
    titles = Inquiry.objects.filter(committee=review.committee) if review.committee else Inquiry.objects.all()
    context = {
        "kept": kept,
        "review": review,
        "kept_words": words,
        "to_settle": [question for question in questions if question[0].must_settle],
        "to_check": [question for question in questions if not question[0].must_settle],
        "differences": differences(review.base, review.inquiry) if review.inquiry else [],
        "titles": titles.order_by("title").values_list("title", flat=True)[:MOST_TITLES],
        "outcomes": OUTCOMES,
        "same_file": ReportImport.objects.filter(checksum=kept.checksum, confirmed_at__isnull=False)
        .select_related("report__inquiry")
        .first(),
        "error_list": [*problems, *review.problems()],
        "crumbs": _crumbs(kept),
    }
    return render(request, "clerk/import_preview.html", context, status=status)


def _crumbs(kept=None):
    crumbs = [("Your work", reverse("public:home")), ("Import a progress report", reverse("clerk:import_upload"))]
    return [*crumbs, (kept.file_name, "")] if kept else crumbs
