"""What was understood of a Word progress report, before anybody has confirmed it.

A draft is plain data: `reading.py` makes it from the file, `checking.py` adds its doubts, the clerk corrects it
in the browser, and only `actions.import_progress_report` turns it into records.
"""

from dataclasses import dataclass, field
from datetime import date

from inquiries.plain import as_day, as_plain


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
    """One row of the table: a response to one or more recommendations, and what has been done."""

    recommendations: list[DraftRecommendation]
    decision: str | None = None  # a value of choices.Decision; None where the document does not say
    response: str = ""
    reason: str = ""
    update: str = ""
    contributors: list[DraftContributor] = field(default_factory=list)
    lead_officer: str = ""
    rating: int | None = None  # a value of choices.Rating
    comment: str = ""
    target_date: date | None = None
    officer_view: str = ""  # a value of choices.OfficerView, or empty
    evidence: list[tuple[str, str]] = field(default_factory=list)  # (title, web address)
    exempt_paragraph: int | None = None  # of Schedule 12A, where the document withholds or marks a part
    exempt_text: str = ""  # only a restricted edition holds it

    @property
    def references(self):
        """The numbers of the row's recommendations, in order."""
        return [recommendation.reference for recommendation in self.recommendations]


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
    checked: bool = False  # found by `checking.check`, which finds it again until it is mended


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
    lead_officers: list[tuple[str, list[str]]] = field(default_factory=list)  # (name, numbers as written)
    cabinet_members: list[str] = field(default_factory=list)
    rows: list[DraftRow] = field(default_factory=list)
    ends: list[DraftEnd] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def to_json(self):
        """Data that `json.dumps` takes."""
        return as_plain(self)

    @classmethod
    def from_json(cls, data):
        """The draft that `to_json` came from."""
        return cls(
            **{
                **data,
                "completed_on": as_day(data["completed_on"]),
                "update_date": as_day(data["update_date"]),
                "lead_officers": [(name, list(numbers)) for name, numbers in data["lead_officers"]],
                "rows": [
                    DraftRow(
                        **{
                            **row,
                            "recommendations": [DraftRecommendation(**r) for r in row["recommendations"]],
                            "contributors": [DraftContributor(**c) for c in row["contributors"]],
                            "target_date": as_day(row["target_date"]),
                            "evidence": [(title, address) for title, address in row.get("evidence", [])],
                        }
                    )
                    for row in data["rows"]
                ],
                "ends": [
                    DraftEnd(**{**end, "recommendations": [DraftRecommendation(**r) for r in end["recommendations"]]})
                    for end in data["ends"]
                ],
                "doubts": [Doubt(**doubt) for doubt in data["doubts"]],
            }
        )


class Unreadable(Exception):
    """The file cannot be imported; the message says why, in words for the person who uploaded it."""
