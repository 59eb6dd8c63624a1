"""The last check before anything is published: is there exempt text in the finished public bytes?"""

from dataclasses import replace
from itertools import chain
from zipfile import BadZipFile

import pikepdf
import pypdfium2
from django.conf import settings

from inquiries.choices import PackEdition
from inquiries.documents.exempt_search import exempt_text_of, find_exempt, texts_of_data, texts_of_docx, texts_of_pdf
from inquiries.documents.pack_content import Item, PackContent, Paper, ReportPaper
from inquiries.models import AgendaDocument, CabinetMember, Clearance, Committee, Inquiry, Person
from inquiries.permissions import Refused
from inquiries.uploads.word import NotWord

# What the search raises where a file is no PDF or Word file, or a broken one.
UNREADABLE = (pikepdf.PdfError, pypdfium2.PdfiumError, BadZipFile, NotWord)


class ExemptTextFound(Refused):
    """`found` lists the exempt text in what was to be published, with its places."""

    def __init__(self, found):
        more = f" Findings like this: {len(found)} in all." if len(found) > 1 else ""
        super().__init__(
            f"Nothing has been published, because exempt text was found in what everybody would read: "
            f"{found[0].sentence}{more} If it may be published, say so on the page of the meeting's pack."
        )
        self.found = found


def check_pack(meeting, contents, pack, others=()):
    """Raise ExemptTextFound where the public pack, its data or one of its papers holds exempt text.

    `contents` are those of both editions; `pack` is the built public AgendaPack. `others` are the contents of the
    other issues of this meeting: what is exempt in the agenda may not be read in a supplement either.
    """
    public = contents[PackEdition.PUBLIC]
    whole = [issue.get(PackEdition.RESTRICTED) or issue[PackEdition.PUBLIC] for issue in (contents, *others)]
    restricted = replace(whole[0], items=tuple(chain.from_iterable(content.items for content in whole)))
    if not any(item.exempt_paragraphs for item in restricted.items):
        return
    places = [texts_of_pdf(file_bytes(pack.file)), texts_of_data(pack.content)]
    papers = {paper.pk: paper.title for item in public.items for paper in item.papers}
    for document in AgendaDocument.objects.filter(pk__in=papers).order_by("pk"):
        # Each is also served by itself, with what its file says besides its pages.
        places.append(name_paper(texts_of_pdf(file_bytes(document.file)), document.title))
    search_or_raise(meeting, restricted, chain.from_iterable(places))


def check_edition(report, edition, exempt_content):
    """The same for the kept words and files of a single report, before they are published.

    `exempt_content` is its ReportContent with the exempt words in it. Neither these nor the words of an exempt paper
    of its meeting may be in what is published.
    """
    sealed = AgendaDocument.objects.on_agenda().filter(
        item__meeting=report.meeting, item__meeting__isnull=False, exempt_paragraph__isnull=False
    )
    papers = tuple(Paper(paper.pk, paper.title, paper.checksum, paper.page_count, paper.tagging) for paper in sealed)
    if not papers and not any(row.exempt for row in exempt_content.rows):
        return
    paper = ReportPaper(report.pk, report.inquiry.slug, report.months_on, exempt_content)
    item = Item(report.pk, 1, exempt_content.title, report=paper, exempt_report=paper, exempt_papers=papers)
    restricted = PackContent(
        council=settings.COUNCIL_NAME,
        committee=exempt_content.committee,
        start=f"{edition.published_at:%Y-%m-%dT%H:%M:%S%z}",
        venue="",
        members=(),
        edition=PackEdition.RESTRICTED,
        supplement=0,
        items=(item,),
    )
    places = chain(
        texts_of_pdf(file_bytes(edition.pdf)), texts_of_docx(file_bytes(edition.docx)), texts_of_data(edition.content)
    )
    search_or_raise(report.meeting, restricted, places)


def search_or_raise(meeting, restricted, places):
    papers = {paper.pk for item in restricted.items for paper in item.exempt_papers}
    documents = {
        document.pk: (document.title, document.original_name, document.page_texts)
        for document in AgendaDocument.objects.filter(pk__in=papers)
    }
    withheld = exempt_text_of(restricted, documents, frozenset(public_names()))
    cleared = list(Clearance.objects.filter(meeting=meeting).values_list("text", flat=True)) if meeting else []
    try:
        found = find_exempt(withheld, places, cleared=cleared)
    except UNREADABLE:
        raise Refused("A file that was to be published cannot be read, so nothing has been published.") from None
    if found:
        raise ExemptTextFound(found)


def public_names():
    names = {settings.COUNCIL_NAME}
    names.update(Person.objects.values_list("name", flat=True))
    names.update(CabinetMember.objects.values_list("portfolio", flat=True))
    names.update(Committee.objects.values_list("name", flat=True))
    names.update(Inquiry.objects.public().values_list("title", flat=True))
    return names


def name_paper(places, title):
    return ((f"the paper “{title}”, {place}", text) for place, text in places)


def file_bytes(file):
    with file.open("rb") as kept:
        return kept.read()
