"""What a history entry changed, in words."""

import sys
from dataclasses import dataclass, field
from datetime import date, datetime

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst

from inquiries.choices import Stage
from inquiries.models import PersonalValue
from inquiries.models.history import KEPT_APART
from inquiries.templatetags.scrutiny import longdate, moment

NOTHING = "nothing"
# Names of fields that speak to whoever fills them in, as they are called before others.
NAMES = {("progressupdate", "officer_view"): "Lead officer's own view"}
NO_LONGER_KEPT = "something that is no longer kept"


@dataclass(frozen=True)
class Change:
    """One line of an entry: what became what."""

    what: str
    before: str
    after: str
    name: str = field(default="", compare=False)


def all_in_words(entries):
    """[(entry, its list of Change)], with one query for what is kept beside the entries."""
    entries = list(entries)
    apart = _kept_apart(entries)
    return [(entry, _changes(entry, apart)) for entry in entries]


def changes_in_words(entry):
    """The changes of a history entry as a list of Change."""
    return _changes(entry, _kept_apart([entry]))


def _kept_apart(entries):
    """What is kept beside these entries, because it may have to be erased: {(entry, field): PersonalValue}."""
    wanted = [e.pk for e in entries if any(KEPT_APART in pair for pair in e.changes.values())]
    values = PersonalValue.objects.filter(entry_id__in=wanted) if wanted else []
    return {(value.entry_id, value.field): value for value in values}


def _changes(entry, apart):
    fields = {name: _field(entry.subject_type, name) for name in entry.changes}
    # In the order of the form: PostgreSQL keeps the names of a JSON object in an order of its own.
    names = sorted(fields, key=lambda name: (getattr(fields[name], "creation_counter", sys.maxsize), name))
    changes = [
        _change(
            NAMES.get((entry.subject_type, name)) or _name(fields[name], name),
            fields[name],
            name,
            *_put_together(entry.changes[name], apart.get((entry.pk, name))),
        )
        for name in names
    ]
    # A new record's empty fields went from null to empty text: nothing that anybody did.
    return [change for change in changes if change.before != change.after or NO_LONGER_KEPT in change.after]


def _put_together(pair, kept):
    values = (kept.before, kept.after) if kept else (NO_LONGER_KEPT, NO_LONGER_KEPT)
    return [value if said == KEPT_APART else said for said, value in zip(pair, values, strict=True)]


def _field(subject_type, name):
    try:
        return apps.get_model("inquiries", subject_type)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        # History outlives the models and fields that it speaks of.
        return None


def _name(field, name):
    return capfirst(getattr(field, "verbose_name", name.replace("_", " ")))


def _change(what, field, name, before, after):
    return Change(what, _value(field, name, before), _value(field, name, after), name)


def _value(field, name, value):
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, list):
        return ", ".join(_item(item) for item in value)
    if name == "stage" and value in Stage:
        return Stage(value).label
    if choices := getattr(field, "flatchoices", None):
        return str({str(key): label for key, label in choices}.get(str(value), value))
    if isinstance(field, models.BooleanField):
        return "yes" if str(value) == "True" else "no"
    if isinstance(field, models.DateField):
        return _day(str(value))
    return str(value)


def _item(item):
    return f"{item[0]} ({item[1]})" if isinstance(item, list) and len(item) == 2 else str(item)


def _day(text):
    parsed = parse_datetime(text) if len(text) > len("2026-11-23") else parse_date(text)
    if isinstance(parsed, datetime):
        return moment(parsed)
    return longdate(parsed) if isinstance(parsed, date) else text
