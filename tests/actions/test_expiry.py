"""What is thrown away when its time is over, and what of it must go on working."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection

from inquiries.actions import history, imports
from inquiries.actions.expiry import FORGOTTEN, expire, months_before
from inquiries.actions.people import set_login_address
from inquiries.actions.people_import import keep_people
from inquiries.actions.tracker_import import keep_tracker
from inquiries.imports.draft import DraftReport
from inquiries.imports.people_csv import read_people
from inquiries.models import Entry, Notification, PeopleImport, Person, PersonalValue, ReportImport, TrackerImport
from inquiries.notifications import MOST_FAILURES, notify
from tests.cast import NOW
from tests.sending import send_all

DAY = timedelta(days=1)
NOTHING = [0] * 10


def thrown_away(now=NOW):
    return [count for _, count in expire(now=now, keep_notifications_days=365, keep_leavers_months=24)]


def notification(person, key, *, queued_on, sent_on=None, **fields):
    return Notification.objects.create(
        recipient=person,
        occasion="invitation",
        key=key,
        subject="Words",
        body="Body\n",
        queued_on=queued_on,
        goes_out_on=queued_on.date(),
        sent_on=sent_on,
        **fields,
    )


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 24, datetime(2024, 11, 23, 9, tzinfo=UTC)),
        (datetime(2026, 3, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 1, datetime(2025, 12, 15, tzinfo=UTC)),
    ],
)
def test_months_before(moment, months, before):
    assert months_before(moment, months) == before


def test_expires_sessions(db):
    for key, ends in (("ended", NOW - DAY), ("open", NOW + DAY)):
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
    assert thrown_away() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert [session.session_key for session in Session.objects.all()] == ["open"]
    assert thrown_away() == NOTHING


def test_expires_notification_texts(officer, stranger):
    long_ago = NOW - 400 * DAY
    sent = notification(officer, "sent", queued_on=long_ago, sent_on=NOW - 366 * DAY)
    recent = notification(officer, "recent", queued_on=long_ago, sent_on=NOW - 364 * DAY)
    waiting = notification(officer, "waiting", queued_on=long_ago)
    given_up = notification(officer, "given up", queued_on=long_ago, failures=MOST_FAILURES)
    Person.objects.filter(pk=stranger.pk).update(is_active=False)
    left = notification(stranger, "left", queued_on=long_ago)
    assert thrown_away() == [0, 3, 0, 0, 0, 0, 0, 0, 0, 0]
    for one in (sent, given_up, left):
        one.refresh_from_db()
        assert (one.subject, one.body) == (FORGOTTEN, "")
    for one in (recent, waiting):
        one.refresh_from_db()
        assert (one.subject, one.body) == ("Words", "Body\n")
    assert thrown_away() == NOTHING
    # Back again, they are not sent an empty letter; the one that waited all the time is sent.
    Person.objects.filter(pk=stranger.pk).update(is_active=True)
    assert send_all(NOW) == (1, 0)


def test_expired_notification_stays_unsent(officer, clerk, mailoutbox):
    notify([officer], "invitation", "a key", now=NOW, by=clerk)
    send_all(NOW)
    later = NOW + 366 * DAY
    assert thrown_away(later) == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    notify([officer], "invitation", "a key", now=later, by=clerk)
    assert send_all(later) == (0, 0)
    assert (Notification.objects.count(), len(mailoutbox)) == (1, 1)


def test_expires_imports(clerk):
    for age in (31, 29):
        keep_people(
            read_people(b"name\nRhys Vaughan\n")[0], file_name=f"{age}.csv", checksum="0", by=clerk, now=NOW - age * DAY
        )
        keep_tracker([], file_name=f"{age}.xlsx", checksum="0", by=clerk, now=NOW - age * DAY)
        for name in ("open", "done"):
            imports.keep_import(DraftReport(), file_name=f"{name} {age}", checksum="0", by=clerk, now=NOW - age * DAY)
    ReportImport.objects.filter(file_name__startswith="done").update(confirmed_at=NOW, confirmed_by=clerk)
    assert thrown_away() == [0, 0, 1, 0, 2, 1, 0, 0, 0, 0]
    assert [kept.file_name for kept in TrackerImport.objects.all()] == ["29.xlsx"]
    assert [kept.file_name for kept in PeopleImport.objects.all()] == ["29.csv"]
    assert {kept.file_name: bool(kept.draft) for kept in ReportImport.objects.all()} == {
        "open 29": True,
        "done 29": True,
        "done 31": False,
    }
    assert thrown_away() == NOTHING


def test_expires_addresses_of_leavers(clerk, officer, other_officer):
    for leaver, left_at in (
        (officer, datetime(2024, 11, 22, tzinfo=UTC)),
        (other_officer, datetime(2024, 11, 24, tzinfo=UTC)),
    ):
        set_login_address(leaver)
        Authenticator.objects.create(user=leaver, type=Authenticator.Type.TOTP, data={"secret": "x"})
        history.write("changed", leaver, "changed", by=clerk, now=NOW, changes={"email": (None, leaver.email)})
        Person.objects.filter(pk=leaver.pk).update(is_active=False, left_at=left_at, left_by=clerk, last_login=left_at)
    assert thrown_away() == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    officer.refresh_from_db()
    assert (officer.name, officer.email, officer.last_login) == ("Siân Llŷr-Ôwain", None, None)
    assert {a.user_id for a in EmailAddress.objects.all()} == {other_officer.pk}
    assert {a.user_id for a in Authenticator.objects.all()} == {other_officer.pk}
    assert {v.person_id for v in PersonalValue.objects.all()} == {other_officer.pk}
    entry = Entry.objects.about(officer).first()
    assert (entry.by_name, entry.sentence) == ("Scrutiny", "removed the e-mail address of a person who left long ago")
    assert "sian@" not in str(list(Entry.objects.values()))
    assert thrown_away() == NOTHING


def test_expires_earlier_addresses(clerk):
    ivy = Person.objects.create(
        name="Ivy Marsh", is_active=False, left_at=datetime(2024, 11, 22, tzinfo=UTC), left_by=clerk
    )
    changes = {"email": ("ivy@wealdshire.example", None)}
    history.write("changed", ivy, "changed", by=clerk, now=NOW, changes=changes)
    assert thrown_away() == [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert not PersonalValue.objects.exists()
    assert thrown_away() == NOTHING


def test_expires_cache(db):
    cache.set("over", 1, timeout=60)
    cache.set("stays", 1, timeout=10**9)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert thrown_away(later)[-1] == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM scrutiny_cache")
        assert cursor.fetchone() == (1,)
    assert cache.get("stays") == 1


def test_ignores_other_caches(db, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert thrown_away() == NOTHING
