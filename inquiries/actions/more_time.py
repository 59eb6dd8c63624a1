"""More time for a progress update or an officer report: who writes it asks, a clerk grants or refuses it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history, officer_reports
from inquiries.actions.progress import fetch_update, lock_report, represented_officer
from inquiries.actions.records import save_valid
from inquiries.documents.content import long_date
from inquiries.models import MoreTimeRequest, OfficerReport
from inquiries.notifications import clerks, notify
from inquiries.permissions import RIGHTS, Refused, check_can


@transaction.atomic
def ask_for_more_time(subject, *, wanted_until, reason, by, now):
    """Ask the clerks to let an update or officer report come later.

    Raises Refused, or ValidationError with the dates that would work.
    """
    subject = lock(subject)
    today = timezone.localdate(now)
    check_can(right_to_write(subject), by, subject, today)
    check_day("wanted_until", wanted_until, subject, today)
    request = MoreTimeRequest(wanted_until=wanted_until, reason=reason.strip(), asked_at=now, asked_by=by)
    request.subject = subject
    save_valid(request)
    represented = officer_reports.represented_author if isinstance(subject, OfficerReport) else represented_officer
    behalf = represented(by, subject)
    changes = history.first_values(request, "wanted_until")
    did = f"asked for more time for {name_in_history(subject)}"
    write_entry("ask_for_more_time", request, did, by=by, now=now, changes=changes, on_behalf_of=behalf)
    notify(clerks(), "more_time_wanted", f"{request.pk}", now=now, concerns=tasks_of(subject), more_time=request)
    return request


@transaction.atomic
def grant_more_time(request, *, granted_until, note="", by, now):
    """Let it come until a day, that which was asked for or another. Raises Refused or ValidationError."""
    subject, request = lock_request(request, by=by, now=now)
    check_day("granted_until", granted_until, subject, timezone.localdate(now))
    request.granted_until = granted_until
    field = "text_due" if isinstance(subject, OfficerReport) else "extended_until"
    changes = history.set_fields(subject, **{field: granted_until})
    subject.save(update_fields=[field])
    did = f"granted more time for {name_in_history(subject)}, until {long_date(granted_until)}"
    return decide(request, "grant_more_time", did, note=note, changes=changes, by=by, now=now)


@transaction.atomic
def refuse_more_time(request, *, note, by, now):
    """Leave the date as it is; the note says why. Raises Refused or ValidationError."""
    subject, request = lock_request(request, by=by, now=now)
    did = f"refused more time for {name_in_history(subject)}"
    return decide(request, "refuse_more_time", did, note=note, changes={}, by=by, now=now)


def right_to_write(subject):
    return "write_officer_report" if isinstance(subject, OfficerReport) else "write_update"


def name_in_history(subject):
    if isinstance(subject, OfficerReport):
        return f"the officer report “{subject}”"
    return f"the progress update on {subject.response.references}"


def lock(subject):
    if isinstance(subject, OfficerReport):
        return officer_reports.lock(subject)
    report = lock_report(subject.report)
    update = fetch_update(subject)
    update.report = report
    if update.due_on is None:
        raise Refused("No date is set by which this update is due, so no more time is needed.")
    return update


def lock_request(request, *, by, now):
    check_can("administer", by, request, timezone.localdate(now))
    subject = lock(request.subject)
    request = MoreTimeRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    request.subject = subject
    if request.decided_at is not None:
        raise Refused(f"{request.decided_by} has already decided this.")
    RIGHTS[right_to_write(subject)].now(subject)
    return subject, request


def check_day(field, day, subject, today):
    try:
        rules.check_more_time(day, subject.due_on, subject.last_day, today)
    except Refused as refused:
        raise ValidationError({field: str(refused)}) from refused


def decide(request, verb, did, *, note, changes, by, now):
    request.note, request.decided_at, request.decided_by = note.strip(), now, by
    save_valid(request)
    write_entry(verb, request, did, by=by, now=now, changes=changes, note=request.note)
    people = list(dict.fromkeys([request.asked_by, *request.subject.writers]))
    concerns = tasks_of(request.subject)
    notify(people, "more_time_decided", f"{request.pk}", now=now, reply_to=by, concerns=concerns, more_time=request)
    return request


def write_entry(verb, request, did, **entry):
    subject = request.subject
    inquiry = None if isinstance(subject, OfficerReport) else subject.report.inquiry
    entry.setdefault("note", request.reason)
    history.write(verb, subject, did, inquiry=inquiry, also=[request], **entry)


def tasks_of(subject):
    if isinstance(subject, OfficerReport):
        return (f"officer_report:{subject.pk}",)
    return f"update:{subject.pk}", f"report:{subject.report_id}"
