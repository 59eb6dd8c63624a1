"""More time for one progress update: an officer asks for it, a clerk grants or refuses it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.progress import fetch_update, lock_report, represented_officer
from inquiries.actions.records import save_valid
from inquiries.documents.content import long_date
from inquiries.models import MoreTimeRequest
from inquiries.notifications import clerks, notify
from inquiries.permissions import Refused, check_can


@transaction.atomic
def ask_for_more_time(update, *, wanted_until, reason, by, now):
    """Ask the clerks to let an update come later. Raises Refused, or ValidationError with the dates that would work."""
    update = lock_with_report(update)
    today = timezone.localdate(now)
    check_can("write_update", by, update, today)
    check_day("wanted_until", wanted_until, update, today)
    request = MoreTimeRequest(
        update=update, wanted_until=wanted_until, reason=reason.strip(), asked_at=now, asked_by=by
    )
    save_valid(request)
    history.write(
        "ask_for_more_time",
        update,
        f"asked for more time for the progress update on {update.response.references}",
        by=by,
        now=now,
        changes=history.first_values(request, "wanted_until"),
        note=request.reason,
        on_behalf_of=represented_officer(by, update),
        inquiry=update.report.inquiry,
        also=[request],
    )
    notify(clerks(), "more_time_wanted", f"{request.pk}", now=now, concerns=tasks_of(update), more_time=request)
    return request


@transaction.atomic
def grant_more_time(request, *, granted_until, note="", by, now):
    """Let the update come until a day, that which was asked for or another. Raises Refused or ValidationError."""
    update, request = lock_request(request, by=by, now=now)
    check_day("granted_until", granted_until, update, timezone.localdate(now))
    request.granted_until = granted_until
    changes = history.set_fields(update, extended_until=granted_until)
    update.save(update_fields=["extended_until"])
    until = long_date(granted_until)
    said = f"granted more time for the progress update on {update.response.references}, until {until}"
    return decide(request, "grant_more_time", said, note=note, changes=changes, by=by, now=now)


@transaction.atomic
def refuse_more_time(request, *, note, by, now):
    """Leave the date of the update as it is; the note says why. Raises Refused or ValidationError."""
    update, request = lock_request(request, by=by, now=now)
    said = f"refused more time for the progress update on {update.response.references}"
    return decide(request, "refuse_more_time", said, note=note, changes={}, by=by, now=now)


def lock_with_report(update):
    report = lock_report(update.report)
    update = fetch_update(update)
    update.report = report
    if update.due_on is None:
        raise Refused("No date is set by which this update is due, so no more time is needed.")
    return update


def lock_request(request, *, by, now):
    check_can("administer", by, request, timezone.localdate(now))
    update = lock_with_report(request.update)
    request = MoreTimeRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    request.update = update
    if request.decided_at is not None:
        raise Refused(f"{request.decided_by} has already decided this.")
    rules.check_update_is_open(update)
    return update, request


def check_day(field, day, update, today):
    try:
        rules.check_more_time(day, update.due_on, update.last_day, today)
    except Refused as refused:
        raise ValidationError({field: str(refused)}) from refused


def decide(request, verb, sentence, *, note, changes, by, now):
    request.note, request.decided_at, request.decided_by = note.strip(), now, by
    save_valid(request)
    update = request.update
    facts = {"changes": changes, "note": request.note, "inquiry": update.report.inquiry, "also": [request]}
    history.write(verb, update, sentence, by=by, now=now, **facts)
    people = list(dict.fromkeys([request.asked_by, *update.writers]))
    concerns = tasks_of(update)
    notify(people, "more_time_decided", f"{request.pk}", now=now, reply_to=by, concerns=concerns, more_time=request)
    return request


def tasks_of(update):
    return f"update:{update.pk}", f"report:{update.report_id}"
