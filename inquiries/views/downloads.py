"""Files for those who may read them: reports, inquiry reports, packs, papers, calendars."""

import hashlib

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from inquiries.choices import PackEdition
from inquiries.documents.calendar import calendar_of_plan, committee_calendar
from inquiries.documents.data_formats import RENDERERS, agenda_pack_json, to_json_bytes
from inquiries.documents.forward_plan import forward_plan
from inquiries.documents.minutes import minutes_from_json
from inquiries.documents.minutes_docx import minutes_docx
from inquiries.documents.typst_runner import PdfFailed
from inquiries.documents.xlsx import XLSX_TYPE
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Committee,
    EvidenceFile,
    Inquiry,
    MinutesEdition,
    PackPaper,
    SignedMinutes,
)
from inquiries.views.public import report_of_edition, report_or_404, visible_report

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX_TYPE,
    "json": "application/json",
    "png": "image/png",
    "jpg": "image/jpeg",
    "ics": "text/calendar; charset=utf-8",
    "other": "application/octet-stream",
}
LONGEST_NAME = 80


def file_response(response, name, format, *, private=False):
    """The response as a file called `name`. A private one is one person's: no cache may keep it."""
    shown = "inline" if format == "pdf" else "attachment"
    response["Content-Type"] = CONTENT_TYPES[format]
    response["Content-Disposition"] = f'{shown}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    # What is published may be kept, but is asked for again: a new edition may be out.
    response["Cache-Control"] = "private, no-store" if private else "no-cache"
    return response


def conditional_response(request, checksum, make, name, format):
    """The file that `make` gives, or "not modified" for a browser that has the one with this checksum."""
    etag = quote_etag(checksum)
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or file_response(make(), name, format)
    response["ETag"] = etag
    return response


def stored_file_response(request, thing, file, checksum, name, format, *, private=False):
    try:
        if private:
            return file_response(FileResponse(file.open("rb")), name, format, private=True)
        return conditional_response(request, checksum, lambda: FileResponse(file.open("rb")), name, format)
    except FileNotFoundError:
        return missing_file_page(request, thing, "The file is not where it was stored.")


def missing_file_page(request, thing, reason):
    return render(request, "public/missing_file.html", {"reason": reason, "thing": thing}, status=503)


@require_safe
def report_export(request, slug, months, format):
    report = report_or_404(request.user, slug, months)
    visible = visible_report(report, request.user, timezone.localdate())
    return report_response(request, report, visible, format)


@require_safe
def edition_export(request, slug, months, number, format):
    report = report_or_404(request.user, slug, months)
    edition = get_object_or_404(report.editions, number=number)
    return report_response(request, report, report_of_edition(edition), format)


@require_safe
def inquiry_file(request, slug):
    inquiry = get_object_or_404(Inquiry.objects.visible_to(request.user), slug=slug)
    if not inquiry.report_file:
        raise Http404
    try:
        file = inquiry.report_file.open("rb")
    except FileNotFoundError:
        return missing_file_page(request, inquiry, "The inquiry report is not where it was stored.")
    return file_response(FileResponse(file), f"{inquiry.slug}-inquiry-report.pdf", "pdf", private=not inquiry.is_public)


def report_response(request, report, visible, format):
    name = f"{report.inquiry.slug}-{report.months_on}-months"
    if visible.edition is None:
        return draft_response(request, report, visible.content, f"{name}-draft.{format}", format)
    return edition_response(request, report, visible, f"{name}-edition-{visible.edition.number}.{format}", format)


def draft_response(request, report, content, name, format):
    try:
        return file_response(HttpResponse(RENDERERS[format](content)), name, format, private=True)
    except PdfFailed as failure:
        return missing_file_page(request, report, str(failure))


def edition_response(request, report, visible, name, format):
    """What was published: PDF and Word byte for byte, CSV and JSON from the stored content."""
    edition = visible.edition
    if format in ("csv", "json"):
        data = RENDERERS[format](visible.content)
        return conditional_response(request, hashlib.sha256(data).hexdigest(), lambda: HttpResponse(data), name, format)
    checksum, file = {"pdf": (edition.pdf_checksum, edition.pdf), "docx": (edition.docx_checksum, edition.docx)}[format]
    return stored_file_response(request, report, file, checksum, name, format)


@require_safe
def pack(request, pk, pack, format):
    """A stored pack: byte for byte as PDF, its content as JSON. 404 for people who may not read it."""
    visible = AgendaPack.objects.visible_to(request.user, timezone.localdate()).select_related("meeting__committee")
    bound = Prefetch("papers", PackPaper.objects.select_related("document"))
    pack = get_object_or_404(visible.prefetch_related("entries", bound), meeting=pk, pk=pack)
    name, private = f"{pack_file_name(pack)}.{format}", not (pack.is_published and pack.edition == PackEdition.PUBLIC)
    if format == "pdf":
        return stored_file_response(request, pack.meeting, pack.file, pack.checksum, name, format, private=private)
    data = agenda_pack_json(pack)
    if private:
        return file_response(HttpResponse(data), name, format, private=True)
    return conditional_response(request, hashlib.sha256(data).hexdigest(), lambda: HttpResponse(data), name, format)


@require_safe
def pack_for_screen(request, pk, pack):
    """A stored pack without its blank sides. 404 for people who may not read it, or where it has none."""
    visible = AgendaPack.objects.visible_to(request.user, timezone.localdate()).select_related("meeting__committee")
    pack = get_object_or_404(visible.defer("content"), meeting=pk, pk=pack, screen_pages__gt=0)
    name, private = f"{pack_file_name(pack)}-screen.pdf", not (pack.is_published and pack.edition == PackEdition.PUBLIC)

    def make():
        return StreamingHttpResponse(BothParts(pack.file.open("rb"), bytes(pack.screen_end)))

    try:
        if private:
            return file_response(make(), name, "pdf", private=True)
        return conditional_response(request, pack.screen_checksum, make, name, "pdf")
    except FileNotFoundError:
        return missing_file_page(request, pack.meeting, "The file is not where it was stored.")


class BothParts:
    """A stored file with something after it. The answer closes it, also where nobody reads its content (HEAD)."""

    def __init__(self, file, end):
        self.file, self.end, self.close = file, end, file.close

    def __iter__(self):
        yield from self.file.chunks()
        yield self.end


@require_safe
def paper(request, pk, paper):
    """An uploaded paper by itself. 404 for people who may not read it."""
    today = timezone.localdate()
    visible = AgendaDocument.objects.visible_to(request.user, today).select_related("item__meeting")
    paper = get_object_or_404(visible, item__meeting=pk, pk=paper)
    private = not AgendaDocument.objects.visible_to(AnonymousUser(), today).filter(pk=paper.pk).exists()
    name = f"{slugify(paper.title)[:LONGEST_NAME].strip('-') or 'paper'}.pdf"
    return stored_file_response(request, paper.item.meeting, paper.file, paper.checksum, name, "pdf", private=private)


@require_safe
def minutes(request, pk, number, format):
    """What was published of a meeting, as draft minutes in Word or as data. 404 once it is withdrawn."""
    visible = MinutesEdition.objects.visible_to(request.user).select_related("meeting__committee")
    edition = get_object_or_404(visible, meeting=pk, number=number)
    content = minutes_from_json(edition.content)
    data = minutes_docx(content) if format == "docx" else to_json_bytes(edition.content)
    name = f"{edition.meeting.committee.slug}-{content.day.isoformat()}-draft-minutes-{number}.{format}"
    if edition.withdrawn_at is not None:
        return file_response(HttpResponse(data), name, format, private=True)
    return conditional_response(request, hashlib.sha256(data).hexdigest(), lambda: HttpResponse(data), name, format)


@require_safe
def signed_minutes(request, pk, signed):
    visible = SignedMinutes.objects.visible_to(request.user).select_related("meeting__committee")
    signed = get_object_or_404(visible, meeting=pk, pk=signed)
    name = f"{signed.meeting.committee.slug}-{signed.meeting.day.isoformat()}-minutes.pdf"
    private = signed.withdrawn_at is not None
    return stored_file_response(request, signed.meeting, signed.file, signed.checksum, name, "pdf", private=private)


@require_safe
def evidence_file(request, slug, months, file):
    """A file that shows what an update says. 404 for people who may not read it."""
    report = {"update__report__inquiry__slug": slug, "update__report__months_on": months}
    visible = EvidenceFile.objects.visible_to(request.user).select_related("update__report__inquiry")
    found = get_object_or_404(visible, pk=file, **report)
    private = not EvidenceFile.objects.public().filter(pk=found.pk).exists()
    name = f"{slugify(found.title)[:LONGEST_NAME].strip('-') or 'evidence'}.pdf"
    inquiry = found.update.report.inquiry
    return stored_file_response(request, inquiry, found.file, found.checksum, name, "pdf", private=private)


@require_safe
def calendar(request, slug):
    committee = get_object_or_404(Committee, slug=slug)
    data = committee_calendar(committee, now=timezone.now())
    checksum = hashlib.sha256(data).hexdigest()
    return conditional_response(request, checksum, lambda: HttpResponse(data), f"{committee.slug}-meetings.ics", "ics")


@require_safe
def forward_plan_calendar(request, slug):
    """The public plan, for whoever asks: a program that follows it is not signed in."""
    committee, now = get_object_or_404(Committee, slug=slug), timezone.now()
    plan = forward_plan(committee, now=now, today=timezone.localdate(now), is_public=True)
    data = calendar_of_plan(committee, plan)
    checksum = hashlib.sha256(data).hexdigest()
    name = f"{committee.slug}-forward-plan.ics"
    return conditional_response(request, checksum, lambda: HttpResponse(data), name, "ics")


def pack_file_name(pack):
    parts = [pack.meeting.committee.slug, pack.meeting.day.isoformat()]
    parts.append(f"supplement-{pack.supplement}" if pack.supplement else "agenda-pack")
    parts += ["restricted"] if pack.edition == PackEdition.RESTRICTED else []
    parts += [f"edition-{pack.number}"] if pack.number > 1 else []
    return "-".join(parts)
