"""Meetings with agendas that are published, made without building any PDF: for the tests of what is read of them."""

import hashlib
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import progress, publication
from inquiries.choices import ItemKind, PackEdition, Tagging
from inquiries.documents.pack_content import Item, PackContent, Paper, ReportPaper, fingerprint
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.models import AgendaDocument, AgendaItem, AgendaPack, ProgressReport
from inquiries.serialization import to_plain_data
from tests.cast import NOW
from tests.factories import make_meeting, make_report
from tests.replay import replayed

MARKER = "Zwerg"  # begins every word that is withheld in `county_agenda`
PAGES_WITHHELD = 31847  # no record of a test has this key


def of(meeting):
    """The address of a meeting's page."""
    return reverse("public:meeting", args=[meeting.pk])


def add_item(meeting, number, title, **values):
    """An item of the agenda."""
    if values.get("report"):
        values["kind"] = ItemKind.REPORT
    return AgendaItem.objects.create(meeting=meeting, number=number, title=title, **values)


def add_paper(item, title, *, by, pages=5, tagging=Tagging.VALID, **values):
    """An uploaded paper of an item."""
    data = f"%PDF-1.7 {title} {item.pk}".encode()
    return AgendaDocument.objects.create(
        item=item,
        title=title,
        file=ContentFile(data, "paper.pdf"),
        checksum=hashlib.sha256(data).hexdigest(),
        page_count=pages,
        tagging=tagging,
        uploaded_at=NOW,
        uploaded_by=by,
        **values,
    )


def report_paper(report, *, exempt=False):
    """A progress report as a pack prints it."""
    report = for_content().get(pk=report.pk)
    content = progress_report_content(report, exempt=exempt)
    return ReportPaper(report.pk, report.inquiry.slug, report.months_on, content)


def line(item, *, papers=(), exempt_papers=(), **values):
    """A line of the agenda, with records of papers."""
    made = {
        name: tuple(Paper(d.pk, d.title, d.checksum, d.page_count, d.tagging) for d in documents)
        for name, documents in (("papers", papers), ("exempt_papers", exempt_papers))
    }
    values = {"subtitle": item.subtitle, "to_follow": item.to_follow} | values
    return Item(pk=item.pk, number=item.number, title=item.title, **made, **values)


def keep_pack(
    meeting,
    lines,
    *,
    by,
    edition=PackEdition.PUBLIC,
    supplement=0,
    number=1,
    published_at=NOW,
    first_page=1,
    accessible=True,
    words=b"",
    **values,
):
    """A pack of these lines, published unless `published_at` is None. An item takes the pages of its papers, a
    report four; the front sheet two."""
    content = PackContent(
        council="Wealdshire County Council",
        committee=meeting.committee.name,
        start=timezone.localtime(meeting.start).isoformat(),
        venue=meeting.venue,
        members=(("Councillor Harold Penrose", "Chair"), ("Councillor Anwen Pritchard", "")),
        edition=edition,
        supplement=supplement,
        items=tuple(lines),
        first_page=first_page,
        **values,
    )
    data = b"%PDF-1.7 " + edition.encode() + str((meeting.pk, supplement, number)).encode() + words
    pack = AgendaPack(
        meeting=meeting,
        edition=edition,
        supplement=supplement,
        number=number,
        file=ContentFile(data, "pack.pdf"),
        checksum=hashlib.sha256(data).hexdigest(),
        fingerprint=fingerprint(content),
        content=to_plain_data(content),
        first_page=first_page,
        is_accessible=accessible,
        built_at=NOW - timedelta(hours=1),
        built_by=by,
    )
    places = [*_places(lines, "", first_page + 2), *_places(lines, "exempt_", 1)]
    last = {series: max((p[-1] for p in places if p[1] == series), default=0) for series in ("", "exempt_")}
    pack.last_page, pack.last_exempt_page = last[""] or first_page + 1, last["exempt_"]
    pack.save()
    for item, series, starts, first, end in places:
        pack.entries.create(item_id=item.pk, exempt=bool(series), first_page=first, last_page=end)
        for document, start in starts:
            pack.papers.create(document_id=document, first_page=start)
    # At the end: what stands in a published pack is kept by the database.
    if published_at:
        AgendaPack.objects.filter(pk=pack.pk).update(published_at=published_at, published_by=by)
        pack.refresh_from_db()
    return pack


def _places(lines, series, page):
    for item in lines:
        report, papers = getattr(item, f"{series}report"), getattr(item, f"{series}papers")
        if not (report or papers):
            continue
        first, starts = page, []
        page += 4 if report else 0
        for paper in papers:
            starts.append((paper.pk, page))
            page += paper.page_count
        yield item, series, starts, first, page - 1


def withdraw(pack, *, by, reason="A name stood in it.", at=NOW + timedelta(minutes=30)):
    """Take a published pack back."""
    AgendaPack.objects.filter(pk=pack.pk).update(withdrawn_at=at, withdrawn_by=by, withdrawn_reason=reason)


def report_with_exempt_part(inquiry, by, meeting):
    """A published progress report, one update of which has an exempt part that bears the marker."""
    report = make_report(inquiry, by, meeting=meeting)
    for update in report.updates.for_page():
        exempt = {"exempt_text": f"{MARKER}part is ill.", "exempt_paragraph": 1} if update.reference == "2" else {}
        saved = progress.save_update(update, version=0, text="It goes well.", by=by, now=NOW, **exempt)
        progress.submit_update(saved, version=saved.version, by=by, now=NOW)
    for sign_off in report.sign_offs.all():
        progress.record_sign_off(sign_off, evidence_note="A letter.", by=by, now=NOW)
    publication.publish(report, by=by, now=NOW - timedelta(minutes=1))
    return ProgressReport.objects.get(pk=report.pk)


@replayed
def county_agenda(inquiry, by, *, day=date(2026, 12, 15), published_at: datetime | None = NOW):
    """A meeting with five items: nothing to read, a paper, a report with an exempt part, a paper that is wholly
    exempt, one to follow. Returns everything by name."""
    meeting = make_meeting(inquiry.committee, day)
    report = report_with_exempt_part(inquiry, by, meeting)
    apologies = add_item(meeting, 1, "APOLOGIES FOR ABSENCE")
    libraries = add_item(meeting, 2, "LIBRARIES", subtitle="What becomes of them", kind=ItemKind.PAPERS)
    progress_item = add_item(meeting, 3, "PROGRESS UPDATE", report=report)
    contract = add_item(meeting, 4, "CONTRACT", kind=ItemKind.PAPERS)
    programme = add_item(meeting, 5, "WORK PROGRAMME", to_follow=True, kind=ItemKind.PAPERS)
    paper = add_paper(libraries, "Library strategy", by=by)
    scan = add_paper(libraries, "Letters received", by=by, pages=1, tagging=Tagging.UNTAGGED)
    secret = add_paper(
        contract,
        f"{MARKER}title",
        by=by,
        pages=PAGES_WITHHELD,
        exempt_paragraph=3,
        original_name=f"{MARKER}file.pdf",
        page_texts=[f"{MARKER}words"],
    )
    public = [
        line(apologies),
        line(libraries, papers=[paper, scan]),
        line(progress_item, report=report_paper(report), exempt_paragraphs=(1,)),
        line(contract, exempt_paragraphs=(3,)),
        line(programme),
    ]
    restricted = [
        *public[:2],
        line(
            progress_item,
            report=report_paper(report),
            exempt_report=report_paper(report, exempt=True),
            exempt_paragraphs=(1,),
        ),
        line(contract, exempt_papers=[secret], exempt_paragraphs=(3,)),
        public[4],
    ]
    packs = {
        edition: keep_pack(meeting, lines, by=by, edition=edition, published_at=published_at, words=words)
        for edition, lines, words in (
            (PackEdition.PUBLIC, public, b""),
            (PackEdition.RESTRICTED, restricted, f"{MARKER}pdf".encode()),
        )
    }
    return {
        "meeting": meeting,
        "report": report,
        "items": {"libraries": libraries, "progress": progress_item, "contract": contract, "programme": programme},
        "paper": paper,
        "scan": scan,
        "secret": secret,
        "lines": public,
        "public": packs[PackEdition.PUBLIC],
        "restricted": packs[PackEdition.RESTRICTED],
    }
