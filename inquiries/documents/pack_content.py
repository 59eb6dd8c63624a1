"""An agenda pack as plain data, made from the records, and how it differs from the edition before.

`pack_contents` is the one place where the content of a pack is put together; front sheet, public page and data dress
it. A built pack keeps it as JSON. The content of a public edition holds nothing of what is exempt but its paragraphs
of Schedule 12A.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.db.models import FilteredRelation, OuterRef, Prefetch, Subquery, prefetch_related_objects
from django.utils import timezone

from inquiries.choices import ExemptParagraph, ItemKind, PackEdition, SeatRole, Stage
from inquiries.documents.content import LANGUAGE, ReportContent, from_json, long_date
from inquiries.documents.progress_report import progress_report_content, progress_report_rows, recommendations_of
from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Meeting,
    Membership,
    OfficerReport,
    ProgressUpdate,
    ReportEdition,
    SignOff,
)
from inquiries.serialization import from_plain_data, to_plain_data

# Goes into every fingerprint: raise it when the same words would make another file.
ENGINE = 1
TO_FOLLOW = "To follow"


@dataclass(frozen=True)
class Paper:
    pk: int
    title: str
    checksum: str
    page_count: int
    tagging: str  # a value of choices.Tagging
    contact: str = ""  # of an officer report: "Roger Goodes, 01296 382343"

    @property
    def is_untagged(self):
        return self.tagging == "untagged"


@dataclass(frozen=True)
class ReportPaper:
    pk: int
    slug: str
    months_on: int
    content: ReportContent


@dataclass(frozen=True)
class Item:
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
        return self.report is not None or bool(self.papers)

    @property
    def has_exempt_pages(self):
        return self.exempt_report is not None or bool(self.exempt_papers)


@dataclass(frozen=True)
class PackContent:
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
    contact: str = ""  # "Democratic Services, 01234 567890, ..."
    councillor_information: str = ""  # a web address
    publish_by: date | None = None  # the last day for the agenda, where nothing makes it late

    @property
    def is_public(self):
        return self.edition == PackEdition.PUBLIC

    @property
    def moment(self):
        return datetime.fromisoformat(self.start)

    @property
    def title(self):
        day = self.moment
        name = f"Supplement {self.supplement}" if self.supplement else "Agenda pack"
        restricted = "" if self.is_public else " (restricted)"
        return f"{name}{restricted}: {self.committee}, {day.day} {day:%B %Y}"


def exempt_description(paragraph):
    return ExemptParagraph(paragraph).label.partition(" ")[2]


def pack_from_json(data):
    """The content of which `to_plain_data` made `data`. Raises KeyError or TypeError where `data` is not such data."""
    return from_plain_data(PackContent, data)


def fingerprint(content):
    """What changes as soon as any word or paper of the content does: SHA-256, as hexadecimal digits."""
    words = json.dumps([ENGINE, to_plain_data(content)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(words.encode()).hexdigest()


SEATS = tuple(SeatRole.values)  # the chair comes first


@dataclass(frozen=True)
class PackRecords:
    meeting: Meeting
    items: list[AgendaItem]  # those on the agenda, in order, each with its report
    documents: dict[int, list[AgendaDocument]]  # the standing papers, in order, by item
    packs: list[AgendaPack]  # every build, the latest edition last
    officer_reports: dict[int, list[OfficerReport]]  # those under way, and signed ones, by item
    removed_items: list[AgendaItem]
    removed_papers: list[AgendaDocument]  # and those of removed items

    # What is asked for only where the content of an issue is put together.

    @cached_property
    def seats(self):
        """Those of the committee, past ones too."""
        return list(Membership.objects.filter(committee=self.meeting.committee_id).select_related("person"))

    @cached_property
    def reports(self):
        """{key: ProgressReport}: those of the items, with who signs them."""
        reports = {item.report.pk: item.report for item in self.items if item.report}
        prefetch_related_objects([*reports.values()], Prefetch("sign_offs", SignOff.objects.select_related("person")))
        return reports

    @cached_property
    def updates(self):
        """{report: [ProgressUpdate]}: of earlier reports about the same inquiries too."""
        updates = ProgressUpdate.objects.filter(report__inquiry__in=self.inquiries)
        return group_by(updates.for_rows().select_related("report"), "report_id")

    @cached_property
    def recommendations(self):
        """{inquiry: [Recommendation]}"""
        return group_by(recommendations_of(self.inquiries) if self.inquiries else (), "inquiry_id")

    @property
    def inquiries(self):
        return {item.report.inquiry_id for item in self.items if item.report}

    def seats_on(self, day):
        return [
            seat for seat in self.seats if seat.from_date <= day and (seat.until_date is None or seat.until_date >= day)
        ]

    def answered_by(self, update):
        return self.recommendations_by_response.get(update.response_id, [])

    def last_time(self, update):
        """Twin of `ProgressUpdate.last_time`: what was written about the same response in the report before."""
        before = [
            u for u in self.updates_by_response[update.response_id] if u.report.months_on < update.report.months_on
        ]
        return max(before, key=lambda earlier: earlier.report.months_on, default=None)

    @cached_property
    def recommendations_by_response(self):
        return group_by([one for some in self.recommendations.values() for one in some], "response_id")

    @cached_property
    def updates_by_response(self):
        return group_by([one for some in self.updates.values() for one in some], "response_id")


def records_of(meeting, *, page_texts=False):
    """The PackRecords of a meeting in a fixed number of queries; the papers with their texts only if asked for."""
    every_item, every_paper = fetch_items_with_papers(meeting, page_texts)
    items = [item for item in every_item if item.removed_at is None]
    keys = {item.pk for item in items}
    papers = [paper for paper in every_paper if paper.removed_at is None and paper.item_id in keys]
    standing = {paper.pk for paper in papers}
    return PackRecords(
        meeting=meeting,
        items=items,
        documents=group_by(papers, "item_id"),
        packs=list(
            meeting.packs.select_related("built_by", "published_by", "withdrawn_by")
            .defer("content", "screen_end")
            .order_by("supplement", "number")
        ),
        officer_reports=group_by(officer_reports_of(items), "item_id"),
        removed_items=[item for item in every_item if item.pk not in keys],
        removed_papers=[paper for paper in every_paper if paper.pk not in standing],
    )


def officer_reports_of(items):
    # Only an item that carries papers can have one.
    keys = {item.pk: item for item in items if item.kind == ItemKind.PAPERS}
    reports = OfficerReport.objects.filter(item__in=keys, cancelled_at__isnull=True).for_lines() if keys else ()
    for report in reports:
        report.item = keys[report.item_id]
    return reports


def fetch_items_with_papers(meeting, page_texts):
    """All items of the meeting with their reports, and all papers, in order: what was removed too."""
    before_meeting = ReportEdition.objects.filter(report=OuterRef("report"), after_meeting=False).order_by("-number")
    rows = (
        AgendaItem.objects.filter(meeting=meeting)
        .annotate(kept=Subquery(before_meeting.values("content")[:1]), document=FilteredRelation("documents"))
        .select_related("report__inquiry__committee", "report__meeting", "document")
        .order_by("number", "document__position", "document__pk")
    )
    if not page_texts:
        rows = rows.defer("document__page_texts")
    items, papers = {}, []
    for row in rows:
        row.meeting = meeting
        items.setdefault(row.pk, row)
        # A row whose item has no paper has no such attribute either.
        if paper := getattr(row, "document", None):
            papers.append(paper)
    return list(items.values()), papers


def pack_contents(plan, before, records=None):
    """What the pack of the issue of a PackPlan would hold now: {edition: PackContent}.

    The public edition always; the restricted one where something in this pack is exempt. `before` is
    {edition: AgendaPack}, the packs after whose last page a supplement carries on; `records` are the PackRecords of
    the meeting, from a caller who has them already.
    """
    meeting, supplement = plan.meeting, plan.supplement
    records = records or records_of(meeting)
    items = pack_items(meeting, supplement, records)
    public = PackContent(
        council=settings.COUNCIL_NAME,
        committee=meeting.committee.name,
        start=timezone.localtime(meeting.start).isoformat(),
        venue=meeting.venue,
        members=member_lines(records.seats_on(meeting.day)),
        edition=PackEdition.PUBLIC.value,
        supplement=supplement,
        items=tuple(replace(item, exempt_report=None, exempt_papers=()) for item in items),
        urgency_reason=plan.urgency_reason,
        duplex=plan.duplex,
        first_page=1 + max((pack.last_page for pack in before.values()), default=0),
        contact=", ".join(filter(None, (settings.CONTACT_NAME, settings.CONTACT_TELEPHONE, settings.CONTACT_EMAIL))),
        councillor_information=settings.COUNCILLOR_INFORMATION,
        publish_by=None if supplement or plan.urgency_reason else meeting.deadlines.publication,
    )
    contents = {PackEdition.PUBLIC: public}
    if any(item.exempt_paragraphs for item in items):
        contents[PackEdition.RESTRICTED] = replace(
            public,
            edition=PackEdition.RESTRICTED.value,
            items=items,
            # In this edition only: to the public it would tell how long the exempt papers before it were.
            first_exempt_page=1 + last_exempt_page_before(supplement, records.packs),
        )
    return contents


def has_restricted_edition(supplement, records):
    """Twin of `pack_contents`: whether anything in this issue is exempt, without putting its content together."""
    papers = [paper for some in records.documents.values() for paper in some if paper.supplement == supplement]
    if any(paper.exempt_paragraph is not None for paper in papers):
        return True
    return any(withholds_text(item, records) for item in records.items if prints_report(item, supplement))


def withholds_text(item, records):
    if item.report.is_published and item.kept:
        return any(row["exempt"] for row in item.kept["rows"])
    updates = records.updates.get(item.report_id, [])
    return any(update.exempt_text and update.closed_at is None for update in updates)


def last_exempt_page_before(supplement, packs):
    # Not of the pack just before, which need not have had anything exempt.
    earlier = [
        pack.last_exempt_page
        for pack in packs
        if pack.edition == PackEdition.RESTRICTED and pack.supplement < supplement and pack.withdrawn_at is None
    ]
    return earlier[-1] if earlier else 0


def member_lines(seats):
    return tuple(
        (seat.person.name, "" if seat.role == SeatRole.MEMBER else seat.get_role_display())
        for seat in sorted(seats, key=lambda seat: (SEATS.index(seat.role), seat.person.name.casefold()))
    )


def pack_items(meeting, supplement, records):
    printed_here = {
        pk: [document for document in documents if document.supplement == supplement]
        for pk, documents in records.documents.items()
    }
    return tuple(
        pack_item(item, supplement, printed_here.get(item.pk, []), records, meeting.day)
        for item in records.items
        if is_listed(item, supplement, printed_here.get(item.pk))
    )


def prints_report(item, supplement):
    # A report to follow is printed where it follows; until then it belongs to no supplement.
    follows_later = item.to_follow and supplement == 0
    return item.report_id is not None and item.supplement == supplement and not follows_later


def is_listed(item, supplement, documents):
    # One that was to follow stays on the agenda that said so, in whichever supplement it came.
    announced = supplement == 0 and item.to_follow
    return announced or item.supplement == supplement or bool(documents)


def pack_item(item, supplement, documents, records, day):
    exempt = [document for document in documents if document.exempt_paragraph is not None]
    public = [document for document in documents if document.exempt_paragraph is None]
    report, exempt_report = report_papers(item, records, day) if prints_report(item, supplement) else (None, None)
    withheld = {row.exempt.paragraph for row in report.content.rows if row.exempt} if report else set()
    has_pages = report is not None or bool(documents)
    return Item(
        pk=item.pk,
        number=item.number,
        title=item.title,
        subtitle=item.subtitle,
        to_follow=item.to_follow and not (supplement and has_pages),
        report=report,
        papers=tuple(pack_paper(document) for document in public),
        exempt_paragraphs=tuple(sorted(withheld | {document.exempt_paragraph for document in exempt})),
        exempt_report=exempt_report,
        exempt_papers=tuple(pack_paper(document) for document in exempt),
    )


def pack_paper(document):
    facts = (document.title, document.checksum, document.page_count, document.tagging, document.contact)
    return Paper(document.pk, *facts)


def report_papers(item, records, day):
    report = records.reports[item.report.pk]
    kept = report.is_published and item.kept
    content = from_json(item.kept) if kept else live_content(report, records, day)
    public = ReportPaper(report.pk, report.inquiry.slug, report.months_on, content)
    if not any(row.exempt for row in content.rows):
        return public, None
    return public, replace(public, content=with_exempt_text(report, content, records))


def live_content(report, records, day):
    content = progress_report_content(
        report,
        fetched=records.updates.get(report.pk, []),
        recommendations=records.recommendations.get(report.inquiry_id, []),
        after_meeting=False,
    )
    return replace(
        content,
        update_date=report.update_date or day,
        draft=report.stage in (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF),
    )


def with_exempt_text(report, content, records):
    updates, everything = records.updates.get(report.pk, []), records.recommendations.get(report.inquiry_id, [])
    rows = progress_report_rows(updates, exempt=True, recommendations=everything)
    words = {row.references: row.exempt for row in rows}
    return replace(
        content,
        rows=tuple(
            replace(row, exempt=words.get(row.references) or row.exempt) if row.exempt else row for row in content.rows
        ),
    )


def group_by(things, field):
    groups = {}
    for thing in things:
        groups.setdefault(getattr(thing, field), []).append(thing)
    return groups


def changes_between(old, new):
    """What changed from the `PackContent` `old` to `new`, as a list of sentences; empty where no word did."""
    sentences = meeting_changes(old, new)
    before, after = ({item.pk: item for item in content.items} for content in (old, new))
    for pk, item in after.items():
        if pk not in before:
            sentences.append(f"Item {item.number} was added: {item.title}.")
        else:
            sentences += item_changes(before[pk], item)
    sentences += [f"Item {item.number} was removed: {item.title}." for pk, item in before.items() if pk not in after]
    return sentences


def meeting_changes(old, new):
    sentences = []
    if old.start != new.start:
        sentences.append(f"The meeting is now on {long_date(new.moment)} at {new.moment:%H:%M}.")
    if old.venue != new.venue:
        sentences.append(f"The meeting now takes place here: {new.venue}." if new.venue else "The venue was taken out.")
    if (old.contact, old.councillor_information) != (new.contact, new.councillor_information):
        sentences.append("The council's contact or web address on the front sheet was changed.")
    if old.members != new.members:
        sentences.append("The list of members was changed.")
    if old.urgency_reason != new.urgency_reason:
        sentences.append("The reason why this was published late was changed.")
    return sentences


def item_changes(old, new):
    sentences = []
    if old.number != new.number:
        sentences.append(f"Item {old.number} became item {new.number}: {new.title}.")
    if (old.title, old.subtitle) != (new.title, new.subtitle):
        sentences.append(f"The title of item {new.number} was changed: {new.title}.")
    if old.to_follow and not new.to_follow:
        sentences.append(f"What was to follow under item {new.number} has come.")
    if new.to_follow and not old.to_follow:
        sentences.append(f"Papers of item {new.number} are now to follow.")
    if old.exempt_paragraphs != new.exempt_paragraphs:
        sentences.append(f"What is withheld of item {new.number} was changed.")
    return sentences + paper_changes(old, new) + report_changes(old.report, new.report, new.number)


def paper_changes(old, new):
    before, after = ({paper.pk: paper for paper in item.papers} for item in (old, new))
    gone = [paper.title for pk, paper in before.items() if pk not in after]
    sentences = []
    for pk, paper in after.items():
        if pk in before:
            if paper.title != before[pk].title:
                sentences.append(f"A paper of item {new.number} has another title: “{paper.title}”.")
            if paper.contact != before[pk].contact:
                sentences.append(f"The contact officer of “{paper.title}” (item {new.number}) was changed.")
        elif paper.title in gone:
            gone.remove(paper.title)
            sentences.append(f"The paper “{paper.title}” of item {new.number} was replaced.")
        else:
            sentences.append(f"The paper “{paper.title}” was added to item {new.number}.")
    return sentences + [f"The paper “{title}” was removed from item {new.number}." for title in gone]


def report_changes(old, new, number):
    if old is None or new is None:
        if (old is None) == (new is None):
            return []
        return [f"The progress report of item {number} was {'added' if old is None else 'removed'}."]
    if old.content == new.content:
        return []
    before, after = ({row.references: row for row in report.content.rows} for report in (old, new))
    report = f"The progress report of item {number}"
    sentences = [
        f"{report}, on {list_references(references)}: {row_change(before.get(references), row)}."
        for references, row in after.items()
        if before.get(references) != row
    ]
    sentences += [
        f"{report} no longer has {list_references(references)}." for references in before if references not in after
    ]
    return sentences or [f"{report} was changed."]


def row_change(old, new):
    if old is None:
        return "it was added"
    if old.update != new.update or old.exempt != new.exempt:
        return "the progress update was changed"
    return "it was changed"


def list_references(references):
    *most, last = references
    return f"{', '.join(most)} and {last}" if most else last
