"""Which message to whom, once: a notification is a row stored with the action that causes it; a job sends it."""

import hashlib
import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, Model, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from inquiries.choices import Stage
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
LONGEST_SUBJECT = 200
# The first reminder.
REMIND_WITHIN = timedelta(days=7)
# Asks machines that answer for people on leave not to.
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def notify(people, occasion, key, *, now, reminds_of=(), **context):
    """Store the notification of `occasion` (templates/mail/<occasion>.txt) for each of `people` who can read it.

    `key` says what it is about: the same occasion and key never reach a person twice. In the template the subject
    comes first, then the text from "Dear" on; it is written again when it is sent, if `context` is records alone, or
    where it `reminds_of` tasks. People without e-mail address, or who have left, are passed over. The jobs that send
    them are deferred in the same transaction.
    """
    recipients = {f"{occasion}:{key}:{p.pk}": p for p in people if p.email and p.is_active}
    for known in Notification.objects.filter(key__in=recipients).values_list("key", flat=True):
        del recipients[known]
    if not recipients:
        return
    rows = []
    about = keys_of(context)
    for row_key, person in recipients.items():
        subject, body = render_email(occasion, person, context)
        text = {"subject": subject, "body": body, "about": about, "reminds_of": list(reminds_of)}
        rows.append(Notification(recipient=person, occasion=occasion, key=row_key, queued_on=now, **text))
    # Another transaction may store the same in this moment. Then both defer a job, and one of them sends.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    stored = Notification.objects.filter(key__in=recipients).order_by("pk").values_list("pk", flat=True)
    defer_jobs(SEND, [{"notification": pk} for pk in stored])


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
    subject, body = render_email(occasion, person, context)
    mail = EmailMessage(subject, body, to=[address], headers=AUTOMATIC)
    transaction.on_commit(partial(_send_as_courtesy, mail))


def _send_as_courtesy(mail):
    try:
        mail.send()
    except (OSError, SMTPException, ValueError) as error:
        # Its kind alone: what servers answer names addresses.
        logger.warning("A letter to a former address could not be sent: %s.", type(error).__name__)


def render_email(occasion, person, context):
    known = {"person": person, "site": settings.SITE_ADDRESS.rstrip("/"), "council": settings.COUNCIL_NAME}
    words = render_to_string(f"mail/{occasion}.txt", known | context)
    subject, dear, body = words.strip().partition("\nDear ")
    # A line break in a subject would let a title write mail headers.
    return Truncator(" ".join(subject.split())).chars(LONGEST_SUBJECT), f"{dear}{body}".strip() + "\n"


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
            )
            for update in chosen(ProgressUpdate.objects.open(), "update", keys)
            .filter(report__updates_due_on__lte=until)
            .for_page()
        ),
        *(
            Task(
                f"sign_off:{sign_off.pk}",
                f"sign-off of the {sign_off.report.kind.lower()}",
                sign_off.report.inquiry,
                sign_off.report.sign_off_due_on,
                (sign_off.person,),
            )
            for sign_off in chosen(SignOff.objects.filter(signed_at__isnull=True), "sign_off", keys)
            .filter(report__in=ProgressReport.objects.at_stage(Stage.AWAITING_SIGN_OFF))
            .filter(report__sign_off_due_on__lte=until)
            .select_related("person", "report__inquiry")
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
    concerned = set()
    for task in open_tasks(today + REMIND_WITHIN):
        mark = f"{task.key}:{task.due}:{reminder_number((task.due - today).days)}"
        for person in task.people:
            marked[person].append((mark, task))
    known = Notification.objects.filter(occasion="reminder", recipient__in=marked)
    done = {(person, mark) for person, marks in known.values_list("recipient", "reminds_of") for mark in marks}
    for person, tasks in marked.items():
        fresh = {mark: task for mark, task in tasks if (person.pk, mark) not in done}
        if fresh:
            key = checksum_of_data(sorted(fresh))[:32]
            context = {"tasks": list(fresh.values()), "today": today}
            notify([person], "reminder", key, now=now, reminds_of=fresh, **context)
            concerned |= {task.key for task in fresh.values()}
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
        locked = can_be_reached.select_related("recipient").select_for_update(of=("self",), no_key=True)
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
        text = render_email(notification.occasion, notification.recipient, context)
        notification.subject, notification.body = text
    return True


def email_of(notification):
    # The same for the same notification: where a worker was killed between sending and noting it, mail systems
    # recognise the second copy.
    digest = hashlib.sha256(f"{settings.SITE_ADDRESS} {notification.key}".encode()).hexdigest()[:32]
    headers = AUTOMATIC | {"Message-ID": f"<{digest}@{urlsplit(settings.SITE_ADDRESS).hostname}>"}
    return EmailMessage(notification.subject, notification.body, to=[notification.recipient.email], headers=headers)
