"""Sends what waits, without a worker: what is meant for this day or one before."""

from smtplib import SMTPException

from django.utils import timezone

from inquiries import notifications
from inquiries.models import Notification


def send_all(now):
    """Send every notification that waits. Returns (sent, failed)."""
    before = Notification.objects.filter(sent_on=None).count()
    failed = 0
    due = Notification.objects.filter(sent_on=None).exclude(goes_out_on__gt=timezone.localdate(now))
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            notifications.send(pk, now=now)
        except (OSError, SMTPException, ValueError):
            failed += 1
    return before - Notification.objects.filter(sent_on=None).count(), failed
