"""What an officer report holds, from its records: the content that PDF, Word and page dress."""

from django.conf import settings
from django.utils import timezone

from inquiries.choices import SignatureRole
from inquiries.documents.content import Contributor
from inquiries.documents.officer_report import ContactOfficer, OfficerReport, ReportSection, ReportSignOff
from inquiries.documents.report_markup import read_markup
from inquiries.documents.typst_runner import PdfFailed


def officer_report_content(report, *, with_empty=False, signed_on=None, pending=None):
    """The content of a report fetched `for_page`, `with_empty` sections or without.

    `pending` is a signature that is given on the day `signed_on`.
    """
    signed = {one: timezone.localdate(one.signed_at) if one.signed_at else None for one in report.signatures.all()}
    signed |= {one: signed_on for one in signed if pending is not None and one.pk == pending.pk}
    return OfficerReport(
        council=settings.COUNCIL_NAME,
        committee=report.meeting.committee.name,
        title=report.title,
        meeting_date=report.meeting.day,
        authors=tuple(Contributor(person.name, person.job_title) for person in report.writers),
        contact=ContactOfficer(
            report.contact_name, report.contact_job_title, report.contact_telephone, report.contact_email
        ),
        sign_offs=tuple(
            ReportSignOff(SignatureRole(one.role).label, one.person.name, one.person.job_title, day)
            for one, day in signed.items()
        ),
        sections=tuple(
            ReportSection(section["heading"], read_markup(section["text"]).blocks)
            for section in report.sections
            if with_empty or section["text"].strip()
        ),
        draft=not all(signed.values()),
    )


def picture_bytes(report):
    """The pictures of a report by their names. Raises PdfFailed where a file is missing."""
    pictures = {}
    for picture in report.pictures.current():
        try:
            with picture.file.open("rb") as file:
                pictures[picture.name] = file.read()
        except FileNotFoundError:
            raise PdfFailed(f"The file of {picture.name} is missing.") from None
    return pictures
