"""An agenda pack as plain words: the one description that the front sheet, the public's page and the data dress.

Frozen data without layout, query or clock. `documents/agenda_pack.py` makes it from the models; a built pack keeps
it as JSON. The content of a public edition holds nothing of what is withheld but its paragraphs of Schedule 12A.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from inquiries.choices import ExemptParagraph, PackEdition
from inquiries.documents.content import LANGUAGE, ReportContent
from inquiries.documents.content import from_json as report_from_json
from inquiries.plain import as_plain

# Goes into every fingerprint: raise it when the same words would make another file.
ENGINE = 1
TO_FOLLOW = "To follow"


@dataclass(frozen=True)
class Paper:
    """An uploaded paper of an item."""

    pk: int
    title: str
    checksum: str
    page_count: int
    tagging: str  # a value of choices.Tagging

    @property
    def is_untagged(self):
        return self.tagging == "untagged"


@dataclass(frozen=True)
class ReportPaper:
    """A progress report of an item: its words, and where it stands on the web."""

    pk: int
    slug: str
    months_on: int
    content: ReportContent


@dataclass(frozen=True)
class Item:
    """One line of the agenda with what is printed under it in this pack. Part 2 holds what is exempt."""

    pk: int
    number: int
    title: str
    subtitle: str = ""
    to_follow: bool = False
    report: ReportPaper | None = None
    papers: tuple[Paper, ...] = ()
    exempt_paragraphs: tuple[int, ...] = ()  # of everything withheld from the public, in both editions
    exempt_report: ReportPaper | None = None  # with the exempt words; restricted edition only
    exempt_papers: tuple[Paper, ...] = ()  # restricted edition only

    @property
    def has_public_pages(self):
        """Whether anything is printed under it in Part 1."""
        return self.report is not None or bool(self.papers)

    @property
    def has_exempt_pages(self):
        """Whether anything is printed under it in Part 2."""
        return self.exempt_report is not None or bool(self.exempt_papers)


@dataclass(frozen=True)
class PackContent:
    """One agenda pack: the main agenda (supplement 0) or a supplement, in one edition."""

    council: str
    committee: str
    start: str  # ISO, with the offset of the place: "2015-11-10T10:00:00+00:00"
    venue: str
    members: tuple[tuple[str, str], ...]  # (name, role in words; "" for a plain member)
    edition: str  # a value of choices.PackEdition
    supplement: int
    items: tuple[Item, ...]
    urgency_reason: str = ""
    duplex: bool = True
    first_page: int = 1  # a supplement carries on where the pack before it stopped
    first_exempt_page: int = 1
    language: str = LANGUAGE

    @property
    def is_public(self):
        return self.edition == PackEdition.PUBLIC

    @property
    def moment(self):
        """The start as a datetime."""
        return datetime.fromisoformat(self.start)

    @property
    def title(self):
        """The document's title: "Agenda pack: Finance Select Committee, 10 November 2015"."""
        day = self.moment
        name = f"Supplement {self.supplement}" if self.supplement else "Agenda pack"
        restricted = "" if self.is_public else " (restricted)"
        return f"{name}{restricted}: {self.committee}, {day.day} {day:%B %Y}"


def exempt_words(paragraph):
    """A paragraph of Schedule 12A in words: "Information relating to any individual"."""
    return ExemptParagraph(paragraph).label.partition(" ")[2]


def to_json(content):
    """The content as data that `json.dumps` takes."""
    return as_plain(content)


def from_json(data):
    """The content that `to_json` came from. Raises KeyError or TypeError where `data` is not such data."""
    items = tuple(
        Item(
            **{
                **item,
                "report": _report(item["report"]),
                "exempt_report": _report(item["exempt_report"]),
                "papers": tuple(Paper(**paper) for paper in item["papers"]),
                "exempt_papers": tuple(Paper(**paper) for paper in item["exempt_papers"]),
                "exempt_paragraphs": tuple(item["exempt_paragraphs"]),
            }
        )
        for item in data["items"]
    )
    return PackContent(**{**data, "items": items, "members": tuple((name, role) for name, role in data["members"])})


def fingerprint(content):
    """What changes as soon as any word or paper of the content does: SHA-256, as hexadecimal digits."""
    words = json.dumps([ENGINE, to_json(content)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(words.encode()).hexdigest()


def _report(data):
    return ReportPaper(**{**data, "content": report_from_json(data["content"])}) if data else None
