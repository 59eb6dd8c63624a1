"""Packs, papers and calendars as files, for whoever may read them."""

import hashlib

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from inquiries.choices import PackEdition
from inquiries.documents.calendar import committee_calendar
from inquiries.documents.data_formats import agenda_pack_json
from inquiries.models import AgendaDocument, AgendaPack, Committee, PackPaper
from inquiries.views.sent_files import conditional, dressed, kept_file

LONGEST_NAME = 80


@require_safe
def pack(request, pk, pack, format):
    """A kept pack: byte for byte as PDF, its words as JSON. 404 for whoever may not read it."""
    visible = AgendaPack.objects.visible_to(request.user, timezone.localdate()).select_related("meeting__committee")
    bound = Prefetch("papers", PackPaper.objects.select_related("document"))
    pack = get_object_or_404(visible.prefetch_related("entries", bound), meeting=pk, pk=pack)
    name, private = f"{_name_of(pack)}.{format}", not (pack.is_published and pack.edition == PackEdition.PUBLIC)
    if format == "pdf":
        return kept_file(request, pack.meeting, pack.file, pack.checksum, name, format, private=private)
    data = agenda_pack_json(pack)
    if private:
        return dressed(HttpResponse(data), name, format, private=True)
    return conditional(request, hashlib.sha256(data).hexdigest(), lambda: HttpResponse(data), name, format)


@require_safe
def paper(request, pk, paper):
    """An uploaded paper by itself. 404 for whoever may not read it."""
    today = timezone.localdate()
    visible = AgendaDocument.objects.visible_to(request.user, today).select_related("item__meeting")
    paper = get_object_or_404(visible, item__meeting=pk, pk=paper)
    private = not AgendaDocument.objects.visible_to(AnonymousUser(), today).filter(pk=paper.pk).exists()
    name = f"{slugify(paper.title)[:LONGEST_NAME].strip('-') or 'paper'}.pdf"
    return kept_file(request, paper.item.meeting, paper.file, paper.checksum, name, "pdf", private=private)


@require_safe
def calendar(request, slug):
    """The meetings of a committee, for a calendar program to follow."""
    committee = get_object_or_404(Committee, slug=slug)
    data = committee_calendar(committee, now=timezone.now())
    checksum = hashlib.sha256(data).hexdigest()
    return conditional(request, checksum, lambda: HttpResponse(data), f"{committee.slug}-meetings.ics", "ics")


def _name_of(pack):
    parts = [pack.meeting.committee.slug, pack.meeting.day.isoformat()]
    parts.append(f"supplement-{pack.supplement}" if pack.supplement else "agenda-pack")
    parts += ["restricted"] if pack.edition == PackEdition.RESTRICTED else []
    parts += [f"edition-{pack.number}"] if pack.number > 1 else []
    return "-".join(parts)
