"""Has history been tampered with? Each function gives its findings in sentences, none where all is well.

`inquiries.history_database` knows the triggers and roles, and what each finding about them is.
"""

import re
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from inquiries.history_database import ENTRIES, SEALS, digest_of, entry_as_text
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Assessment,
    Entry,
    Inquiry,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
    Response,
)
from inquiries.models.fields import checksum_of, checksum_of_data

# The chain of seals, recomputed from the first entry to the last

LINE = re.compile(r"(\S+) (\d+) ([0-9a-f]{64})")


@dataclass(frozen=True)
class Head:
    """The end of the chain at one moment: whoever keeps it elsewhere can tell later whether it is still there."""

    noted: str
    position: int
    digest: str

    def __str__(self):
        return f"{self.noted} {self.position} {self.digest}"


def read_heads(lines):
    """The heads of a file that `check_history` has written, as {position: Head}. Raises ValueError for another line."""
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
        yield from self._broken_seals(dict(heads or {}))
        yield from self._unsealed()

    def _broken_seals(self, heads):
        for position, key, digest, there, text in self._rows():
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
                    yield _lost(head)
            # What is stored, not what it should be: so each fault is found once, where it is.
            self.position, self.digest = position, digest
        for remaining in sorted(heads):
            yield from (_lost(head) for head in heads[remaining])

    def _rows(self):
        text = entry_as_text("e")
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT s.position, s.entry_id, s.digest, e.id, {text} "  # noqa: S608
                f"FROM {SEALS} s LEFT JOIN {ENTRIES} e ON e.id = s.entry_id ORDER BY s.position"
            )
            while rows := cursor.fetchmany(500):
                yield from rows

    def _unsealed(self):
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT e.id FROM {ENTRIES} e "  # noqa: S608
                f"WHERE NOT EXISTS (SELECT 1 FROM {SEALS} s WHERE s.entry_id = e.id) ORDER BY e.id"
            )
            while rows := cursor.fetchmany(500):
                for (key,) in rows:
                    yield f"History entry {key} was never sealed: it was slipped in, or its seal was taken away."


def _lost(head):
    return (
        f"The head noted on {head.noted}, at position {head.position}, is no longer in the chain: "
        "history has been cut off or written anew since."
    )


# Files and fields

# Enough to be quick, few enough to be held at once.
AT_A_TIME = 200


def with_recorded(records, fields):
    """The records one by one as (record, {field: value}); a field that the history never mentions is left out.

    `records` is a queryset. It is read a few hundred at a time.
    """
    kind = records.model._meta.model_name
    for field in fields:
        said = Entry.objects.filter(subject_type=kind, subject_id=OuterRef("pk"), changes__has_key=field)
        records = records.annotate(**{f"said_of_{field}": Subquery(said.order_by("-pk").values("changes")[:1])})
    for record in records.order_by("pk").iterator(chunk_size=AT_A_TIME):
        said = {field: getattr(record, f"said_of_{field}") for field in fields}
        yield record, {field: changes[field][1] for field, changes in said.items() if changes is not None}


@dataclass(frozen=True)
class Kept:
    """A kind of file: which model holds it, in which field, and where its checksum is, beside it and in the history."""

    model: type
    file: str
    checksum: str
    words: str

    def findings(self):
        """What is wrong with the files of this kind, in sentences."""
        records = self.model.objects.exclude(**{self.file: ""})
        for record, recorded in with_recorded(records, [self.checksum]):
            file, known = getattr(record, self.file), recorded.get(self.checksum)
            beside = getattr(record, self.checksum, known)
            name, now = f"The {self.words} of “{record}” ({file.name})", checksum_of(file)
            if not now:
                yield f"{name} is missing."
            elif known is None and beside is None:
                yield f"{name} is not in the history: nothing says what it was."
            elif now != beside or known not in (None, now):
                yield f"{name} is not the one that was kept."


KINDS = (
    Kept(ReportEdition, "pdf", "pdf_checksum", "PDF"),
    Kept(ReportEdition, "docx", "docx_checksum", "Word file"),
    Kept(AgendaPack, "file", "checksum", "file"),
    Kept(AgendaDocument, "file", "checksum", "file"),
    Kept(Inquiry, "report_file", "report_file_checksum", "report"),
)


def changed_files():
    """Files that are missing or not the ones that were kept, in sentences. Each is read once, a piece at a time."""
    for kind in KINDS:
        yield from kind.findings()


# A kind of record, which of them are printed, and which of their words.
PRINTED = (
    (ProgressUpdate.objects.filter(submitted_at__isnull=False), ("text", "exempt_text")),
    (Recommendation.objects.all(), ("text",)),
    (Response.objects.all(), ("text", "reason")),
    (Assessment.objects.all(), ("rating", "comment")),
)
# What the public reads on the pages of what has been published.
PUBLISHED = (ReportEdition.objects.all(), AgendaPack.objects.filter(published_at__isnull=False))


def changed_words():
    """Records whose words are not those that the history last recorded, in sentences."""
    for records, fields in PRINTED:
        for record, recorded in with_recorded(records.all(), fields):
            for field in fields:
                if (getattr(record, field) or None) != (recorded.get(field) or None):
                    yield _sentence(record, record._meta.get_field(field).verbose_name)
    for records in PUBLISHED:
        for record, recorded in with_recorded(records.all(), ["content_checksum"]):
            if checksum_of_data(record.content) != recorded.get("content_checksum"):
                yield _sentence(record, "published words")


def _sentence(record, what):
    kind = record._meta.verbose_name
    return f"The {kind} with the key {record.pk} is not what the history last recorded: {what}."
