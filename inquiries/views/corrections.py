"""A confirmed assessment is corrected, with the reason that is published beside it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from inquiries.actions import assessments
from inquiries.actions.progress import EditClash
from inquiries.choices import Rating
from inquiries.documents.typst_runner import PdfFailed
from inquiries.forms.room import CorrectionForm
from inquiries.govuk import add_errors
from inquiries.models import Assessment, ProgressReport
from inquiries.permissions import Refused, check_can
from inquiries.views.drafts import delete_draft, draft_data, find_draft, login_required_keeping_post


@require_safe
@login_required_keeping_post
def corrections(request, slug, months):
    """Choose the row to correct."""
    report = find_report(request.user, slug, months)
    context = {"report": report, "updates": report.updates.for_page(), "crumbs": crumbs_of(report)}
    return render(request, "room/corrections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def correct(request, slug, months, reference):
    report = find_report(request.user, slug, months)
    update = get_object_or_404(report.updates.about(reference).for_page())
    recorded = getattr(update, "assessment", None) or Assessment(update=update)
    if request.method == "POST" and request.POST.get("action") == "discard":
        delete_draft(request)
        return redirect(request.path)
    form = CorrectionForm(request.POST if request.method == "POST" else draft_data(request), recorded=recorded)
    if request.method == "POST" and form.is_valid():
        try:
            assessments.correct_assessment(update, **form.cleaned_data, by=request.user, now=timezone.now())
        except EditClash as clash:
            form = form_after_clash(request.POST, clash.current)
        except (Refused, PdfFailed, ValidationError) as error:
            add_errors(form, error)
        else:
            delete_draft(request)
            messages.success(request, f"The assessment of {update.response.references} is corrected and published.")
            return redirect(report.get_absolute_url())
    context = {
        "report": report,
        "update": update,
        "recorded": recorded,
        "form": form,
        "draft": find_draft(request),
        "crumbs": [*crumbs_of(report), (f"Correct {update.response.references}", "")],
    }
    return render(request, "room/correct.html", context)


def form_after_clash(posted, recorded):
    """The form as it was sent, now based on what another person recorded in the meantime."""
    answers = posted.copy()
    answers["seen"] = recorded.recorded_at.isoformat()
    form = CorrectionForm(answers, recorded=recorded)
    rating = Rating(recorded.rating).label if recorded.rating else "to be assessed"
    form.add_error("rating", f"{recorded.recorded_by} has just recorded “{rating}”. Save again to replace it.")
    return form


def find_report(person, slug, months):
    reports = ProgressReport.objects.visible_to(person).select_related("inquiry__committee", "meeting")
    report = get_object_or_404(reports, inquiry__slug=slug, months_on=months)
    check_can("correct_assessment", person, report, timezone.localdate())
    return report


def crumbs_of(report):
    address = [report.inquiry.slug, report.months_on]
    return [
        (f"{report.inquiry.title}: {report.kind.lower()}", report.get_absolute_url()),
        ("Correct an assessment", reverse("committee:corrections", args=address)),
    ]
