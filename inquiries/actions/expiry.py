"""What is deleted when its time is over: never a record, only unfinished imports, old e-mails and personal data.

How long each is kept, and why: docs/personal-data.md.
"""

from datetime import timedelta
from functools import partial

from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connection, transaction
from django.db.models import Q

from inquiries.actions import history
from inquiries.actions.people import login_records
from inquiries.models import (
    Draft,
    EvidenceFile,
    Notification,
    OfficerReportPicture,
    PeopleImport,
    Person,
    PersonalValue,
    ReportImport,
    TrackerImport,
)
from inquiries.notifications import MOST_FAILURES

# An uploaded file is looked through within days; after a month nobody waits for it.
KEEP_DRAFTS_DAYS = 30
FORGOTTEN = "(no longer kept)"


def expire(*, now, keep_notifications_days, keep_leavers_months):
    return [
        ("ended sessions", end_sessions(now)),
        ("texts of notifications", forget_notifications(now - timedelta(days=keep_notifications_days))),
        ("lists of people that nobody recorded", forget_people_imports(now - timedelta(days=KEEP_DRAFTS_DAYS))),
        ("texts that nobody saved", forget_unsaved_texts(now - timedelta(days=KEEP_DRAFTS_DAYS))),
        ("Word reports on their way in", forget_report_imports(now - timedelta(days=KEEP_DRAFTS_DAYS))),
        ("trackers that nobody recorded", forget_tracker_imports(now - timedelta(days=KEEP_DRAFTS_DAYS))),
        ("evidence files that were removed", delete_removed_files(now - timedelta(days=KEEP_DRAFTS_DAYS), now=now)),
        ("pictures that were removed", delete_removed_pictures(now - timedelta(days=KEEP_DRAFTS_DAYS), now=now)),
        ("leavers' addresses and ways to sign in", forget_leavers(months_before(now, keep_leavers_months), now=now)),
        ("entries of the cache", forget_cache(now)),
    ]


def forget_unsaved_texts(before):
    return Draft.objects.filter(updated_at__lt=before).delete()[0]


def end_sessions(now):
    return Session.objects.filter(expire_date__lt=now).delete()[0]


def forget_notifications(before):
    """Empty the notifications that were sent before that moment, or were never to be sent. Returns how many.

    The row stays with its key, so that the same notification is never stored, and sent, a second time.
    """
    unsent = Q(sent_on__isnull=True, queued_on__lt=before)
    never = Q(failures__gte=MOST_FAILURES) | Q(recipient__is_active=False) | Q(recipient__email__isnull=True)
    over = Notification.objects.filter(Q(sent_on__lt=before) | (unsent & never)).exclude(subject=FORGOTTEN)
    # A person who comes back is not sent an empty e-mail.
    given_up = over.filter(sent_on__isnull=True).values_list("pk", flat=True)
    Notification.objects.filter(pk__in=list(given_up)).update(failures=MOST_FAILURES)
    forgotten = Notification.objects.filter(pk__in=list(over.values_list("pk", flat=True)))
    return forgotten.update(subject=FORGOTTEN, body="")


def forget_people_imports(before):
    return PeopleImport.objects.filter(uploaded_at__lt=before, confirmed_at__isnull=True).delete()[0]


def forget_report_imports(before):
    """Delete the unfinished imports of before that moment, and empty the finished ones. Returns how many.

    What was imported is in the report itself; the row of a finished import still says which file it came from.
    """
    old = ReportImport.objects.filter(uploaded_at__lt=before)
    emptied = old.filter(confirmed_at__isnull=False).exclude(draft={}).update(draft={})
    return emptied + old.filter(confirmed_at__isnull=True).delete()[0]


def forget_tracker_imports(before):
    return TrackerImport.objects.filter(uploaded_at__lt=before, confirmed_at__isnull=True).delete()[0]


def delete_removed_files(before, *, now):
    said = "deleted an evidence file that was removed long ago"
    return delete_files_of(EvidenceFile, "delete_evidence_file", said, before, now=now)


def delete_removed_pictures(before, *, now):
    said = "deleted a picture of an officer report that was removed long ago"
    return delete_files_of(OfficerReportPicture, "delete_report_picture", said, before, now=now)


@transaction.atomic
def delete_files_of(model, verb, sentence, before, *, now):
    """Delete the files of the records that were removed before that moment; the rows stay, for the history."""
    removed = model.objects.filter(removed_at__lt=before).exclude(file="").order_by("pk")
    count = 0
    for record in removed.select_for_update(of=("self",), no_key=True):
        stored, name = record.file.storage, record.file.name
        changes = history.set_fields(record, file="")
        record.save(update_fields=["file"])
        changes = {"file": (name, changes["file"][1])}
        history.write(verb, record, sentence, by=None, now=now, changes=changes)
        transaction.on_commit(partial(stored.delete, name))
        count += 1
    return count


@transaction.atomic
def forget_leavers(before, *, now):
    # Those who have no address now may have had an earlier one.
    has_address = Q(email__isnull=False) | Q(pk__in=PersonalValue.objects.values("person"))
    leavers = Person.objects.filter(has_address, left_at__lt=before, is_active=False).order_by("pk")
    count = 0
    for person in leavers.select_for_update(of=("self",), no_key=True):
        changes = history.set_fields(person, email=None, last_login=None, refused_address="")
        person.save(update_fields=["email", "last_login", "refused_address"])
        for rows in login_records([person]):
            rows.delete()
        history.write(
            "forget_leaver",
            person,
            "removed the e-mail address of a person who left long ago",
            by=None,
            now=now,
            changes={"email": changes["email"]},
        )
        # After the entry, which would keep the address once more.
        PersonalValue.objects.filter(person=person).delete()
        count += 1
    return count


def forget_cache(now):
    """Delete what has run out in the cache: it is kept in the database, which deletes nothing by itself."""
    cache = caches["default"]
    if not isinstance(cache, BaseDatabaseCache):
        return 0
    table = connection.ops.quote_name(cache._table)
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [moment])  # noqa: S608
        return max(cursor.rowcount, 0)


def months_before(moment, months):
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = moment.day
    while True:
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            day -= 1
