"""An officer report to a committee as plain data: what its pages, its PDF and its Word file all dress.

Frozen data without layout, query or clock; `serialization.to_plain_data` makes JSON of it. A picture is named, and its
bytes travel beside the content, as a dictionary by that name. `report_markup.py` has the blocks as a person types them.
"""

from dataclasses import dataclass
from datetime import date

from inquiries.documents.content import LANGUAGE, Contributor, long_date
from inquiries.documents.rich_text import Paragraph, Run
from inquiries.serialization import from_plain_data

DEEPEST_LIST = 3


@dataclass(frozen=True)
class SubHeading:
    heading: tuple[Run, ...]


@dataclass(frozen=True)
class NestedItem:
    runs: tuple[Run, ...]
    inner: "NestedList | None" = None


@dataclass(frozen=True)
class NestedList:
    """A list of an officer report: unlike `rich_text.ListBlock` it may have lists in it, DEEPEST_LIST deep in all."""

    ordered: bool
    start: int
    items: tuple[NestedItem, ...]


@dataclass(frozen=True)
class TableBlock:
    """Every row has as many cells as `header`. In a cell a line break begins a new line; there are no other blocks."""

    header: tuple[tuple[Run, ...], ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class PictureBlock:
    """`name` is the key of its bytes; `alternative` says in words what the picture shows."""

    name: str
    alternative: str
    caption: str = ""


ReportBlock = Paragraph | SubHeading | NestedList | TableBlock | PictureBlock


@dataclass(frozen=True)
class ReportSection:
    heading: str
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True)
class ContactOfficer:
    name: str = ""
    job_title: str = ""
    telephone: str = ""
    email: str = ""


@dataclass(frozen=True)
class ReportSignOff:
    """`role` is one of those below, `name` and `post` are the person's; `signed_on` is None until they have signed."""

    role: str
    name: str = ""
    post: str = ""
    signed_on: date | None = None

    @property
    def words(self):
        """ "Richard Ambrose, Director of Assurance, 27 October 2015", or what the pre-flight check looks for."""
        if self.signed_on is None:
            return f"[{self.role} sign-off required]"
        return ", ".join(part for part in (self.name, self.post, long_date(self.signed_on)) if part)


DIRECTOR, CABINET_MEMBER = "Director", "Cabinet Member"


@dataclass(frozen=True)
class OfficerReport:
    council: str
    committee: str
    title: str
    meeting_date: date | None = None
    authors: tuple[Contributor, ...] = ()
    contact: ContactOfficer = ContactOfficer()
    sign_offs: tuple[ReportSignOff, ...] = ()
    sections: tuple[ReportSection, ...] = ()
    draft: bool = False  # printed before it is signed
    language: str = LANGUAGE

    @property
    def addressed_to(self):
        article = "" if self.committee.lower().startswith("the ") else "the "
        return f"Report to {article}{self.committee}"


MEETING_DATE, AUTHOR, CONTACT, SIGNED_OFF = "Committee date", "Author", "Contact officer", "Report signed off by"


def head_lines(report):
    """What the head of the report says below its title: (label, runs)."""
    contact = report.contact
    texts = [contact.name, contact.job_title, f"telephone {contact.telephone}" if contact.telephone else ""]
    words = [Run(", ".join(text for text in texts if text))]
    if contact.email:
        words += [Run(", e-mail " if words[0].text else "e-mail "), Run(contact.email, f"mailto:{contact.email}")]
    yield MEETING_DATE, (Run(long_date(report.meeting_date) if report.meeting_date else ""),)
    yield AUTHOR, (Run("; ".join(map(str, report.authors))),)
    yield CONTACT, tuple(run for run in words if run.text)
    for one in report.sign_offs:
        yield f"{SIGNED_OFF} {one.role}", (Run(one.words),)


@dataclass(frozen=True)
class TemplateSection:
    heading: str
    guidance: str
    is_needed: bool = True


# In the order of the council's template; a report may have further sections.
TEMPLATE_SECTIONS = (
    TemplateSection(
        "Purpose",
        "Say in one or two sentences why the committee gets this report, and what it is asked to do: to question, "
        "to comment, to recommend or to note.",
    ),
    TemplateSection(
        "Background",
        "What has happened so far: earlier decisions of Cabinet or Council, earlier reports to this committee, "
        "the law.",
    ),
    TemplateSection(
        "Summary",
        "What a member who reads nothing else must know, in at most half a page.",
    ),
    TemplateSection(
        "Key issues",
        "What is going well and what is not, with figures; what the options and risks are; what residents notice.",
    ),
    TemplateSection(
        "Resource implications",
        "What it costs in money, people and buildings, where that comes from, and what it saves. "
        "Where there is no cost, say so.",
    ),
    TemplateSection(
        "Next steps",
        "What is done next, by whom and by when, and when the committee hears of it again.",
    ),
)


def officer_report_from_json(data):
    """The report of which `to_plain_data` made `data`. Raises LookupError, TypeError or ValueError for other data."""
    return from_plain_data(OfficerReport, data)
