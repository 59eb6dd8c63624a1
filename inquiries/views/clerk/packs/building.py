"""The page of one issue: how far it is, what stands on which page, and the button that builds it."""

from functools import partial

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from inquiries.actions import packs
from inquiries.documents.pdf import PdfFailed
from inquiries.forms.clerk.packs import PlanForm
from inquiries.permissions import Refused
from inquiries.views.clerk.guard import clerks_only, done
from inquiries.views.clerk.packs.issue import address, crumbs, issue_or_404, meeting_or_404, pages_of

MOST_NOTICED = 6  # sentences in one message


@clerks_only
def pack(request, pk, supplement):
    """Where an issue stands; POST says whether it is printed on both sides."""
    issue = issue_or_404(pk, supplement)
    form = PlanForm(request.POST if request.method == "POST" else None, initial={"duplex": issue.plan.duplex})
    deed = partial(packs.save_plan, issue.meeting, supplement, by=request.user, now=timezone.now())
    if request.method == "POST" and form.is_valid() and done(form, deed, **form.cleaned_data):
        sides = "both sides" if form.cleaned_data["duplex"] else "one side"
        messages.success(request, f"The pack is built for printing on {sides} from now on.")
        return redirect(address("pack", issue.meeting, supplement))
    return _page(request, issue, form)


@clerks_only
def build_pack(request, pk, supplement):
    """Build both editions. A script that asks for JSON is told where to go then, or what the problem is."""
    meeting = meeting_or_404(pk)
    here = address("pack", meeting, supplement)
    if request.method != "POST":
        return redirect(here)
    now = timezone.now()
    scripted, noticed = request.headers.get("Accept") == "application/json", []
    try:
        built = packs.build_packs(meeting, supplement, by=request.user, now=now, notice=noticed.append)
    except (Refused, PdfFailed) as refused:
        if scripted:
            return JsonResponse({"problem": str(refused)})
        issue = issue_or_404(pk, supplement)
        return _page(request, issue, PlanForm(initial={"duplex": issue.plan.duplex}), problem=str(refused))
    messages.success(request, _said(built, now))
    if noticed:
        messages.warning(request, _to_look_at(noticed))
    return JsonResponse({"address": here}) if scripted else redirect(here)


@never_cache
@require_safe
@clerks_only
def pack_progress(request, pk, supplement):
    """How far the building of an issue is, for the script that shows it."""
    plan = packs.plan_of(meeting_or_404(pk), supplement)
    return JsonResponse(
        {
            "building": plan.is_being_built(timezone.now()),
            "step": plan.step,
            "done": plan.done,
            "total": plan.total,
            "by": str(plan.started_by or ""),
            "failure": plan.failure,
        }
    )


def _page(request, issue, form, *, problem=""):
    now = timezone.now()
    every = packs.supplements_of(issue.meeting, issue.records)
    context = {
        "issue": issue,
        "meeting": issue.meeting,
        "plan": issue.plan,
        "is_being_built": issue.plan.is_being_built(now),
        "pages": pages_of(issue.newest),
        "others": [number for number in every if number != issue.supplement],
        "form": form,
        "problem": problem,
        "crumbs": [*crumbs(issue.meeting, issue.supplement)[:-1], (issue.title, "")],
    }
    if problem:
        context["error_list"] = [(problem, "")]
    return render(request, "clerk/pack.html", context)


def _said(built, now):
    if all(pack.built_at < now for pack in built.values()):
        return "Nothing has changed since the pack was built, so it stays as it is."
    names = " and ".join(pack.get_edition_display().lower() for pack in built.values())
    return f"The pack is built: {names} edition{'s' if len(built) > 1 else ''}. Look at it before you publish it."


def _to_look_at(noticed):
    more = len(noticed) - MOST_NOTICED
    rest = f" And {more} more, in the history of the agenda." if more > 0 else ""
    return " ".join(noticed[:MOST_NOTICED]) + rest
