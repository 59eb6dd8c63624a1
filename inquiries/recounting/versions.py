"""The versions of one text, put together again from the history, and which of them can be restored."""

from dataclasses import dataclass

from inquiries.models import Entry

# The texts of which the history keeps every version, and what each is called. What can be restored is the first.
TEXTS = {
    "progressupdate": {"text": "What has been done", "exempt_text": "The confidential part"},
    "recommendation": {"text": "Wording"},
    "response": {"text": "Response and actions", "reason": "Reason"},
}
RESTORABLE = {kind: next(iter(texts)) for kind, texts in TEXTS.items()}


@dataclass(frozen=True)
class Version:
    """A text as it became by one entry; `number` counts from 1."""

    number: int
    entry: Entry
    text: str

    @property
    def label(self):
        """The number as text."""
        return str(self.number)


def versions_of(kind, pk, field):
    """The versions of a text of the record (its model's name and key), oldest first: a list of Version.

    An entry that records the text once more, unchanged (a submission), makes no version of its own.
    """
    entries = Entry.objects.filter(subject_type=kind, subject_id=pk, changes__has_key=field).order_by("pk")
    found: list[Version] = []
    for entry in entries:
        text = entry.changes[field][1] or ""
        if not found or found[-1].text != text:
            found.append(Version(len(found) + 1, entry, text))
    return found


def can_be_put_back(entry):
    """Whether the entry holds an earlier or present text that can be recorded again as a new version."""
    field = RESTORABLE.get(entry.subject_type)
    return bool(field and field in entry.changes and entry.changes[field][1])
