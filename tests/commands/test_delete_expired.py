"""`manage.py delete_expired`: says what it threw away, and may run as often as one likes."""

from datetime import timedelta
from io import StringIO

from django.contrib.sessions.models import Session
from django.core.management import call_command

from inquiries.models import Notification
from tests.cast import NOW


def said():
    words = StringIO()
    call_command("delete_expired", stdout=words)
    return words.getvalue()


def test_delete_expired_says_what_it_threw_away(officer, monkeypatch, settings):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    settings.KEEP_NOTIFICATIONS_DAYS = 10
    Session.objects.create(session_key="ended", session_data="", expire_date=NOW - timedelta(days=1))
    for age in (9, 11, 12):
        day = NOW - timedelta(days=age)
        Notification.objects.create(
            recipient=officer, occasion="test", key=str(age), subject="S", body="B", queued_on=day, sent_on=day
        )
    assert said() == "Thrown away: ended sessions: 1; texts of notifications: 2.\n"
    assert said() == "There was nothing to throw away.\n"
