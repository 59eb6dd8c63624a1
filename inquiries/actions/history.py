"""Writing history: the one place where an Entry is made."""

from datetime import date, datetime

from django.db import transaction

from inquiries.history_database import APPEND_ONLY
from inquiries.models import Entry, PersonalValue
from inquiries.models.history import KEPT_APART, PART_OF, PERSONAL, with_state

# The name in entries of what nobody did: a planned publication that was given up, say.
THE_APPLICATION = "Scrutiny"


@transaction.atomic(savepoint=False)
def write(
    verb,
    subject,
    sentence,
    *,
    by,
    now,
    changes=None,
    always=(),
    note="",
    on_behalf_of=None,
    inquiry=None,
    also=(),
    deleted=(),
):
    """Record one action, after its records are saved. Returns the Entry.

    `changes` is {field: (before, after)}; values that did not change are left out, but for those of `always`.
    `sentence` completes "Janice Moore ...", without who and when. `by` is None where the application did it by itself.
    `also` are the other records that the action changed, `deleted` those that it deletes (the subject may be one).
    What may have to be erased one day (an e-mail address) is kept beside the entry, as a PersonalValue.
    """
    changed = {
        field: [as_kept(old), as_kept(new)]
        for field, (old, new) in (changes or {}).items()
        if old != new or field in always
    }
    personal = {field: changed[field] for field in PERSONAL.get(subject._meta.model_name, ()) if field in changed}
    apart = {field: [KEPT_APART if value else None for value in values] for field, values in personal.items()}
    # Before the entry is made, and locked: of two actions on one record the later entry has the later state.
    states = states_of([subject, *also]) | {f"{record._meta.model_name}/{record.pk}": None for record in deleted}
    entry = Entry.objects.create(
        at=now,
        by_id=by.pk if by else None,
        by_name=str(by or THE_APPLICATION),
        on_behalf_of=str(on_behalf_of) if on_behalf_of and on_behalf_of != by else "",
        verb=verb,
        sentence=sentence[:500],
        subject_type=subject._meta.model_name,
        subject_id=subject.pk,
        subject_label=str(subject)[:300],
        inquiry_id=inquiry.pk if inquiry else None,
        changes=changed | apart,
        states=states,
        note=note,
    )
    for field, (before, after) in personal.items():
        PersonalValue.objects.create(
            person=subject, entry_id=entry.pk, field=field, before=before or "", after=after or ""
        )
    return entry


def states_of(records):
    """What the database holds of these records: {model/key: {column: value}}, for `Entry.states`."""
    keys = {}
    for record in records:
        owner = PART_OF.get(record._meta.model_name)
        record = getattr(record, owner) if owner else record
        # Not type(record): request.user is wrapped.
        keys.setdefault(record._meta.model, set()).add(record.pk)
    states = {}
    for model, wanted in keys.items():
        rows = model._base_manager.filter(pk__in=wanted)
        if model._meta.db_table not in APPEND_ONLY:
            rows = rows.select_for_update(no_key=True)
        states |= {f"{model._meta.model_name}/{key}": state for key, state in with_state(rows)}
    return states


def set_fields(record, **values):
    """Set the values on the record (unsaved) and return {field: (before, after)} for `write`."""
    changes = {field: (getattr(record, field), value) for field, value in values.items()}
    for field, value in values.items():
        setattr(record, field, value)
    return changes


def first_values(record, *fields):
    """The values of these fields of a new record, from nothing, for `write`; empty ones are left out."""
    values = {field: value for field in fields if (value := getattr(record, field))}
    return {field: ("" if isinstance(value, str) else None, value) for field, value in values.items()}


def as_kept(value):
    if isinstance(value, date | datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | bool | float):
        return value
    if isinstance(value, list | tuple):
        return [as_kept(item) for item in value]
    return str(value)
