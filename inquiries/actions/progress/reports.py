"""A report as a whole: commissioned, rescheduled, collected, reopened."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.inquiries import hold, resume
from inquiries.actions.people import lock_people
from inquiries.actions.progress.steps import clear, collected, locked, tell_writers, withdraw_sign_offs
from inquiries.actions.progress.updates import carry_over_contributors, record_sitting
from inquiries.actions.records import save_valid
from inquiries.choices import Stage
from inquiries.deadlines import deadlines_for
from inquiries.models import Person, ProgressReport, ProgressUpdate, SignOff
from inquiries.notifications import notify
from inquiries.permissions import Refused, check_can


@transaction.atomic
def commission(
    inquiry,
    *,
    months_on,
    by,
    now,
    meeting=None,
    update_date=None,
    updates_due_on=None,
    sign_off_due_on=None,
    cabinet_members=(),
):
    """Ask for an update on every open accepted response of `inquiry`; lead officers are told what, and by when.

    Deadlines that are not given are worked out backwards from the meeting. Cabinet Members are those named by
    the responses, and `cabinet_members`. Contributors of the last report are carried over.
    Raises Refused when nothing is open or nobody could sign; ValidationError for a report that exists already.
    """
    check_can("administer", by, inquiry, timezone.localdate(now))
    hold(inquiry)
    promises = inquiry.responses.open().in_order().select_related("lead_officer", "cabinet_member")
    people = lock_people(
        [
            *cabinet_members,
            *(response.cabinet_member for response in promises),
            *Person.objects.filter(contributed_updates__response__in=promises.values("pk")),
        ]
    )
    # As they are now that nobody of these people can leave meanwhile.
    responses = list(promises.all())
    if not responses:
        raise Refused("There is nothing to report on: no accepted recommendation is still open.")
    named = [person for person in (*cabinet_members, *(r.cabinet_member for r in responses)) if person]
    if any(person.pk not in people for person in named):
        raise Refused("Somebody else has just changed who signs these responses off. Try again.")
    signing = {person.pk: person for person in named if people[person.pk].is_active}
    if not signing:
        raise Refused("Name the Cabinet Member who is to sign this report off.")
    if meeting is not None:
        worked_out = deadlines_for(meeting)
        updates_due_on = updates_due_on or worked_out.updates
        sign_off_due_on = sign_off_due_on or worked_out.sign_off
        update_date = update_date or meeting.day
    report = ProgressReport(
        inquiry=inquiry,
        months_on=months_on,
        meeting=meeting,
        update_date=update_date,
        updates_due_on=updates_due_on,
        sign_off_due_on=sign_off_due_on,
        commissioned_at=now,
        commissioned_by=by,
    )
    _check_deadlines(report)
    save_valid(report)
    for person in signing.values():
        SignOff.objects.create(report=report, person=person)
    for response in responses:
        update = ProgressUpdate.objects.create(report=report, response=response)
        carry_over_contributors(update, by=by, now=now)
    history.write(
        "commission",
        report,
        f"commissioned the {report.kind.lower()}",
        by=by,
        now=now,
        changes={
            **history.first_values(report, "months_on", "meeting", "update_date", "updates_due_on", "sign_off_due_on"),
            "updates": ([], [response.references for response in responses]),
            "cabinet_members": ([], [str(person) for person in signing.values()]),
        },
        inquiry=inquiry,
        also=[*report.sign_offs.all(), *report.updates.all()],
    )
    for update in report.updates.for_page():
        people = update.writers
        notify(people, "update_wanted", update.pk, now=now, update=update, due=updates_due_on)
    return report


@transaction.atomic
def reschedule(report, *, meeting, update_date, updates_due_on, sign_off_due_on, by, now):
    """Change the meeting or the dates of a report that is not yet published. Raises Refused or ValidationError."""
    check_can("administer", by, report, timezone.localdate(now))
    report = locked(report)
    if report.published_at is not None:
        raise Refused("The report has been published: reopen it before you change its dates.")
    changes = history.set_fields(
        report,
        meeting=meeting,
        update_date=update_date,
        updates_due_on=updates_due_on,
        sign_off_due_on=sign_off_due_on,
    )
    _check_deadlines(report)
    save_valid(report)
    history.write(
        "reschedule", report, "changed the dates of the report", by=by, now=now, changes=changes, inquiry=report.inquiry
    )
    return report


@transaction.atomic
def close_collection(report, *, by, now):
    """Go on without the updates that have not come; they are printed as not received. Raises Refused."""
    report = locked(report)
    check_can("close_collection", by, report, timezone.localdate(now))
    missing = list(report.updates.open().for_page())
    for update in missing:
        record_sitting(update)
        update.closed_at, update.closed_by = now, by
        update.save(update_fields=["closed_at", "closed_by", "recorded"])
    history.write(
        "close_collection",
        report,
        "closed updates early",
        by=by,
        now=now,
        changes={"closed_without_an_update": ([], [u.response.references for u in missing])},
        note="Not received: " + ", ".join(u.response.references for u in missing) if missing else "",
        inquiry=report.inquiry,
        also=missing,
    )
    if missing:
        # What was signed showed these updates, which now print as not received.
        withdraw_sign_offs(report, by=by, now=now, why="updates were closed without having come in")
    collected(report, by=by, now=now)
    return report


@transaction.atomic
def reopen(report, *, to, reason, by, now, updates=()):
    """Take a report back to an earlier stage, with the reason on record.

    Back among the lead officers (`Stage.COMMISSIONED`), the `updates` named are open again; at least one.
    Sign-offs are withdrawn where the texts can change. Ends that the confirmed assessments brought are undone.
    Raises Refused.
    """
    report = locked(report)
    today = timezone.localdate(now)
    check_can("reopen", by, report, today)
    to = Stage(to)
    rules.check_can_go_back(report.stage, to)
    if not reason.strip():
        raise Refused("Say why the report is reopened.")
    if to == Stage.COMMISSIONED and not updates:
        raise Refused("Choose at least one update that is to be written again.")
    changes = {"stage": (report.stage.value, to.value)}
    confirmed_at = report.assessed_at
    for fact, stage in reversed(rules.FACTS):
        if rules.STAGES.index(stage) > rules.STAGES.index(to):
            clear(report, fact)
    if confirmed_at is not None:
        _undo_ends(report, confirmed_at, reason, by=by, now=now)
    if to in (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF):
        withdraw_sign_offs(report, by=by, now=now, why="the report was reopened")
    open_again = []
    if to == Stage.COMMISSIONED:
        open_again = report.updates.filter(pk__in=[u.pk for u in updates]).for_page()
        changes["opened_again"] = ([], [update.response.references for update in open_again])
        for update in open_again:
            update.submitted_at = update.submitted_by = update.closed_at = update.closed_by = None
            update.save()
            tell_writers(update, "update_reopened", now=now, reason=reason)
    history.write(
        "reopen",
        report,
        f"reopened the {report.kind.lower()}: {to.label.lower()}",
        by=by,
        now=now,
        changes=changes,
        note=reason.strip(),
        inquiry=report.inquiry,
        also=open_again,
    )
    return report


def _check_deadlines(report):
    if report.updates_due_on and report.sign_off_due_on and report.updates_due_on > report.sign_off_due_on:
        raise ValidationError({"sign_off_due_on": "Sign-off cannot be due before the updates are."})
    if report.meeting and report.meeting.committee_id != report.inquiry.committee_id:
        raise ValidationError({"meeting": "This meeting is of another committee."})


def _undo_ends(report, confirmed_at, reason, *, by, now):
    for update in report.updates.for_page():
        for recommendation in update.response.recommendations.all():
            if recommendation.ended_at == confirmed_at:
                resume(recommendation, reason=reason, by=by, now=now)
