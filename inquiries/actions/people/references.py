"""Everything in the database that points to a person, found in the models themselves: nothing can be forgotten."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Case, F, Q, UniqueConstraint, When

from inquiries.history_database import APPEND_ONLY
from inquiries.models import AgendaPack, Person

# Where a record of another application stands for signing in: it goes with the account, never to somebody else.
ACCOUNTS = frozenset({"account", "mfa", "socialaccount", "usersessions", "admin", "auth"})


@dataclass(frozen=True)
class Pointing:
    """A model and the names of its fields that point to a person."""

    model: type[models.Model]
    fields: tuple[str, ...]

    def everything(self, *people):
        """The rows that point to one of `people`."""
        wanted = Q()
        for name in self.fields:
            wanted |= Q(**{f"{name}__in": people})
        return self.model._default_manager.filter(wanted)

    def rows(self, *people):
        """The rows that point to one of `people` and may be changed: what was published or is history stays."""
        rows = self.everything(*people)
        if self.model._meta.db_table in APPEND_ONLY:
            return rows.none()
        return rows.filter(published_at__isnull=True) if self.model is AgendaPack else rows

    def move(self, old, new):
        """Let every row that points to `old` point to `new`; returns how many.

        All fields of a row at once: a sign-off given by the person named must not for a moment look as if it had
        been given by somebody else.
        """
        moved = {
            name: Case(When(**{name: old}, then=new.pk), default=F(f"{name}_id"), output_field=models.BigIntegerField())
            for name in self.fields
        }
        return self.rows(old).update(**moved)

    def unique(self):
        """What can stand once only in the table, as a list of (a field that points to a person, the other fields)."""
        return [
            (field, [name for name in constraint.fields if name != field])
            for field in self.fields
            for constraint in self.model._meta.constraints
            if isinstance(constraint, UniqueConstraint) and field in constraint.fields
        ]


def pointing_to_people():
    """Every model of this application with the fields that point to a person, as a list of Pointing."""
    found = {}
    for relation in _relations():
        found.setdefault(relation.related_model, []).append(relation.field.name)
    return [
        Pointing(model, tuple(sorted(fields)))
        for model, fields in found.items()
        if model._meta.app_label not in ACCOUNTS
    ]


def accounts_of(people):
    """The records of other applications that belong to signing in as one of `people`, as querysets."""
    for relation in _relations():
        if relation.related_model._meta.app_label in ACCOUNTS:
            yield relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": people})


def _relations():
    # A many-to-many relation stands in a table of its own, which is found by itself.
    for relation in Person._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            yield relation
