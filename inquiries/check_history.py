"""Has history been tampered with? Each function gives its findings in sentences, none where all is well.

`inquiries.history_database` knows the triggers and roles, and what each finding about them is.
"""

import hashlib
import json
import re
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Subquery

from inquiries.history_database import ENTRIES, SEALS, digest_of, entry_as_text
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Entry,
    EvidenceFile,
    FormerCouncil,
    FormerFile,
    Inquiry,
    OfficerReportPicture,
    Person,
    PersonalValue,
    ReportEdition,
    SignedMinutes,
)
from inquiries.models.fields import checksum_of
from inquiries.models.history import PARTS, with_state

# The chain of seals, recomputed from the first entry to the last

LINE = re.compile(r"(\S+) (\d+) ([0-9a-f]{64})")


@dataclass(frozen=True)
class Head:
    """The end of the chain at one moment: kept elsewhere, it shows later whether the chain was cut."""

    noted: str
    position: int
    digest: str

    def __str__(self):
        return f"{self.noted} {self.position} {self.digest}"


def read_heads(lines):
    heads = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = LINE.fullmatch(line.strip())
        if found is None:
            raise ValueError(f"line {number} is not a moment, a position and a digest")
        head = Head(found[1], int(found[2]), found[3])
        heads.setdefault(head.position, []).append(head)
    return heads


class Chain:
    """The chain of one database; `position` and `digest` are those of its end once `findings` has been read through."""

    def __init__(self):
        self.position, self.digest = 0, ""

    def findings(self, heads=None):
        """What is wrong, in sentences, one after the other. `heads` (of `read_heads`) must be in the chain.

        Reads each entry once and keeps one at a time. May be run while others write.
        """
        yield from self.broken_seals(dict(heads or {}))
        yield from self.unsealed_entries()

    def broken_seals(self, heads):
        for position, key, digest, there, text in self.sealed_entries():
            for missing in range(self.position + 1, min(position, self.position + 4)):
                yield f"Position {missing} is missing from the seals: after {self.position} comes {position}."
            if there is None:
                yield f"History entry {key}, sealed at position {position}, is gone."
            elif digest != digest_of(self.digest, text):
                yield (
                    f"History entry {key} does not fit its seal at position {position}: "
                    "the entry, or the order of the seals, has been changed."
                )
            for head in heads.pop(position, ()):
                if head.digest != digest:
                    yield lost_head(head)
            # What is stored, not what it should be: so each fault is found once, where it is.
            self.position, self.digest = position, digest
        for remaining in sorted(heads):
            yield from (lost_head(head) for head in heads[remaining])

    def sealed_entries(self):
        text = entry_as_text("e")
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT s.position, s.entry_id, s.digest, e.id, {text} "  # noqa: S608
                f"FROM {SEALS} s LEFT JOIN {ENTRIES} e ON e.id = s.entry_id ORDER BY s.position"
            )
            while rows := cursor.fetchmany(500):
                yield from rows

    def unsealed_entries(self):
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT e.id FROM {ENTRIES} e "  # noqa: S608
                f"WHERE NOT EXISTS (SELECT 1 FROM {SEALS} s WHERE s.entry_id = e.id) ORDER BY e.id"
            )
            while rows := cursor.fetchmany(500):
                for (key,) in rows:
                    yield f"History entry {key} was never sealed: it was slipped in, or its seal was taken away."


def lost_head(head):
    return (
        f"The head noted on {head.noted}, at position {head.position}, is no longer in the chain: "
        "history has been cut off or rewritten since."
    )


# Records, compared with their last states in the history

# Models whose rows have no states of their own in the history, and where they are recorded instead.
NOT_IN_HISTORY = {
    "Draft": "no record until its writer saves it",
    "UpdateContributor": "part of the state of the update",
    "OfficerReportContributor": "part of the state of the officer report",
    "Evidence": "part of the state of the update",
    "PackEntry": "follows from the pack; the database keeps it once the pack is published",
    "PackPaper": "as PackEntry",
    "PackPlan": "the meeting's entries say what was planned; the rest is work in hand",
    "TargetDateChange": "the response's entry; the database keeps the row",
    "Entry": "is the history",
    "Seal": "the database makes it with each entry",
    "Notification": "a message, kept as it was sent; the action that causes it has its entry",
    "PersonalValue": "part of an entry, kept where it can be erased",
    "ShownRow": "where the screen of a meeting is; nothing is decided by it",
    "TrackerRow": "worked out by the database from the other records",
    "FormerFile": "the state of its council has the checksum of the list of all its files",
    "PeopleImport": "work in hand until it is confirmed, which leaves an entry for each person",
    "TrackerImport": "work in hand until it is confirmed, which leaves an entry for each record",
    "ColumnMatching": "remembered to be proposed again, no record",
    "ReportImport": "work in hand until it is confirmed, which leaves an entry for each record",
}


def changed_records():
    """Records that are not what the history last recorded, that it has not recorded, or that are gone: sentences."""
    models = sorted(apps.get_app_config("inquiries").get_models(), key=lambda model: model._meta.model_name)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One moment for all that follows, while others write.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        recorded = last_states()
        last = next(recorded, None)
        for model in models:
            if model.__name__ in NOT_IN_HISTORY:
                continue
            kind = model._meta.model_name
            for key, state in with_state(model):
                while last and last[:2] < (kind, key):
                    yield from missing_record(*last)
                    last = next(recorded, None)
                if last and last[:2] == (kind, key):
                    yield from changed_fields(model, key, last[2], state)
                    last = next(recorded, None)
                else:
                    yield f"{record_label(model, key)} is not in the history: no action added it."
        while last:
            yield from missing_record(*last)
            last = next(recorded, None)
        yield from changed_addresses()
        yield from changed_archives()


def last_states():
    """(model name, key, state) of each record of which an entry holds a state, the last one, in this order."""
    skipped = {name.lower() for name in NOT_IN_HISTORY}
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (kind, key) kind, key, state FROM ("  # noqa: S608
            "SELECT split_part(s.key, '/', 1) COLLATE \"C\" AS kind, split_part(s.key, '/', 2)::bigint AS key, "
            f"s.value AS state, e.id FROM {ENTRIES} e, jsonb_each(e.states) s"
            ") states ORDER BY kind, key, id DESC"
        )
        while rows := cursor.fetchmany(500):
            for kind, key, state in rows:
                if kind not in skipped:
                    yield kind, key, json.loads(state)


def changed_fields(model, key, recorded, state):
    if recorded is None:
        yield f"{record_label(model, key)} is there again: the history says that it was deleted."
        return
    # A column that a later version of the application added or took away is no change.
    different = {name for name, value in state.items() if recorded.get(name, value) != value}
    parts = [f"{name}_rows" for name in PARTS.get(model._meta.model_name, ())]
    columns = [field.attname for field in model._meta.concrete_fields]
    changed = [field_label(model, name) for name in (*columns, *parts) if name in different]
    if changed:
        yield f"{record_label(model, key)} is not what the history last recorded: {', '.join(changed)}."


def missing_record(kind, key, recorded):
    if recorded is not None:
        record = record_label(apps.get_model("inquiries", kind), key)
        yield f"{record} is gone: the history does not say that it was deleted."


def changed_addresses():
    entries = Entry.objects.filter(subject_type="person", subject_id=OuterRef(OuterRef("pk"))).values("pk")
    recorded = PersonalValue.objects.filter(field="email", entry_id__in=entries).order_by("-entry_id").values("after")
    about = Entry.objects.filter(subject_type="person", subject_id=OuterRef("pk"))
    people = Person.objects.filter(Exists(about), email__isnull=False).annotate(recorded=Subquery(recorded[:1]))
    for person in people.order_by("pk"):
        if person.email != person.recorded:
            yield f"{record_label(Person, person.pk)} is not what the history last recorded: e-mail address."


def changed_archives():
    """The files of former councils, compared with the checksums of their lists, which the history has."""
    for council in FormerCouncil.objects.all():
        for is_restricted, recorded in ((False, council.public_checksum), (True, council.restricted_checksum)):
            sums = hashlib.sha256()
            files = council.files.filter(is_restricted=is_restricted).listed().values_list("checksum", "path")
            for checksum, path in files.iterator(chunk_size=500):
                sums.update(f"{checksum}  {path}\n".encode())
            if recorded and sums.hexdigest() != recorded:
                part = "restricted" if is_restricted else "public"
                yield f"The files of the {part} archive of {council} are not those that were imported."


def record_label(model, key):
    return f"The {model._meta.verbose_name} with the key {key}"


def field_label(model, name):
    field = model._meta.get_field(name.removesuffix("_id").removesuffix("_rows"))
    return str(getattr(field, "verbose_name", None) or field.related_model._meta.verbose_name_plural)


# Files, compared with the checksums beside them, which `changed_records` compares with the history

FILES = (
    (ReportEdition, "pdf", "pdf_checksum", "PDF"),
    (ReportEdition, "docx", "docx_checksum", "Word file"),
    (AgendaPack, "file", "checksum", "file"),
    (AgendaDocument, "file", "checksum", "file"),
    (EvidenceFile, "file", "checksum", "file"),
    (SignedMinutes, "file", "checksum", "file"),
    (OfficerReportPicture, "file", "checksum", "picture"),
    (Inquiry, "report_file", "report_file_checksum", "report"),
    (FormerFile, "file", "checksum", "file"),
)


def changed_files():
    """Files that are missing or not the ones that were kept, in sentences. Each is read once, a piece at a time."""
    for model, field, checksum, name in FILES:
        records = model.objects.exclude(**{field: ""})
        for record in records.order_by("pk").iterator(chunk_size=200):
            file = getattr(record, field)
            found = checksum_of(file)
            if not found:
                yield f"The {name} of “{record}” ({file.name}) is missing."
            elif found != getattr(record, checksum):
                yield f"The {name} of “{record}” ({file.name}) is not the one that was kept."
