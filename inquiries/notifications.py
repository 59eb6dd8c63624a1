"""Which message to whom, once: a notice is a row stored with the deed that causes it and sent afterwards."""

from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string

from inquiries.models import Notice, Person, ProgressUpdate

LEASE = timedelta(minutes=10)
MOST_FAILURES = 10


def tell(people, occasion, key, *, now, **context):
    """Store the notice of `occasion` (templates/mail/<occasion>.txt) for each of `people` who can read it.

    `key` says what it is about: the same occasion and key never reach a person twice. The first line of the
    template is the subject. People without e-mail address, or who have left, are passed over.
    """
    for person in {person.pk: person for person in people}.values():
        if not person.email or not person.is_active:
            continue
        words = render_to_string(f"mail/{occasion}.txt", {"person": person, "site": settings.SITE_ADDRESS, **context})
        subject, _, body = words.strip().partition("\n")
        Notice.objects.get_or_create(
            key=f"{occasion}:{key}:{person.pk}",
            defaults={
                "recipient": person,
                "occasion": occasion,
                # A line break in a subject would let a title write mail headers.
                "subject": " ".join(subject.split())[:200],
                "body": body.strip() + "\n",
                "queued_on": now,
            },
        )


def clerks():
    """The clerks, to be told."""
    return Person.objects.clerks()


def queue_reminders(today, now, *, days_before=(7, 1)):
    """Store a reminder for every open update whose deadline is near or past; returns how many updates.

    Near means `days_before` days; past means once a week. A person gets each reminder once, whatever how
    often this runs in a day.
    """
    count = 0
    for update in ProgressUpdate.objects.open().filter(report__updates_due_on__isnull=False).for_page():
        due = update.report.updates_due_on
        days = (due - today).days
        late = days < 0 and -days % 7 == 1
        if days in days_before or days == 0 or late:
            people = [update.response.lead_officer, *update.contributor_names]
            occasion = "update_late" if late else "update_due"
            tell([p for p in people if p], occasion, f"{update.pk}:{today}", now=now, update=update, due=due)
            count += 1
    return count


def send_waiting(now, *, most=500):
    """Send the notices that wait; returns (sent, failed).

    Each is claimed by one UPDATE with a lease before it is sent, so that several senders never send the same;
    one whose sender died is free again when its lease ends.
    """
    sent = failed = 0
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    waiting = Notice.objects.filter(free, sent_on__isnull=True, failures__lt=MOST_FAILURES)
    for pk in waiting.order_by("queued_on").values_list("pk", flat=True)[:most]:
        with transaction.atomic():
            claimed = Notice.objects.filter(free, pk=pk, sent_on__isnull=True).update(claimed_until=now + LEASE)
        if not claimed:
            continue
        notice = Notice.objects.select_related("recipient").get(pk=pk)
        try:
            EmailMessage(notice.subject, notice.body, to=[notice.recipient.email]).send()
        except (OSError, SMTPException) as error:
            Notice.objects.filter(pk=pk).update(
                failures=F("failures") + 1, last_failure=type(error).__name__, claimed_until=now + LEASE
            )
            failed += 1
        else:
            Notice.objects.filter(pk=pk).update(sent_on=now, claimed_until=None)
            sent += 1
    return sent, failed
