"""Writing history: the one place where an Entry is made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from inquiries.history_database import APPEND_ONLY
from inquiries.models import Entry, Inquiry, Person, PersonalValue
from inquiries.models.history import KEPT_APART, PART_OF, PERSONAL, with_state

# The name in entries of what nobody did: a planned publication that was given up, say.
THE_APPLICATION = "Scrutiny"


@dataclass
class Action:
    """What one entry says, as `write` is given it."""

    verb: str
    subject: Any
    sentence: str
    changes: dict | None = None
    always: tuple = ()
    note: str = ""
    on_behalf_of: Person | None = None
    inquiry: Inquiry | None = None
    also: Iterable = ()
    deleted: Iterable = ()


def write(verb, subject, sentence, *, by, now, **given):
    """Record one action, after its records are saved. Returns the Entry.

    `given` may be: `changes`, {field: (before, after)}; values that did not change are left out, but for those of
    `always`. `also`, the other records that the action changed, and `deleted`, those that it deletes (the subject may
    be one). `inquiry`, `note`, `on_behalf_of`.
    `sentence` completes "Janice Moore ...", without who and when. `by` is None where the application did it by itself.
    What may have to be erased one day (an e-mail address) is kept beside the entry, as a PersonalValue.
    """
    [entry] = write_all([Action(verb, subject, sentence, **given)], by=by, now=now)
    return entry


@transaction.atomic(savepoint=False)
def write_all(actions, *, by, now):
    """Record several actions of one person at one time, as `write` does one, in as many queries as one takes."""
    # Before the entries are made, and locked: of two actions on one record the later entry has the later state.
    records = [[part_owner(record) for record in (action.subject, *action.also)] for action in actions]
    states = states_of([record for group in records for record in group])
    entries, personal = [], []
    for action, group in zip(actions, records, strict=True):
        subject, kind = action.subject, action.subject._meta.model_name
        changed = {
            field: [as_kept(old), as_kept(new)]
            for field, (old, new) in (action.changes or {}).items()
            if old != new or field in action.always
        }
        values = {field: changed[field] for field in PERSONAL.get(kind, ()) if field in changed}
        apart = {field: [KEPT_APART if value else None for value in pair] for field, pair in values.items()}
        keys = [state_key(record) for record in group]
        entry = Entry(
            at=now,
            by_id=by.pk if by else None,
            by_name=str(by or THE_APPLICATION),
            on_behalf_of=str(action.on_behalf_of) if action.on_behalf_of and action.on_behalf_of != by else "",
            verb=action.verb,
            sentence=action.sentence[:500],
            subject_type=kind,
            subject_id=subject.pk,
            subject_label=str(subject)[:300],
            inquiry_id=action.inquiry.pk if action.inquiry else None,
            changes=changed | apart,
            states={key: states[key] for key in keys if key in states}
            | {state_key(record): None for record in action.deleted},
            note=action.note,
        )
        entries.append(entry)
        personal += [(subject, entry, field, before or "", after or "") for field, (before, after) in values.items()]
    Entry.objects.bulk_create(entries)
    for subject, entry, field, before, after in personal:
        PersonalValue.objects.create(person=subject, entry_id=entry.pk, field=field, before=before, after=after)
    return entries


def part_owner(record):
    """The record whose state holds this one."""
    owner = PART_OF.get(record._meta.model_name)
    return getattr(record, owner) if owner else record


def state_key(record):
    return f"{record._meta.model_name}/{record.pk}"


def states_of(records):
    """What the database holds of these records: {model/key: {column: value}}, for `Entry.states`."""
    keys = {}
    for record in records:
        # Not type(record): request.user is wrapped.
        keys.setdefault(record._meta.model, set()).add(record.pk)
    states = {}
    for model, wanted in keys.items():
        found = with_state(model, wanted, lock=model._meta.db_table not in APPEND_ONLY)
        states |= {f"{model._meta.model_name}/{key}": state for key, state in found}
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
