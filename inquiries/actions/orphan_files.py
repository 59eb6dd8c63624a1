"""Files in storage that no record names: left by a process that was killed, or replaced by another file."""

from datetime import timedelta

from django.apps import apps
from django.db import connection
from django.db.models import FileField

from inquiries.models import Restoration

KEPT = timedelta(days=1)


def find_orphans(*, now):
    """[(storage, name)] of the files that are older than a day and than every transaction that is running.

    So a file is never found that a transaction has stored and is about to name.
    """
    before = min(filter(None, [now - KEPT, oldest_transaction()]))
    found = []
    for storage, folder, fields in stored_folders():
        old = [name for name in files_in(storage, folder) if age_of(storage, name) < before]
        # After the files were listed: what has been named meanwhile is no orphan.
        named = set()
        for field in fields if old else ():
            named.update(
                field.model._base_manager.filter(**{f"{field.name}__in": old}).values_list(field.name, flat=True)
            )
        found += [(storage, name) for name in old if name not in named]
    return found


def delete_orphans(*, now):
    """Delete them, but not while a restore is looked through: what came after the backup may be there alone."""
    if Restoration.objects.open().exists():
        return []
    found = find_orphans(now=now)
    for storage, name in found:
        storage.delete(name)
    return found


def oldest_transaction():
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def stored_folders():
    """(storage, folder, fields whose files are kept there), for every folder that our records use. No other is read."""
    fields = {}
    for model in apps.get_app_config("inquiries").get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField):
                fields.setdefault((field.storage, field.upload_to.rstrip("/")), []).append(field)
    return [(storage, folder, some) for (storage, folder), some in fields.items()]


def files_in(storage, folder):
    try:
        _, files = storage.listdir(folder)
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in files]


def age_of(storage, name):
    """When it was last changed, or put there: a restored file may have the date of the first."""
    changed = storage.get_modified_time(name)
    try:
        return max(changed, storage.get_created_time(name))
    except NotImplementedError:
        return changed
