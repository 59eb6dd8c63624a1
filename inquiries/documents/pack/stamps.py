"""What is printed on a paper's pages: "Page 15" at the bottom, "Agenda Item 7" on an item's first page.

All are set in one file without tags, each on a transparent page of its own, and placed as artifacts: they are read
by eyes only, since page labels and bookmarks tell everybody else the same.
"""

from functools import lru_cache
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary

from inquiries.documents.pack.geometry import EDGE, SIDE, written
from inquiries.documents.pdf import compile_document

TIMESTAMP = 946_684_800
ARTIFACT = b"/Artifact <</Type /Pagination /Subtype /%s>> BDC q %s cm %s Do Q EMC\n"


def number_words(label):
    """What is printed at the foot of the page with this label."""
    return f"Page {label}"


def stamp_file(numbers, items):
    """The PDF (bytes) with these stamps, a page each. Raises PdfFailed."""
    stamps = [{"words": words, "bold": False} for words in numbers] + [
        {"words": words, "bold": True} for words in items
    ]
    return compile_document("stamps.typ", {"stamps": stamps}, TIMESTAMP, tagged=False)


def copy_stamps(pdf, stamps, numbers, items):
    """Form XObjects of `pdf` for the pages of `stamp_file`, by their words. The origin of a page number is the
    middle of its foot, that of an item's stamp its top right corner."""
    words = [*numbers, *items]
    if not words:  # a front sheet alone: the engine has set one empty page
        return {}
    with pikepdf.open(BytesIO(stamps), inherit_page_attributes=False) as opened:
        forms = Array()
        for index, page in enumerate(opened.pages):
            width, height = (float(edge) for edge in list(page.obj.MediaBox)[2:])
            right, up = (-width / 2, 0) if index < len(numbers) else (-width, -height)
            form = page.as_form_xobject()
            form.Matrix = Array([1, 0, 0, 1, right, up])
            forms.append(form)
        copied = pdf.copy_foreign(opened.make_indirect(forms))
    return dict(zip(words, copied, strict=True))


@lru_cache(maxsize=1_000)
def foot_stamp(sheet, name):
    """The operators that draw a page number."""
    size = sheet.stamp_scale
    return ARTIFACT % (b"Footer", written(sheet.placed(sheet.size[0] / 2, EDGE * size, size)), name)


@lru_cache(maxsize=1_000)
def head_stamp(sheet, name):
    """The operators that draw an item's stamp."""
    (width, height), size = sheet.size, sheet.stamp_scale
    return ARTIFACT % (b"Header", written(sheet.placed(width - SIDE * size, height - EDGE * size, size)), name)


def add_drawing(page, name, words, form):
    """Puts the form of a stamp into the page's resources; its name there as a stream writes it.

    Pages may share their resources: the name is then made of the stamp's words.
    """
    resources = page.Resources if "/Resources" in page else None
    if not isinstance(resources, Dictionary):
        page.Resources = resources = Dictionary()
    drawings = resources.XObject if "/XObject" in resources else None
    if not isinstance(drawings, Dictionary):
        resources.XObject = drawings = Dictionary()
    if name in drawings:
        name += "".join(filter(str.isalnum, words.encode("ascii", "ignore").decode()))
    while name in drawings:
        name += "x"
    drawings[name] = form
    return name.encode()
