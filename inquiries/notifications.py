"""Which message to whom, once: a notification is a row stored with the deed that causes it and sent afterwards."""

import logging
from datetime import timedelta
from functools import partial
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.text import Truncator

from inquiries.models import Notification, Person, ProgressUpdate

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(days=1)
# With the growing pauses between them, a notification is given up after some five days.
MOST_FAILURES = 12
# The server answers, but will not take this one; any other failure is of the server itself.
OF_THIS_NOTICE = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError, ValueError)
LONGEST_SUBJECT = 200
# Asks machines that answer for people on leave not to.
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def notify(people, occasion, key, *, now, **context):
    """Store the notification of `occasion` (templates/mail/<occasion>.txt) for each of `people` who can read it.

    `key` says what it is about: the same occasion and key never reach a person twice. In the template the
    subject comes first, then the letter from "Dear" on. People without e-mail address, or who have left, are
    passed over.
    """
    for person in {person.pk: person for person in people}.values():
        if not person.email or not person.is_active:
            continue
        subject, body = _letter(occasion, person, context)
        Notification.objects.get_or_create(
            key=f"{occasion}:{key}:{person.pk}",
            defaults={
                "recipient": person,
                "occasion": occasion,
                "subject": subject,
                "body": body,
                "queued_on": now,
            },
        )


def email_former_address(address, occasion, *, person, **context):
    """Send the letter of `occasion` about `person` to an address that is theirs no more, once the deed is stored.

    A notification goes to where its recipient is reached when it is sent, so this one cannot wait among them. It is a
    courtesy: a server that fails is left a line in the log, and the deed stands.
    """
    subject, body = _letter(occasion, person, context)
    mail = EmailMessage(subject, body, to=[address], headers=AUTOMATIC)
    transaction.on_commit(partial(_send_as_courtesy, mail))


def _send_as_courtesy(mail):
    try:
        mail.send()
    except (OSError, SMTPException, ValueError) as error:
        # Its kind alone: what servers answer names addresses.
        logger.warning("A letter to a former address could not be sent: %s.", type(error).__name__)


def _letter(occasion, person, context):
    """The subject and the text of a letter."""
    known = {"person": person, "site": settings.SITE_ADDRESS.rstrip("/"), "council": settings.COUNCIL_NAME}
    words = render_to_string(f"mail/{occasion}.txt", known | context)
    subject, dear, body = words.strip().partition("\nDear ")
    # A line break in a subject would let a title write mail headers.
    return Truncator(" ".join(subject.split())).chars(LONGEST_SUBJECT), f"{dear}{body}".strip() + "\n"


def clerks():
    """The clerks, to be told."""
    return Person.objects.clerks()


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


def waiting(now):
    """The notifications that can be sent now, oldest first."""
    return (
        Notification.objects.filter(
            _is_free(now), sent_on__isnull=True, failures__lt=MOST_FAILURES, recipient__is_active=True
        )
        .exclude(recipient__email=None)
        .select_related("recipient")
        .order_by("queued_on", "pk")
    )


def given_up():
    """The notifications that failed so often that nobody tries them again."""
    return Notification.objects.filter(sent_on__isnull=True, failures__gte=MOST_FAILURES)


def send_waiting(now, *, most=500, within=LEASE / 2, stop=lambda: False):
    """Send the notifications that wait; returns (sent, failed).

    Each is claimed by one UPDATE with a lease before it is sent, so that several senders never send the same;
    one whose sender died is free again when its lease ends. One that failed waits for as long again, and twice
    as long each further time. When the server itself fails, the others are left for the next round. The round
    also ends after the time `within`, or when `stop()` says so.
    """
    sent = failed = 0
    started = monotonic()
    for pk in list(waiting(now).values_list("pk", flat=True)[:most]):
        # Claims count from `now`: a round longer than the lease would send what others have claimed by then.
        if stop() or monotonic() - started > within.total_seconds():
            break
        if not _claim(pk, now):
            continue
        notification = Notification.objects.select_related("recipient").get(pk=pk)
        try:
            _mail(notification).send()
        except (OSError, SMTPException, ValueError) as error:
            notification.failures += 1
            notification.last_failure = type(error).__name__
            notification.claimed_until = now + min(LEASE * 2 ** (notification.failures - 1), LONGEST_PAUSE)
            notification.save(update_fields=["failures", "last_failure", "claimed_until"])
            failed += 1
            if not isinstance(error, OF_THIS_NOTICE):
                break
        else:
            Notification.objects.filter(pk=pk).update(sent_on=now, claimed_until=None)
            sent += 1
    return sent, failed


def _is_free(now):
    return Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)


def _claim(pk, now):
    return Notification.objects.filter(_is_free(now), pk=pk, sent_on__isnull=True).update(claimed_until=now + LEASE)


def _mail(notification):
    return EmailMessage(notification.subject, notification.body, to=[notification.recipient.email], headers=AUTOMATIC)
