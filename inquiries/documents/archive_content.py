"""What the pages of an archive say, as plain data: kept as JSON beside each page, and read back by an import.

Paths are those of the archive's part, which holds the pages of committees, inquiries and meetings in folders of their
own. Words are given beside values, so that a page needs no vocabulary of another version.
"""

from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from types import UnionType
from typing import get_args, get_origin

from inquiries.documents.content import Correction, RequestedAction
from inquiries.serialization import field_types

FORMAT = 1  # raised when an earlier version could not read an archive any more


@dataclass(frozen=True)
class Link:
    title: str
    page: str
    day: date | None = None
    note: str = ""


@dataclass(frozen=True)
class ArchivedFile:
    """A file of the archive; `checksum` is its SHA-256."""

    title: str
    path: str
    checksum: str
    size: int


@dataclass(frozen=True)
class FormerArchive:
    """The archive of a council that came before, in a folder of its own; `checksum` is that of its SHA256SUMS."""

    council: str
    folder: str
    checksum: str


@dataclass(frozen=True)
class ArchiveFacts:
    """What this archive is. `history_head` is the position and digest of the last seal of the history."""

    format: int
    version: str
    council: str
    made_on: str
    part: str
    history_head: str
    committees: tuple[Link, ...] = ()
    documents: tuple[Link, ...] = ()
    history: tuple[Link, ...] = ()
    former_councils: tuple[FormerArchive, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seat:
    name: str
    role: str


@dataclass(frozen=True)
class ArchivedProgrammeLine:
    """What a committee meant to do; `when` is a meeting or a month in words."""

    when: str
    title: str
    kind: str
    purpose: str
    contact: str


@dataclass(frozen=True)
class ArchivedCommittee:
    title: str
    slug: str
    members: tuple[Seat, ...]
    inquiries: tuple[Link, ...]
    meetings: tuple[Link, ...]
    programme: tuple[ArchivedProgrammeLine, ...] = ()


@dataclass(frozen=True)
class TargetDateMoved:
    day: date
    old_date: date | None
    new_date: date | None
    reason: str


@dataclass(frozen=True)
class ArchivedResponse:
    """One answer, which may be to several recommendations: the numbers of all are in `answers`."""

    answers: tuple[str, ...]
    decision: str
    decision_label: str
    text: str
    reason: str
    responding_body: str
    responded_on: date | None
    lead_officer: str
    original_target_date: date | None
    target_date: date | None
    target_date_changes: tuple[TargetDateMoved, ...]


@dataclass(frozen=True)
class ArchivedUpdate:
    """What the last edition of a report says of a recommendation; `rating` is null where it was not assessed."""

    months_on: int
    report: str
    edition: int
    day: date | None
    text: str
    exempt_paragraph: int | None
    contributors: tuple[str, ...]
    officer_view: str
    evidence: tuple[tuple[str, str], ...]
    rating: int | None
    assessment: str
    comment: str
    corrections: tuple[Correction, ...] = ()
    actions: tuple[RequestedAction, ...] = ()  # asked for at the meeting of this report
    earlier_actions: tuple[RequestedAction, ...] = ()  # at the meetings before, with what came of them


@dataclass(frozen=True)
class ArchivedRecommendation:
    reference: str
    number_given: bool
    text: str
    response: ArchivedResponse | None
    updates: tuple[ArchivedUpdate, ...]
    ended_as: str
    ending: str
    ended_reason: str


@dataclass(frozen=True)
class ArchivedEdition:
    number: int
    after_meeting: bool
    published: str
    published_at: str
    files: tuple[ArchivedFile, ...]


@dataclass(frozen=True)
class ArchivedReport:
    title: str
    months_on: int
    editions: tuple[ArchivedEdition, ...]
    evidence: tuple[ArchivedFile, ...]


@dataclass(frozen=True)
class ArchivedInquiry:
    title: str
    slug: str
    committee: Link
    summary: str
    completion: str
    received_on: date | None
    notice_on: date | None
    response_due: date | None
    is_health: bool
    published_at: str
    report_file: ArchivedFile | None
    recommendations: tuple[ArchivedRecommendation, ...]
    reports: tuple[ArchivedReport, ...]


@dataclass(frozen=True)
class ArchivedOfficerReport:
    """Who wrote one of the papers of an item, and who signed it and when, in words."""

    title: str
    author: str
    signed_by: tuple[str, ...]


@dataclass(frozen=True)
class ArchivedItem:
    number: int
    title: str
    subtitle: str
    to_follow: bool
    pages: tuple[str, ...]
    exempt: tuple[str, ...]
    report: Link | None
    papers: tuple[ArchivedFile, ...]
    officer_reports: tuple[ArchivedOfficerReport, ...] = ()


@dataclass(frozen=True)
class ArchivedPack:
    """One published pack. Of one that was withdrawn there are no files, only when and why."""

    title: str
    supplement: int
    edition: int
    published: str
    published_at: str
    withdrawn: str
    withdrawn_reason: str
    files: tuple[ArchivedFile, ...]


@dataclass(frozen=True)
class ArchivedDecision:
    """What the published minutes say of an item."""

    number: int
    title: str
    outcome: str


@dataclass(frozen=True)
class ArchivedMeeting:
    title: str
    committee: Link
    start: str
    when: str
    venue: str
    cancelled: bool
    cancelled_reason: str
    members: tuple[Seat, ...]
    items: tuple[ArchivedItem, ...]
    packs: tuple[ArchivedPack, ...]
    attendance: tuple[str, ...] = ()
    declarations: tuple[str, ...] = ()
    decisions: tuple[ArchivedDecision, ...] = ()
    minutes: tuple[ArchivedFile, ...] = ()


# The folder of the pages of a kind, which is that of their data too.
PAGES = {"committees": ArchivedCommittee, "inquiries": ArchivedInquiry, "meetings": ArchivedMeeting}


def schema_of(kind):
    """The JSON Schema of the data of a dataclass, with those it is made of."""
    found: dict = {}
    root = type_schema(kind, found)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind.__name__}
    return {**head, **root, "$defs": found}


def type_schema(kind, found):
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return {"anyOf": [type_schema(arguments[0], found), {"type": "null"}]}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": type_schema(arguments[0], found)}
    if origin is tuple:
        parts = [type_schema(one, found) for one in arguments]
        return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts)}
    if is_dataclass(kind):
        if kind.__name__ not in found:
            found[kind.__name__] = {}  # before its fields, which may name it
            found[kind.__name__] = object_schema(kind, found)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if kind is date:
        return {"type": "string", "format": "date"}
    return {"type": {str: "string", int: "integer", bool: "boolean"}[kind]}


def object_schema(kind, found):
    hints = field_types(kind)
    described = {"description": kind.__doc__} if not kind.__doc__.startswith(f"{kind.__name__}(") else {}
    return {
        **described,
        "type": "object",
        "properties": {field.name: type_schema(hints[field.name], found) for field in fields(kind)},
        "required": [field.name for field in fields(kind) if field.default is MISSING],
        "additionalProperties": False,
    }
