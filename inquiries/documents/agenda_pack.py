"""From the records to plain words: the one place where the content of an agenda pack is put together."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.conf import settings
from django.db.models import FilteredRelation, OuterRef, Prefetch, Q, Subquery
from django.utils import timezone

from inquiries.choices import PackEdition, SeatRole, Stage
from inquiries.documents.content import from_json
from inquiries.documents.pack.content import Item, PackContent, Paper, ReportPaper
from inquiries.documents.progress_report import (
    progress_report_content,
    progress_report_rows,
    recommendations_of,
)
from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Membership,
    ProgressUpdate,
    Recommendation,
    ReportEdition,
    SignOff,
)

SEATS = tuple(SeatRole.values)  # the chair comes first


@dataclass(frozen=True)
class PackRecords:
    """What every issue of a meeting's agenda is made of, each kind fetched once: see `records_of`."""

    items: list[AgendaItem]  # those that stand on the agenda, in order, each with its report
    documents: dict[int, list[AgendaDocument]]  # the standing papers, in order, by item
    seats: list[Membership]  # of the committee, past ones too
    packs: list[AgendaPack]  # every build, the latest edition last
    updates: dict[int, list[ProgressUpdate]]  # by report: those of earlier reports about the same inquiries too
    recommendations: dict[int, list[Recommendation]]  # by inquiry

    def seats_on(self, day):
        """The seats that were, or will be, held on `day`."""
        return [
            seat for seat in self.seats if seat.from_date <= day and (seat.until_date is None or seat.until_date >= day)
        ]

    def answered_by(self, update):
        """The recommendations that the response of `update` answers, in order."""
        return self._answered.get(update.response_id, [])

    def last_time(self, update):
        """Twin of `ProgressUpdate.last_time`: what was written about the same response in the report before."""
        before = [u for u in self._rounds[update.response_id] if u.report.months_on < update.report.months_on]
        return max(before, key=lambda earlier: earlier.report.months_on, default=None)

    @cached_property
    def _answered(self):
        return _grouped([one for some in self.recommendations.values() for one in some], "response_id")

    @cached_property
    def _rounds(self):
        return _grouped([one for some in self.updates.values() for one in some], "response_id")


def records_of(meeting, *, words=False):
    """The PackRecords of a meeting in a fixed number of queries; the papers with their words only if asked for."""
    items, documents = _items_with_documents(meeting, words)
    inquiries = {item.report.inquiry_id for item in items if item.report}
    updates = ProgressUpdate.objects.filter(report__inquiry__in=inquiries).for_rows() if inquiries else ()
    return PackRecords(
        items=items,
        documents=documents,
        seats=list(Membership.objects.filter(committee=meeting.committee_id).select_related("person")),
        packs=list(
            meeting.packs.select_related("built_by", "published_by", "withdrawn_by").order_by("supplement", "number")
        ),
        updates=_grouped(updates, "report_id"),
        recommendations=_grouped(recommendations_of(inquiries) if inquiries else (), "inquiry_id"),
    )


def _items_with_documents(meeting, words):
    """([the standing items], {pk: their standing papers}) by one row for each paper, or for an item without any."""
    before_meeting = ReportEdition.objects.filter(report=OuterRef("report"), after_meeting=False).order_by("-number")
    rows = (
        AgendaItem.objects.standing()
        .filter(meeting=meeting)
        .annotate(
            kept=Subquery(before_meeting.values("content")[:1]),
            document=FilteredRelation("documents", condition=Q(documents__removed_at__isnull=True)),
        )
        .select_related("report__inquiry__committee", "document")
        .prefetch_related(Prefetch("report__sign_offs", SignOff.objects.select_related("person")))
        .order_by("number", "document__position", "document__pk")
    )
    if not words:
        rows = rows.defer("document__words", "document__pages")
    items, documents = {}, {}
    for row in rows:
        items.setdefault(row.pk, row)
        # A row whose item has no paper has no such attribute either.
        if document := getattr(row, "document", None):
            documents.setdefault(row.pk, []).append(document)
    return list(items.values()), documents


def pack_contents(meeting, supplement, plan, before, records=None):
    """What the pack of `meeting` (0: the main agenda, 1 ...: that supplement) would hold now: {edition: PackContent}.

    The public edition always; the restricted one where something in this pack is exempt. `plan` is its PackPlan;
    `before` is {edition: AgendaPack}, the packs after whose last page a supplement carries on; `records` are the
    PackRecords of the meeting, from a caller who has them already.
    """
    records = records or records_of(meeting)
    items = _items(meeting, supplement, records)
    public = PackContent(
        council=settings.COUNCIL_NAME,
        committee=meeting.committee.name,
        start=timezone.localtime(meeting.start).isoformat(),
        venue=meeting.venue,
        members=_members(records.seats_on(meeting.day)),
        edition=PackEdition.PUBLIC.value,
        supplement=supplement,
        items=tuple(_public(item) for item in items),
        urgency_reason=plan.urgency_reason,
        duplex=plan.duplex,
        first_page=1 + max((pack.last_page for pack in before.values()), default=0),
    )
    contents = {PackEdition.PUBLIC: public}
    if any(item.exempt_paragraphs for item in items):
        contents[PackEdition.RESTRICTED] = replace(
            public,
            edition=PackEdition.RESTRICTED.value,
            items=items,
            # In this edition only: to the public it would tell how long the exempt papers before it were.
            first_exempt_page=1 + _last_exempt_page(supplement, records.packs),
        )
    return contents


def _last_exempt_page(supplement, packs):
    # Not of the pack just before, which need not have had anything exempt.
    earlier = [
        pack.last_exempt_page
        for pack in packs
        if pack.edition == PackEdition.RESTRICTED and pack.supplement < supplement and pack.withdrawn_at is None
    ]
    return earlier[-1] if earlier else 0


def _members(seats):
    return tuple(
        (seat.person.name, "" if seat.role == SeatRole.MEMBER else seat.get_role_display())
        for seat in sorted(seats, key=lambda seat: (SEATS.index(seat.role), seat.person.name.casefold()))
    )


def _public(item):
    """The item without what is withheld: not even how many papers those are."""
    return replace(item, exempt_report=None, exempt_papers=())


def _items(meeting, supplement, records):
    """The lines of this pack with everything that is printed under them, as the restricted edition has them."""
    printed_here = {
        pk: [document for document in documents if document.supplement == supplement]
        for pk, documents in records.documents.items()
    }
    return tuple(
        _item(item, supplement, printed_here.get(item.pk, []), records, meeting.day)
        for item in records.items
        if _is_listed(item, supplement, printed_here.get(item.pk))
    )


def _prints_report(item, supplement):
    # A report to follow is printed where it follows; until then it belongs to no supplement.
    follows_later = item.to_follow and supplement == 0
    return item.report_id is not None and item.supplement == supplement and not follows_later


def _is_listed(item, supplement, documents):
    # One that was to follow stays on the agenda that said so, in whichever supplement it came.
    announced = supplement == 0 and item.to_follow
    return announced or item.supplement == supplement or bool(documents)


def _item(item, supplement, documents, records, day):
    exempt = [document for document in documents if document.exempt_paragraph is not None]
    public = [document for document in documents if document.exempt_paragraph is None]
    report, exempt_report = _report(item, records, day) if _prints_report(item, supplement) else (None, None)
    withheld = {row.exempt.paragraph for row in report.content.rows if row.exempt} if report else set()
    has_pages = report is not None or bool(documents)
    return Item(
        pk=item.pk,
        number=item.number,
        title=item.title,
        subtitle=item.subtitle,
        to_follow=item.to_follow and not (supplement and has_pages),
        report=report,
        papers=tuple(_paper(document) for document in public),
        exempt_paragraphs=tuple(sorted(withheld | {document.exempt_paragraph for document in exempt})),
        exempt_report=exempt_report,
        exempt_papers=tuple(_paper(document) for document in exempt),
    )


def _paper(document):
    return Paper(document.pk, document.title, document.checksum, document.page_count, document.tagging)


def _report(item, records, day):
    """The ReportPaper for everybody, and the one with the exempt words (None where nothing is exempt)."""
    report = item.report
    kept = report.is_published and item.kept
    content = from_json(item.kept) if kept else _live(report, records, day)
    public = ReportPaper(report.pk, report.inquiry.slug, report.months_on, content)
    if not any(row.exempt for row in content.rows):
        return public, None
    return public, replace(public, content=_with_exempt_words(report, content, records))


def _live(report, records, day):
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


def _with_exempt_words(report, content, records):
    updates, everything = records.updates.get(report.pk, []), records.recommendations.get(report.inquiry_id, [])
    rows = progress_report_rows(updates, exempt=True, recommendations=everything)
    words = {row.references: row.exempt for row in rows}
    return replace(
        content,
        rows=tuple(
            replace(row, exempt=words.get(row.references) or row.exempt) if row.exempt else row for row in content.rows
        ),
    )


def _grouped(things, field):
    groups = {}
    for thing in things:
        groups.setdefault(getattr(thing, field), []).append(thing)
    return groups
