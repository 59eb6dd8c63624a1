"""The chain of seals, recomputed from the first entry to the last."""

import re
from dataclasses import dataclass

from django.db import transaction

from inquiries.models.history_seals import ENTRIES, digest_of, text_of
from inquiries.models.history_triggers import SEALS

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

    def __init__(self, connection):
        self.connection = connection
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
        text = text_of(self.connection.vendor, "e")
        with transaction.atomic(using=self.connection.alias), self.connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT s.position, s.entry_id, s.digest, e.id, {text} "  # noqa: S608
                f"FROM {SEALS} s LEFT JOIN {ENTRIES} e ON e.id = s.entry_id ORDER BY s.position"
            )
            while rows := cursor.fetchmany(500):
                yield from rows

    def _unsealed(self):
        with transaction.atomic(using=self.connection.alias), self.connection.chunked_cursor() as cursor:
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
