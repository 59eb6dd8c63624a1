"""Which message to whom, once: a notification is a row stored with the action that causes it; a job sends it."""

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from smtplib import SMTPException

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, Model, OuterRef
from django.utils import timezone
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from inquiries.choices import Stage
from inquiries.emails import make_email, message_id, render_email
from inquiries.models import (
    Inquiry,
    Membership,
    Notification,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    SignOff,
)
from inquiries.models.fields import checksum_of_data

logger = logging.getLogger(__name__)

# The job that sends one notification (inquiries/jobs.py).
SEND = "send_notification"
# With the growing pauses between them, a notification is given up after some five days.
MOST_FAILURES = 12
# The first reminder.
REMIND_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class Message:
    """What is to be said to one person. `key` says what it is about, see `notify`."""

    person: Person
    occasion: str
    key: str
    context: dict
    reply_to: Person | None = None
    reminds_of: tuple[str, ...] = ()


def notify(people, occasion, key, *, now, reply_to=None, **context):
    """Store the notification of `occasion` (templates/mail/<occasion>.txt) for each of `people` who can read it.

    `key` says what it is about: the same occasion and key never reach a person twice. In the template the subject
    comes first, then the text from "Dear" on; it is written again when it is sent, if `context` is records alone.
    Answers go to `reply_to`, who caused it, if that is a clerk. People without e-mail address, or who have left, are
    passed over. The jobs that send them are deferred in the same transaction.
    """
    queue_messages([Message(person, occasion, key, context, reply_to) for person in people], now=now)


def queue_messages(messages, *, now):
    """Store a notification of each message, as `notify` does; the same number of queries for any number of them."""
    wanted = {f"{m.occasion}:{m.key}:{m.person.pk}": m for m in messages if m.person.email and m.person.is_active}
    for known in Notification.objects.filter(key__in=wanted).values_list("key", flat=True):
        del wanted[known]
    if not wanted:
        return
    rows = []
    for row_key, message in wanted.items():
        reply_to = message.reply_to if can_be_answered(message.reply_to) else None
        subject, body = render_email(message.occasion, message.person, message.context, reply_to)
        rows.append(
            Notification(
                recipient=message.person,
                reply_to=reply_to,
                occasion=message.occasion,
                key=row_key,
                subject=subject,
                body=body,
                about=keys_of(message.context),
                reminds_of=list(message.reminds_of),
                queued_on=now,
            )
        )
    # Another transaction may store the same in this moment. Then both defer a job, and one of them sends.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    stored = Notification.objects.filter(key__in=wanted).order_by("pk").values_list("pk", flat=True)
    defer_jobs(SEND, [{"notification": pk} for pk in stored])


def can_be_answered(person):
    return bool(person and person.is_clerk and person.is_active and person.email)


def defer_jobs(name, arguments):
    """A job of this name for each of `arguments`, in the transaction of its cause."""
    # Through Django's connection even in the worker, whose own is in no transaction.
    manager = JobManager(DjangoConnector())
    configure_task(name=name, job_manager=manager).batch_defer(*arguments)


def keys_of(context):
    """{name: [model, keys]} where the context of a letter is records, and lists of records, alone; else empty."""
    several = {name: value if isinstance(value, list) else [value] for name, value in context.items()}
    if not all(isinstance(record, Model) for records in several.values() for record in records):
        return {}
    return {
        name: [records[0]._meta.model_name, [record.pk for record in records], isinstance(context[name], list)]
        for name, records in several.items()
        if records
    }


def current_context(about):
    """The records of `keys_of` as they are now; None where one of them is no more."""
    context = {}
    for name, (model_name, keys, is_list) in about.items():
        found = apps.get_model("inquiries", model_name)._base_manager.in_bulk(keys)
        if len(found) < len(set(keys)):
            return None
        context[name] = [found[key] for key in keys] if is_list else found[keys[0]]
    return context


def email_former_address(address, occasion, *, person, **context):
    """Send the e-mail of `occasion` about `person` to an address that is theirs no more, once the change is stored.

    A notification goes to where its recipient is reached when it is sent, so this one cannot wait among them. It is a
    courtesy: a server that fails is left a line in the log, and the change stays.
    """
    mail = make_email(*render_email(occasion, person, context), address)
    transaction.on_commit(partial(send_as_courtesy, mail))


def send_as_courtesy(mail):
    try:
        mail.send()
    except (OSError, SMTPException, ValueError) as error:
        # Its kind alone: what servers answer names addresses.
        logger.warning("A letter to a former address could not be sent: %s.", type(error).__name__)


def clerks():
    return Person.objects.clerks()


def members_on(committee, day):
    """The people with a seat on a committee, or on that with this key, on a day."""
    return [seat.person for seat in Membership.objects.on(day).filter(committee=committee).select_related("person")]


@dataclass(frozen=True)
class Task:
    """What is to be done by a day, and by whom. `key` names it in a notification: "update:5"."""

    key: str
    what: str
    inquiry: Inquiry
    due: date
    people: tuple[Person, ...]
    # Whom to ask.
    clerk: Person | None = None


def open_tasks(until, keys=None):
    """The updates, sign-offs and responses that are due on the day `until` or before; of `keys` where given.

    A response of Cabinet has no owner before it is recorded: the clerks see to it.
    """
    everybody = tuple(clerks())
    return [
        *(
            Task(
                f"update:{update.pk}",
                f"progress update on {update.response.numbers}",
                update.report.inquiry,
                update.report.updates_due_on,
                tuple(update.writers),
                update.report.commissioned_by,
            )
            for update in chosen(ProgressUpdate.objects.open(), "update", keys)
            .filter(report__updates_due_on__lte=until)
            .for_page()
            .select_related("report__commissioned_by")
        ),
        *(
            Task(
                f"sign_off:{sign_off.pk}",
                f"sign-off of the {sign_off.report.kind.lower()}",
                sign_off.report.inquiry,
                sign_off.report.sign_off_due_on,
                (sign_off.person,),
                sign_off.report.commissioned_by,
            )
            for sign_off in chosen(SignOff.objects.filter(signed_at__isnull=True), "sign_off", keys)
            .filter(report__in=ProgressReport.objects.at_stage(Stage.AWAITING_SIGN_OFF))
            .filter(report__sign_off_due_on__lte=until)
            .select_related("person", "report__inquiry", "report__commissioned_by")
        ),
        *(
            Task(f"response:{inquiry.pk}", "the response of Cabinet", inquiry, inquiry.response_due, everybody)
            for inquiry in chosen(Inquiry.objects.filter(received_on__lte=until), "response", keys)
            .filter(Exists(Recommendation.objects.open().filter(inquiry=OuterRef("pk"), response__isnull=True)))
            .order_by("pk")
            if inquiry.response_due <= until
        ),
    ]


def chosen(records, kind, keys):
    if keys is None:
        return records
    return records.filter(pk__in=[key.partition(":")[2] for key in keys if key.startswith(f"{kind}:")])


def queue_reminders(today, now):
    """Store one reminder for each person of what is due soon or late; returns how many tasks that concerns.

    A person is reminded of a task seven days and one day before, on the day, and once in each week after it; where it
    was asked for later, or no worker ran on that day, on the next one.
    """
    marked = defaultdict(list)
    for task in open_tasks(today + REMIND_WITHIN):
        mark = f"{task.key}:{task.due}:{reminder_number((task.due - today).days)}"
        for person in task.people:
            marked[person].append((mark, task))
    known = Notification.objects.filter(occasion="reminder", recipient__in=marked)
    done = {(person, mark) for person, marks in known.values_list("recipient", "reminds_of") for mark in marks}
    messages, concerned = [], set()
    for person, tasks in marked.items():
        fresh = {mark: task for mark, task in tasks if (person.pk, mark) not in done}
        if fresh:
            key = checksum_of_data(sorted(fresh))[:32]
            tasks = list(fresh.values())
            context = {"tasks": tasks, "today": today}
            messages.append(Message(person, "reminder", key, context, tasks[0].clerk, tuple(fresh)))
            concerned |= {task.key for task in tasks}
    queue_messages(messages, now=now)
    return len(concerned)


def reminder_number(days):
    if days < 0:
        # By the week and not by the day: a day on which no worker ran loses nobody a reminder.
        return f"late{(-days - 1) // 7}"
    return next(before for before in (0, 1, REMIND_WITHIN.days) if days <= before)


def send(pk, *, now):
    """Send one notification; nothing where it was sent or given up, or where its recipient has left or has no address.

    The row is locked meanwhile, so that of several jobs for it one sends. Raises what the mail server raised, after
    it has been counted.
    """
    failure = None
    with transaction.atomic():
        unsent = Notification.objects.filter(pk=pk, sent_on=None, failures__lt=MOST_FAILURES)
        can_be_reached = unsent.filter(recipient__is_active=True).exclude(recipient__email=None)
        locked = can_be_reached.select_related("recipient", "reply_to").select_for_update(of=("self",), no_key=True)
        notification = locked.first()
        if notification is None:
            return
        if not bring_up_to_date(notification, timezone.localdate(now)):
            notification.delete()
            return
        try:
            email_of(notification).send()
        except (OSError, SMTPException, ValueError) as error:
            failure = error
            notification.failures += 1
            notification.last_failure = type(error).__name__
        else:
            notification.sent_on = now
        notification.save(update_fields=["subject", "body", "sent_on", "failures", "last_failure"])
    if failure:
        raise failure


def bring_up_to_date(notification, today):
    """Write the text again, with what is true when it is sent; False for a reminder of nothing that is still due."""
    context = current_context(notification.about)
    if notification.reminds_of:
        keys = {mark.rpartition(":")[0].rpartition(":")[0] for mark in notification.reminds_of}
        context = {"tasks": open_tasks(today + REMIND_WITHIN, keys), "today": today}
        if not context["tasks"]:
            return False
    if context:
        reply_to = notification.reply_to if can_be_answered(notification.reply_to) else None
        text = render_email(notification.occasion, notification.recipient, context, reply_to)
        notification.subject, notification.body = text
    return True


def email_of(notification):
    return make_email(
        notification.subject,
        notification.body,
        notification.recipient.email,
        reply_to=notification.reply_to if can_be_answered(notification.reply_to) else None,
        headers={"Message-ID": message_id(notification.key)},
    )
