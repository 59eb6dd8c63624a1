"""A progress report as plain data, and what each cell of it says: what page, PDF, Word, CSV and JSON all dress.

Frozen data without layout, query or clock. `progress_report.py` makes it from the models; a published edition keeps
it as JSON (`to_plain_data`, `from_json`), so what the public reads is kept, not rebuilt. A cell is a tuple of blocks:
Paragraph, ListBlock, RatingBlock, ExemptBlock. The importer of Word files reads them back, so their order and their
labels may not change.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.text import get_text_list

from inquiries.choices import GUIDANCE_GRID, TO_BE_ASSESSED, Decision, Rating, report_kind
from inquiries.dates import date_text
from inquiries.documents.rich_text import ListBlock, Paragraph, Run, blocks, plain_runs, runs
from inquiries.serialization import from_plain_data

HEADING = "Scrutiny Inquiry Progress Update on Recommendations"
COLUMNS = (
    "Accepted Recommendations",
    "Original Response and Actions",
    "Progress Update",
    "Committee Assessment of Progress (RAG status)",
)
GUIDANCE_HEADING = "RAG Status Guidance (For the Select Committee's Assessment)"
CLOSED_HEADING = "Recommendations closed at this meeting"
ACCOUNT_HEADING = "Recommendations not in the table above"
ACCOUNT_COLUMNS = ("Recommendation", "Outcome", "Reason")
NO_UPDATE = "No update has been received."
NO_ROWS = "No accepted recommendation is reported on here."
LANGUAGE = "en-GB"


@dataclass(frozen=True)
class NumberedText:
    """One recommendation: its number and its wording. `given` says that we gave the number ourselves."""

    reference: str
    text: str
    given: bool = False

    @property
    def label(self):
        return f"Recommendation {self.reference}"


@dataclass(frozen=True)
class Contributor:
    name: str
    job_title: str = ""

    def __str__(self):
        return ", ".join(part for part in (self.name, self.job_title) if part)


@dataclass(frozen=True)
class ExemptPart:
    """Text withheld from the public. `text` is empty in public content: it never leaves the database."""

    paragraph: int
    description: str  # of the paragraph
    text: str = ""


@dataclass(frozen=True)
class Correction:
    """An assessment was corrected after it had been confirmed."""

    day: date
    reason: str

    @property
    def label(self):
        return f"Corrected on {long_date(self.day)}"


@dataclass(frozen=True)
class RequestedAction:
    """What the committee asked for at a meeting, and what came of it since."""

    text: str
    owner: str
    due_on: date
    asked_on: date
    done_on: date | None = None
    done_note: str = ""

    @property
    def wanted(self):
        return f"{self.text.rstrip('.')}, by {long_date(self.due_on)} ({self.owner})."

    @property
    def outcome(self):
        return f"Done on {long_date(self.done_on)}: {self.done_note}" if self.done_on else "Not done yet."

    def __str__(self):
        return f"{asked_at(self.asked_on)} {self.wanted} {self.outcome}"


def asked_at(day):
    return f"At its meeting on {long_date(day)} the committee asked:"


@dataclass(frozen=True)
class Row:
    recommendations: tuple[NumberedText, ...]
    decision: str
    response: str
    update: str
    lead_officer: str = ""
    contributors: tuple[Contributor, ...] = ()
    exempt: ExemptPart | None = None
    officer_view: str = ""  # the words of OfficerView, or empty
    rating: int | None = None
    comment: str = ""
    target_date: date | None = None
    evidence: tuple[tuple[str, str], ...] = ()  # (title, web address)
    forecast_date: date | None = None  # when the lead officer expects it to be done
    corrections: tuple[Correction, ...] = ()  # of the assessment
    actions: tuple[RequestedAction, ...] = ()  # asked for at the meeting of this report
    earlier_actions: tuple[RequestedAction, ...] = ()  # at the meetings before

    @property
    def is_missing(self):
        return not self.update.strip() and self.exempt is None

    @property
    def is_implemented(self):
        return self.rating == Rating.IMPLEMENTED

    @property
    def references(self):
        return tuple(r.reference for r in self.recommendations)

    @property
    def numbers(self):
        """ "1a, 1b and 2"."""
        return get_text_list(self.references, "and")

    @property
    def decision_label(self):
        return Decision(self.decision).label

    @property
    def contributor_line(self):
        return f"({'; '.join(str(c) for c in self.contributors)})" if self.contributors else ""

    @property
    def assessment(self):
        """The fourth column in words: "✓ Implemented", or "to be assessed"."""
        if self.rating is None:
            return TO_BE_ASSESSED
        rating = Rating(self.rating)
        return f"{rating.symbol} {rating.label}"


@dataclass(frozen=True)
class AccountEntry:
    recommendations: tuple[NumberedText, ...]
    outcome: str
    reason: str = ""

    @property
    def line(self):
        """ "1a and 1b: Superseded, decided at the meeting on 1 July 2026"."""
        return f"{get_text_list([one.reference for one in self.recommendations], 'and')}: {self.outcome}"


@dataclass(frozen=True)
class ReportContent:
    committee: str
    inquiry: str
    months_on: int
    completion: str  # "April 2015 (Cabinet)"
    update_date: date | None
    lead_officers: tuple[tuple[str, tuple[str, ...]], ...]  # (name, numbers), in the order of the rows
    cabinet_members: tuple[str, ...]  # who has signed off; empty until then
    rows: tuple[Row, ...]
    account: tuple[AccountEntry, ...] = ()
    after_meeting: bool = False  # the post-meeting version shows the committee's ratings
    draft: bool = False  # printed before publication
    update_precision: str = "day"  # a value of choices.DatePrecision
    language: str = LANGUAGE
    # Of the table, what the committee ended at the meeting otherwise than by the rating that the table shows.
    closed: tuple[AccountEntry, ...] = ()

    @property
    def heading(self):
        return HEADING

    @property
    def kind(self):
        """ "Interim Progress Report (6 months on)"."""
        return f"{report_kind(self.months_on)} Progress Report ({self.months_on} months on)"

    @property
    def title(self):
        return f"{self.inquiry}: {self.kind}"

    @property
    def lead_officers_line(self):
        """ "Lloyd Jeffries (1, 2, 3, 9); Phil Dart (5a)"."""
        return "; ".join(f"{name} ({', '.join(numbers)})" for name, numbers in self.lead_officers)

    @property
    def header(self):
        return (
            ("Select Committee Inquiry Report Completion Date", self.completion),
            ("Date of this update", self.update_day),
            ("Lead Officers responsible for this response", self.lead_officers_line),
            ("Cabinet Member that has signed-off this update", "; ".join(self.cabinet_members) or "not yet signed off"),
        )

    @property
    def update_day(self):
        return date_text(self.update_date, self.update_precision) if self.update_date else ""

    @property
    def guidance(self):
        return tuple(tuple((r.symbol, r.guidance, r.colour) for r in line) for line in GUIDANCE_GRID)


def long_date(day):
    return f"{day.day} {day:%B %Y}"


def from_json(data):
    """The content of which `to_plain_data` made `data`. Raises KeyError or TypeError where `data` is not such data."""
    return from_plain_data(ReportContent, data)


GIVEN = " (number given)"  # the report had no number here, and we gave this one
TARGET_DATE = "Target date"
OFFICER_VIEW = "Lead officer's view"
FORECAST_DATE = "Expected to be done by"
EVIDENCE = "Evidence"
COMMITTEE_ASKS = "The committee asks:"
SHORT = 500  # characters in a cell: keeping such a row whole costs a page a few lines at most


@dataclass(frozen=True)
class RatingBlock:
    symbol: str
    text: str
    colour: str


@dataclass(frozen=True)
class ExemptBlock:
    heading: str
    blocks: tuple


def row_cells(row):
    return recommendations_cell(row.recommendations), response_cell(row), update_cell(row), assessment_cell(row)


def account_cells(entry):
    return recommendations_cell(entry.recommendations), blocks(entry.outcome), blocks(entry.reason)


def closed_blocks(entry):
    """What the note below the table says of one: which it is, what became of it, and why."""
    return (Paragraph((Run(entry.line, bold=True),)), *blocks(entry.reason))


def recommendations_cell(recommendations):
    cell = []
    for recommendation in recommendations:
        wording = blocks(recommendation.text)
        colon = ": " if wording else ""
        number = Run(f"{recommendation.reference}{GIVEN if recommendation.given else ''}{colon}", bold=True)
        if wording and isinstance(wording[0], Paragraph):
            cell += [Paragraph((number, *wording[0].runs)), *wording[1:]]
        else:
            cell += [Paragraph((number,)), *wording]
    return tuple(cell)


def response_cell(row):
    cell = [] if row.decision == Decision.ACCEPTED else [Paragraph((Run(f"{row.decision_label}.", bold=True),))]
    cell += blocks(row.response)
    if row.target_date:
        cell.append(labelled_line(TARGET_DATE, long_date(row.target_date)))
    return tuple(cell)


def update_cell(row):
    cell = [Paragraph((Run(NO_UPDATE),))] if row.is_missing else list(blocks(row.update))
    if row.contributors and not row.is_missing:
        names = row.contributor_line
        if cell and isinstance(cell[-1], Paragraph):
            cell[-1] = Paragraph((*cell[-1].runs, Run(f" {names}")))
        else:
            cell.append(Paragraph((Run(names),)))
    if row.exempt:
        cell.append(exempt_block(row.exempt))
    if row.officer_view:
        cell.append(labelled_line(OFFICER_VIEW, row.officer_view))
    if row.forecast_date:
        cell.append(labelled_line(FORECAST_DATE, long_date(row.forecast_date)))
    cell += [action_paragraph(asked_at(each.asked_on), f"{each.wanted} {each.outcome}") for each in row.earlier_actions]
    if row.evidence:
        cell.append(Paragraph((Run(f"{EVIDENCE}:", bold=True),)))
        cell.append(ListBlock(False, 1, tuple(evidence_runs(title, address) for title, address in row.evidence)))
    return tuple(cell)


def exempt_block(exempt):
    description = exempt.description.removeprefix(f"{exempt.paragraph}.").strip().rstrip(".")
    reason = f"Schedule 12A paragraph {exempt.paragraph}, {description[:1].lower()}{description[1:]}."
    if exempt.text:
        return ExemptBlock(f"Not for publication: {reason}", blocks(exempt.text))
    return Paragraph((Run(f"Part of this update is exempt from publication: {reason}"),))


def assessment_cell(row):
    actions = [action_paragraph(COMMITTEE_ASKS, each.wanted) for each in row.actions]
    if row.rating is None:
        verdict = Paragraph((Run(row.assessment),))
    else:
        rating = Rating(row.rating)
        verdict = RatingBlock(rating.symbol, rating.label, rating.colour)
    corrections = (labelled_line(one.label, one.reason) for one in row.corrections)
    return verdict, *blocks(row.comment), *corrections, *actions


def printed_texts(content):
    """What a reader has before them, as pairs (where, text): fields that are printed one after the other are one."""
    yield "the head of the report", "\n".join([content.title, *map(" ".join, content.header)])
    for columns, table, cells_of in (
        (COLUMNS, content.rows, row_cells),
        (ACCOUNT_COLUMNS, content.account, account_cells),
    ):
        for entry in table:
            numbers = " and ".join(one.reference for one in entry.recommendations)
            for column, cell in zip(columns, cells_of(entry), strict=True):
                yield f"the row of {numbers}, “{column}”", plain_text(cell)
    for entry in content.closed:
        yield f"“{CLOSED_HEADING}”", plain_text(closed_blocks(entry))


def action_paragraph(label, text):
    return Paragraph((Run(f"{label} ", bold=True), Run(text)))


def stays_whole(cells):
    return all(len(plain_text(cell)) < SHORT for cell in cells)


def plain_text(cell):
    """The text of a cell, a line for each paragraph and list item, as the checks compare them."""
    lines = []
    for block in cell:
        if isinstance(block, Paragraph):
            lines.append(plain_runs(block.runs))
        elif isinstance(block, ListBlock):
            marks = (f"{block.start + n}." if block.ordered else "•" for n in range(len(block.items)))
            lines += [f"{mark} {plain_runs(item)}" for mark, item in zip(marks, block.items, strict=True)]
        elif isinstance(block, RatingBlock):
            lines.append(f"{block.symbol} {block.text}")
        else:
            lines += [block.heading, plain_text(block.blocks)]
    return "\n".join(lines)


def labelled_line(label, text):
    return Paragraph((Run(f"{label}: ", bold=True), Run(text)))


def evidence_runs(title, address):
    if not address.lower().startswith(("http://", "https://")):
        return tuple(runs(": ".join(part for part in (title, address) if part)))
    link = Run(address, address)
    return (Run(f"{title}: "), link) if title and title != address else (link,)
