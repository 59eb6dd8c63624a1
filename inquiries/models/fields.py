"""Fields and constraints that several models have: a time with its person, a known value, a checked file."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models import CheckConstraint, Count, F, Func, Q, Subquery, UniqueConstraint, Value
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Coalesce, Lower

from inquiries import rules
from inquiries.choices import FactPrecision
from inquiries.text import fold_text, folded_pattern, single_line
from inquiries.uploads.paper import Rejected
from inquiries.uploads.process_upload import check_pdf


def timestamp_and_user(verbose_name=None, *, required=False, related_name="+"):
    """The two columns of what a person did: `<fact>_at` and `<fact>_by`. Null until it is done, unless `required`."""
    optional = {"null": not required, "blank": not required, "editable": False}
    return (
        models.DateTimeField(**optional),
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            on_delete=models.PROTECT,
            related_name=related_name,
            verbose_name=verbose_name,
            **optional,
        ),
    )


@dataclass(frozen=True)
class KnownMoment:
    """When something was done, and how exactly that is known."""

    at: datetime
    precision: str = FactPrecision.MOMENT


def fact_precision():
    """The column of how exactly `<fact>_at` is known."""
    return models.CharField(max_length=10, choices=FactPrecision.choices, default=FactPrecision.MOMENT, editable=False)


class LineFormField(forms.CharField):
    """A line of text, as `single_line` has it: what holds nothing that is seen is empty."""

    def to_python(self, value):
        return single_line(super().to_python(value))


class LineField(models.CharField):
    """A column for such a line."""

    def to_python(self, value):
        value = super().to_python(value)
        return value if value is None else single_line(value)

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": LineFormField, **kwargs})

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class NaturalKeyField(models.CharField):
    """The sort key of a reference, worked out on saving so that the database can order and compare by it."""

    def pre_save(self, instance, add):
        key = rules.natural_key(instance.reference)
        setattr(instance, self.attname, key)
        return key


def has_key_in(keys, field="pk"):
    """The condition that a record's key, or another key that it has, is in `keys`, a queryset of one column.

    PostgreSQL works the keys out first and looks each up in the index. With `pk__in` it chooses, and where the rest of
    the query joins many tables it joins all their rows first.
    """
    any_of = models.Func(
        F(field),
        ArraySubquery(keys.order_by()),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=models.BooleanField(),
    )
    return Q(any_of)


def contains(field, word):
    """The condition that the text of `field` holds a word, however apostrophes and hyphens are written."""
    if folded_pattern(word) == re.escape(fold_text(word)):
        return Q(**{f"{field}__icontains": word})
    return Q(**{f"{field}__iregex": folded_pattern(word)})


# Constraints. Each has a sentence, which is shown when the database refuses.


def alphabetical(field):
    """The order of the alphabet, whatever case and accents: a database may sort "Öz" and "ali" behind "Zoe"."""
    return Lower(Func(F(field), function="unaccent"))


def both_or_neither(fact, name):
    at, by = f"{fact}_at", f"{fact}_by"
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{at}__isnull": True, f"{by}__isnull": True})
        | Q(**{f"{at}__isnull": False, f"{by}__isnull": False}),
        violation_error_message=f"“{fact.replace('_', ' ')}” needs both its time and its person.",
    )


def one_of(choices, field, name, *, blank=False):
    """`field` holds a value of `choices`; with `blank` it may also be empty. Null passes."""
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__in": [*choices.values, ""] if blank else list(choices.values)}),
        violation_error_message=f"“{field.replace('_', ' ')}” is not one of the values it may have.",
    )


def ends_after_start(start, end, name):
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": F(start)}),
        violation_error_message="The end date is before the start date.",
    )


def not_empty(field, name, message):
    return CheckConstraint(name=name, condition=~Q(**{field: ""}), violation_error_message=message)


def once(fields, name, message, *, condition=None):
    """No two rows (that meet the condition) have the same values of `fields`."""
    return UniqueConstraint(fields=fields, name=name, condition=condition, violation_error_message=message)


# Files and checksums


def checksum_of(file):
    """The SHA-256 of a stored file (a FieldFile); "" where it names none, or is missing from the storage."""
    if not file:
        return ""
    try:
        with file.storage.open(file.name, "rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def checksum_of_data(data):
    """The SHA-256 of plain data (what JSON can hold), the same before it is stored and after it is read again."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def validate_pdf(upload):
    # A stored file is opened for this; one that has just come is still to be stored.
    is_stored = isinstance(upload, FieldFile) and not isinstance(upload.file, UploadedFile)
    if is_stored:
        upload.open()
    try:
        check_pdf(upload)
    except Rejected as reason:
        raise ValidationError(str(reason)) from None
    finally:
        if is_stored:
            upload.close()


def count_all(rows):
    """How many there are of each: {name: count} for {name: queryset}, in one query however many there are."""
    names = list(rows)
    first, *others = (
        rows[name].order_by().values(place=Value(place)).annotate(count=Count("pk", distinct=True))
        for place, name in enumerate(names)
    )
    found = {row["place"]: row["count"] for row in first.union(*others, all=True)}
    # A queryset that is known to be empty is not asked.
    return {name: found.get(place, 0) for place, name in enumerate(names)}


def count_rows(rows, owner):
    """How many of `rows`, which name their `owner` as an OuterRef, each has: a column."""
    return Coalesce(Subquery(rows.order_by().values(owner).annotate(count=Count("pk")).values("count")), 0)


def has_any(rows):
    """Whether there are rows of each: {name: bool} for {name: queryset}, in one query."""
    names = list(rows)
    first, *others = (rows[name].order_by().values(place=Value(place))[:1] for place, name in enumerate(names))
    found = {row["place"] for row in first.union(*others, all=True)}
    return {name: place in found for place, name in enumerate(names)}
