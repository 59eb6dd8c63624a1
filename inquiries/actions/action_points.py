"""Actions that a committee asks for about rows of concern: set, changed, removed, done."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.inquiries import check_given
from inquiries.actions.people import lock_current_person
from inquiries.actions.progress import lock_report
from inquiries.actions.publication import keep_edition
from inquiries.actions.records import delete_files_on_rollback, merge_values, save_valid
from inquiries.models import ActionPoint, ProgressUpdate
from inquiries.models.fields import checksum_of_data
from inquiries.notifications import notify
from inquiries.permissions import Refused, check_can

FIELDS = ("text", "owner", "due_on")


@delete_files_on_rollback()
@transaction.atomic
def set_action_point(update, *, text, owner, due_on, by, now):
    """Record what the committee asks for about a row that it rated concerns or not delivered.

    Once the ratings are confirmed the report is published anew with it and its owner is notified; until then it is a
    draft. Raises Refused, ValidationError, or documents.pdf.PdfFailed; then nothing has happened.
    """
    owner = lock_current_person(owner)
    report = lock_report(update.report)
    update = ProgressUpdate.objects.for_page().get(pk=update.pk)
    check_can("set_action_point", by, update, timezone.localdate(now))
    rules.check_was_held(report.meeting, now)
    assessment = getattr(update, "assessment", None)
    rules.check_needs_action(report.stage, assessment.rating if assessment else None)
    check_due(due_on, report)
    action = ActionPoint(update=update, text=text, owner=owner, due_on=due_on, set_at=now, set_by=by)
    save_valid(action)
    said = f"set an action on {update.response.references}: {action.text}"
    changes = history.first_values(action, *FIELDS)
    history.write("set_action_point", action, said, by=by, now=now, changes=changes, inquiry=report.inquiry)
    publish_action_points(report, [action], by=by, now=now)
    return action


@delete_files_on_rollback()
@transaction.atomic
def change_action_point(action, *, by, now, based_on=None, **values):
    """Change what an open action says, whose it is or by when; for `based_on` see `merge_values`."""
    owner = lock_current_person(values["owner"]) if "owner" in values else None
    report = lock_report(action.update.report)
    action = ActionPoint.objects.for_page().select_for_update(of=("self",)).get(pk=action.pk)
    check_can("set_action_point", by, action, timezone.localdate(now))
    check_not_done(action)
    values = merge_values(action, values | ({"owner": owner} if owner else {}), based_on)
    changes = {name: pair for name, pair in history.set_fields(action, **values).items() if pair[0] != pair[1]}
    if not changes:
        return action
    if "due_on" in changes:
        check_due(action.due_on, report)
    save_valid(action)
    said = f"changed the action on {action.update.response.references}: {action.text}"
    history.write("change_action_point", action, said, by=by, now=now, changes=changes, inquiry=report.inquiry)
    publish_action_points(report, [action], by=by, now=now)
    return action


@transaction.atomic
def remove_action_point(action, *, by, now):
    """Remove an action while it is a draft. Raises Refused once the ratings are confirmed."""
    report = lock_report(action.update.report)
    action = ActionPoint.objects.for_page().select_for_update(of=("self",)).get(pk=action.pk)
    check_can("set_action_point", by, action, timezone.localdate(now))
    if report.assessed_at is not None:
        raise Refused("This action is public: record that it is done, with a sentence that says why it was dropped.")
    said = f"removed the action on {action.update.response.references}: {action.text}"
    changes = {name: (getattr(action, name), None) for name in FIELDS}
    facts = {"changes": changes, "inquiry": report.inquiry, "deleted": [action]}
    history.write("remove_action_point", action, said, by=by, now=now, **facts)
    action.delete()


@transaction.atomic
def finish_action_point(action, *, note, by, now):
    """Record that an action is done, with a sentence; the next report shows it. Raises Refused or ValidationError."""
    action = ActionPoint.objects.for_page().select_for_update(of=("self",)).get(pk=action.pk)
    check_can("finish_action_point", by, action, timezone.localdate(now))
    check_not_done(action)
    check_given(note, "Say in a sentence what was done.")
    changes = history.set_fields(action, done_note=note)
    action.done_at, action.done_by = now, by
    save_valid(action)
    report = action.update.report
    history.write(
        "finish_action_point",
        action,
        f"recorded that the action on {action.update.response.references} is done: {action.text}",
        by=by,
        now=now,
        changes=changes,
        on_behalf_of=action.owner,
        inquiry=report.inquiry,
    )
    others = [action.set_by] if action.set_by != by else []
    key = f"{action.pk}:{now.isoformat()}"
    notify(others, "action_done", key, now=now, concerns=tasks_of(action), action=action)
    return action


@transaction.atomic
def resume_action_point(action, *, by, now):
    """Undo that an action is done: it is open again, and its owner is reminded. Raises Refused."""
    action = ActionPoint.objects.for_page().select_for_update(of=("self",)).get(pk=action.pk)
    check_can("finish_action_point", by, action, timezone.localdate(now))
    if action.done_at is None:
        raise Refused("This action is open already.")
    changes = history.set_fields(action, done_note="")
    action.done_at = action.done_by = None
    save_valid(action)
    said = f"opened the action on {action.update.response.references} again: {action.text}"
    facts = {"changes": changes, "on_behalf_of": action.owner, "inquiry": action.update.report.inquiry}
    history.write("resume_action_point", action, said, by=by, now=now, **facts)
    return action


def check_not_done(action):
    if action.done_at is not None:
        raise Refused("This action is done.")


def check_due(due_on, report):
    if due_on < report.meeting.day:
        raise ValidationError({"due_on": "Enter a day after the meeting at which the committee asked for it."})


def publish_action_points(report, actions, *, by, now):
    """Once the ratings are confirmed: a new edition of the report with these actions, whose owners are notified."""
    if report.assessed_at is None:
        return
    keep_edition(report, by=by, now=now)
    notify_owners(actions, by=by, now=now)


def notify_owners(actions, *, by, now):
    for action in actions:
        state = checksum_of_data([action.text, action.due_on.isoformat()])[:32]
        key, concerns = f"{action.pk}:{state}", tasks_of(action)
        notify([action.owner], "action_wanted", key, now=now, reply_to=by, concerns=concerns, action=action)


def tasks_of(action):
    return f"action:{action.pk}", f"report:{action.update.report_id}"
