"""What was understood of a Word progress report, before anybody has confirmed it.

A draft is plain data: `reader.py` makes it from the file, `find_doubts` adds to its doubts, the clerk corrects it
in the browser, and only `actions.import_progress_report` turns it into records.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date

from inquiries import rules
from inquiries.choices import Decision
from inquiries.imports.answers import closing_bracket, names_inside
from inquiries.imports.references import covers, short
from inquiries.serialization import from_plain_data, to_plain_data

MANY = 20  # missing numbers: more of them say that the numbering is of another kind


@dataclass
class DraftRecommendation:
    """`given` says that the document had no number here and the importer gave this one."""

    reference: str
    text: str
    given: bool = False


@dataclass
class DraftContributor:
    name: str
    job_title: str = ""


@dataclass
class DraftRow:
    recommendations: list[DraftRecommendation]
    decision: str | None = None  # a value of choices.Decision; None where the document does not say
    response: str = ""
    reason: str = ""
    update: str = ""
    contributors: list[DraftContributor] = field(default_factory=list)
    possible_contributors: list[DraftContributor] = field(default_factory=list)  # in the bracket that ends the update
    lead_officer: str = ""
    rating: int | None = None  # a value of choices.Rating
    comment: str = ""
    target_date: date | None = None
    officer_view: str = ""  # a value of choices.OfficerView, or empty
    forecast_date: date | None = None
    evidence: list[tuple[str, str]] = field(default_factory=list)  # (title, web address)
    exempt_paragraph: int | None = None  # of Schedule 12A, where the document withholds or marks a part
    exempt_text: str = ""  # only a restricted edition holds it

    def take_contributors(self):
        """The bracket that ends the update names who wrote it: take it off."""
        bracket = closing_bracket(self.update)
        if bracket is not None:
            self.update, self.contributors = bracket[0], self.possible_contributors
        self.possible_contributors = []

    @property
    def references(self):
        return [recommendation.reference for recommendation in self.recommendations]


@dataclass
class DraftDate:
    """A date that only the clerk knows; `precision` is a value of choices.DatePrecision."""

    day: date
    precision: str = "day"


@dataclass
class DraftEnd:
    """A recommendation that the document accounts for below its table."""

    recommendations: list[DraftRecommendation]
    outcome: str  # the document's own words
    reason: str = ""


@dataclass
class Doubt:
    """Something that was not certain. `row` counts from 0; None concerns the whole document.

    `must_settle` is set where nothing can be recorded until the clerk has decided (the months, say).
    """

    message: str
    row: int | None = None
    field: str = ""
    must_settle: bool = False
    checked: bool = False  # found by `find_doubts`, which finds it again until it is mended
    can_confirm: bool = False  # settled, too, where the clerk says that it is right as it was read

    @property
    def key(self):
        """Names this doubt in a form and on the command line; the same words in several rows are settled together."""
        return hashlib.sha256(self.message.encode()).hexdigest()[:6]


@dataclass
class DraftColumn:
    """A column of which only the clerk can say what it holds. `cells` are (number of the row from 0, text)."""

    title: str
    cells: list[tuple[int, str]]


@dataclass
class DraftReport:
    heading: str = ""
    committee: str = ""
    inquiry: str = ""
    months_on: int | None = None  # None where the heading leaves "Interim/Final" undecided
    completed_on: date | None = None  # the first of the month where only the month is known
    completed_precision: str = "month"  # a value of choices.DatePrecision
    completed_body: str = ""
    update_date: date | None = None
    update_precision: str = "day"
    signed_on: DraftDate | None = None
    published_on: DraftDate | None = None
    assessed_on: DraftDate | None = None  # the day of the committee's meeting
    lead_officers: list[tuple[str, list[str]]] = field(default_factory=list)  # (name, numbers as written)
    cabinet_members: list[str] = field(default_factory=list)
    signed_off: bool = False  # the document plainly says that they have signed
    rows: list[DraftRow] = field(default_factory=list)
    ends: list[DraftEnd] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    columns: list[DraftColumn] = field(default_factory=list)

    def row_name(self, number):
        numbers = " and ".join(self.rows[number].references) if number < len(self.rows) else ""
        return f"Recommendation {numbers}" if numbers else f"Row {number + 1}"

    def sentence_of(self, doubt):
        return doubt.message if doubt.row is None else f"{self.row_name(doubt.row)}: {doubt.message}"

    def to_json(self):
        return to_plain_data(self)

    @classmethod
    def from_json(cls, data):
        return from_plain_data(cls, data)


def recheck(draft):
    """Replace the doubts that `check` found earlier by those it finds now; what the reading doubted stays."""
    draft.doubts = [doubt for doubt in draft.doubts if not doubt.checked] + find_doubts(draft)


def find_doubts(draft):
    found = [
        *check_header(draft),
        *check_columns(draft),
        *check_numbers(draft),
        *check_lead_officers(draft),
        *check_repeated_updates(draft),
        *(doubt for number, row in enumerate(draft.rows) for doubt in check_row(draft, number, row)),
    ]
    for doubt in found:
        doubt.checked = True
    return found


def check_header(draft):
    if draft.months_on is None:
        yield Doubt(
            "The document does not say whether this is the interim (6 months on), the final (12 months on) or "
            "another report. Give the months.",
            field="months_on",
            must_settle=True,
        )
    doubted = {doubt.field for doubt in draft.doubts if not doubt.checked and doubt.row is None}
    for name, value, text in (
        ("committee", draft.committee, "The document does not name the committee."),
        ("inquiry", draft.inquiry, "The document does not name the inquiry."),
        ("completion", draft.completed_on, "The document gives no completion date of the inquiry report."),
        ("update_date", draft.update_date, "The document gives no date of this update."),
        ("cabinet_members", draft.cabinet_members, "The document names no Cabinet Member who has signed off."),
    ):
        if not value and not (name in doubted and name in ("completion", "update_date")):
            yield Doubt(text, field=name)
    if draft.completed_on and draft.update_date and draft.update_date < draft.completed_on:
        yield Doubt("The date of the update is before the completion of the inquiry report.", field="update_date")
    if not draft.rows:
        yield Doubt("The table has no rows.", field="rows", must_settle=True)


def check_columns(draft):
    for number, column in enumerate(draft.columns):
        texts = list(dict.fromkeys(short(text, 40) for _, text in column.cells))
        shown = ", ".join(f"“{text}”" for text in texts[:3]) + (" …" if len(texts) > 3 else "")
        message = f"What does the column “{column.title}” hold? It says {shown}."
        yield Doubt(message, field=f"column_{number}", must_settle=True)


def check_numbers(draft):
    seen = {}
    everything = [(number, row.references) for number, row in enumerate(draft.rows)]
    everything += [(None, [one.reference for one in end.recommendations]) for end in draft.ends]
    for number, references in everything:
        for reference in references:
            about = {"row": number, "field": "recommendations" if number is not None else "ends", "must_settle": True}
            if not rules.is_reference(reference):
                yield Doubt(f"“{short(reference)}” cannot be the number of a recommendation.", **about)
                continue
            key = rules.natural_key(reference)
            if key in seen:
                yield Doubt(f"The number {reference} is used twice.", **about)
            seen[key] = reference
    left_out = missing_numbers(draft)
    if len(left_out) > MANY:
        yield Doubt(f"{len(left_out)} numbers are not in the table.", field="ends")
        return
    for number in left_out:
        yield Doubt(f"Nothing numbered {number} is in the table.", field="ends")


def missing_numbers(draft):
    parts = [one for part in (*draft.rows, *draft.ends) for one in part.recommendations]
    if any(one.given for one in parts):
        return []
    return list(rules.missing_numbers([one.reference for one in parts if rules.is_reference(one.reference)]))


def check_lead_officers(draft):
    references = [reference for row in draft.rows for reference in row.references]
    references += [one.reference for end in draft.ends for one in end.recommendations]
    led = {}
    for name, numbers in draft.lead_officers:
        if not numbers and len(draft.lead_officers) > 1:
            yield Doubt(f"{name} is named as a lead officer without numbers.", field="lead_officers")
        for number in numbers:
            if not any(covers(number, reference) for reference in references):
                yield Doubt(f"{name} is named for number {number}, which is not in the table.", field="lead_officers")
            if led.setdefault(rules.natural_key(number), name) != name:
                yield Doubt(
                    f"Number {number} has two lead officers: {led[rules.natural_key(number)]} and {name}.",
                    field="lead_officers",
                )


def check_repeated_updates(draft):
    first = {}
    for number, row in enumerate(draft.rows):
        words = " ".join(row.update.split()).lower()
        if len(words) < 40:
            continue
        if words in first:
            other = " and ".join(draft.rows[first[words]].references)
            yield Doubt(f"The update is word for word that of recommendation {other}.", row=number, field="update")
        else:
            first[words] = number


def check_row(draft, number, row):
    def doubt(message, about, **more):
        return Doubt(message, row=number, field=about, **more)

    if not row.recommendations:
        yield doubt("This row has no recommendation.", "recommendations", must_settle=True)
    for one in row.recommendations:
        if not one.text.strip():
            yield doubt(f"Recommendation {one.reference} has no wording.", "recommendations", must_settle=True)
    asked = {(d.row, d.field) for d in draft.doubts if d.must_settle and not d.checked}
    if row.decision is None and (number, "decision") not in asked:
        yield doubt("The document does not say whether this was accepted.", "decision", must_settle=True)
    yield from check_reason(row, doubt)
    if not row.response.strip() and row.decision in (Decision.ACCEPTED, None):
        yield doubt("This row has no response.", "response")
    if (
        not row.update.strip()
        and not row.exempt_paragraph
        and (row.decision is None or rules.is_accepted(row.decision))
    ):
        yield doubt("This row has no update.", "update")
    beside = row.evidence or row.officer_view or row.forecast_date or row.contributors
    if not (row.update.strip() or row.exempt_text.strip()) and beside:
        message = "Evidence, view and contributors belong to an update, but this row has none: they would be lost."
        yield doubt(message, "update", must_settle=True)
    if not row.lead_officer.strip() and (row.decision is None or rules.is_accepted(row.decision)):
        yield doubt("No lead officer is named for this row.", "lead_officer")
    yield from check_row_leaders(draft, row, doubt)
    known = {person.name.lower() for each in draft.rows for person in each.contributors}
    known |= {name.lower() for name, _ in draft.lead_officers}
    if row.possible_contributors:
        shown = " and ".join(person.name for person in row.possible_contributors)
        yield doubt(f"The bracket at the end may name who wrote this: {shown}. It stays in the text.", "contributors")
    names = names_inside(row.update, known)
    if names:
        yield doubt(
            f"{' and '.join(names)} is named in brackets inside the update; the name stays there.", "contributors"
        )


def check_reason(row, doubt):
    if row.decision is None or not rules.needs_reason(row.decision):
        return
    label = Decision(row.decision).label.lower()
    if not row.reason.strip():
        yield doubt(f"This was {label}, but no reason is given.", "reason", must_settle=True)
    elif row.reason == row.response:
        yield doubt(f"This was {label}; the response was taken as the reason too.", "reason")


def check_row_leaders(draft, row, doubt):
    leaders = []
    for reference in row.references:
        exact = [n for n, numbers in draft.lead_officers if reference.lower() in (one.lower() for one in numbers)]
        wider = [n for n, numbers in draft.lead_officers if any(covers(one, reference) for one in numbers)]
        leaders += (exact or wider)[:1]
    names = list(dict.fromkeys(leaders))
    if len(names) > 1:
        yield doubt(f"The recommendations of this row are led by {' and '.join(names)}.", "lead_officer")
    elif names and row.lead_officer and names[0] != row.lead_officer:
        yield doubt(f"The lead officers' line names {names[0]} for this row.", "lead_officer")
