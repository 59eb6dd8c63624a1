"""What the checks look at: the content of a pack with the few facts that its content lacks. Plain data."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils import timezone

from inquiries.choices import DatePrecision, ItemKind, PackEdition, Stage
from inquiries.documents.content import ReportContent, Row
from inquiries.documents.pack_content import Item, Paper, records_of


@dataclass(frozen=True)
class Place:
    where: str
    address: str  # of the page where it can be changed
    key: str = ""  # which it is, whatever its number on the agenda

    def at(self, address):
        return replace(self, address=address)

    def within(self, where, address=None):
        return Place(f"{self.where}, {where}", self.address if address is None else address, f"{self.key}, {where}")

    def of_recommendations(self, numbers, address):
        """The place of one recommendation, or of several: "1a", "1a and 2"."""
        return self.within(f"recommendation{'s' if ' and ' in numbers else ''} {numbers}", address)


@dataclass(frozen=True)
class Passage:
    """Text of the pack with its place. `kind` is update, response, paper ..."""

    text: str
    place: Place
    kind: str
    written_on: date | None = None
    checksum: str = ""  # of the paper that it is in


@dataclass(frozen=True)
class RowSubject:
    row: Row
    place: Place
    written_on: date | None  # when the update was submitted, or last saved
    last_time: str  # what the update of the report before said about the same response
    response_address: str
    recommendation_addresses: tuple[str, ...]  # one for each recommendation of the row
    exempt_text: str = ""

    @property
    def label(self):
        return " and ".join(self.row.references)


@dataclass(frozen=True)
class ReportSubject:
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
    paper: Paper
    exempt: bool
    has_paragraph: bool
    original_name: str
    pages: tuple[str, ...]  # the text of each page
    place: Place

    def page_place(self, number):
        return self.place.within(f"page {number}")


@dataclass(frozen=True)
class UnsignedReport:
    """An officer report that has not been signed off."""

    name: str
    state: str
    address: str  # the clerk's page of it


@dataclass(frozen=True)
class ItemSubject:
    item: Item
    carries_papers: bool
    report: ReportSubject | None
    papers: tuple[PaperSubject, ...]
    place: Place
    unsigned_reports: tuple[UnsignedReport, ...] = ()


@dataclass(frozen=True)
class Subject:
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

    # What the checks look at, each as a tuple of arguments

    def whole(self):
        return [()]

    def each_item(self):
        return [(item,) for item in self.items]

    def reports(self):
        return [(item, item.report) for item in self.items if item.report is not None]

    def papers(self):
        return [(item, paper) for item in self.items for paper in item.papers]

    def passages(self):
        return [(passage,) for item in self.items for passage in passages_of(item)]


def passages_of(item) -> Iterator[Passage]:
    yield Passage(item.item.title, item.place, "title")
    yield Passage(item.item.subtitle, item.place, "title")
    for row in item.report.rows if item.report else ():
        for recommendation, address in zip(row.row.recommendations, row.recommendation_addresses, strict=True):
            place = item.place.within(f"recommendation {recommendation.reference}, its wording", address)
            yield Passage(recommendation.text, place, "recommendation")
        yield Passage(row.row.response, row.place.within("the response", row.response_address), "response")
        yield Passage(row.row.update, row.place, "update", row.written_on)
        if row.exempt_text:
            yield Passage(row.exempt_text, row.place.within("exempt part"), "update", row.written_on)
        yield Passage(row.row.comment, row.place, "comment")
        for title, _ in row.row.evidence:
            yield Passage(title, row.place, "title")
    for entry in item.report.content.account if item.report else ():
        yield Passage(entry.reason, item.place.at(item.report.inquiry_address), "account")
    for paper in item.papers:
        yield Passage(paper.paper.title, paper.place, "title")
        for number, text in enumerate(paper.pages, start=1):
            yield Passage(text, paper.page_place(number), "paper", checksum=paper.paper.checksum)


# From the records, in a fixed number of queries


def build_subject(plan, contents, now, records=None):
    """What the checks need to know about one issue of a meeting's agenda: a Subject.

    `plan` is its PackPlan; `contents` are the PackContents of its editions, by edition; `now` is the moment at which
    it would be published, unless the plan names a later one. `records` are the PackRecords of the meeting with the
    text of its papers, from a caller who has them already.
    """
    meeting, supplement = plan.meeting, plan.supplement
    records = records or records_of(meeting, page_texts=True)
    content = contents.get(PackEdition.RESTRICTED) or contents[PackEdition.PUBLIC]
    moment = max(now, plan.publish_on) if plan.publish_on else now
    items = {item.pk: item for item in records.items}
    documents = {document.pk: document for some in records.documents.values() for document in some}
    return Subject(
        meeting=meeting.pk,
        supplement=supplement,
        committee=meeting.committee_id,
        day=meeting.day,
        today=timezone.localdate(now),
        publish_on=timezone.localdate(moment),
        publication_due=meeting.deadlines.publication,
        is_over=meeting.start <= now,
        is_cancelled=meeting.cancelled_at is not None,
        urgency_reason=plan.urgency_reason,
        members=content.members,
        items=tuple(build_item(meeting, item, items.get(item.pk), documents, records) for item in content.items),
        overlaps=tuple(overlapping_pages(supplement, records.packs)),
    )


def overlapping_pages(supplement, packs):
    """Published supplements after this issue whose pages begin before its newest build ends: (supplement, page)."""
    for edition in PackEdition:
        current = [pack for pack in packs if pack.edition == edition and pack.withdrawn_at is None]
        newest = {pack.supplement: pack for pack in current}.get(supplement)
        published = {pack.supplement: pack for pack in current if pack.is_published and pack.supplement > supplement}
        for later in published.values() if newest else ():
            first_exempt = later.content["first_exempt_page"]
            if edition == PackEdition.PUBLIC and later.first_page <= newest.last_page:
                yield later.supplement, str(later.first_page)
            elif edition == PackEdition.RESTRICTED and first_exempt <= newest.last_exempt_page:
                yield later.supplement, f"E{first_exempt}"


def build_item(meeting, item, current, documents, records):
    place = Place(f"Item {item.number}", reverse("clerk:change_item", args=[meeting.pk, item.pk]), f"item {item.pk}")
    both = [(paper, False) for paper in item.papers] + [(paper, True) for paper in item.exempt_papers]
    return ItemSubject(
        item=item,
        carries_papers=current is not None and current.kind == ItemKind.PAPERS,
        report=build_report(item, place, current.report, records) if still_has_report(item, current) else None,
        papers=tuple(build_paper(meeting, place, paper, exempt, documents.get(paper.pk)) for paper, exempt in both),
        place=place,
        unsigned_reports=tuple(
            UnsignedReport(f"“{report}”", report.state.label, reverse("clerk:officer_report", args=[report.pk]))
            for report in records.officer_reports.get(item.pk, ())
            if report.signed_off_at is None
        ),
    )


def still_has_report(item, current):
    # It may have been changed since the contents were put together: publishing finds that out.
    return item.report is not None and current is not None and current.report_id == item.report.pk


def build_paper(meeting, place, paper, exempt, document):
    return PaperSubject(
        paper=paper,
        exempt=exempt,
        has_paragraph=document is not None and document.exempt_paragraph is not None,
        original_name=document.original_name if document else "",
        pages=tuple(document.page_texts) if document else (),
        place=Place(
            f"{place.where}, “{paper.title}”",
            reverse("clerk:change_paper", args=[meeting.pk, paper.pk]),
            f"paper {paper.pk}",
        ),
    )


def build_report(item, place, report, records):
    updates = {
        recommendation.reference: update
        for update in records.updates.get(report.pk, [])
        for recommendation in records.answered_by(update)
    }
    address = [report.inquiry.slug, report.months_on]
    manage = reverse("clerk:manage", args=address)
    exempt_rows = item.exempt_report.content.rows if item.exempt_report else item.report.content.rows
    return ReportSubject(
        pk=report.pk,
        content=item.report.content,
        rows=tuple(
            build_row(place, row, exempt_row, updates.get(row.references[0]), report, records, manage)
            for row, exempt_row in zip(item.report.content.rows, exempt_rows, strict=True)
        ),
        stage=report.stage,
        meeting=report.meeting_id,
        completed_on=report.inquiry.completed_on,
        completed_to_the_day=report.inquiry.completed_precision == DatePrecision.DAY,
        address=manage,
        dates_address=reverse("clerk:reschedule", args=address),
        inquiry_address=reverse("clerk:check_inquiry", args=[report.inquiry.slug]),
    )


def build_row(place, row, exempt_row, update, report, records, manage):
    # While lead officers write, where `ProgressUpdate.get_absolute_url` leads, which would ask for the recommendations
    # of each update. Once the updates are in, nobody writes any more: the clerk returns one on the report's page.
    recommendations = records.answered_by(update) if update else []
    fix_page = (
        reverse("officer:update", args=[report.inquiry.slug, report.months_on, recommendations[0].reference])
        if recommendations and report.stage == Stage.COMMISSIONED
        else manage
    )
    saved = update and (update.submitted_at or update.saved_at)
    last = records.last_time(update) if update else None
    wordings = {
        recommendation.reference: reverse("clerk:reword_recommendation", args=[recommendation.pk])
        for recommendation in recommendations
    }
    return RowSubject(
        row=row,
        place=place.of_recommendations(" and ".join(row.references), fix_page),
        written_on=timezone.localdate(saved) if saved else None,
        last_time=last.text if last else "",
        response_address=reverse("clerk:correct_response", args=[update.response_id]) if update else manage,
        recommendation_addresses=tuple(wordings.get(reference, manage) for reference in row.references),
        exempt_text=exempt_row.exempt.text if exempt_row.exempt else "",
    )
