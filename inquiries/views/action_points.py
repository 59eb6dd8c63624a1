"""Actions that a committee asks for: the rows of a report that may have some, setting one, and the owner's page."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from inquiries import rules
from inquiries.actions import action_points as actions
from inquiries.forms.action_points import ActionDoneForm, ActionPointForm
from inquiries.models import ActionPoint, ProgressReport
from inquiries.permissions import Refused, can, check_can
from inquiries.views.committee import find_report
from inquiries.views.drafts import delete_draft, find_draft, login_required_keeping_post
from inquiries.views.form_processing import apply_action, bound_data


@require_safe
@login_required_keeping_post
def action_points(request, slug, months):
    """The rows that the committee rated concerns or not delivered, with their actions."""
    report = report_for_actions(request.user, slug, months)
    updates = list(report.updates.for_rows().with_recommendations().prefetch_related("action_points__owner"))
    for update in updates:
        update.can_have_action = can_have_action(update, report)
    context = {
        "report": report,
        "rows": [update for update in updates if update.action_points.all() or update.can_have_action],
        "not_begun": why_not_begun(report),
        "crumbs": breadcrumbs(report),
    }
    return render(request, "action_points/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def set_action_point(request, slug, months, reference):
    report = report_for_actions(request.user, slug, months)
    update = get_object_or_404(report.updates.about(reference).for_page())
    if request.method != "POST" and (refusal := why_not_begun(report)):
        raise Refused(refusal)
    form = ActionPointForm(form_data(request))
    act = partial(actions.set_action_point, update)
    return process(request, form, act, report, update, "The action is set.", "Set an action")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def change_action_point(request, pk):
    """Change an action, or remove it while it is a draft."""
    reports = ProgressReport.objects.visible_to(request.user).values("pk")
    found = ActionPoint.objects.filter(update__report__in=reports)
    action = get_object_or_404(found.for_page(), pk=pk)
    report = action.update.report
    check_can("set_action_point", request.user, action, timezone.localdate())
    if request.method == "POST" and request.POST.get("action") == "remove":
        try:
            actions.remove_action_point(action, by=request.user, now=timezone.now())
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, "The action is removed.")
        return redirect(list_url(report))
    if action.done_at and request.method != "POST":
        return redirect(list_url(report))
    form = ActionPointForm(form_data(request), action=action)
    act = partial(actions.change_action_point, action)
    return process(request, form, act, report, action.update, "The action is changed.", "Change the action", action)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def action_point(request, pk):
    """For its owner, and for clerks: what is asked, and what was done."""
    action = get_object_or_404(ActionPoint.objects.visible_to(request.user).for_page(), pk=pk)
    if request.method == "POST" and request.POST.get("action") == "discard":
        delete_draft(request)
        return redirect(action)
    if request.method == "POST" and request.POST.get("action") == "resume":
        try:
            actions.resume_action_point(action, by=request.user, now=timezone.now())
            messages.success(request, "The action is open again.")
        except Refused as refused:
            messages.warning(request, str(refused))
        return redirect(action)
    form = ActionDoneForm(bound_data(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data | {"by": request.user, "now": timezone.now()}
        if apply_action(form, actions.finish_action_point, action, **given):
            delete_draft(request)
            messages.success(request, "It is recorded that this is done. The next report shows it.")
            return redirect(action)
    inquiry = action.update.report.inquiry
    context = {
        "action": action,
        "report": action.update.report,
        "form": form if action.done_at is None or request.method == "POST" else None,
        "draft": find_draft(request),
        "today": timezone.localdate(),
        "on_behalf": request.user.pk != action.owner_id,
        "may_change": action.done_at is None and can("set_action_point", request.user, action, timezone.localdate()),
        "crumbs": [(inquiry.title, inquiry.get_absolute_url()), ("Action", "")],
    }
    return render(request, "action_points/action_point.html", context)


def report_for_actions(person, slug, months):
    report, _ = find_report(person, slug, months)
    check_can("set_action_point", person, report, timezone.localdate())
    return report


def can_have_action(update, report):
    assessment = getattr(update, "assessment", None)
    return rules.allows(rules.check_needs_action, report.stage, assessment.rating if assessment else None)


def why_not_begun(report):
    try:
        rules.check_was_held(report.meeting, timezone.now())
    except Refused as refused:
        return str(refused)
    return ""


def form_data(request):
    if request.method == "POST" and request.POST.get("action") == "discard":
        delete_draft(request)
        return None
    return bound_data(request)


def process(request, form, act, report, update, message, heading, action=None):
    if request.method == "POST" and form.is_bound and form.is_valid():
        given = form.cleaned_data | {"by": request.user, "now": timezone.now()}
        if apply_action(form, act, **given):
            delete_draft(request)
            messages.success(request, message)
            return redirect(list_url(report))
    context = {
        "form": form,
        "report": report,
        "update": update,
        "action": action,
        "draft": find_draft(request),
        "back": list_url(report),
        "heading": heading,
        "crumbs": [*breadcrumbs(report), (heading, "")],
    }
    return render(request, "action_points/set_action_point.html", context)


def list_url(report):
    return reverse("committee:action_points", args=[report.inquiry.slug, report.months_on])


def breadcrumbs(report):
    return [(report.inquiry.title, report.inquiry.get_absolute_url()), ("Actions", list_url(report))]
