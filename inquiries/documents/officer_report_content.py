"""What an officer report holds, from its records: the content that PDF, Word and page dress."""

from django.conf import settings
from django.utils import timezone

from inquiries.choices import SignatureRole
from inquiries.documents.content import Contributor
from inquiries.documents.letter import Letter, letter_pdf
from inquiries.documents.officer_report import (
    ContactOfficer,
    NestedItem,
    NestedList,
    OfficerReport,
    ReportSection,
    ReportSignOff,
)
from inquiries.documents.rich_text import Paragraph, blocks


def officer_report_content(report, *, signed_on=None, pending=None):
    """The content of a report fetched `for_page`. `pending` is a signature that is given on the day `signed_on`."""
    signed = {}
    for signature in report.signatures.all():
        day = local_day(signature.signed_at)
        signed[signature] = signed_on if pending is not None and signature.pk == pending.pk else day
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
            ReportSection(section["heading"], read_blocks(section["text"]))
            for section in report.sections
            if section["text"].strip()
        ),
        draft=not all(signed.values()),
    )


def read_blocks(text):
    """The paragraphs and lists of a text."""
    return tuple(
        block
        if isinstance(block, Paragraph)
        else NestedList(block.ordered, block.start, tuple(NestedItem(item) for item in block.items))
        for block in blocks(text)
    )


def plain_lines(block):
    for runs in (block.runs,) if isinstance(block, Paragraph) else (item.runs for item in block.items):
        yield "".join(run.text for run in runs)


def local_day(moment):
    return timezone.localdate(moment) if moment else None


def officer_report_pdf(report, content):
    """The PDF of the content. Raises PdfFailed."""
    body = []
    for section in content.sections:
        body += [section.heading, *(line for block in section.blocks for line in plain_lines(block))]
    signed = [f"{one.role}: {one.words}" for one in content.sign_offs]
    letter = Letter(
        council=content.council,
        committee=content.committee,
        subject=content.title,
        day=content.meeting_date,
        addressed_to=content.addressed_to,
        salutation=", ".join(str(author) for author in content.authors),
        body=tuple(body),
        signed=tuple(signed),
        contact=report.contact,
    )
    return letter_pdf(letter)
