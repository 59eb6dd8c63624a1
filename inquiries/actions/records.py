"""Plain records that a clerk keeps (people, committees, memberships, meetings ...): saved with their history."""

from django.db import transaction
from django.db.models import FileField
from django.utils import timezone

from inquiries.actions import history
from inquiries.models.fields import checksum_of
from inquiries.permissions import check_can


@transaction.atomic
def save_record(record, *, by, now):
    """Save a record that a clerk has added or changed, with what changed as history. Raises Refused."""
    check_can("administer", by, record, timezone.localdate(now))
    is_new = record.pk is None
    before = {} if is_new else _values(type(record)._default_manager.get(pk=record.pk))
    record.save()
    for field in record._meta.concrete_fields:
        if isinstance(field, FileField) and _values(record)[field.name] != before.get(field.name, ""):
            setattr(record, f"{field.name}_checksum", checksum_of(getattr(record, field.name)))
            record.save(update_fields=[f"{field.name}_checksum"])
    after = _values(record)
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
            inquiry=_inquiry_of(record),
        )
    return record


@transaction.atomic
def delete_record(record, *, by, now):
    """Delete a record that nothing depends on, and say so in the history. Raises Refused or ProtectedError."""
    check_can("administer", by, record, timezone.localdate(now))
    history.write(
        "deleted",
        record,
        f"deleted the {record._meta.verbose_name} “{record}”",
        by=by,
        now=now,
        changes={field: (value, None) for field, value in _values(record).items()},
        inquiry=_inquiry_of(record),
        deleted=[record],
    )
    record.delete()


def _values(record):
    secret = {"id", "password", "last_login", "reference_key"}
    return {
        field.name: str(value) if (value := getattr(record, field.name)) is not None else None
        for field in record._meta.concrete_fields
        if field.name not in secret
    }


def _inquiry_of(record):
    if record._meta.model_name == "inquiry":
        return record
    return getattr(record, "inquiry", None)
