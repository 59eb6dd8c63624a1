"""An inquiry made public or taken back; a recommendation reworded, ended, opened again; a target date moved."""

from functools import partial

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import inquiries, responses
from inquiries.forms.clerk.inquiries import EndingForm, ReasonForm, RewordForm, TargetDateForm
from inquiries.models import Inquiry, Recommendation, Response
from inquiries.rules import Refused
from inquiries.views.clerk.guard import answer, clerks_only, typed
from inquiries.views.clerk.reports import ConfirmForm


@clerks_only
def publish_inquiry(request, slug):
    """Show an inquiry, its recommendations and responses to everybody."""
    inquiry = get_object_or_404(Inquiry.objects.select_related("committee"), slug=slug)
    return answer(
        request,
        ConfirmForm(typed(request)),
        partial(inquiries.publish_inquiry, inquiry, by=request.user, now=timezone.now()),
        page="clerk/publish_inquiry.html",
        then=inquiry.get_absolute_url(),
        said="The inquiry is public.",
        context={"inquiry": inquiry, "crumbs": _crumbs(inquiry, "Publish this inquiry")},
    )


@clerks_only
def withdraw_inquiry(request, slug):
    """Take an inquiry that was published by mistake out of public sight."""
    inquiry = get_object_or_404(Inquiry.objects.select_related("committee"), slug=slug)
    return answer(
        request,
        ReasonForm(typed(request)),
        partial(inquiries.withdraw_inquiry, inquiry, by=request.user, now=timezone.now()),
        page="clerk/withdraw_inquiry.html",
        then=inquiry.get_absolute_url(),
        said="The inquiry is out of public sight.",
        context={"inquiry": inquiry, "crumbs": _crumbs(inquiry, "Take out of public sight")},
    )


@clerks_only
def reword_recommendation(request, pk):
    """Correct the wording of a recommendation."""
    recommendation = _recommendation(pk)
    form = RewordForm(typed(request), initial={"text": recommendation.text})
    return _about(request, recommendation, form, inquiries.reword_recommendation, "reword", "The wording is changed.")


@clerks_only
def end_recommendation(request, pk):
    """End a recommendation by the committee's decision."""
    recommendation = _recommendation(pk)
    if recommendation.ended_as and request.method != "POST":
        raise Refused(f"Recommendation {recommendation.reference} has already ended.")
    form = EndingForm(typed(request), committee=recommendation.inquiry.committee)
    return _about(request, recommendation, form, inquiries.end_recommendation, "end", "The end is recorded.")


@clerks_only
def resume_recommendation(request, pk):
    """Undo an end that was a mistake."""
    recommendation = _recommendation(pk)
    if not recommendation.ended_as:
        raise Refused(f"Recommendation {recommendation.reference} has not ended.")
    form = ReasonForm(typed(request))
    return _about(request, recommendation, form, inquiries.resume_recommendation, "resume", "It is open again.")


@clerks_only
def change_target_date(request, pk):
    """Move the target date of a response; the original and every change are kept."""
    found = Response.objects.select_related("inquiry__committee").prefetch_related("recommendations")
    response = get_object_or_404(found, pk=pk)
    first = min(response.recommendations.all(), key=lambda r: r.reference_key, default=None)
    return answer(
        request,
        TargetDateForm(typed(request), response=response),
        partial(responses.change_target_date, response, by=request.user, now=timezone.now()),
        page="clerk/change_target_date.html",
        then=_page_of(response.inquiry, first),
        said="The target date is changed.",
        context={
            "response": response,
            "changes": response.target_date_changes.select_related("changed_by"),
            "back": _page_of(response.inquiry, first),
            "crumbs": _crumbs(response.inquiry, "Change the target date"),
        },
    )


def _about(request, recommendation, form, deed, verb, said):
    back = recommendation.get_absolute_url()
    words = {"reword": "Change the wording", "end": "End", "resume": "Open again"}[verb]
    return answer(
        request,
        form,
        partial(deed, recommendation, by=request.user, now=timezone.now()),
        page=f"clerk/{verb}_recommendation.html",
        then=back,
        said=said,
        context={
            "recommendation": recommendation,
            "back": back,
            "crumbs": _crumbs(recommendation.inquiry, f"{words}: {recommendation.reference}"),
        },
    )


def _recommendation(pk):
    return get_object_or_404(Recommendation.objects.select_related("inquiry__committee"), pk=pk)


def _page_of(inquiry, recommendation):
    if recommendation is None:
        return inquiry.get_absolute_url()
    return reverse("public:recommendation", args=[inquiry.slug, recommendation.reference])


def _crumbs(inquiry, words):
    return [("Your work", reverse("public:home")), (inquiry.title, inquiry.get_absolute_url()), (words, "")]
