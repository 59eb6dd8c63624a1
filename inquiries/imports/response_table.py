"""Cabinet's responses, read out of its own document, sheet or a pasted text, and matched with the recommendations."""

from dataclasses import dataclass, field
from datetime import date

from inquiries.imports.draft import Doubt


@dataclass
class FoundResponse:
    """One response, perhaps to several recommendations.

    `references` are recorded recommendations, empty where none could be found; `number` and `wording` are what the
    document itself has. `decision` is a value of choices.Decision, None where the document does not plainly give it.
    A doubt has a `message` and the `field` of this class that it is about; with `must_settle` the clerk decides first.
    """

    references: list[str] = field(default_factory=list)
    number: str = ""
    wording: str = ""
    decision: str | None = None
    text: str = ""
    reason: str = ""
    lead_officers: list[str] = field(default_factory=list)
    target_date: date | None = None
    doubts: list[Doubt] = field(default_factory=list)


@dataclass
class FoundResponses:
    """`without_response` are the recorded numbers that nothing answers; `left_out` lines that are in no response."""

    responses: list[FoundResponse] = field(default_factory=list)
    without_response: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def unmatched(self):
        return [response for response in self.responses if not response.references]


def read_responses(text, recommendations):
    """The FoundResponses in a pasted text; `recommendations` are the recorded ones as (reference, text)."""
    return FoundResponses(without_response=[reference for reference, _ in recommendations], left_out=text.splitlines())


def read_response_file(data, filename, recommendations):
    """The FoundResponses in the bytes of a Word document, an Excel workbook or a CSV file. Raises Unreadable."""
    return FoundResponses(without_response=[reference for reference, _ in recommendations])
