"""An inquiry made public or withdrawn; a recommendation reworded, ended, opened again; a target date moved."""

from functools import partial

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import endings, inquiries, responses
from inquiries.forms.clerk_inquiries import EndingForm, EndingsForm, ReasonForm, RewordForm, TargetDateForm
from inquiries.models import ActionPoint, Inquiry, Recommendation, Response
from inquiries.rules import Refused, check_can_end_at_meeting
from inquiries.views.clerk_reports import manage_url, report_breadcrumbs, report_or_404
from inquiries.views.form_processing import ConfirmForm, Success, bound_data, clerk_required, process_form


@clerk_required
def publish_inquiry(request, slug):
    inquiry = get_object_or_404(Inquiry.objects.select_related("committee"), slug=slug)
    return process_form(
        request,
        ConfirmForm(bound_data(request)),
        partial(inquiries.publish_inquiry, inquiry),
        Success(inquiry.get_absolute_url(), "The inquiry is public."),
        {"inquiry": inquiry, "crumbs": inquiry_breadcrumbs(inquiry, "Publish this inquiry")},
    )


@clerk_required
def withdraw_inquiry(request, slug):
    inquiry = get_object_or_404(Inquiry.objects.select_related("committee"), slug=slug)
    return process_form(
        request,
        ReasonForm(bound_data(request)),
        partial(inquiries.withdraw_inquiry, inquiry),
        Success(inquiry.get_absolute_url(), "The inquiry has been withdrawn from the public."),
        {"inquiry": inquiry, "crumbs": inquiry_breadcrumbs(inquiry, "Withdraw from the public")},
    )


@clerk_required
def reword_recommendation(request, pk):
    recommendation = recommendation_or_404(pk)
    form = RewordForm(bound_data(request), recorded={"text": recommendation.text})
    return process_form(
        request,
        form,
        partial(inquiries.reword_recommendation, recommendation),
        Success(recommendation.get_absolute_url(), "The wording is changed."),
        recommendation_context(recommendation, "Change the wording"),
    )


@clerk_required
def end_recommendation(request, pk):
    recommendation = recommendation_or_404(pk)
    if recommendation.ended_as and request.method != "POST":
        raise Refused(f"Recommendation {recommendation.reference} has already ended.")
    form = EndingForm(bound_data(request), committee=recommendation.inquiry.committee, now=timezone.now())
    return process_form(
        request,
        form,
        partial(endings.end_recommendation, recommendation),
        Success(recommendation.get_absolute_url(), "The end is recorded."),
        recommendation_context(recommendation, "End"),
    )


@clerk_required
def end_recommendations(request, slug, months):
    """Several recommendations of a report, ended at its meeting."""
    report = report_or_404(slug, months)
    if request.method != "POST":
        check_can_end_at_meeting(report.stage, report.meeting, timezone.now())
    not_done = Prefetch("action_points", ActionPoint.objects.not_done().select_related("owner"))
    updates = report.updates.in_order().select_related("assessment").with_recommendations().prefetch_related(not_done)
    return process_form(
        request,
        EndingsForm(bound_data(request), updates=list(updates)),
        partial(endings.end_recommendations, report),
        Success(manage_url(report), "It is recorded what ended at the meeting."),
        {
            "report": report,
            "is_confirmed": report.assessed_at is not None,
            "crumbs": report_breadcrumbs(report, "End recommendations"),
        },
    )


@clerk_required
def resume_recommendation(request, pk):
    recommendation = recommendation_or_404(pk)
    if not recommendation.ended_as:
        raise Refused(f"Recommendation {recommendation.reference} has not ended.")
    form = ReasonForm(bound_data(request))
    return process_form(
        request,
        form,
        partial(endings.resume_recommendation, recommendation),
        Success(recommendation.get_absolute_url(), "It is open again."),
        recommendation_context(recommendation, "Open again"),
    )


@clerk_required
def change_target_date(request, pk):
    found = Response.objects.select_related("inquiry__committee").prefetch_related("recommendations")
    response = get_object_or_404(found, pk=pk)
    first = min(response.recommendations.all(), key=lambda r: r.reference_key, default=None)
    return process_form(
        request,
        TargetDateForm(bound_data(request), response=response),
        partial(responses.change_target_date, response),
        Success(recommendation_url(response.inquiry, first), "The target date is changed."),
        {
            "response": response,
            "changes": response.target_date_changes.select_related("changed_by"),
            "back": recommendation_url(response.inquiry, first),
            "crumbs": inquiry_breadcrumbs(response.inquiry, "Change the target date"),
        },
    )


def recommendation_context(recommendation, heading):
    return {
        "recommendation": recommendation,
        "back": recommendation.get_absolute_url(),
        "crumbs": inquiry_breadcrumbs(recommendation.inquiry, f"{heading}: {recommendation.reference}"),
    }


def recommendation_or_404(pk):
    return get_object_or_404(Recommendation.objects.select_related("inquiry__committee"), pk=pk)


def recommendation_url(inquiry, recommendation):
    if recommendation is None:
        return inquiry.get_absolute_url()
    return reverse("public:recommendation", args=[inquiry.slug, recommendation.reference])


def inquiry_breadcrumbs(inquiry, heading):
    return [(inquiry.title, inquiry.get_absolute_url()), (heading, "")]
