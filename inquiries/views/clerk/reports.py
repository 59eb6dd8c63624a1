"""One progress report under way: where it stands, what is late, and the next step."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.forms import Form
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.actions import progress, publication
from inquiries.deadlines import deadlines_for
from inquiries.documents.progress_report import for_content
from inquiries.forms.clerk.reports import EvidenceForm, ReopenForm
from inquiries.govuk import GovukForm
from inquiries.models import Entry, Membership
from inquiries.permissions import check_can, rights_over
from inquiries.views.clerk.guard import answer, clerks_only, typed

MOST_HISTORY = 200


@dataclass(frozen=True)
class Deadline:
    """One date of a report: what has to be done by then, and when it was done."""

    words: str
    day: date | None
    done_at: datetime | None
    missing: str = "no date set"
    never_late: bool = False


class ConfirmForm(GovukForm, Form):
    """Nothing to fill in: only the button."""


@require_safe
@clerks_only
def manage(request, slug, months):
    """Where a report stands: deadlines, every update, every sign-off, the next step, what has happened."""
    report = _report(slug, months)
    today = timezone.localdate()
    updates = list(report.updates.for_page())
    may = rights_over(request.user, report, today, "close_collection", "publish", "reopen", "assess")
    sign_offs = list(report.sign_offs.all())
    context = {
        "report": report,
        "today": today,
        "timeline": timeline(report),
        "lines": [(update, *state_of(update, today)) for update in updates],
        "received": sum(update.submitted_at is not None for update in updates),
        "sign_offs": sign_offs,
        "may": may,
        "can_record": report.stage == "awaiting_sign_off",
        "editions": list(report.editions.defer("content").order_by("-number")),
        "history": Entry.objects.about(report, *updates, *sign_offs)[:MOST_HISTORY].by_day(),
        "crumbs": crumbs(report),
    }
    return render(request, "clerk/manage.html", context)


@clerks_only
def close_collection(request, slug, months):
    """Go on without the updates that have not come."""
    report = _report(slug, months)
    _check(request, "close_collection", report)
    missing = list(report.updates.open().for_page())
    return answer(
        request,
        ConfirmForm(typed(request)),
        partial(progress.close_collection, report, by=request.user, now=timezone.now()),
        page="clerk/close_collection.html",
        then=_manage(report),
        said="The collection is closed. The report waits for sign-off.",
        context={"report": report, "missing": missing, "crumbs": crumbs(report, "Close the collection")},
    )


@clerks_only
def record_sign_off(request, slug, months, pk):
    """Record a Cabinet Member's sign-off, with a note of how it is known."""
    report = _report(slug, months)
    sign_off = get_object_or_404(report.sign_offs.select_related("report__inquiry", "person"), pk=pk)
    _check(request, "record_sign_off", sign_off)
    return answer(
        request,
        EvidenceForm(typed(request)),
        partial(progress.record_sign_off, sign_off, by=request.user, now=timezone.now()),
        page="clerk/record_sign_off.html",
        then=_manage(report),
        said=f"The sign-off of {sign_off.person} is recorded.",
        context={"report": report, "sign_off": sign_off, "crumbs": crumbs(report, "Record a sign-off")},
    )


@clerks_only
def publish(request, slug, months):
    """Publish the report: what happens then, and the button."""
    report = _report(slug, months)
    _check(request, "publish", report)
    today = timezone.localdate()
    seats = Membership.objects.on(today).filter(committee=report.inquiry.committee_id, person__email__isnull=False)
    return answer(
        request,
        ConfirmForm(typed(request)),
        partial(publication.publish, report, by=request.user, now=timezone.now()),
        page="clerk/publish.html",
        then=_manage(report),
        said=f"The {report.kind.lower()} is published.",
        context={
            "report": report,
            "missing": list(report.updates.filter(closed_at__isnull=False).for_page()),
            "told": seats.count(),
            "due": deadlines_for(report.meeting).publication if report.meeting else None,
            "today": today,
            "crumbs": crumbs(report, "Publish"),
        },
    )


@clerks_only
def reopen(request, slug, months):
    """Take the report back to an earlier stage, with a reason."""
    report = _report(slug, months)
    check_can("reopen", request.user, report, timezone.localdate())
    return answer(
        request,
        ReopenForm(typed(request), report=report),
        partial(progress.reopen, report, by=request.user, now=timezone.now()),
        page="clerk/reopen.html",
        then=_manage(report),
        said="The report is reopened.",
        context={"report": report, "crumbs": crumbs(report, "Reopen")},
    )


def timeline(report):
    """The deadlines of a report in the order in which they come, as [Deadline]."""
    meeting = report.meeting
    publication_due = deadlines_for(meeting).publication if meeting else None
    return [
        Deadline("Updates are due", report.updates_due_on, report.collected_at),
        Deadline("Sign-off is due", report.sign_off_due_on, report.signed_off_at),
        Deadline("Last day to publish", publication_due, report.published_at, "no meeting set"),
        Deadline("Meeting", meeting.day if meeting else None, report.assessed_at, "no meeting set", never_late=True),
    ]


def state_of(update, today):
    """How far an update is, as (words, colour of the tag, days late)."""
    due = update.report.updates_due_on
    late = (today - due).days if update.is_open and due and due < today else 0
    if update.submitted_at is not None:
        return "In", "green", 0
    if update.closed_at is not None:
        return "Not received", "grey", 0
    if update.is_returned:
        return "Returned", "orange", late
    return ("Being written", "blue", late) if update.saved_at else ("Not begun", "grey", late)


def crumbs(report, *more):
    """The way to a page about `report`; `more` are the words of the pages below it."""
    return [
        ("Your work", reverse("public:home")),
        (report.inquiry.title, report.inquiry.get_absolute_url()),
        (report.kind, _manage(report)),
        *((words, "") for words in more),
    ]


def _check(request, right, thing):
    # Whoever has sent the form finds out on the form, beside what they wrote.
    if request.method != "POST":
        check_can(right, request.user, thing, timezone.localdate())


def _manage(report):
    return reverse("clerk:manage", args=[report.inquiry.slug, report.months_on])


def _report(slug, months):
    return get_object_or_404(for_content(), inquiry__slug=slug, months_on=months)
