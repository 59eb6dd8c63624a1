"""The life of a progress report, step by step as `rules.STEPS` has it."""

from collections import defaultdict
from copy import copy
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.inquiries import lock_inquiry, record_resumption, reword_recommendation
from inquiries.actions.people import check_sits_apart, lock_people
from inquiries.actions.records import merge_values, save_valid
from inquiries.actions.responses import correct_response
from inquiries.choices import FactPrecision, Stage
from inquiries.documents.content import long_date
from inquiries.models import (
    Evidence,
    Indication,
    Notification,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    Response,
    SignOff,
    UpdateContributor,
)
from inquiries.models.fields import checksum_of_data
from inquiries.models.meetings import clear_days, deadlines_of, report_dates
from inquiries.notifications import Message, clerks, notify, queue_messages
from inquiries.permissions import Refused, check_can

# --- Shared ---


class EditClash(Exception):
    """A person saved the same text in the meantime. `current` is the record as it is now."""

    def __init__(self, current):
        super().__init__("Someone else has changed this text since you opened it.")
        self.current = current


def lock_report(report):
    return ProgressReport.objects.select_for_update(of=("self",)).select_related("inquiry").get(pk=report.pk)


def clear_fact(report, fact):
    """Take back a dated fact of the report (a name of rules.FACTS): the history has said so."""
    setattr(report, f"{fact}_at", None)
    setattr(report, f"{fact}_by", None)
    report.save(update_fields=[f"{fact}_at", f"{fact}_by"])


def complete_collection(report, *, by, now):
    """The updates are all in, or closed: the Cabinet Members who have not signed are notified."""
    changes = history.set_fields(report, collected_at=now, collected_by=by)
    report.collected_precision = FactPrecision.MOMENT
    report.save(update_fields=["collected_at", "collected_by", "collected_precision"])
    said = "brought all updates together for sign-off"
    history.write("collected", report, said, by=by, now=now, changes=changes, inquiry=report.inquiry)
    waiting = [s for s in report.sign_offs.select_related("person") if s.signed_at is None]
    notify_signers(report, waiting, by=by, now=now)
    complete_sign_off(report, by=by, now=now)


def notify_signers(report, sign_offs, *, by, now):
    key = f"{report.pk}:{now.isoformat()}"
    messages = [
        Message(one.person, "sign_off_wanted", key, {"report": report}, by, (f"sign_off:{one.pk}",))
        for one in sign_offs
    ]
    queue_messages(messages, now=now)


def complete_sign_off(report, *, by, now):
    """When all who are named have signed, the report is signed off and the clerks are notified."""
    signed = [sign_off.signed_at is not None for sign_off in report.sign_offs.all()]
    if report.collected_at is None or not signed or not all(signed):
        return
    changes = history.set_fields(report, signed_off_at=now, signed_off_by=by)
    report.signed_off_precision = FactPrecision.MOMENT
    report.save(update_fields=["signed_off_at", "signed_off_by", "signed_off_precision"])
    said = "completed the sign-off"
    history.write("signed_off", report, said, by=by, now=now, changes=changes, inquiry=report.inquiry)
    notify(clerks(), "report_signed_off", f"{report.pk}:{now.isoformat()}", now=now, report=report)


def withdraw_sign_offs(report, *, by, now, why):
    """Withdraw every sign-off given on the report; `why` completes "because ..."."""
    for sign_off in report.sign_offs.filter(signed_at__isnull=False).select_related("person"):
        withdraw_sign_off(sign_off, by=by, now=now, why=why)


def withdraw_sign_off(sign_off, *, by, now, why):
    """Withdraw one sign-off, and notify the Cabinet Member unless they did it themselves.

    Where they have left, nobody is there to sign again: the clerks are notified to name another person.
    """
    changes = history.set_fields(sign_off, signed_at=None, signed_by=None, evidence_note="")
    sign_off.save()
    history.write(
        "withdraw_sign_off",
        sign_off,
        f"caused the sign-off of {sign_off.person} to be withdrawn: {why}",
        by=by,
        now=now,
        changes=changes,
        inquiry=sign_off.report.inquiry,
    )
    if by != sign_off.person:
        key = f"{sign_off.pk}:{now.isoformat()}"
        notify([sign_off.person], "sign_off_withdrawn", key, now=now, reply_to=by, report=sign_off.report, why=why)
    if not sign_off.person.is_active:
        notify_signer_has_left(sign_off, now=now)


def notify_writers(updates, occasion, *, now, **context):
    """Notify those who write these updates of a report that they are open again, each person once.

    Where nobody leads, say, or who wrote it has left, the clerks are notified: they have to find a person.
    """
    by_person = defaultdict(list)
    for update in updates:
        people = [person for person in update.writers if person.email and person.is_active]
        for person in people or clerks():
            by_person[person].append(update)
    for person, theirs in by_person.items():
        key = f"{theirs[0].pk}:{now.isoformat()}"
        notify([person], occasion, key, now=now, updates=theirs, **context)


def notify_signer_has_left(sign_off, *, now):
    report = sign_off.report
    notify(
        clerks(), "signer_has_left", f"{sign_off.pk}:{now.isoformat()}", now=now, report=report, left=sign_off.person
    )


# --- The report ---


@transaction.atomic
def commission(inquiry, *, by, now, **round):
    """Ask for an update on every open accepted response of `inquiry`; see `create_report`."""
    report = create_report(inquiry, **round, by=by, now=now)
    ask_for_updates([report], by=by, now=now)
    return report


def create_report(
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
    """A report with an update for every open accepted response, in a transaction whose caller asks for the updates.

    Deadlines that are not given are worked out backwards from the meeting; none may have passed. Cabinet Members are
    those named by the responses, and `cabinet_members`. Contributors of the last report are carried over.
    Raises Refused when nothing is open or nobody could sign; ValidationError for a report that exists already, or a
    deadline that is missing or has passed.
    """
    check_can("administer", by, inquiry, timezone.localdate(now))
    lock_inquiry(inquiry)
    promises = inquiry.responses.open().in_order().select_related("lead_officer", "cabinet_member")
    people = lock_people(
        [
            *cabinet_members,
            *(response.cabinet_member for response in promises),
            *Person.objects.filter(contributed_updates__response__in=promises.values("pk")),
        ]
    )
    # As they are now that nobody of these people can leave meanwhile.
    responses = list(promises.prefetch_related("recommendations"))
    if not responses:
        raise Refused(why_nothing_to_report(inquiry))
    named = [person for person in (*cabinet_members, *(r.cabinet_member for r in responses)) if person]
    if any(person.pk not in people for person in named):
        raise Refused("Someone else has just changed who signs these responses off. Try again.")
    signing = {person.pk: person for person in named if people[person.pk].is_active}
    if not signing:
        raise Refused("Name the Cabinet Member who is to sign this report off.")
    check_sits_apart(signing.values(), inquiry.committee_id, timezone.localdate(now))
    given = {"update_date": update_date, "updates_due_on": updates_due_on, "sign_off_due_on": sign_off_due_on}
    worked_out = report_dates(meeting.day) if meeting is not None else {}
    report = ProgressReport(
        inquiry=inquiry,
        months_on=months_on,
        meeting=meeting,
        **{name: day or worked_out.get(name) for name, day in given.items()},
        commissioned_at=now,
        commissioned_by=by,
    )
    check_deadlines(report)
    check_still_to_come(report, ("updates_due_on", "sign_off_due_on"), timezone.localdate(now))
    save_valid(report)
    for person in signing.values():
        SignOff.objects.create(report=report, person=person)
    updates = ProgressUpdate.objects.bulk_create(
        ProgressUpdate(report=report, response=response) for response in responses
    )
    carry_over_contributors(report, updates, by=by, now=now)
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
        also=[*report.sign_offs.all(), *updates],
    )
    return report


def ask_for_updates(reports, *, by, now):
    """Send each lead officer and contributor one notification of all that they are asked for."""
    wanted = defaultdict(list)
    updates = ProgressUpdate.objects.filter(report__in=reports).for_page()
    for update in updates.select_related("report__inquiry__committee"):
        for person in update.writers:
            wanted[person].append(update)
    key = f"report {reports[0].pk}"
    for theirs in wanted.values():
        theirs.sort(key=lambda update: reports.index(update.report))
    queue_messages(
        [Message(person, "update_wanted", key, {"updates": theirs}, by) for person, theirs in wanted.items()], now=now
    )


def why_nothing_to_report(inquiry):
    if inquiry.recommendations.filter(response__isnull=False).exists():
        return "There is nothing to report on: no accepted recommendation is still open."
    return "There is nothing to report on yet: no response to these recommendations has been recorded."


@transaction.atomic
def reschedule(report, *, meeting, update_date, updates_due_on, sign_off_due_on, by, now, based_on=None):
    """Change the meeting or the dates of a report that is not yet published; those who have a new date are notified.

    A date that is left out is worked out from the meeting, and so, with another meeting, is one that was before.
    Raises Refused or ValidationError. For `based_on` see `merge_values`.
    """
    check_can("administer", by, report, timezone.localdate(now))
    report = lock_report(report)
    if report.published_at is not None:
        raise Refused("The report has been published: reopen it before you change its dates.")
    dates = {"update_date": update_date, "updates_due_on": updates_due_on, "sign_off_due_on": sign_off_due_on}
    changed = merge_values(report, dates | {"meeting": meeting}, based_on)
    meeting = changed.get("meeting", report.meeting)
    dates = {name: changed.get(name, getattr(report, name)) for name in dates}
    if meeting is not None:
        before = report_dates(report.meeting.day) if report.meeting not in (None, meeting) else {}
        worked_out = report_dates(meeting.day)
        dates = {n: worked_out[n] if day in (None, before.get(n)) else day for n, day in dates.items()}
    changes = history.set_fields(report, meeting=meeting, **dates)
    check_deadlines(report)
    moved = {n: changes[n] for n in ("updates_due_on", "sign_off_due_on") if changes[n][0] != changes[n][1]}
    check_still_to_come(report, moved, timezone.localdate(now))
    save_valid(report)
    history.write(
        "reschedule", report, "changed the dates of the report", by=by, now=now, changes=changes, inquiry=report.inquiry
    )
    why = f"A clerk has changed the dates of the {report.kind.lower()} of “{report.inquiry}”."
    notify_of_new_dates([(report, moved)], why=why, by=by, now=now)
    return report


def moved_dates(meeting, before, after):
    """What changes where the dates of reports that go to `meeting` were worked out as `before`, and now are `after`.

    Both as `report_dates`. A date that was set by hand stays, and so do those of a published report.
    Returns [(report, {field: (old, new)})].
    """
    moved = []
    reports = meeting.progress_reports.filter(published_at__isnull=True).select_related("inquiry")
    for report in reports.order_by("inquiry__title", "months_on"):
        derived = [name for name, day in before.items() if getattr(report, name) == day != after[name]]
        if derived:
            moved.append((report, {name: (before[name], after[name]) for name in derived}))
    return moved


def move_dates(moved, *, why, by, now, others=None):
    """Change what `moved_dates` says, for an action that has checked the permission, and notify those concerned.

    `others` are people with other new deadlines, as `new_deadlines` has them.
    """
    for report, changes in moved:
        history.set_fields(report, **{name: new for name, (_, new) in changes.items()})
        report.save(update_fields=list(changes))
        sentence = "worked the dates of the report out again"
        facts = {"changes": changes, "note": why, "inquiry": report.inquiry}
        history.write("reschedule", report, sentence, by=by, now=now, **facts)
    notify_of_new_dates(moved, why=why, by=by, now=now, others=others)


def notify_of_new_dates(moved, *, why, by, now, others=None):
    messages, concerned = [], new_deadlines(moved)
    for person, things in (others or {}).items():
        concerned[person] += things
    for person, things in concerned.items():
        concerns = {key for keys, _ in things for key in keys}
        withdraw_waiting_dates(person, concerns)
        context = {"why": why, "things": [thing for _, thing in things]}
        messages.append(Message(person, "dates_changed", now.isoformat(), context, by, tuple(concerns)))
    queue_messages(messages, now=now)


def withdraw_waiting_dates(person, concerns):
    """Dates that have not been announced yet, and have changed again, are not announced."""
    waiting = Notification.objects.filter(recipient=person, occasion="dates_changed", sent_on=None)
    waiting.filter(concerns__contained_by=list(concerns)).withdraw()


def new_deadlines(moved):
    """Who has still something to do by a date that changes, and what: {person: [(keys of task and report, words)]}."""
    concerned = defaultdict(list)
    for report, changes in moved:
        of = f"of “{report.inquiry}”"
        if report.stage == Stage.COMMISSIONED:
            for update in report.updates.open().for_page():
                dates = due_before_and_after(update, changes)
                thing = f"progress update on {update.response.numbers} {of}: {new_date(*dates)}"
                for person in update.writers if dates[0] != dates[1] else ():
                    concerned[person].append(((f"update:{update.pk}", f"report:{report.pk}"), thing))
        if "sign_off_due_on" in changes and report.signed_off_at is None:
            thing = f"sign-off of the {report.kind.lower()} {of}: {new_date(*changes['sign_off_due_on'])}"
            for sign_off in report.sign_offs.filter(signed_at__isnull=True).select_related("person"):
                concerned[sign_off.person].append(((f"sign_off:{sign_off.pk}", f"report:{report.pk}"), thing))
    return concerned


def due_before_and_after(update, changes):
    """The last days of an update before and after `changes` of its report's dates; more time given for it stays."""
    updates_due, sign_off_due = (
        changes.get(name, (getattr(update.report, name),) * 2) for name in ("updates_due_on", "sign_off_due_on")
    )
    dates = zip(updates_due, sign_off_due, strict=True)
    given = update.extended_until, update.return_due_on
    return tuple(rules.update_due(due, given[0], sign_off, given[1]) for due, sign_off in dates)


def new_date(old, new):
    return f"by {long_date(new)}{f' instead of {long_date(old)}' if old else ''}"


@transaction.atomic
def close_updates(report, *, by, now):
    """Go on without the updates that have not come; they are printed as not received. Raises Refused."""
    report = lock_report(report)
    check_can("close_updates", by, report, timezone.localdate(now))
    missing = list(report.updates.open().for_page())
    for update in missing:
        update.closed_at, update.closed_by = now, by
        update.save(update_fields=["closed_at", "closed_by"])
    history.write(
        "close_updates",
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
        withdraw_sign_offs(report, by=by, now=now, why="updates were closed before they were submitted")
    complete_collection(report, by=by, now=now)
    return report


@transaction.atomic
def reopen(report, *, to, reason, by, now, updates=()):
    """Take a report back to an earlier stage, with the reason on record.

    Back among the lead officers (`Stage.COMMISSIONED`), the `updates` named are open again; at least one.
    Sign-offs are withdrawn where the texts can change. Ends that the confirmed assessments brought are undone.
    Raises Refused.
    """
    report = lock_report(report)
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
            clear_fact(report, fact)
    if confirmed_at is not None:
        undo_ends(report, confirmed_at, reason, by=by, now=now)
    if to in (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF):
        withdraw_sign_offs(report, by=by, now=now, why="the report was reopened")
    open_again = []
    if to == Stage.COMMISSIONED:
        open_again = report.updates.filter(pk__in=[u.pk for u in updates]).for_page()
        changes["opened_again"] = ([], [update.response.references for update in open_again])
        for update in open_again:
            update.submitted_at = update.submitted_by = update.closed_at = update.closed_by = None
            update.save()
        notify_writers(open_again, "update_reopened", now=now, reply_to=by, reason=reason)
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


def check_deadlines(report):
    if report.updates_due_on and report.sign_off_due_on and report.updates_due_on > report.sign_off_due_on:
        raise ValidationError({"sign_off_due_on": "Sign-off cannot be due before the updates are."})
    if report.meeting and report.meeting.committee_id != report.inquiry.committee_id:
        raise ValidationError({"meeting": "This meeting is of another committee."})
    if report.meeting and report.sign_off_due_on and report.sign_off_due_on > report.meeting.day:
        sentence = f"Sign-off cannot be due after the meeting on {long_date(report.meeting.day)}."
        raise ValidationError({"sign_off_due_on": sentence})


def check_still_to_come(report, fields, today):
    """Raise ValidationError where one of these deadlines is missing or has passed, with the dates that would work."""
    errors = {}
    for field in fields:
        day = getattr(report, field)
        if day is None:
            errors[field] = "Enter a date, or choose a meeting: without a date nobody is reminded."
        elif day < today:
            errors[field] = f"{long_date(day)} has passed. Enter {long_date(today)} or a later date."
    if errors and report.meeting is not None and report.meeting.deadlines.updates < today:
        last = report.meeting.deadlines.publication
        works = f"choose a meeting from {long_date(rules.first_meeting_day(today, deadlines_of))} on."
        if last > today:
            works = f"enter dates from {long_date(today)} to {long_date(last)}, the last day to publish, or {works}"
        errors["meeting"] = f"Not enough time is left before the meeting on {long_date(report.meeting.day)}: {works}"
    if errors:
        raise ValidationError(errors)


def undo_ends(report, confirmed_at, reason, *, by, now):
    for update in report.updates.for_page():
        decided = {confirmed_at, *(datetime.fromisoformat(row["at"]) for row in update.correction_rows)}
        for recommendation in update.response.recommendations.all():
            if recommendation.ended_at in decided:
                record_resumption(recommendation, reason=reason, by=by, now=now)


# --- Updates ---


# The fields that `save_update` and `submit_update` take: `contributors` are people, `evidence` (title, address) pairs.
UPDATE_FIELDS = ("text", "exempt_text", "exempt_paragraph", "officer_view", "forecast_date", "contributors", "evidence")
# Of an update: its version and leader, what changes without a new version, and what follows from a change. In SQL:
# to put it together from querysets takes ten times as long as to run it.
PRESENT_STATE = """
    SELECT u.version, r.lead_officer_id,
        u.submitted_at, u.submitted_by_id, u.closed_at, u.closed_by_id, u.returned_at, u.returned_by_id, u.return_note,
        EXISTS (SELECT FROM inquiries_signoff WHERE report_id = u.report_id AND signed_at IS NOT NULL) AS is_signed_off,
        EXISTS (SELECT FROM inquiries_assessment WHERE update_id = u.id)
            OR EXISTS (SELECT FROM inquiries_indication WHERE update_id = u.id) AS is_judged,
        NOT EXISTS (
            SELECT FROM inquiries_progressupdate
            WHERE report_id = u.report_id AND id <> u.id AND submitted_at IS NULL AND closed_at IS NULL
        ) AS is_last
    FROM inquiries_progressupdate u JOIN inquiries_response r ON r.id = u.response_id
    WHERE u.id = %s
"""


@transaction.atomic
def save_update(update, *, version, by, now, note="", **fields):
    """Save the given fields (of UPDATE_FIELDS) and leave the others as they are. Returns the update.

    `version` is the one on which the edit was based, `note` says in the history why. Raises EditClash where a person
    has saved since, Refused or ValidationError.
    """
    update, present = lock_update(update, fields, version=version, by=by, now=now)
    changes = change_fields(update, fields, present, by=by, now=now)
    if update.version == version:
        return update
    store_update(update)
    if changes:
        history.write(
            "save_update",
            update,
            f"changed the progress update on {update.response.references}",
            by=by,
            now=now,
            changes=changes,
            note=note,
            on_behalf_of=represented_officer(by, update),
            inquiry=update.report.inquiry,
        )
        withdraw_decisions(update, changes, by=by, now=now)
    # The names and links that were fetched with it are the old ones.
    return fetch_update(update) if {"contributors", "evidence"} & changes.keys() else update


@transaction.atomic
def submit_update(update, *, version, by, now, **fields):
    """Save the given fields as `save_update` does, and submit the update.

    The last one that comes in brings the report to its Cabinet Members. Raises EditClash, Refused or ValidationError.
    """
    update, present = lock_update(update, fields, version=version, by=by, now=now)
    changes = change_fields(update, fields, present, by=by, now=now)
    written = (update.text, update.exempt_text, update.forecast_date)
    if reasons := rules.why_not_submitted(*written, timezone.localdate(now)):
        raise Refused(next(iter(reasons.values())))
    update.submitted_at, update.submitted_by, update.submitted_precision = now, by, FactPrecision.MOMENT
    store_update(update)
    report = update.report
    history.write(
        "submit_update",
        update,
        f"submitted the progress update on {update.response.references}",
        by=by,
        now=now,
        changes={name: (getattr(update, name), getattr(update, name)) for name in ("text", "exempt_text")} | changes,
        # The text as submitted, although it has not changed since it was saved.
        always=("text", "exempt_text") if update.exempt_text else ("text",),
        on_behalf_of=represented_officer(by, update),
        inquiry=report.inquiry,
    )
    withdraw_decisions(update, changes, by=by, now=now)
    if update.is_last:
        complete_collection(report, by=by, now=now)
    return update


def lock_update(update, fields, *, version, by, now):
    """The update as it is now, its report locked, and the keys of newly named people who have not left.

    What follows from a change is looked up with it: `is_signed_off` (by anybody), `is_judged` (there is an assessment
    or an indication), `is_last` (all others are in). Each would be a query of its own, mostly for nothing.
    Raises EditClash where `version` is not the present one, or Refused.
    """
    if unknown := fields.keys() - set(UPDATE_FIELDS):
        raise TypeError(f"An update has no {', '.join(sorted(unknown))}.")
    named = update.contributor_names if "contributors" in fields else []
    # People before the report, as every action locks them.
    joining = [person for person in fields.get("contributors", ()) if person not in named]
    people = lock_people(joining) if joining else {}
    report = ProgressReport.objects.select_for_update().get(pk=update.report_id)
    report.inquiry = update.report.inquiry
    with connection.cursor() as cursor:
        cursor.execute(PRESENT_STATE, [update.pk])
        current = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
    # Whatever changes its fields, names or links gives it another version: what was read under the same is still so.
    read = (update.version, update.response.lead_officer_id)
    is_current = (current.pop("version"), current.pop("lead_officer_id")) == read
    update = copy(update) if is_current else fetch_update(update)
    for name, value in current.items():
        setattr(update, name, value)
    update.report = report
    check_can("write_update", by, update, timezone.localdate(now))
    if version != update.version:
        raise EditClash(update)
    return update, {key for key, person in people.items() if person.is_active}


def change_fields(update, fields, present, *, by, now):
    values = {name: value for name, value in fields.items() if name not in ("contributors", "evidence")}
    values |= {name: values[name].replace("\r\n", "\n").strip() for name in ("text", "exempt_text") if name in values}
    changes = history.set_fields(update, **values)
    if "contributors" in fields:
        changes["contributors"] = change_contributors(update, list(fields["contributors"]), present, by=by, now=now)
    if "evidence" in fields:
        changes["evidence"] = change_evidence(update, [list(pair) for pair in fields["evidence"]])
    changes = {name: values for name, values in changes.items() if values[0] != values[1]}
    if changes or not update.saved_at:
        update.version += 1
        update.saved_at, update.saved_by = now, by
    return changes


def withdraw_decisions(update, changes, *, by, now):
    """Take back what was decided about the update as it was before these changes."""
    if changes and update.is_signed_off:
        # Not the text alone: names, links and the officer's own view are printed too.
        why = f"the update on {update.response.references} has changed"
        withdraw_sign_offs(update.report, by=by, now=now, why=why)
    if changes.keys() & {"text", "exempt_text"} and update.is_judged:
        remove_judgements(fetch_update(update), by=by, now=now)


def change_contributors(update, people, present, *, by, now):
    before = update.contributor_names
    if people != before:
        check_can("name_contributors", by, update, timezone.localdate(now))
        if left := next((p for p in people if p not in before and p.pk not in present), None):
            raise Refused(f"{left} has left and can no longer be named.")
        joining = [person for person in people if person not in before]
        check_sits_apart(joining, update.report.inquiry.committee_id, timezone.localdate(now))
        name_contributors(update, people)
    return [str(person) for person in before], [str(person) for person in people]


def change_evidence(update, pairs):
    before = [[link.title, link.url] for link in update.evidence_links]
    if pairs != before:
        replace_evidence(update, pairs)
    return before, pairs


def store_update(update):
    save_valid(
        update,
        exclude=["report", "response"],
        update_fields=[
            "text",
            "exempt_text",
            "exempt_paragraph",
            "officer_view",
            "forecast_date",
            "version",
            "saved_at",
            "saved_by",
            "submitted_at",
            "submitted_by",
            "submitted_precision",
        ],
    )


def return_update(update, *, note, by, now):
    """Send one update back to be written again; that update only is open again. Raises Refused without a note."""
    return return_updates(update.report, {update: note}, by=by, now=now)[0]


@transaction.atomic
def return_updates(report, notes, *, by, now):
    """Send several updates of a report back, each with its note ({update: note}); their writers get one e-mail each.

    Raises Refused, and nothing is sent back, where one of them cannot be, or has no note.
    """
    report = lock_report(report)
    returned = [record_return(report, update, note, by=by, now=now) for update, note in notes.items()]
    for sign_off in report.sign_offs.filter(person=by, signed_at__isnull=False):
        withdraw_sign_off(sign_off, by=by, now=now, why="the Cabinet Member returned an update")
    notify_writers(returned, "update_returned", now=now, reply_to=by)
    return returned


def return_due_of(report, today):
    """The last day for updates of the report that are returned today; None where it has no deadlines."""
    return rules.return_due(today, report.sign_off_due_on, clear_days()) if report.updates_due_on else None


def record_return(report, update, note, *, by, now):
    update = fetch_update(update)
    update.report = report
    check_can("return_update", by, update, timezone.localdate(now))
    if not note.strip():
        raise Refused("Say what you would like changed.")
    update.submitted_at = update.submitted_by = update.closed_at = update.closed_by = None
    update.returned_at, update.returned_by, update.return_note = now, by, note.strip()
    changes = history.set_fields(update, return_due_on=return_due_of(report, timezone.localdate(now)))
    update.save()
    if report.collected_at is not None:
        clear_fact(report, "collected")
    history.write(
        "return_update",
        update,
        f"returned the progress update on {update.response.references}",
        by=by,
        now=now,
        changes=changes,
        note=note.strip(),
        inquiry=report.inquiry,
        also=[report],
    )
    return update


def remove_judgements(update, *, by, now):
    """What was judged before a report was reopened does not hold for another text: only the history keeps it."""
    assessment = getattr(update, "assessment", None)
    for judgement in (*([assessment] if assessment else []), *Indication.objects.filter(update=update)):
        corrections = list(assessment.corrections.all()) if judgement == assessment else []
        history.write(
            "take_out_judgement",
            judgement,
            f"made an {judgement._meta.verbose_name} of the earlier text of {update.response.references} void",
            by=by,
            now=now,
            changes={"rating": (judgement.rating, None)},
            note=getattr(judgement, "comment", "") or getattr(judgement, "note", ""),
            inquiry=update.report.inquiry,
            deleted=[*corrections, judgement],
        )
        for record in (*corrections, judgement):
            record.delete()


def name_contributors(update, people):
    """Replace the named contributors, for an action that has checked who may."""
    update.named.all().delete()
    UpdateContributor.objects.bulk_create(contributors_of(update, people))


def contributors_of(update, people):
    return [UpdateContributor(update=update, person=person, position=n) for n, person in enumerate(people, start=1)]


def replace_evidence(update, pairs):
    """Replace the evidence by (title, address) pairs. Raises ValidationError."""
    update.evidence.all().delete()
    for position, (title, url) in enumerate(pairs, start=1):
        save_valid(Evidence(update=update, title=title, url=url, position=position), exclude=["update"])


def carry_over_contributors(report, updates, *, by, now):
    """Name for the new updates of a report whom the last report named; for actions that have checked the permission."""
    responses = [update.response_id for update in updates]
    rounds = ProgressUpdate.objects.filter(response__in=responses, report__months_on__lt=report.months_on)
    rounds = rounds.order_by("report__months_on").prefetch_related("named__person")
    earlier = {update.response_id: update for update in rounds}  # the last one stays
    named, actions = [], []
    for update in updates:
        last = earlier.get(update.response_id)
        people = [person for person in last.contributor_names if person.is_active] if last else []
        if people:
            named += contributors_of(update, people)
            actions.append(
                history.Action(
                    "carry_over_contributors",
                    update,
                    f"named the contributors of the last report for {update.response.references}",
                    changes={"contributors": ([], [str(person) for person in people])},
                    inquiry=report.inquiry,
                )
            )
    UpdateContributor.objects.bulk_create(named)
    history.write_all(actions, by=by, now=now)


def represented_officer(by, update):
    """The lead officer where another person than those who write the update does it for them; else None."""
    is_writer = by.pk == update.response.lead_officer_id or by in update.contributor_names
    return None if is_writer else update.response.lead_officer


def fetch_update(update):
    return ProgressUpdate.objects.for_page().get(pk=update.pk)


# --- Sign-off ---


@transaction.atomic
def name_cabinet_members(report, *, people, by, now, based_on=None):
    """Set who is to sign a report off. Those who have signed stay named; when only they are left, it is signed off.

    Raises Refused. For `based_on` see `merge_values`.
    """
    check_can("administer", by, report, timezone.localdate(now))
    rows = lock_people(people)
    report = lock_report(report)
    recorded = {"cabinet_members": [sign_off.person for sign_off in report.sign_offs.select_related("person")]}
    if not merge_values(report, {"cabinet_members": people}, based_on, recorded=recorded):
        return report
    if report.signed_off_at is not None:
        raise Refused("The report has been signed off: reopen it before you change who signs.")
    if not people:
        raise Refused("Name the Cabinet Member who is to sign this report off.")
    before = list(report.sign_offs.select_related("person"))
    wanted = {person.pk: person for person in people}
    for sign_off in before:
        if sign_off.person_id not in wanted:
            if sign_off.signed_at is not None:
                raise Refused(f"{sign_off.person} has already signed and stays named.")
            SignOff.objects.filter(pk=sign_off.pk).delete()
    named = {sign_off.person_id for sign_off in before}
    added = [person for pk, person in wanted.items() if pk not in named]
    if gone := next((person for person in added if not rows[person.pk].is_active), None):
        raise Refused(f"{gone} has left and cannot sign.")
    check_sits_apart(added, report.inquiry.committee_id, timezone.localdate(now))
    new = [SignOff.objects.create(report=report, person=person) for person in added]
    history.write(
        "name_cabinet_members",
        report,
        "named who is to sign the report off",
        by=by,
        now=now,
        changes={"cabinet_members": ([str(s.person) for s in before], [str(p) for p in wanted.values()])},
        inquiry=report.inquiry,
        also=new,
        deleted=[sign_off for sign_off in before if sign_off.person_id not in wanted],
    )
    if report.stage == Stage.AWAITING_SIGN_OFF:
        notify_signers(report, new, by=by, now=now)
        # The person who had not signed yet may be the one who is no longer named.
        complete_sign_off(report, by=by, now=now)
    return report


@transaction.atomic
def sign_off(sign_off, *, by, now, seen=None):
    """The Cabinet Member signs. When all who are named have signed, the report is signed off.

    `seen` is the report's `updates_version()` when the person read it (None: not asked). Raises EditClash when
    the words have changed since, or Refused.
    """
    report = lock_report(sign_off.report)
    sign_off = SignOff.objects.select_related("report__inquiry", "person").get(pk=sign_off.pk)
    check_can("sign_off", by, sign_off, timezone.localdate(now))
    if seen is not None and seen != report.updates_version():
        raise EditClash(report)
    return record_signature(sign_off, report, evidence_note="", by=by, now=now)


@transaction.atomic
def record_sign_off(sign_off, *, evidence_note, by, now):
    """A clerk records a Cabinet Member's sign-off, with a note of how it is known. Raises Refused without one."""
    report = lock_report(sign_off.report)
    sign_off = SignOff.objects.select_related("report__inquiry", "person").get(pk=sign_off.pk)
    check_can("record_sign_off", by, sign_off, timezone.localdate(now))
    if not evidence_note.strip():
        raise Refused("Note how the Cabinet Member's agreement is known: an e-mail of 3 November, say.")
    return record_signature(sign_off, report, evidence_note=evidence_note.strip(), by=by, now=now)


def record_signature(sign_off, report, *, evidence_note, by, now):
    changes = history.set_fields(sign_off, signed_at=now, signed_by=by, evidence_note=evidence_note)
    sign_off.signed_precision = FactPrecision.MOMENT
    sign_off.save()
    history.write(
        "sign_off",
        sign_off,
        "signed the report off" if by == sign_off.person else f"recorded the sign-off of {sign_off.person}",
        by=by,
        now=now,
        changes=changes,
        note=evidence_note,
        on_behalf_of=sign_off.person,
        inquiry=report.inquiry,
    )
    complete_sign_off(report, by=by, now=now)
    return sign_off


# An earlier text is restored: as a new version, by the action that changes such a text, with all its rules.

RESTORABLE = {"progressupdate": ProgressUpdate, "recommendation": Recommendation, "response": Response}


def record_of(entry):
    model = RESTORABLE[entry.subject_type]
    records = model.objects.for_page() if model is ProgressUpdate else model.objects.select_related("inquiry")
    return records.get(pk=entry.subject_id)


def right_to_restore(record):
    return "write_update" if isinstance(record, ProgressUpdate) else "administer"


def text_version(record):
    """A mark that is another one as soon as the text is: who puts one back says which they have seen."""
    return str(record.version) if isinstance(record, ProgressUpdate) else checksum_of_data(record.text)[:32]


@transaction.atomic
def restore_text(entry, *, seen, by, now, reason=""):
    """Record the text that `entry` brought once more, as a new version. Returns the record.

    `seen` is the `text_version` of the text the person has seen. A recommendation needs a `reason`. Raises EditClash,
    Refused (also where that is the present text), or ValidationError.
    """
    record = record_of(entry)
    check_can(right_to_restore(record), by, record, timezone.localdate(now))
    if not isinstance(record, ProgressUpdate):
        # Locked: the action below must find the text that the person has seen.
        type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
        record = record_of(entry)
    if seen != text_version(record):
        raise EditClash(record)
    text = entry.changes["text"][1]
    if text == record.text:
        raise Refused("This is already the current text.")
    at = timezone.localtime(entry.at)
    note = " ".join(f"The text of {at.day} {at:%B %Y, %H:%M} was restored. {reason}".split())
    if isinstance(record, Recommendation):
        return reword_recommendation(record, text=text, reason=note if reason.strip() else "", by=by, now=now)
    if isinstance(record, Response):
        return correct_response(record, text=text, note=note, by=by, now=now)
    return save_update(record, version=record.version, text=text, note=note, by=by, now=now)
