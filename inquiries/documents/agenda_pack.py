"""From the records to plain words: the one place where the content of an agenda pack is put together."""

from dataclasses import replace

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from inquiries.choices import PackEdition, SeatRole, Stage
from inquiries.documents.content import from_json
from inquiries.documents.pack.content import Item, PackContent, Paper, ReportPaper
from inquiries.documents.progress_report import (
    progress_report_content,
    progress_report_rows,
    recommendations_of,
)
from inquiries.models import AgendaDocument, Membership, ProgressUpdate, ReportEdition, SignOff

SEATS = tuple(SeatRole.values)  # the chair comes first


def pack_contents(meeting, supplement, plan, before):
    """What the pack of `meeting` (0: the main agenda, 1 ...: that supplement) would hold now: {edition: PackContent}.

    The public edition always; the restricted one where something in this pack is exempt. `plan` is its PackPlan;
    `before` is {edition: AgendaPack}, the packs after whose last page a supplement carries on.
    """
    items = _items(meeting, supplement)
    public = PackContent(
        council=settings.COUNCIL_NAME,
        committee=meeting.committee.name,
        start=timezone.localtime(meeting.start).isoformat(),
        venue=meeting.venue,
        members=_members(meeting),
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
            first_exempt_page=1 + _last_exempt_page(meeting, supplement),
        )
    return contents


def _last_exempt_page(meeting, supplement):
    if supplement == 0:
        return 0
    # Not of the pack just before, which need not have had anything exempt.
    earlier = meeting.packs.filter(
        edition=PackEdition.RESTRICTED, supplement__lt=supplement, withdrawn_at__isnull=True
    ).order_by("supplement", "number")
    return earlier.values_list("last_exempt_page", flat=True).last() or 0


def _members(meeting):
    seats = Membership.objects.on(meeting.day).filter(committee=meeting.committee_id).select_related("person")
    return tuple(
        (seat.person.name, "" if seat.role == SeatRole.MEMBER else seat.get_role_display())
        for seat in sorted(seats, key=lambda seat: (SEATS.index(seat.role), seat.person.name.casefold()))
    )


def _public(item):
    """The item without what is withheld: not even how many papers those are."""
    return replace(item, exempt_report=None, exempt_papers=())


def _items(meeting, supplement):
    """The lines of this pack with everything that is printed under them, as the restricted edition has them."""
    printed_here = AgendaDocument.objects.standing().filter(supplement=supplement)
    standing = (
        meeting.items.standing()
        .order_by("number")
        .select_related("report__inquiry__committee")
        .prefetch_related(
            Prefetch("report__sign_offs", SignOff.objects.select_related("person")),
            Prefetch("documents", printed_here),
        )
    )
    listed = [item for item in standing if _is_listed(item, supplement)]
    reports = _Reports([item.report for item in listed if _prints_report(item, supplement)], meeting)
    return tuple(_item(item, supplement, reports) for item in listed)


def _prints_report(item, supplement):
    # A report to follow is printed where it follows; until then it belongs to no supplement.
    follows_later = item.to_follow and supplement == 0
    return item.report_id is not None and item.supplement == supplement and not follows_later


def _is_listed(item, supplement):
    # One that was to follow stays on the agenda that said so, in whichever supplement it came.
    announced = supplement == 0 and item.to_follow
    return announced or item.supplement == supplement or bool(item.documents.all())


def _item(item, supplement, reports):
    documents = list(item.documents.all())
    exempt = [document for document in documents if document.exempt_paragraph is not None]
    public = [document for document in documents if document.exempt_paragraph is None]
    report, exempt_report = reports.of(item.report) if _prints_report(item, supplement) else (None, None)
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


class _Reports:
    """The words of all progress reports of a pack, fetched together: the queries are as many for one as for ten."""

    def __init__(self, reports, meeting):
        self.day = meeting.day
        self.updates = _grouped(
            ProgressUpdate.objects.filter(report__in=reports).for_page() if reports else (), "report_id"
        )
        inquiries = {report.inquiry_id for report in reports}
        self.recommendations = _grouped(recommendations_of(inquiries), "inquiry_id")
        published = [report for report in reports if report.is_published]
        before_meeting = ReportEdition.objects.filter(report__in=published, after_meeting=False).order_by("number")
        self.kept = {edition.report_id: edition for edition in before_meeting}

    def of(self, report):
        """The ReportPaper for everybody, and the one with the exempt words (None where nothing is exempt)."""
        content = self._kept(report) or self._live(report)
        public = ReportPaper(report.pk, report.inquiry.slug, report.months_on, content)
        if not any(row.exempt for row in content.rows):
            return public, None
        return public, replace(public, content=self._with_exempt_words(report, content))

    def _kept(self, report):
        edition = self.kept.get(report.pk)
        return from_json(edition.content) if edition else None

    def _live(self, report):
        content = progress_report_content(
            report,
            fetched=self.updates.get(report.pk, []),
            recommendations=self.recommendations.get(report.inquiry_id, []),
            after_meeting=False,
        )
        return replace(
            content,
            update_date=report.update_date or self.day,
            draft=report.stage in (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF),
        )

    def _with_exempt_words(self, report, content):
        rows = progress_report_rows(self.updates.get(report.pk, []), exempt=True)
        words = {row.references: row.exempt for row in rows}
        return replace(
            content,
            rows=tuple(
                replace(row, exempt=words.get(row.references) or row.exempt) if row.exempt else row
                for row in content.rows
            ),
        )


def _grouped(things, field):
    groups = {}
    for thing in things:
        groups.setdefault(getattr(thing, field), []).append(thing)
    return groups
