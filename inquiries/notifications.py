"""Which message to whom, once: a notification is a row stored with the action that causes it; a job sends it."""

import hashlib
import logging
from datetime import timedelta
from functools import partial
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.text import Truncator
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from inquiries.models import Membership, Notification, Person, ProgressUpdate

logger = logging.getLogger(__name__)

# The job that sends one notification (inquiries/jobs.py).
SEND = "send_notification"
# With the growing pauses between them, a notification is given up after some five days.
MOST_FAILURES = 12
LONGEST_SUBJECT = 200
# Asks machines that answer for people on leave not to.
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def notify(people, occasion, key, *, now, **context):
    """Store the notification of `occasion` (templates/mail/<occasion>.txt) for each of `people` who can read it.

    `key` says what it is about: the same occasion and key never reach a person twice. In the template the subject
    comes first, then the text from "Dear" on. People without e-mail address, or who have left, are passed over. The
    jobs that send them are deferred in the same transaction.
    """
    recipients = {f"{occasion}:{key}:{p.pk}": p for p in people if p.email and p.is_active}
    for known in Notification.objects.filter(key__in=recipients).values_list("key", flat=True):
        del recipients[known]
    if not recipients:
        return
    rows = []
    for row_key, person in recipients.items():
        subject, body = render_email(occasion, person, context)
        rows.append(
            Notification(recipient=person, occasion=occasion, key=row_key, subject=subject, body=body, queued_on=now)
        )
    # Another transaction may store the same in this moment. Then both defer a job, and one of them sends.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    stored = Notification.objects.filter(key__in=recipients).order_by("pk").values_list("pk", flat=True)
    # Through Django's connection even in the worker, whose own is in no transaction.
    manager = JobManager(DjangoConnector())
    configure_task(name=SEND, job_manager=manager).batch_defer(*({"notification": pk} for pk in stored))


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


def queue_reminders(today, now, *, days_before=(7, 1)):
    """Store a reminder for every open update whose deadline is near or past; returns how many updates.

    Near means `days_before` days, or the day itself; past means once in each week after it. A person gets each
    reminder once, however often this runs.
    """
    count = 0
    near = today + timedelta(days=max(days_before, default=0))
    for update in ProgressUpdate.objects.open().filter(report__updates_due_on__lte=near).for_page():
        due = update.report.updates_due_on
        days = (due - today).days
        if days < 0:
            # By the week and not by the day: a day on which no worker ran loses nobody a reminder.
            occasion, key = "update_late", f"{update.pk}:{due}:{(-days - 1) // 7}"
        elif days == 0 or days in days_before:
            occasion, key = "update_due", f"{update.pk}:{today}"
        else:
            continue
        people = update.writers
        notify(people, occasion, key, now=now, update=update, due=due)
        count += 1
    return count


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
        try:
            email_of(notification).send()
        except (OSError, SMTPException, ValueError) as error:
            failure = error
            notification.failures += 1
            notification.last_failure = type(error).__name__
        else:
            notification.sent_on = now
        notification.save(update_fields=["sent_on", "failures", "last_failure"])
    if failure:
        raise failure


def email_of(notification):
    # The same for the same notification: where a worker was killed between sending and noting it, mail systems
    # recognise the second copy.
    digest = hashlib.sha256(f"{settings.SITE_ADDRESS} {notification.key}".encode()).hexdigest()[:32]
    headers = AUTOMATIC | {"Message-ID": f"<{digest}@{urlsplit(settings.SITE_ADDRESS).hostname}>"}
    return EmailMessage(notification.subject, notification.body, to=[notification.recipient.email], headers=headers)
