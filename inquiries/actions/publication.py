"""Publishing a report: from here on its words and files are kept as they were printed."""

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.exempt_check import check_edition
from inquiries.actions.inquiries import publish_inquiry
from inquiries.actions.progress import lock_report
from inquiries.actions.records import delete_files_on_rollback, note_stored_files
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.pdf import progress_report_pdf
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.models import ReportEdition
from inquiries.models.fields import checksum_of_data
from inquiries.notifications import members_on, notify
from inquiries.permissions import check_can
from inquiries.serialization import to_plain_data


@delete_files_on_rollback()
@transaction.atomic
def publish(report, *, by, now, update_date=None, announce=True):
    """Publish a signed-off report, and with it its inquiry; with `announce` the committee's members are notified.

    A report that has no date of update yet gets `update_date`, or today. Returns the ReportEdition. Raises Refused
    (ExemptTextFound, where exempt words were found in the public files), or documents.pdf.PdfFailed when it cannot be
    printed, in which case nothing has happened.
    """
    report = lock_report(report)
    today = timezone.localdate(now)
    check_can("publish", by, report, today)
    publish_inquiry(report.inquiry, by=by, now=now)
    day = report.update_date or update_date or today
    changes = history.set_fields(report, update_date=day, published_at=now, published_by=by)
    report.save()
    edition = keep_edition(report, by=by, now=now)
    changes["edition"] = (None, edition.number)
    sentence = f"published the {report.kind.lower()}"
    history.write("publish", report, sentence, by=by, now=now, changes=changes, inquiry=report.inquiry)
    if not announce:
        return edition
    members = members_on(report.inquiry.committee_id, today)
    notify(members, "report_published", f"{report.pk}:{edition.number}", now=now, report=report, edition=edition)
    return edition


def keep_edition(report, *, by, now):
    content = progress_report_content(for_content().get(pk=report.pk))
    pdf, docx = progress_report_pdf(content), progress_report_docx(content)
    number = ReportEdition.objects.filter(report=report).count() + 1
    name = f"{report.inquiry.slug}-{report.months_on}-months-edition-{number}"
    edition = ReportEdition.objects.create(
        report=report,
        number=number,
        after_meeting=content.after_meeting,
        content=to_plain_data(content),
        pdf=ContentFile(pdf, f"{name}.pdf"),
        docx=ContentFile(docx, f"{name}.docx"),
        pdf_checksum=hashlib.sha256(pdf).hexdigest(),
        docx_checksum=hashlib.sha256(docx).hexdigest(),
        published_at=now,
        published_by=by,
    )
    note_stored_files(edition.pdf, edition.docx)
    sentence = f"kept edition {number} of the {report.kind.lower()} as it was published"
    changes = history.first_values(edition, "number", "pdf", "pdf_checksum", "docx", "docx_checksum")
    changes["content_checksum"] = ("", checksum_of_data(edition.content))
    history.write("keep_edition", edition, sentence, by=by, now=now, changes=changes, inquiry=report.inquiry)
    check_edition(report, edition, progress_report_content(for_content().get(pk=report.pk), exempt=True))
    return edition
