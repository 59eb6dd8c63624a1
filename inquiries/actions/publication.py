"""Publishing a report: from here on its words and files are kept as they were printed."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.exempt_check import check_nothing_stops, empty_pack, file_bytes, search
from inquiries.actions.inquiries import publish_inquiry
from inquiries.actions.progress import lock_report
from inquiries.actions.records import delete_files_on_rollback, note_stored_files
from inquiries.choices import FactPrecision
from inquiries.documents.content import printed_texts
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.exempt_search import texts_of_data, texts_of_pdf
from inquiries.documents.pack_content import Item, ReportPaper
from inquiries.documents.pdf import progress_report_pdf
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.models import EvidenceFile, ReportEdition
from inquiries.models.fields import KnownMoment, checksum_of_data
from inquiries.notifications import members_on, notify
from inquiries.permissions import check_can
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


def keep_edition(report, *, by, now, on=None, content=None):
    """A ReportEdition of the report; `content` is its ReportContent, where that has been read already."""
    content = content or public_content(report)
    with ThreadPoolExecutor(1) as beside:  # the engine is a process of its own
        pdf = beside.submit(progress_report_pdf, content)
        docx = progress_report_docx(content)
        pdf = pdf.result()
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
    check_nothing_stops(search_report(report, content))
    return edition


def public_content(report):
    return progress_report_content(for_content().get(pk=report.pk))


def search_report(report, content=None, has_files=True):
    """What is exempt in the reports of an inquiry, or in the papers and minutes of the meeting of this one, and is
    published with this one: a list of ExemptFound.

    `content` is its public ReportContent; that of now, where none is given. Without `has_files` none are looked for.
    """
    content = content or public_content(report)
    printed = ReportPaper(report.pk, report.inquiry.slug, report.months_on, content)
    meetings = [report.meeting] if report.meeting_id else []
    pack = replace(empty_pack(meetings), items=(Item(report.pk, 1, content.title, report=printed),))
    return search(
        texts_of_report(report, content, has_files), inquiries=[report.inquiry_id], meetings=meetings, content=pack
    )


def texts_of_report(report, content, has_files=True):
    """All that is published with a report of this content, as pairs (where, text)."""
    files = texts_of_evidence(report) if has_files else ()
    return chain(printed_texts(content), texts_of_data(to_plain_data(content)), files)


def texts_of_evidence(report):
    """The text of the files that are published with a report, as pairs (where, text)."""
    allowed = EvidenceFile.objects.current().filter(update__report=report, allowed_at__isnull=False)
    for file in allowed.order_by("pk"):
        for place, text in texts_of_pdf(file_bytes(file.file)):
            yield f"the evidence file “{file.title}”, {place}", text
