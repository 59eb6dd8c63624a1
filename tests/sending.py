"""Sends what waits, without a worker."""

from smtplib import SMTPException

from inquiries import notifications
from inquiries.models import Notification


def send_all(now):
    """Send every notification that waits. Returns (sent, failed)."""
    before = Notification.objects.filter(sent_on=None).count()
    failed = 0
    for pk in Notification.objects.filter(sent_on=None).order_by("pk").values_list("pk", flat=True):
        try:
            notifications.send(pk, now=now)
        except (OSError, SMTPException, ValueError):
            failed += 1
    return before - Notification.objects.filter(sent_on=None).count(), failed
