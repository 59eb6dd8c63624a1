"""Records saved: what the database refuses becomes a sentence; plain records that a clerk keeps, with their history."""

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.db.models import FileField
from django.utils import timezone

from inquiries.actions import history
from inquiries.models.fields import checksum_of
from inquiries.permissions import check_can
from scrutiny.faults import is_database_outage


def save_valid(record, *, exclude=(), update_fields=None):
    """Save a record whose fields are valid. Raises ValidationError, also with the sentence of a constraint.

    The constraints and the keys of other records are left to the database, which knows them best: to ask for each
    beforehand takes three queries. Afterwards the transaction can only be rolled back, as an action that fails is.
    """
    check_fields(record, exclude)
    try:
        record.save(update_fields=update_fields)
    except IntegrityError as error:
        raise violation(record, error) or error from error
    return record


def save_all_valid(records, fields):
    """Save records of one kind as `save_valid` does one: new ones in one query, these fields of the others in one."""
    for record in records:
        check_fields(record)
    objects = type(records[0])._base_manager
    changed = [record for record in records if not record._state.adding]
    try:
        objects.bulk_create([record for record in records if record._state.adding])
        objects.bulk_update(changed, fields)
    except IntegrityError as error:
        raise violation(records[0], error) or error from error


def check_fields(record, exclude=()):
    given = {f.name for f in record._meta.concrete_fields if f.is_relation and getattr(record, f.attname) is not None}
    record.full_clean(exclude={"password", *exclude, *given}, validate_unique=False, validate_constraints=False)


def keep_received(record, received, *, by, now):
    """Store the file that a check of uploads returned, and set what it found out, on a record that is not saved yet.

    The file's name in storage says nothing: names of what is exempt, or may stay unpublished, are to stay unknown.
    """
    record.original_name = received.original_name[-record._meta.get_field("original_name").max_length :]
    record.checksum, record.page_count = received.checksum, len(received.pages)
    record.uploaded_at, record.uploaded_by = now, by
    record.file.save(f"{received.checksum[:32]}.pdf", ContentFile(received.pdf), save=False)
    note_stored_files(record.file)


def violation(record, error):
    name = error.__cause__.diag.constraint_name or ""
    for constraint in record._meta.constraints:
        if constraint.name == name:
            return ValidationError(constraint.get_violation_error_message())
    for field in record._meta.concrete_fields:
        if field.unique and name.startswith(f"{record._meta.db_table}_{field.column}_"):
            return ValidationError({field.name: record.unique_error_message(type(record), (field.name,))})
    return None


@transaction.atomic
def save_record(record, *, by, now, based_on=None):
    """Save a record that a clerk keeps. Of an edit that was `based_on` marks (see `merge_values`) only its fields."""
    check_can("administer", by, record, timezone.localdate(now))
    is_new, before = record._state.adding, {}
    if not is_new:
        current = type(record)._base_manager.select_for_update(no_key=True).get(pk=record.pk)
        before = recorded_values(current)
        if based_on is not None:
            changed = merge_values(current, {name: getattr(record, name) for name in based_on}, based_on)
            for field in record._meta.concrete_fields:
                if field.name not in changed:
                    setattr(record, field.attname, getattr(current, field.attname))
    files = [field.name for field in record._meta.concrete_fields if isinstance(field, FileField)]
    changed = [name for name in files if recorded_values(record)[name] != before.get(name, "")]
    # A file that is kept already was checked when it came.
    save_valid(record, exclude=set(files).difference(changed))
    for name in changed:
        setattr(record, f"{name}_checksum", checksum_of(getattr(record, name)))
        record.save(update_fields=[f"{name}_checksum"])
    after = recorded_values(record)
    changes = {field: (before.get(field), value) for field, value in after.items() if before.get(field) != value}
    if is_new or changes:
        verb = "added" if is_new else "changed"
        history.write(
            verb,
            record,
            f"{verb} the {record._meta.verbose_name} “{record}”",
            by=by,
            now=now,
            changes=changes,
            inquiry=inquiry_of_record(record),
        )
    return record


@transaction.atomic
def delete_record(record, *, by, now):
    check_can("administer", by, record, timezone.localdate(now))
    history.write(
        "deleted",
        record,
        f"deleted the {record._meta.verbose_name} “{record}”",
        by=by,
        now=now,
        changes={field: (value, None) for field, value in recorded_values(record).items()},
        inquiry=inquiry_of_record(record),
        deleted=[record],
    )
    record.delete()


def recorded_values(record):
    secret = {"id", "password", "last_login", "refused_address", "reference_key"}
    return {
        field.name: str(value) if (value := getattr(record, field.name)) is not None else None
        for field in record._meta.concrete_fields
        if field.name not in secret
    }


def inquiry_of_record(record):
    if record._meta.model_name == "inquiry":
        return record
    return getattr(record, "inquiry", None)


_stored: ContextVar[list | None] = ContextVar("stored", default=None)


@contextmanager
def delete_files_on_rollback():
    """As a decorator outside `transaction.atomic`: files given to `note_stored_files` are deleted if the action fails.

    An action within another leaves it to the outer one, which may fail later.
    """
    if _stored.get() is not None:
        yield
        return
    files: list = []
    token = _stored.set(files)
    try:
        yield
    except BaseException as error:
        # Where the database is lost in the commit, it may have been done: `delete_orphan_files` finds out later.
        if not is_database_outage(error):
            for storage, name in files:
                storage.delete(name)
        raise
    finally:
        _stored.reset(token)


def note_stored_files(*files):
    """Remember FieldFiles that have just been stored."""
    if (noted := _stored.get()) is not None:
        noted += [(file.storage, file.name) for file in files]


# Two people at one record


class FieldsChanged(Exception):
    """Fields of `record` that an edit changes were changed by other people meanwhile: `saved` is what they hold now."""

    def __init__(self, record, saved):
        super().__init__("Someone else has changed this since you opened it.")
        self.record, self.saved = record, saved


def merge_values(record, values, based_on, *, recorded=None):
    """Those of `values` that an edit changes: they differ from `based_on`, marks of what was recorded when it began.

    The other fields keep what is recorded by now. None for `based_on` means that all of them were changed. `recorded`
    holds what is no attribute of the (locked) record. Raises FieldsChanged for fields that other people changed too.
    """
    if based_on is None:
        return values
    changed = {name: value for name, value in values.items() if mark_of(value) != based_on.get(name)}
    now = {name: recorded[name] if recorded else getattr(record, name) for name in changed}
    saved = {
        name: value
        for name, value in now.items()
        if name in based_on and mark_of(value) not in (based_on[name], mark_of(changed[name]))
    }
    if saved:
        raise FieldsChanged(record, saved)
    return changed


def mark_of(value):
    """A short text that is the same for the same value, as a form or a record holds it."""
    if isinstance(value, models.Model):
        value = value.pk
    elif isinstance(value, datetime):
        value = value.timestamp()
    elif isinstance(value, str):
        value = value.replace("\r\n", "\n").strip()
    elif isinstance(value, list | models.QuerySet):
        value = sorted(getattr(one, "pk", one) for one in value)
    text = "" if value in (None, "") else str(value)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
