"""Who changed what, when, from what to what, and on whose behalf. Append-only; database triggers hold it."""

import hashlib
import json
from functools import cache
from itertools import groupby

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import connection, models
from django.db.models import Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, Upper
from django.utils import timezone

# What may have to be erased one day, by the kind of its subject: an entry, which cannot be changed, only says that
# there was something; a PersonalValue says what.
PERSONAL = {"person": ("email",)}
KEPT_APART = "kept apart"
# Columns that change without an entry: secrets, work in hand, and what members note for themselves alone.
NOT_RECORDED = {"person": {"password", "last_login", "refused_address"}, "indication": {"rating", "note"}}
# Rows without entries of their own, recorded as a part of the record they belong to: their columns, by related name.
PART_OF = {"updatecontributor": "update", "evidence": "update", "officerreportcontributor": "report"}
PARTS = {
    "progressupdate": {"named": ("person_id", "position"), "evidence": ("title", "url", "position")},
    "officerreport": {"named": ("person_id", "position")},
}
LONGEST_VALUE = 100


# By which entries are found, as one text for one index.
SEARCHED = ("sentence", "by_name", "on_behalf_of", "subject_label", "note")
SEARCH_TEXT = Upper(
    Concat(*[part for name in SEARCHED for part in (Value("\n"), name)][1:], output_field=models.TextField())
)


class EntryQuerySet(models.QuerySet):
    def about(self, *subjects):
        """The entries about these records, newest first."""
        wanted, kinds = Q(pk__in=[]), {}
        for subject in subjects:
            kinds.setdefault(subject._meta.model_name, []).append(subject.pk)
        for kind, keys in kinds.items():
            wanted |= Q(subject_type=kind, subject_id__in=keys)
        return self.filter(wanted).order_by("-at", "-pk")

    def holding(self, word):
        """Those with this in their words, whatever its case."""
        return self.annotate(words=SEARCH_TEXT).filter(words__contains=Upper(Value(word)))

    def by_day(self):
        return [(day, list(entries)) for day, entries in groupby(self, key=lambda e: timezone.localdate(e.at))]


class Entry(models.Model):
    """One action. It copies the names it needs: no foreign key, so it never blocks and never goes with its subject."""

    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200)
    on_behalf_of = models.CharField(max_length=200, blank=True)
    verb = models.CharField(max_length=50)
    sentence = models.CharField(max_length=500, help_text="The action in words, without who and when.")
    subject_type = models.CharField(max_length=50)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=300)
    inquiry_id = models.BigIntegerField(null=True)
    changes = models.JSONField(default=dict, help_text="{field: [before, after]}")
    states = models.JSONField(
        default=dict, help_text="The records it changed as they were afterwards: {model/key: {column: value}}."
    )
    note = models.TextField(blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "history entry"
        verbose_name_plural = "history"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="entry_of_subject"),
            models.Index(fields=["inquiry_id", "-at"], name="entry_of_inquiry"),
            models.Index(fields=["-at", "-id"], name="entry_latest_first"),
            models.Index(fields=["verb"], name="entry_by_verb"),
            models.Index(fields=["by_id"], name="entry_by_person"),
            models.Index(fields=["on_behalf_of"], condition=~Q(on_behalf_of=""), name="entry_on_behalf"),
            GinIndex(OpClass(SEARCH_TEXT, name="gin_trgm_ops"), name="entry_words"),
        ]

    def __str__(self):
        return f"{self.by_name} {self.sentence}"


def with_state(model, keys=None, *, lock=False):
    """The rows with these keys, or all, as (key, state): what each column holds, in the form that `Entry.states` keeps.

    In the order of their keys; all are read some hundred at a time. `lock` keeps others from changing them.
    """
    if keys is None:
        rows = model._base_manager.order_by("pk").values_list("pk", RawSQL(state_sql(model), ()))  # noqa: S611
        rows = rows.iterator(chunk_size=500)
    else:
        rows = rows_with_state(model, keys, lock)
    personal = PERSONAL.get(model._meta.model_name, ())
    for key, row in rows:
        state = {name: shorten(value) for name, value in json.loads(row).items()}
        yield key, state | {name: KEPT_APART if state[name] else None for name in personal}


def rows_with_state(model, keys, lock):
    """In SQL, which each action runs at least once: to put it together from a queryset takes longer than to run it."""
    table, key = model._meta.db_table, model._meta.pk.column
    found = f'SELECT {key}, {state_sql(model)} FROM "{table}" WHERE {key} = ANY(%s) ORDER BY 1'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{found} FOR NO KEY UPDATE" if lock else found, [list(keys)])
        return cursor.fetchall()


@cache
def state_sql(model):
    """A row as JSON with its parts, put together by the database: asking for each column costs more than the rest."""
    table, kind = model._meta.db_table, model._meta.model_name
    sql = f'to_jsonb("{table}")'
    for name in NOT_RECORDED.get(kind, ()):
        sql += f" - '{name}'"
    for name, columns in PARTS.get(kind, {}).items():
        relation = model._meta.get_field(name)
        part = relation.related_model._meta.db_table
        values = ", ".join(f"'{column}', {column}" for column in columns)
        rows = (
            f"SELECT jsonb_agg(jsonb_build_object({values}) ORDER BY position, id) FROM {part} "  # noqa: S608
            f'WHERE {relation.field.column} = "{table}".id'
        )
        sql += f" || jsonb_build_object('{name}_rows', ({rows}))"
    return sql


def shorten(value):
    if isinstance(value, list | dict) or (isinstance(value, str) and len(value) > LONGEST_VALUE):
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return value


class Seal(models.Model):
    """The mark by which a changed, lost or slipped-in entry is found. The database writes it (`history_database`).

    `digest` covers the entry and the digest before it. There is no gap between positions.
    """

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the digest before this one and the entry.")

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return f"{self.position} {self.digest}"
