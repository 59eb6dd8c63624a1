"""One progress report under way: its stage, what is late, and the next step."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Q, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from inquiries.actions import progress, publication
from inquiries.actions.evidence_files import allow_evidence_files
from inquiries.actions.reminders import remind as remind_now
from inquiries.choices import NextStep
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.forms.clerk_reports import EvidenceFilesForm, EvidenceForm, ReopenForm, RescheduleForm
from inquiries.models import (
    CabinetMember,
    Entry,
    EvidenceFile,
    Membership,
    MoreTimeRequest,
    Notification,
    Person,
)
from inquiries.models.fields import count_rows
from inquiries.permissions import Refused, check_can, rights_over
from inquiries.rules import allows, check_can_end_at_meeting, next_step_of_report
from inquiries.templatetags.scrutiny import date_of
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import ConfirmForm, Success, apply_action, bound_data, clerk_required, process_form

MOST_HISTORY = 50
MOST_MAILS = 100


@dataclass(frozen=True)
class Deadline:
    label: str
    day: date | None
    done: str | None  # when, in words
    missing: str = "no date set"
    never_late: bool = False


@require_safe
@clerk_required
def manage(request, slug, months):
    report = report_or_404(slug, months)
    today = timezone.localdate()
    updates = list(report.updates.for_page())
    may = rights_over(request.user, report, today, "close_updates", "publish", "reopen", "assess")
    sign_offs = list(report.sign_offs.all())
    concerns = f"report:{report.pk}"
    mails = Notification.objects.filter(concerns__contains=[concerns]).select_related("recipient")
    any_late = any(days_late(update, today) for update in updates) or is_sign_off_late(report, today)
    more_time = list(MoreTimeRequest.objects.filter(update__in=updates).select_related("asked_by", "decided_by"))
    by_key = {update.pk: update for update in updates}
    for one in more_time:
        one.update = by_key[one.update_id]
    context = {
        "report": report,
        "today": today,
        "any_late": any_late,
        "step": report_step(report, sign_offs, more_time, any_late),
        "mails": mails[:MOST_MAILS],
        "timeline": report_timeline(report),
        "evidence_files": [file for update in updates for file in update.evidence_files],
        "lines": [(update, days_late(update, today)) for update in updates],
        "received": sum(update.submitted_at is not None for update in updates),
        "sign_offs": sign_offs,
        "more_time": more_time,
        "may": may,
        "may_end": may_end_recommendations(report),
        "can_record": report.stage == "awaiting_sign_off",
        "editions": list(report.editions.defer("content").order_by("-number")),
        "history": Entry.objects.about(report, *updates, *sign_offs)[:MOST_HISTORY].by_day(),
        "crumbs": report_breadcrumbs(report),
    }
    return render(request, "clerk/manage.html", context)


def may_end_recommendations(report):
    return allows(check_can_end_at_meeting, report.stage, report.meeting, timezone.now())


def report_step(report, sign_offs, more_time, is_late):
    """(the NextStep, the address of its button)."""
    asked = next((one for one in more_time if one.decided_at is None and one.update.is_open), None)
    meeting = report.meeting if report.meeting and report.meeting.start > timezone.now() else None
    step = next_step_of_report(
        report.stage,
        wants_more_time=asked is not None,
        is_late=is_late,
        is_signed_by=bool(sign_offs),
        has_meeting=meeting is not None,
    )
    key = [report.inquiry.slug, report.months_on]
    addresses = {
        NextStep.REMIND: lambda: reverse("clerk:remind", args=key),
        NextStep.NAME_SIGNER: lambda: reverse("clerk:reschedule", args=key),
        NextStep.SEE_SIGN_OFF: lambda: reverse("cabinet:sign_off", args=key),
        NextStep.SEE_AGENDA: lambda: reverse("clerk:agenda", args=[meeting.pk]),
        NextStep.PUBLISH: lambda: reverse("clerk:publish", args=key),
        NextStep.ASSESS: lambda: reverse("committee:assess", args=key),
        NextStep.COMMISSION: lambda: reverse("clerk:commission", args=key[:1]),
        NextStep.READ_REPORT: lambda: reverse("public:report", args=key),
        NextStep.DECIDE_MORE_TIME: lambda: asked.get_absolute_url(),
    }
    return step, addresses[step]()


@clerk_required
def close_updates(request, slug, months):
    report = report_or_404(slug, months)
    check_before_form(request, "close_updates", report)
    missing = list(report.updates.open().for_page())
    return process_form(
        request,
        ConfirmForm(bound_data(request)),
        partial(progress.close_updates, report),
        Success(manage_url(report), "The collection is closed. The report waits for sign-off."),
        {"report": report, "missing": missing, "crumbs": report_breadcrumbs(report, "Close updates early")},
    )


@clerk_required
def record_sign_off(request, slug, months, pk):
    report = report_or_404(slug, months)
    sign_off = get_object_or_404(report.sign_offs.select_related("report__inquiry", "person"), pk=pk)
    check_before_form(request, "record_sign_off", sign_off)
    return process_form(
        request,
        EvidenceForm(bound_data(request)),
        partial(progress.record_sign_off, sign_off),
        Success(manage_url(report), f"The sign-off of {sign_off.person} is recorded."),
        {"report": report, "sign_off": sign_off, "crumbs": report_breadcrumbs(report, "Record a sign-off")},
    )


@clerk_required
def publish(request, slug, months):
    today = timezone.localdate()
    seats = Membership.objects.on(today).filter(committee=OuterRef("inquiry__committee"), person__email__isnull=False)
    reports = for_content().annotate(notified=count_rows(seats, "committee"))
    report = get_object_or_404(reports, inquiry__slug=slug, months_on=months)
    check_before_form(request, "publish", report)
    updates = list(report.updates.for_rows())
    missing = [update for update in updates if update.closed_at is not None]
    prefetch_related_objects(missing, "response__recommendations")
    files = [file for update in updates for file in update.evidence_files]
    content = progress_report_content(report, fetched=updates)
    return process_form(
        request,
        ConfirmForm(bound_data(request)),
        partial(publication.publish, report),
        Success(manage_url(report), f"The {report.kind.lower()} is published."),
        {
            "report": report,
            "missing": missing,
            "exempt_found": publication.search_report(report, content, any(file.allowed_at for file in files)),
            "evidence_files": files,
            "due": report.meeting.deadlines.publication if report.meeting else None,
            "today": today,
            "crumbs": report_breadcrumbs(report, "Publish"),
        },
    )


@clerk_required
def evidence_files(request, slug, months):
    """Which files of the officers are published with the report."""
    report = report_or_404(slug, months)
    files = files_of(report)
    if not files:
        raise Http404
    return process_form(
        request,
        EvidenceFilesForm(bound_data(request), files=files),
        partial(allow_evidence_files, report),
        Success(manage_url(report), "It is recorded which files are published with the report."),
        {"report": report, "crumbs": report_breadcrumbs(report, "Files as evidence")},
    )


def files_of(report):
    every = EvidenceFile.objects.current().filter(update__report=report)
    return list(every.select_related("update__report__inquiry", "update__response", "uploaded_by").order_by("pk"))


@clerk_required
def reopen(request, slug, months):
    report = report_or_404(slug, months)
    check_can("reopen", request.user, report, timezone.localdate())
    return process_form(
        request,
        ReopenForm(bound_data(request), report=report),
        partial(progress.reopen, report),
        Success(manage_url(report), "The report is reopened."),
        {"report": report, "crumbs": report_breadcrumbs(report, "Reopen")},
    )


def report_timeline(report):
    meeting = report.meeting
    publication_due = meeting.deadlines.publication if meeting else None
    return [
        Deadline("Updates are due", report.updates_due_on, date_of(report, "collected")),
        Deadline("Sign-off is due", report.sign_off_due_on, date_of(report, "signed_off")),
        Deadline("Last day to publish", publication_due, date_of(report, "published"), "no meeting set"),
        Deadline(
            "Meeting", meeting.day if meeting else None, date_of(report, "assessed"), "no meeting set", never_late=True
        ),
    ]


def days_late(update, today):
    due = update.due_on
    return (today - due).days if update.is_open and due and due < today else 0


def report_breadcrumbs(report, *more):
    return [
        (report.inquiry.title, report.inquiry.get_absolute_url()),
        (report.kind, manage_url(report)),
        *((heading, "") for heading in more),
    ]


def check_before_form(request, right, thing):
    # A person who has sent the form finds out on the form, beside what they wrote.
    if request.method != "POST":
        check_can(right, request.user, thing, timezone.localdate())


def is_sign_off_late(report, today):
    return report.stage == "awaiting_sign_off" and report.sign_off_due_on is not None and report.sign_off_due_on < today


@clerk_required
def remind(request, slug, months):
    """Remind of one task of the report, or of all late ones; back to where the button is."""
    report = report_or_404(slug, months)
    there = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(there, None) or not there.startswith("/"):
        there = manage_url(report)
    # A person who comes by a link (after signing in again, say) has pressed nothing.
    if request.method == "POST":
        try:
            reminded = remind_now(report, task=request.POST.get("task"), by=request.user, now=timezone.now())
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            (messages.success if reminded.sent else messages.warning)(request, str(reminded))
    return redirect(there)


def manage_url(report):
    return reverse("clerk:manage", args=[report.inquiry.slug, report.months_on])


def report_or_404(slug, months):
    return get_object_or_404(for_content(), inquiry__slug=slug, months_on=months)


@clerk_required
def reschedule(request, slug, months):
    report = get_object_or_404(for_content(), inquiry__slug=slug, months_on=months)
    if report.published_at is not None and request.method != "POST":
        raise Refused("The report has been published: reopen it before you change its dates.")
    signing = [sign_off.person_id for sign_off in report.sign_offs.all()]
    people = Person.objects.filter(Q(pk__in=signing) | Q(pk__in=current_cabinet_members().values("pk"))).by_name()
    make = partial(RescheduleForm, committee=report.inquiry.committee, now=timezone.now(), report=report, people=people)
    form = form_with_suggested_dates(request, make)
    if is_submitted(request, form) and apply_action(
        form, reschedule_report, report, form, by=request.user, now=timezone.now()
    ):
        delete_draft(request)
        messages.success(request, "The dates are changed.")
        return redirect("clerk:manage", slug, months)
    context = {
        "report": report,
        "form": form,
        "draft": find_draft(request),
        "crumbs": report_breadcrumbs(report, "Dates"),
    }
    return render(request, "clerk/reschedule.html", context)


def current_cabinet_members():
    seats = CabinetMember.objects.on(timezone.localdate()).values("person")
    return Person.objects.present().filter(pk__in=seats).by_name()


def form_with_suggested_dates(request, make):
    form = make(bound_data(request))
    if request.method == "POST" and request.POST.get("action") == "work_out":
        data = form.worked_out()
        if data is not None:
            form = make(data)
            # Nothing has been sent yet: what is still missing is no mistake.
            form.full_clean()
            form.errors.clear()
    return form


def is_submitted(request, form):
    return request.method == "POST" and request.POST.get("action") != "work_out" and form.is_valid()


@transaction.atomic
def reschedule_report(report, form, *, by, now):
    people, based_on = form.cleaned_data.get("cabinet_members"), form.cleaned_data["based_on"]
    if people is not None and {p.pk for p in people} != {s.person_id for s in report.sign_offs.all()}:
        progress.name_cabinet_members(report, people=list(people), based_on=based_on, by=by, now=now)
    progress.reschedule(report, **form.values(), based_on=based_on, by=by, now=now)
