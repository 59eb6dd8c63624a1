"""Reminding now, by hand."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.progress import lock_report
from inquiries.models import OfficerReport
from inquiries.notifications import last_emails, open_tasks, queue_messages, reminder_to
from inquiries.permissions import Refused, check_can


@dataclass(frozen=True)
class Reminded:
    """The names of those who were reminded, and of those who were not."""

    sent: list[str]
    had_one_today: list[str]
    unreachable: list[str]

    def __str__(self):
        parts = [
            f"E-mails on their way: {', '.join(self.sent)}." if self.sent else "Nobody was reminded.",
            f"Had an e-mail about it today: {', '.join(self.had_one_today)}." if self.had_one_today else "",
            f"Cannot be reached by e-mail: {', '.join(self.unreachable)}." if self.unreachable else "",
        ]
        return " ".join(part for part in parts if part)


@transaction.atomic
def remind(report, *, by, now, task=None):
    """Remind those who have to do one task of a report ("update:5"), or all late ones; one e-mail to a person.

    Returns Reminded. Raises Refused where nothing is open, or has no deadline.
    """
    today = timezone.localdate(now)
    check_can("administer", by, report, today)
    # Of two clerks who press the button, one after the other.
    lock_report(report)
    keys = [f"update:{pk}" for pk in report.updates.open().values_list("pk", flat=True)]
    keys += [f"sign_off:{pk}" for pk in report.sign_offs.filter(signed_at=None).values_list("pk", flat=True)]
    tasks = open_tasks(date.max, [key for key in keys if task in (None, key)])
    if task is None:
        tasks = [one for one in tasks if one.due < today]
    if not tasks:
        raise Refused("There is nothing to remind of: it has been done, has no deadline, or nothing is late.")
    reminded = queue_reminders_now(tasks, by=by, now=now)
    if reminded.sent:
        history.write("remind", report, "sent reminders", by=by, now=now, note=str(reminded), inquiry=report.inquiry)
    return reminded


@transaction.atomic
def remind_of_officer_report(report, *, by, now):
    """Remind those who have to write an officer report, or to sign it. Returns Reminded. Raises Refused."""
    check_can("administer", by, report, timezone.localdate(now))
    OfficerReport.objects.select_for_update().get(pk=report.pk)
    keys = [f"officer_report:{report.pk}"]
    keys += [f"report_signature:{pk}" for pk in report.signatures.values_list("pk", flat=True)]
    tasks = open_tasks(date.max, keys)
    if not tasks:
        raise Refused("There is nothing to remind of: it has been done.")
    reminded = queue_reminders_now(tasks, by=by, now=now)
    if reminded.sent:
        history.write("remind", report, "sent reminders", by=by, now=now, note=str(reminded))
    return reminded


def queue_reminders_now(tasks, *, by, now):
    today = timezone.localdate(now)
    by_person = {}
    for one in tasks:
        for person in one.people:
            by_person.setdefault(person, []).append(one)
    already = last_emails(by_person, since=today)
    sent, had_one_today, unreachable, messages = [], [], [], []
    for person, theirs in by_person.items():
        wanted = [one for one in theirs if (person.pk, one.key) not in already]
        if not person.email or not person.is_active:
            unreachable.append(person.name)
        elif not wanted:
            had_one_today.append(person.name)
        else:
            sent.append(person.name)
            messages.append(reminder_to(person, "reminder", wanted, today, clerk=by, asked_at=now.isoformat()))
    queue_messages(messages, now=now)
    unreachable += ["nobody leads it"] if not by_person else []
    return Reminded(sent, had_one_today, unreachable)
