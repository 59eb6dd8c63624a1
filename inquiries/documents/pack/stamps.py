"""What is printed on a paper's pages: "Page 15" at the bottom, "Agenda Item 7" on an item's first page.

All are set in one file without tags, each on a transparent page of its own (of the hundreds of page numbers only the
word and the digits), and placed as artifacts: they are read by eyes only, since page labels and bookmarks tell
everybody else the same.
"""

from functools import lru_cache
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name

from inquiries.documents.pack.geometry import EDGE, SIDE, written
from inquiries.documents.typst_runner import compile_document

TIMESTAMP = 946_684_800
NUMBER = "Page "
ARTIFACT = b"/Artifact <</Type /Pagination /Subtype /%s>> BDC q %s cm %s Do Q EMC\n"


def stamp_file(labels, items):
    """The PDF (bytes) from which `copy_stamps` makes the stamps of these page labels and items. Raises PdfFailed."""
    stamps = [{"words": words, "bold": False} for words in _pieces(labels)] + [
        {"words": words, "bold": True} for words in items
    ]
    return compile_document("stamps.typ", {"stamps": stamps}, TIMESTAMP, tagged=False)


def copy_stamps(pdf, stamps, labels, items):
    """Form XObjects of `pdf`, out of a `stamp_file`: by label for page numbers, by their words for items. The origin
    of a page number is the middle of its foot, that of an item's stamp its top right corner."""
    pieces = _pieces(labels)
    words = [*pieces, *items]
    if not words:  # a front sheet alone: the engine has set one empty page
        return {}
    sizes, forms = [], Array()
    with pikepdf.open(BytesIO(stamps), inherit_page_attributes=False) as opened:
        for index, page in enumerate(opened.pages):
            width, height = (float(edge) for edge in list(page.obj.MediaBox)[2:])
            form = page.as_form_xobject()
            if index >= len(pieces):
                form.Matrix = Array([1, 0, 0, 1, -width, -height])
            sizes.append((width, height))
            forms.append(form)
        copied = list(pdf.copy_foreign(opened.make_indirect(forms)))
    drawn = dict(zip(items, copied[len(pieces) :], strict=True))
    if pieces:
        drawn |= _numbers(pdf, labels, dict(zip(pieces, sizes, strict=False)), copied)
    return drawn


def _pieces(labels):
    """What page numbers are put together from: the word and each character, all digits being equally wide."""
    return [NUMBER, *sorted(set("".join(labels)))] if labels else []


def _numbers(pdf, labels, sizes, drawings):
    """{label: form that draws the page number}, out of the drawings of its pieces."""
    names = {piece: f"Piece{index}" for index, piece in enumerate(sizes)}
    resources = pdf.make_indirect(
        Dictionary(XObject=Dictionary({f"/{name}": drawings[index] for index, name in enumerate(names.values())}))
    )
    strokes = {
        piece: b"/%s Do 1 0 0 1 %s 0 cm\n" % (names[piece].encode(), written([sizes[piece][0]])) for piece in sizes
    }
    height, forms = sizes[NUMBER][1], {}
    for label in labels:
        pieces = (NUMBER, *label)
        width = sum(sizes[piece][0] for piece in pieces)
        forms[label] = pdf.make_stream(
            b"".join(strokes[piece] for piece in pieces),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, width, height]),
            Matrix=Array([1, 0, 0, 1, -width / 2, 0]),
            Resources=resources,
        )
    return forms


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
