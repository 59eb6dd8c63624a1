"""What a council settles for itself: the settings, and the wording of e-mails about tasks."""

from django.db import connection, transaction

from inquiries.actions.records import delete_record, save_record
from inquiries.models import CouncilSettings, MailWording


@transaction.atomic
def change_settings(*, by, now, based_on=None, **values):
    """Raises FieldsChanged where another clerk changed the same meanwhile."""
    lock_settings()
    settings = CouncilSettings.current()
    for name, value in values.items():
        setattr(settings, name, value)
    return save_record(settings, by=by, now=now, based_on=based_on)


@transaction.atomic
def change_wording(occasion, *, subject, opening, by, now, based_on=None):
    lock_settings()
    wording = MailWording.objects.filter(occasion=occasion).first() or MailWording(occasion=occasion)
    wording.subject, wording.opening = subject, opening
    return save_record(wording, by=by, now=now, based_on=based_on)


@transaction.atomic
def restore_standard_wording(occasion, *, by, now):
    if wording := MailWording.objects.filter(occasion=occasion).first():
        delete_record(wording, by=by, now=now)


def lock_settings():
    """Of two clerks who save what has no row yet, one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('settings', 0))")
