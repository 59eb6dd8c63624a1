"""More time for a progress update or an officer report: the pages on which it is asked for, and decided."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from inquiries import rules
from inquiries.actions import more_time
from inquiries.documents.content import long_date
from inquiries.forms.more_time import GRANT, DecisionForm, MoreTimeForm
from inquiries.models import MoreTimeRequest
from inquiries.permissions import RIGHTS, Refused, check_can
from inquiries.views.clerk_meetings import agenda_breadcrumbs
from inquiries.views.drafts import delete_draft, find_draft, login_required_keeping_post
from inquiries.views.form_processing import Success, apply_action, bound_data, clerk_required, process_form
from inquiries.views.officer import find_update
from inquiries.views.officer_reports import page_context, report_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def ask(request, slug, months, reference):
    update = find_update(request.user, slug, months, reference)
    report, references = update.report, update.response.references
    context = {
        "name": f"update on {references}",
        "kind": "update",
        "caption": f"Progress update on {references}, {report.inquiry.title}",
        "crumbs": [
            (report.inquiry.title, report.inquiry.get_absolute_url()),
            (f"Update on {references}", update.get_absolute_url()),
            ("Ask for more time", ""),
        ],
    }
    return process_request(request, update, "write_update", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def ask_for_report(request, pk):
    report = report_or_404(request.user, pk)
    context = {
        **page_context(report, ("Ask for more time", "")),
        "name": report.title,
        "kind": "report",
        "caption": f"{report.title}, {long_date(report.meeting.day)}",
    }
    return process_request(request, report, "write_officer_report", context)


def process_request(request, subject, right, context):
    """The form on which more time is asked for; `subject` is an update or an officer report."""
    today, now = timezone.localdate(), timezone.now()
    if request.method != "POST":
        check_can(right, request.user, subject, today)
    elif not RIGHTS[right].belongs_to(request.user, subject, today):
        raise Refused(RIGHTS[right].refusal)
    form = MoreTimeForm(bound_data(request))
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "by": request.user, "now": now}
        if apply_action(form, more_time.ask_for_more_time, subject, **given):
            delete_draft(request)
            messages.success(request, "You have asked for more time. You will get an e-mail when a clerk has decided.")
            return redirect(subject)
    requests = list(subject.more_time_requests.select_related("asked_by", "decided_by"))
    context |= {
        "subject": subject,
        "form": form,
        "draft": find_draft(request),
        "requests": requests,
        "problem": why_no_more_time(subject, requests, today),
    }
    return render(request, "officer/more_time.html", context)


def why_no_more_time(subject, requests, today):
    """The sentence that says why nothing can be asked for; "" where it can."""
    if subject.due_on is None:
        return "No date is set by which this update is due."
    if any(one.decided_at is None for one in requests):
        return "A clerk has not decided yet. You will get an e-mail about it."
    try:
        rules.check_more_time(rules.first_later_day(subject.due_on, today), subject.due_on, subject.last_day, today)
    except Refused as refused:
        return str(refused)
    return ""


@clerk_required
def decide(request, slug, months, pk):
    requests = MoreTimeRequest.objects.filter(update__report__inquiry__slug=slug, update__report__months_on=months)
    wanted = get_object_or_404(requests.for_page().select_related("update__report__meeting__committee"), pk=pk)
    report, back = wanted.update.report, reverse("clerk:manage", args=[slug, months])
    context = {
        "name": f"update on {wanted.update.response.references}",
        "caption": f"{report.inquiry.title}: {report.kind.lower()}",
        "crumbs": [
            (report.inquiry.title, report.inquiry.get_absolute_url()),
            (report.kind, back),
            ("More time", ""),
        ],
    }
    return process_decision(request, wanted, back, context)


@clerk_required
def decide_for_report(request, pk, asked):
    requests = MoreTimeRequest.objects.filter(officer_report=pk).for_page()
    wanted = get_object_or_404(requests, pk=asked)
    report, back = wanted.officer_report, reverse("clerk:officer_report", args=[pk])
    context = {
        "name": f"report “{report}”",
        "caption": str(report.meeting),
        "crumbs": [*agenda_breadcrumbs(report.meeting), ("Officer report", back), ("More time", "")],
    }
    return process_decision(request, wanted, back, context)


def process_decision(request, wanted, back, context):
    context |= {
        "more_time": wanted,
        "subject": wanted.subject,
        "last_day": wanted.subject.last_day,
        "back": back,
    }
    form = DecisionForm(bound_data(request), initial={"granted_until": wanted.wanted_until})
    success = Success(back, "Your decision is on its way.")
    return process_form(request, form, decision_of(wanted), success, context)


def decision_of(wanted):
    def act(*, decision, granted_until, note, by, now):
        if decision == GRANT:
            more_time.grant_more_time(wanted, granted_until=granted_until, note=note, by=by, now=now)
        else:
            more_time.refuse_more_time(wanted, note=note, by=by, now=now)

    return act
