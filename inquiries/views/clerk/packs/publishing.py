"""Publishing an issue, now or at a set time; taking a planned publication, or a published pack, back."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from inquiries.actions import packs
from inquiries.choices import PackEdition, Stage
from inquiries.deadlines import deadlines_for
from inquiries.documents.pack.content import from_json
from inquiries.forms.clerk.packs import LONGEST_WORDS, PublishForm, WithdrawPackForm
from inquiries.models import AgendaPack, ProgressReport
from inquiries.permissions import Refused
from inquiries.templatetags.scrutiny import moment
from inquiries.views.clerk.guard import answer, clerks_only, done, typed
from inquiries.views.clerk.packs.issue import address, crumbs, issue_or_404, meeting_or_404
from inquiries.views.clerk.reports import ConfirmForm
from inquiries.views.kept_words import forget_words, kept_words


@clerks_only
def publish_pack(request, pk, supplement):
    """What publishing this issue does, what speaks against it, and when it is to happen."""
    issue = issue_or_404(pk, supplement, words=True)
    now, plan = timezone.now(), issue.plan
    form = PublishForm(typed(request), meeting=issue.meeting, now=now, urgency_reason=plan.urgency_reason)
    withheld = []
    if request.method == "POST" and form.is_valid():
        deed = partial(_publish, issue, withheld, by=request.user, now=now)
        if done(form, deed, form.cleaned_data["publish_on"], form.cleaned_data["urgency_reason"]):
            forget_words(request)
            messages.success(request, _said(issue, form.cleaned_data["publish_on"]))
            return redirect(address("pack", issue.meeting, supplement))
        # What was built on the way is there now, whatever was refused.
        issue = issue_or_404(pk, supplement, words=True)
    context = {"form": form, "withheld": withheld, "kept_words": kept_words(request), **_about(issue, now)}
    return render(request, "clerk/publish_pack.html", context)


@clerks_only
def unplan_pack(request, pk, supplement):
    """Take a planned publication back."""
    meeting = meeting_or_404(pk)
    plan = packs.plan_of(meeting, supplement)
    if plan.publish_on is None and request.method != "POST":
        raise Refused("No publication is planned.")
    back = address("pack", meeting, supplement)
    return answer(
        request,
        ConfirmForm(typed(request)),
        partial(packs.unplan_publication, meeting, supplement, by=request.user, now=timezone.now()),
        page="clerk/unplan_pack.html",
        then=back,
        said="The planned publication is taken back. Nothing is published by itself.",
        context={
            "meeting": meeting,
            "plan": plan,
            "back": back,
            "crumbs": crumbs(meeting, supplement, "Do not publish"),
        },
    )


@clerks_only
def withdraw_pack(request, pk, pack):
    """Take a published pack out of public sight, with a reason that everybody can read."""
    found = AgendaPack.objects.select_related("meeting__committee", "published_by")
    pack = get_object_or_404(found, pk=pack)
    if pack.meeting_id != pk:
        raise Http404
    if not pack.is_published and request.method != "POST":
        raise Refused("This pack is not published.")
    back = address("pack", pack.meeting, pack.supplement)
    restricted = packs.restricted_beside(pack) if pack.is_published else []
    return answer(
        request,
        WithdrawPackForm(typed(request), restricted=restricted),
        partial(packs.withdraw_pack, pack, by=request.user, now=timezone.now()),
        page="clerk/withdraw_pack.html",
        then=back,
        said=f"{pack.name} is taken back.",
        context={
            "pack": pack,
            "meeting": pack.meeting,
            "is_public": pack.edition == PackEdition.PUBLIC,
            "restricted": restricted,
            "reports": _published_reports(pack),
            "back": back,
            "crumbs": crumbs(pack.meeting, pack.supplement, "Take back"),
        },
    )


def _published_reports(pack):
    """The progress reports in a pack that everybody can read, as they are now."""
    printed = [item.report.pk for item in from_json(pack.content).items if item.report]
    published = ProgressReport.objects.filter(pk__in=printed, published_at__isnull=False)
    return list(published.select_related("inquiry").order_by("pk"))


def _publish(issue, withheld, publish_on, urgency_reason, *, by, now):
    """Publish now, or at `publish_on`. Raises what the actions raise; `withheld` gathers words that were found."""
    try:
        if publish_on is None:
            packs.publish_packs(issue.meeting, issue.supplement, by=by, now=now, urgency_reason=urgency_reason)
        else:
            packs.plan_publication(
                issue.meeting, issue.supplement, publish_on=publish_on, by=by, now=now, urgency_reason=urgency_reason
            )
    except packs.Withheld as refused:
        withheld += [_with_address(issue, found) for found in refused.found]
        raise


def _with_address(issue, found):
    query = urlencode({"text": found.text[:LONGEST_WORDS]})
    return found, f"{address('clear_words', issue.meeting, issue.supplement)}?{query}"


def _said(issue, publish_on):
    if publish_on is not None:
        return f"It will be published on {moment(publish_on)}, unless something is changed before."
    return f"{issue.title} is published, and the members of the {issue.meeting.committee} are told."


def _about(issue, now):
    """What the page says besides its form."""
    meeting, today = issue.meeting, timezone.localdate(now)
    printed = {item.report.pk for item in issue.contents[PackEdition.PUBLIC].items if item.report}
    reports = [item.report for item in issue.records.items if item.report_id in printed]
    seats = [seat.person for seat in issue.records.seats_on(today)]
    found = issue.findings(now)
    return {
        "issue": issue,
        "meeting": meeting,
        "plan": issue.plan,
        "reports": [report for report in reports if report.stage == Stage.SIGNED_OFF],
        "told": len({person.pk for person in seats if person.email and person.is_active}),
        "due": deadlines_for(meeting).publication,
        "is_late": packs.is_late(meeting, today),
        "stopping": [finding for finding in found if finding.stops],
        "worth_a_look": sum(not finding.stops for finding in found),
        "crumbs": crumbs(meeting, issue.supplement, "Publish"),
    }
