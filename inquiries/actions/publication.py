"""Publishing a report: from here on its words and files are kept as they were printed."""

import hashlib
from itertools import chain

import pikepdf
import pypdfium2
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.inquiries import publish_inquiry
from inquiries.actions.progress import lock_report
from inquiries.actions.records import delete_files_on_rollback, note_stored_files
from inquiries.choices import FactPrecision, PackEdition
from inquiries.documents.content import printed_texts
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.exempt_search import exempt_text_of, find_exempt, texts_of_data, texts_of_pdf
from inquiries.documents.pack_content import Item, PackContent, Paper, ReportPaper
from inquiries.documents.pdf import progress_report_pdf
from inquiries.documents.progress_report import for_content, progress_report_content, recommendations_of
from inquiries.models import (
    AgendaDocument,
    CabinetMember,
    Clearance,
    Committee,
    EvidenceFile,
    Inquiry,
    Person,
    ReportEdition,
)
from inquiries.models.fields import KnownMoment, checksum_of_data
from inquiries.notifications import members_on, notify
from inquiries.permissions import Refused, check_can
from inquiries.serialization import to_plain_data


@delete_files_on_rollback()
@transaction.atomic
def publish(report, *, by, now, update_date=None, announce=True, on=None):
    """Publish a signed-off report, and with it its inquiry; with `announce` the committee's members are notified.

    A report that has no date of update yet gets `update_date`, or today. `on`, a KnownMoment, is when it was published
    elsewhere, before it was imported. Returns the ReportEdition. Raises Refused
    (ExemptTextFound, where exempt words were found in the public files), or documents.pdf.PdfFailed when it cannot be
    printed, in which case nothing has happened.
    """
    report = lock_report(report)
    today = timezone.localdate(now)
    check_can("publish", by, report, today)
    publish_inquiry(report.inquiry, by=by, now=now)
    day = report.update_date or update_date or today
    on = on or KnownMoment(now)
    published = {"published_at": on.at, "published_precision": on.precision, "published_by": by}
    changes = history.set_fields(report, update_date=day, **published)
    report.save()
    edition = keep_edition(report, by=by, now=now, on=on)
    changes["edition"] = (None, edition.number)
    sentence = f"published the {report.kind.lower()}"
    history.write("publish", report, sentence, by=by, now=now, changes=changes, inquiry=report.inquiry)
    if not announce:
        return edition
    members = members_on(report.inquiry.committee_id, today)
    notify(
        members,
        "report_published",
        f"{report.pk}:{edition.number}",
        now=now,
        reply_to=by,
        report=report,
        edition=edition,
    )
    return edition


def keep_edition(report, *, by, now, on=None):
    content = progress_report_content(for_content().get(pk=report.pk))
    pdf, docx = progress_report_pdf(content), progress_report_docx(content)
    number = ReportEdition.objects.filter(report=report).count() + 1
    name = f"{report.inquiry.slug}-{report.months_on}-months-edition-{number}"
    edition = ReportEdition(
        report=report,
        number=number,
        after_meeting=content.after_meeting,
        content=to_plain_data(content),
        pdf_checksum=hashlib.sha256(pdf).hexdigest(),
        docx_checksum=hashlib.sha256(docx).hexdigest(),
        published_at=on.at if on else now,
        published_precision=on.precision if on else FactPrecision.MOMENT,
        published_by=by,
    )
    for file, made, ending in ((edition.pdf, pdf, "pdf"), (edition.docx, docx, "docx")):
        file.save(f"{name}.{ending}", ContentFile(made), save=False)
        note_stored_files(file)
    edition.save()
    sentence = f"kept edition {number} of the {report.kind.lower()} as it was published"
    changes = history.first_values(edition, "number", "pdf", "pdf_checksum", "docx", "docx_checksum")
    changes["content_checksum"] = ("", checksum_of_data(edition.content))
    history.write("keep_edition", edition, sentence, by=by, now=now, changes=changes, inquiry=report.inquiry)
    # Both files are ours, made a moment ago of this content and of nothing else: its words are theirs.
    check_nothing_stops(search_report(report, texts_of_report(report, content)))
    return edition


# --- The search for exempt text, before anything is published -----------------------------------------


class ExemptTextFound(Refused):
    """`found` lists the exempt text in what was to be published, with its places."""

    def __init__(self, found):
        more = f" Findings like this: {len(found)} in all." if len(found) > 1 else ""
        super().__init__(
            f"Nothing has been published, because exempt text was found in what everybody would read: "
            f"{found[0].sentence}{more} If it may be published, say so on the page of the meeting's pack."
        )
        self.found = found


def check_nothing_stops(found):
    if stopping := [one for one in found if one.stops]:
        raise ExemptTextFound(stopping)


def search_report(report, texts=None):
    """What is exempt in a report, or in a paper of its meeting, and is in its public `texts`.

    A list of ExemptFound. Without `texts` its public content as it is now is searched.
    """
    report = for_content().get(pk=report.pk)
    fetched = {
        "fetched": list(report.updates.for_rows()),
        "recommendations": list(recommendations_of([report.inquiry_id])),
    }
    exempt = progress_report_content(report, exempt=True, **fetched)
    papers = AgendaDocument.objects.on_agenda().filter(
        item__meeting=report.meeting, item__meeting__isnull=False, exempt_paragraph__isnull=False
    )
    papers = tuple(Paper(paper.pk, paper.title, paper.checksum, paper.page_count, paper.tagging) for paper in papers)
    if not papers and not any(row.exempt for row in exempt.rows):
        return []
    printed = ReportPaper(report.pk, report.inquiry.slug, report.months_on, exempt)
    item = Item(report.pk, 1, exempt.title, report=printed, exempt_report=printed, exempt_papers=papers)
    restricted = PackContent(
        council=settings.COUNCIL_NAME,
        committee=exempt.committee,
        start=timezone.localtime().isoformat(),
        venue="",
        members=(),
        edition=PackEdition.RESTRICTED,
        supplement=0,
        items=(item,),
    )
    if texts is None:
        texts = texts_of_report(report, progress_report_content(report, **fetched))
    return search(report.meeting, restricted, texts)


def texts_of_report(report, content):
    """All that is published with a report of this content, as pairs (where, text)."""
    return chain(printed_texts(content), texts_of_data(to_plain_data(content)), texts_of_evidence(report))


def texts_of_evidence(report):
    """The text of the files that are published with a report, as pairs (where, text)."""
    allowed = EvidenceFile.objects.current().filter(update__report=report, allowed_at__isnull=False)
    for file in allowed.order_by("pk"):
        for place, text in texts_of_pdf(file_bytes(file.file)):
            yield f"the evidence file “{file.title}”, {place}", text


def search(meeting, restricted, texts):
    """What is exempt in the restricted PackContent and is in `texts`, but for what a clerk has allowed."""
    papers = [paper.pk for item in restricted.items for paper in item.exempt_papers]
    documents = {
        document.pk: (document.title, document.original_name, document.page_texts)
        for document in AgendaDocument.objects.filter(pk__in=papers)
    }
    cleared = Clearance.objects.filter(meeting=meeting).values_list("text", flat=True) if meeting else ()
    try:
        texts = list(texts)
    except (pikepdf.PdfError, pypdfium2.PdfiumError):
        raise Refused("A file that was to be published cannot be read, so nothing has been published.") from None
    # The names of everybody and everything public are many, and allow some of what is found: mostly there is nothing.
    exempt = exempt_text_of(restricted, documents, {settings.COUNCIL_NAME})
    for text in cleared:
        exempt.allow(text)
    if not find_exempt(exempt, texts):
        return []
    public_names = {
        settings.COUNCIL_NAME,
        *chain.from_iterable(Person.objects.values_list("name", "job_title")),
        *CabinetMember.objects.values_list("portfolio", flat=True),
        *Committee.objects.values_list("name", flat=True),
        *Inquiry.objects.public().values_list("title", flat=True),
    }
    exempt = exempt_text_of(restricted, documents, public_names)
    for text in cleared:
        exempt.allow(text)
    return find_exempt(exempt, texts)


def file_bytes(file):
    with file.open("rb") as kept:
        return kept.read()
