"""Reports and inquiry reports as files, for whoever may read them."""

import hashlib

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.documents.data_formats import RENDERERS
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import Inquiry
from inquiries.views.reading import content_for, edition_reading, report_or_404
from inquiries.views.sent_files import conditional, dressed, kept_file, no_file


@require_safe
def report(request, slug, months, format):
    """The report as a file: the same words as on its page. 404 for whoever may see nothing of it."""
    report = report_or_404(request.user, slug, months)
    reading = content_for(report, request.user, timezone.localdate())
    return _answer(request, report, reading, format)


@require_safe
def edition(request, slug, months, number, format):
    """One kept edition as a file."""
    report = report_or_404(request.user, slug, months)
    edition = get_object_or_404(report.editions, number=number)
    return _answer(request, report, edition_reading(edition), format)


@require_safe
def inquiry_file(request, slug):
    """The committee's inquiry report."""
    inquiry = get_object_or_404(Inquiry.objects.visible_to(request.user), slug=slug)
    if not inquiry.report_file:
        raise Http404
    try:
        file = inquiry.report_file.open("rb")
    except FileNotFoundError:
        return no_file(request, inquiry, "The inquiry report is not where it was kept.")
    return dressed(FileResponse(file), f"{inquiry.slug}-inquiry-report.pdf", "pdf", private=not inquiry.is_public)


def _answer(request, report, reading, format):
    name = f"{report.inquiry.slug}-{report.months_on}-months"
    if reading.edition is None:
        return _fresh(request, report, reading.content, f"{name}-draft.{format}", format)
    return _kept(request, report, reading, f"{name}-edition-{reading.edition.number}.{format}", format)


def _fresh(request, report, content, name, format):
    """Working text, made into a file for this person alone."""
    try:
        return dressed(HttpResponse(RENDERERS[format](content)), name, format, private=True)
    except PdfFailed as failure:
        return no_file(request, report, str(failure))


def _kept(request, report, reading, name, format):
    """What was published: PDF and Word byte for byte, CSV and JSON from the kept words."""
    edition = reading.edition
    if format in ("csv", "json"):
        data = RENDERERS[format](reading.content)
        return conditional(request, hashlib.sha256(data).hexdigest(), lambda: HttpResponse(data), name, format)
    checksum, file = {"pdf": (edition.pdf_checksum, edition.pdf), "docx": (edition.docx_checksum, edition.docx)}[format]
    return kept_file(request, report, file, checksum, name, format)
