"""Reports and inquiry reports as files, for whoever may read them."""

import hashlib

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from inquiries.documents.pdf import PdfFailed
from inquiries.exports import RENDERERS
from inquiries.models import Inquiry
from inquiries.views.reading import content_for, edition_reading, report_or_404

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


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
        return _no_file(request, inquiry, "The inquiry report is not where it was kept.")
    return _dressed(FileResponse(file), f"{inquiry.slug}-inquiry-report.pdf", "pdf", draft=not inquiry.is_public)


def _answer(request, report, reading, format):
    name = f"{report.inquiry.slug}-{report.months_on}-months"
    if reading.edition is None:
        return _fresh(request, report, reading.content, f"{name}-draft.{format}", format)
    return _kept(request, report, reading, f"{name}-edition-{reading.edition.number}.{format}", format)


def _fresh(request, report, content, name, format):
    """Working text, made into a file for this person alone."""
    try:
        return _dressed(HttpResponse(RENDERERS[format](content)), name, format, draft=True)
    except PdfFailed as failure:
        return _no_file(request, report, str(failure))


def _kept(request, report, reading, name, format):
    """What was published: PDF and Word byte for byte, CSV and JSON from the kept words."""
    edition = reading.edition
    if format in ("csv", "json"):
        data = RENDERERS[format](reading.content)
        return _conditional(request, hashlib.sha256(data).hexdigest(), lambda: HttpResponse(data), name, format)
    checksum, file = {"pdf": (edition.pdf_checksum, edition.pdf), "docx": (edition.docx_checksum, edition.docx)}[format]
    try:
        return _conditional(request, checksum, lambda: FileResponse(file.open("rb")), name, format)
    except FileNotFoundError:
        return _no_file(request, report, "The file is not where it was kept.")


def _conditional(request, checksum, make, name, format):
    etag = quote_etag(checksum)
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or _dressed(make(), name, format)
    response["ETag"] = etag
    return response


def _dressed(response, name, format, *, draft=False):
    shown = "inline" if format == "pdf" else "attachment"
    response["Content-Type"] = CONTENT_TYPES[format]
    response["Content-Disposition"] = f'{shown}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    # A draft is one person's; what is published may be kept, but is asked for again: a new edition may be out.
    response["Cache-Control"] = "private, no-store" if draft else "no-cache"
    return response


def _no_file(request, thing, reason):
    return render(request, "public/no_file.html", {"reason": reason, "thing": thing}, status=503)
