"""More time for a progress update: the page on which an officer asks, and that on which a clerk decides."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from inquiries import rules
from inquiries.actions import more_time
from inquiries.forms.more_time import GRANT, DecisionForm, MoreTimeForm
from inquiries.models import MoreTimeRequest
from inquiries.permissions import RIGHTS, Refused, check_can
from inquiries.views.drafts import delete_draft, find_draft, login_required_keeping_post
from inquiries.views.form_processing import Success, apply_action, bound_data, clerk_required, process_form
from inquiries.views.officer import find_update


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def ask(request, slug, months, reference):
    update, today, now = find_update(request.user, slug, months, reference), timezone.localdate(), timezone.now()
    if request.method != "POST":
        check_can("write_update", request.user, update, today)
    elif not RIGHTS["write_update"].belongs_to(request.user, update, today):
        raise Refused(RIGHTS["write_update"].refusal)
    form = MoreTimeForm(bound_data(request))
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "by": request.user, "now": now}
        if apply_action(form, more_time.ask_for_more_time, update, **given):
            delete_draft(request)
            messages.success(request, "You have asked for more time. You will get an e-mail when a clerk has decided.")
            return redirect(update)
    report = update.report
    context = {
        "update": update,
        "report": report,
        "form": form,
        "draft": find_draft(request),
        "requests": update.more_time_requests.select_related("asked_by", "decided_by"),
        "problem": why_no_more_time(update, today),
        "crumbs": [
            (report.inquiry.title, report.inquiry.get_absolute_url()),
            (f"Update on {update.response.references}", update.get_absolute_url()),
            ("Ask for more time", ""),
        ],
    }
    return render(request, "officer/more_time.html", context)


def why_no_more_time(update, today):
    """The sentence that says why nothing can be asked for; "" where it can."""
    if update.due_on is None:
        return "No date is set by which this update is due."
    if update.more_time_wanted:
        return "A clerk has not decided yet. You will get an e-mail about it."
    try:
        rules.check_more_time(rules.first_later_day(update.due_on, today), update.due_on, update.last_day, today)
    except Refused as refused:
        return str(refused)
    return ""


@clerk_required
def decide(request, slug, months, pk):
    requests = MoreTimeRequest.objects.filter(update__report__inquiry__slug=slug, update__report__months_on=months)
    wanted = get_object_or_404(requests.for_page().select_related("update__report__meeting__committee"), pk=pk)
    update, report = wanted.update, wanted.update.report
    form = DecisionForm(bound_data(request), initial={"granted_until": wanted.wanted_until})
    context = {
        "more_time": wanted,
        "update": update,
        "report": report,
        "last_day": update.last_day,
        "crumbs": [
            (report.inquiry.title, report.inquiry.get_absolute_url()),
            (report.kind, manage_url := reverse("clerk:manage", args=[slug, months])),
            ("More time", ""),
        ],
    }
    return process_form(
        request,
        form,
        decision_of(wanted),
        Success(manage_url, "Your decision is on its way."),
        context,
    )


def decision_of(wanted):
    def act(*, decision, granted_until, note, by, now):
        if decision == GRANT:
            more_time.grant_more_time(wanted, granted_until=granted_until, note=note, by=by, now=now)
        else:
            more_time.refuse_more_time(wanted, note=note, by=by, now=now)

    return act
