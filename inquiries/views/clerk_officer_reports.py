"""Officer reports as a clerk commissions and follows them."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.actions import officer_reports
from inquiries.actions.reminders import remind_of_officer_report
from inquiries.choices import SignatureRole
from inquiries.forms.clerk_reports import EvidenceForm
from inquiries.forms.officer_reports import (
    ChangeReportForm,
    CommissionReportForm,
    ItemQueryForm,
    MoveReportForm,
    ReopenReportForm,
)
from inquiries.models import Entry, Notification, OfficerReport
from inquiries.permissions import Refused, check_can, rights_over
from inquiries.templatetags.scrutiny import longdate
from inquiries.views.clerk_meetings import agenda_breadcrumbs, agenda_url, check_not_cancelled, meeting_or_404
from inquiries.views.clerk_reports import MOST_HISTORY, MOST_MAILS, Deadline
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import ConfirmForm, Success, apply_action, bound_data, clerk_required, process_form


@clerk_required
def commission_officer_report(request, pk):
    meeting = meeting_or_404(pk)
    check_not_cancelled(request, meeting)
    item = ItemQueryForm(request.GET, meeting=meeting).found()
    form = CommissionReportForm(bound_data(request), meeting=meeting, item=item)
    made = []

    def commission(**values):
        values = {name: value for name, value in values.items() if name != "based_on"}
        made.append(officer_reports.commission(meeting, **values, by=request.user, now=timezone.now()))

    if request.method == "POST" and form.is_valid() and apply_action(form, commission, **form.cleaned_data):
        delete_draft(request)
        report = made[0]
        reached = report.author.email and report.author.is_active
        outcome = "is notified" if reached else "has no e-mail address: tell them yourself"
        messages.success(request, f"“{report}” is commissioned. {report.author} {outcome}.")
        return redirect("clerk:officer_report", report.pk)
    context = {
        "meeting": meeting,
        "form": form,
        "draft": find_draft(request),
        "crumbs": agenda_breadcrumbs(meeting, "Commission an officer report"),
    }
    return render(request, "clerk/commission_officer_report.html", context)


def report_or_404(pk):
    return get_object_or_404(OfficerReport.objects.for_page().select_related("document", "commissioned_by"), pk=pk)


def report_url(report):
    return reverse("clerk:officer_report", args=[report.pk])


def report_breadcrumbs(report, *headings):
    way = agenda_breadcrumbs(report.meeting)
    if not headings:
        return [*way, ("Officer report", "")]
    return [*way, ("Officer report", report_url(report)), *((heading, "") for heading in headings)]


@require_safe
@clerk_required
def officer_report(request, pk):
    report = report_or_404(pk)
    today = timezone.localdate()
    signatures = list(report.signatures.all())
    for signature in signatures:
        signature.report = report
    keys = [f"officer_report:{report.pk}", *(f"report_signature:{one.pk}" for one in signatures)]
    more_time = list(report.more_time_requests.select_related("asked_by", "decided_by"))
    mails = Notification.objects.filter(concerns__overlap=keys).select_related("recipient")
    open_keys = keys[:1] if report.is_open else keys[1:] if report.submitted_at and not report.signed_off_at else []
    context = {
        "report": report,
        "meeting": report.meeting,
        "today": today,
        "signatures": signatures,
        "timeline": timeline_of(report),
        "may": rights_over(request.user, report, today, "write_officer_report", "reopen_officer_report"),
        "can_record": report.submitted_at is not None and report.signed_off_at is None and report.is_current,
        "can_remind": bool(open_keys) and report.is_current,
        "more_time": more_time,
        "asked": next((one for one in more_time if one.decided_at is None and report.is_open), None),
        "mails": mails[:MOST_MAILS],
        "history": Entry.objects.about(report, *signatures, *report.pictures.all())[:MOST_HISTORY].by_day(),
        "crumbs": report_breadcrumbs(report),
    }
    return render(request, "clerk/officer_report.html", context)


def timeline_of(report):
    meeting = report.meeting
    submitted, signed = longdate(report.submitted_at), longdate(report.signed_off_at)
    return [
        Deadline("Text is due", report.text_due_on, submitted or None),
        Deadline("Sign-off is due", report.sign_off_due_on, signed or None),
        Deadline("Last day to publish the agenda", meeting.deadlines.publication, None, never_late=True),
        Deadline("Meeting", meeting.day, None, never_late=True),
    ]


@clerk_required
def change_officer_report(request, pk):
    report = report_or_404(pk)
    check_not_signed_off(request, report)
    form = ChangeReportForm(bound_data(request), report=report, signers=officer_reports.signers_of(report))
    success = Success(report_url(report), "The report is changed.")
    context = {"report": report, "crumbs": report_breadcrumbs(report, "Change the report")}
    return process_form(request, form, partial(officer_reports.change, report), success, context)


@clerk_required
def move_officer_report(request, pk):
    report = report_or_404(pk)
    if report.cancelled_at is not None and request.method != "POST":
        raise Refused("This report has been cancelled.")
    form = MoveReportForm(bound_data(request), report=report, now=timezone.now())
    success = Success(report_url(report), "The report is moved. Those who write and sign it are notified.")
    context = {
        "report": report,
        "has_meetings": form.fields["meeting"].queryset.exists(),
        "crumbs": report_breadcrumbs(report, "Move to another meeting"),
    }
    return process_form(request, form, partial(officer_reports.move, report), success, context)


def check_not_signed_off(request, report):
    if report.signed_off_at is not None and request.method != "POST":
        raise Refused("This report has been signed off: reopen it before you change it.")


@clerk_required
def record_report_sign_off(request, pk, signature):
    report = report_or_404(pk)
    signature = get_object_or_404(report.signatures.select_related("person"), pk=signature)
    signature.report = report
    if request.method != "POST":
        check_can("record_report_signature", request.user, signature, timezone.localdate())
    success = Success(report_url(report), f"The sign-off of {signature.person} is recorded.")
    context = {
        "report": report,
        "signature": signature,
        "role": SignatureRole(signature.role).label,
        "crumbs": report_breadcrumbs(report, "Record a sign-off"),
    }
    form = EvidenceForm(bound_data(request))
    return process_form(request, form, partial(officer_reports.record_sign_off, signature), success, context)


@clerk_required
def reopen_officer_report(request, pk):
    report = report_or_404(pk)
    if request.method != "POST":
        check_can("reopen_officer_report", request.user, report, timezone.localdate())
    success = Success(report_url(report), "The report is open again.")
    context = {"report": report, "crumbs": report_breadcrumbs(report, "Reopen the report")}
    form = ReopenReportForm(bound_data(request))
    return process_form(request, form, partial(officer_reports.reopen, report), success, context)


@clerk_required
def cancel_officer_report(request, pk):
    report = report_or_404(pk)
    if not report.is_current and request.method != "POST":
        raise Http404
    success = Success(agenda_url(report.meeting), f"“{report}” is cancelled.")
    context = {"report": report, "crumbs": report_breadcrumbs(report, "Cancel the report")}
    form = ConfirmForm(bound_data(request))
    return process_form(request, form, partial(officer_reports.cancel, report), success, context)


@clerk_required
def remind_officer_report(request, pk):
    """Remind those who have to write it, or sign it, now."""
    report = report_or_404(pk)
    if request.method == "POST":
        try:
            reminded = remind_of_officer_report(report, by=request.user, now=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, str(reminded))
    return redirect(report_url(report))
