"""Agendas of the county of the tests: records with papers, and contents that need no records."""

import hashlib
from functools import cache

from inquiries.actions.meetings import add_item, add_paper
from inquiries.choices import ItemKind, PackEdition, Tagging
from inquiries.documents.pack_build import PaperFile
from inquiries.documents.pack_content import Item, PackContent, Paper
from inquiries.uploads.paper import ReceivedPaper
from tests.cast import NOW
from tests.documents.papers import facts_of, make_paper

MARKER = "Zanzibarquux"


@cache
def received(pages=1, *, title="A paper", tagged=True, name="paper.pdf"):
    """What the check of uploads says of a sample paper: a ReceivedPaper."""
    pdf = make_paper(pages, title=title, tagged=tagged)
    return ReceivedPaper(
        pdf=pdf,
        checksum=hashlib.sha256(pdf).hexdigest(),
        original_name=name,
        pages=facts_of(pdf),
        page_texts=(title,) * pages,
        tagging=Tagging.VALID if tagged else Tagging.UNTAGGED,
        title=title,
        language="en-GB",
        cleaned=(),
    )


def put_papers(meeting, title, *papers, by, **item):
    """An item with these papers on the agenda: each (page count, title) or (page count, title, exempt paragraph)."""
    item = add_item(meeting, title=title, kind=ItemKind.PAPERS, by=by, now=NOW, **item)
    for pages, name, *paragraph in papers:
        put_paper(item, pages, name, *paragraph, by=by, supplement=item.supplement)
    return item


def put_paper(item, pages, title, exempt_paragraph=None, *, by, **options):
    """One more paper of an item. Returns the AgendaDocument."""
    file = received(pages, title=title, name=f"{title}.pdf")
    return add_paper(item, file, title=title, exempt_paragraph=exempt_paragraph, by=by, now=NOW, **options)


def paper(pk, pages=1, title="A paper", *, tagging=Tagging.VALID):
    """A paper of a content."""
    return Paper(pk, title, f"{pk:064}", pages, tagging.value)


def content(*items, edition=PackEdition.PUBLIC, **changes):
    """A PackContent of these items (Apologies if there are none)."""
    plain = {
        "council": "Wealdshire County Council",
        "committee": "Communities Select Committee",
        "start": "2026-12-15T14:00:00+00:00",
        "venue": "Mezzanine Room 2, County Hall",
        "members": (("Councillor Harold Penrose", "Chair"), ("Councillor Anwen Pritchard", "")),
        "edition": edition.value,
        "supplement": 0,
        "items": items or (Item(1, 1, "Apologies for absence"),),
    }
    return PackContent(**plain | changes)


def paper_file(folder, pk, pages=1, *, title="A paper", tagged=True):
    """A sample paper as a file in `folder`: a PaperFile."""
    file = received(pages, title=title, tagged=tagged)
    path = folder / f"{pk}.pdf"
    path.write_bytes(file.pdf)
    return PaperFile(path, file.pages, file.tagging, file.language)
