"""What the checks look at: the content of a pack, with the few facts that its content does not hold. Plain data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from inquiries.choices import Stage
from inquiries.documents.content import ReportContent, Row
from inquiries.documents.pack_content import Item, Paper


@dataclass(frozen=True)
class Place:
    """Where words stand: a short label, and the page on which they can be mended."""

    where: str
    address: str


@dataclass(frozen=True)
class Passage:
    """Words of the pack and their place. `kind` says whose they are: an update, a response, a paper ..."""

    text: str
    place: Place
    kind: str
    written_on: date | None = None


@dataclass(frozen=True)
class RowSubject:
    """A row of a progress report."""

    row: Row
    place: Place
    written_on: date | None  # when the update was submitted, or last saved
    last_time: str  # what the update of the report before said about the same response
    response_address: str
    recommendation_addresses: tuple[str, ...]  # one for each recommendation of the row
    exempt_text: str = ""

    @property
    def label(self):
        """ "5b", or "1a and 1b"."""
        return " and ".join(self.row.references)


@dataclass(frozen=True)
class ReportSubject:
    """The progress report of an item."""

    pk: int
    content: ReportContent
    rows: tuple[RowSubject, ...]
    stage: Stage
    meeting: int | None  # the meeting for which it was commissioned
    completed_on: date | None
    completed_to_the_day: bool
    address: str  # the clerk's page of the report
    dates_address: str
    inquiry_address: str


@dataclass(frozen=True)
class PaperSubject:
    """An uploaded paper of an item."""

    paper: Paper
    exempt: bool
    has_paragraph: bool
    original_name: str
    pages: tuple[str, ...]  # the text of each page
    place: Place

    def page_place(self, number):
        """The place of its page `number`, from 1."""
        return Place(f"{self.place.where}, page {number}", self.place.address)


@dataclass(frozen=True)
class ItemSubject:
    """An item with what is printed under it."""

    item: Item
    carries_papers: bool
    report: ReportSubject | None
    papers: tuple[PaperSubject, ...]
    place: Place


@dataclass(frozen=True)
class Subject:
    """One issue of a meeting's agenda, as it would be published."""

    meeting: int
    supplement: int
    committee: int
    day: date  # of the meeting
    today: date
    publish_on: date  # when it is to be published: today, unless planned
    publication_due: date
    is_over: bool
    is_cancelled: bool
    urgency_reason: str
    members: tuple[tuple[str, str], ...]
    items: tuple[ItemSubject, ...]
    overlaps: tuple[tuple[int, str], ...] = ()  # (a later supplement, its first page that the newest build has too)

    @property
    def publish_address(self):
        return reverse("clerk:publish_pack", args=[self.meeting, self.supplement])

    @property
    def meeting_address(self):
        return reverse("clerk:change_meeting", args=[self.meeting])

    def reports(self):
        """Every item that carries a progress report, with the report."""
        return [(item, item.report) for item in self.items if item.report is not None]

    def papers(self):
        """Every uploaded paper with its item."""
        return [(item, paper) for item in self.items for paper in item.papers]

    def passages(self) -> Iterator[Passage]:
        """All words of the pack that somebody wrote, with their places."""
        for item in self.items:
            yield Passage(item.item.title, item.place, "title")
            yield Passage(item.item.subtitle, item.place, "title")
            if item.report:
                yield from _report_passages(item, item.report)
            for paper in item.papers:
                yield Passage(paper.paper.title, paper.place, "title")
                for number, text in enumerate(paper.pages, start=1):
                    yield Passage(text, paper.page_place(number), "paper")


def _report_passages(item, report):
    for row in report.rows:
        for recommendation, address in zip(row.row.recommendations, row.recommendation_addresses, strict=True):
            where = f"{item.place.where}, recommendation {recommendation.reference}"
            yield Passage(recommendation.text, Place(f"{where}, its wording", address), "recommendation")
        yield Passage(row.row.response, Place(f"{row.place.where}, the response", row.response_address), "response")
        yield Passage(row.row.update, row.place, "update", row.written_on)
        if row.exempt_text:
            yield Passage(
                row.exempt_text, Place(f"{row.place.where}, exempt part", row.place.address), "update", row.written_on
            )
        yield Passage(row.row.comment, row.place, "comment")
        for title, _ in row.row.evidence:
            yield Passage(title, row.place, "title")
    for entry in report.content.account:
        yield Passage(entry.reason, Place(item.place.where, report.inquiry_address), "account")
