"""Writing history: the one place where an Entry is made."""

from datetime import date, datetime

from inquiries.models import Entry


def write(verb, subject, sentence, *, by, now, changes=None, note="", on_behalf_of=None, inquiry=None):
    """Record one deed. `changes` is {field: (before, after)}; values that did not change are left out.

    `sentence` completes "Janice Moore ...", without who and when. Returns the Entry.
    """
    kept = {field: [_value(old), _value(new)] for field, (old, new) in (changes or {}).items() if old != new}
    return Entry.objects.create(
        at=now,
        by_id=by.pk,
        by_name=str(by),
        on_behalf_of=str(on_behalf_of) if on_behalf_of and on_behalf_of != by else "",
        verb=verb,
        sentence=sentence[:500],
        subject_type=subject._meta.model_name,
        subject_id=subject.pk,
        subject_label=str(subject)[:300],
        inquiry_id=inquiry.pk if inquiry else None,
        changes=kept,
        note=note,
    )


def set_fields(record, **values):
    """Set the values on the record (unsaved) and return {field: (before, after)} for `write`."""
    changes = {field: (getattr(record, field), value) for field, value in values.items()}
    for field, value in values.items():
        setattr(record, field, value)
    return changes


def _value(value):
    if isinstance(value, date | datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | bool | float):
        return value
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return str(value)
