"""Where things are on a page as a reader sees it: turned, cut by its crop box, in units of any size.

A page shows a rectangle of its own coordinates. Stamps are placed in points from the bottom left corner of what is
displayed; where the paper's own content leaves too little room for them, it is scaled down about the centre.
"""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name

from inquiries.documents.typst_runner import PdfFailed, compile_document

A4 = (595.276, 841.89)
ROOM = 30  # points that a stamp needs at the top or the bottom, its distance from the edge included
EDGE = 14  # points between a stamp and the edge: office printers leave the outer 4 mm white
SIDE = 36  # points between an item's stamp and the right edge
SMALL, LARGE = 420, 842  # the shorter sides of A5 and A3: stamps on smaller and larger sheets change with the sheet


@dataclass(frozen=True)
class Sheet:
    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    unit: float
    scale: float = 1.0

    @cached_property
    def size(self):
        sides = (self.right - self.left) * self.unit, (self.top - self.bottom) * self.unit
        return sides if self.rotation % 180 == 0 else (sides[1], sides[0])

    @cached_property
    def stamp_scale(self):
        """How large a stamp is printed: 1 on all sheets from A5 to A3."""
        shorter = min(self.size)
        return shorter / SMALL if shorter < SMALL else max(1.0, shorter / LARGE)

    def placed(self, x, y, scale=1.0):
        """The matrix that draws something at (x, y), points from the bottom left as displayed, upright."""
        one, size = 1 / self.unit, scale / self.unit
        if self.rotation == 90:
            return (0, size, -size, 0, self.right - y * one, self.bottom + x * one)
        if self.rotation == 180:
            return (-size, 0, 0, -size, self.right - x * one, self.top - y * one)
        if self.rotation == 270:
            return (0, -size, size, 0, self.left + y * one, self.top - x * one)
        return (size, 0, 0, size, self.left + x * one, self.bottom + y * one)

    @property
    def corner(self):
        return self.placed(0, self.size[1])[4:]

    @property
    def shrunk(self):
        rest = (1 - self.scale) / 2
        return (self.scale, 0, 0, self.scale, rest * (self.left + self.right), rest * (self.bottom + self.top))

    def moved(self, numbers):
        scale, _, _, _, right, up = self.shrunk
        return [float(number) * scale + (up if place % 2 else right) for place, number in enumerate(numbers)]


def sheet_of(page, facts, *, head, foot):
    """The Sheet of a `pikepdf.Page`, its content scaled so that a stamp at the top (`head`) or bottom (`foot`) has
    the room that `facts` say is not there. Raises PdfFailed where the page has no usable size."""
    media = crop = box_edges(page.mediabox)
    if "/CropBox" in page.obj:
        crop = box_edges(page.cropbox)
    rotation = int(page.rotation) if "/Rotate" in page.obj else 0
    sheet = whole_sheet(media, crop, rotation, float(page.obj.UserUnit) if "/UserUnit" in page.obj else 1.0)
    scale = min(content_scale(sheet, facts.top, head), content_scale(sheet, facts.bottom, foot))
    return sheet if scale == 1 else replace(sheet, scale=scale)


@lru_cache(maxsize=1_000)
def whole_sheet(media, crop, rotation, unit):
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    if right - left <= 0 or top - bottom <= 0:
        left, bottom, right, top = media
    sheet = Sheet(left, bottom, right, top, rotation // 90 * 90 % 360, unit)
    if min(sheet.size) <= 0:
        raise PdfFailed("A page has no size.")
    return sheet


def box_edges(box):
    text = box.unparse(resolved=True)
    if b"R" in text:  # a number that is elsewhere in the file
        return sorted_edges(*(float(edge) for edge in box))
    return parse_box(text)


@lru_cache(maxsize=1_000)
def parse_box(text):
    return sorted_edges(*(float(edge) for edge in text.strip(b"[] ").split()))


def sorted_edges(x1, y1, x2, y2):
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def content_scale(sheet, free, wanted):
    half = sheet.size[1] / 2
    room = ROOM * sheet.stamp_scale
    if not wanted or free >= room or free >= half:
        return 1.0
    return min(1.0, max(0.1, (half - room) / (half - max(free, 0.0))))


def format_numbers(numbers):
    return " ".join(f"{number:.5f}".rstrip("0").rstrip(".") for number in numbers).encode()


TIMESTAMP = 946_684_800
NUMBER = "Page "
ARTIFACT = b"/Artifact <</Type /Pagination /Subtype /%s>> BDC q %s cm %s Do Q EMC\n"


def stamp_file(labels, items):
    """The PDF (bytes) from which `copy_stamps` makes the stamps of these page labels and items. Raises PdfFailed."""
    stamps = [{"text": text, "bold": False} for text in number_pieces(labels)] + [
        {"text": text, "bold": True} for text in items
    ]
    return compile_document("stamps.typ", {"stamps": stamps}, TIMESTAMP, tagged=False)


def copy_stamps(pdf, stamps, labels, items):
    """Form XObjects of `pdf`, out of a `stamp_file`: by label for page numbers, by their text for items. The origin
    of a page number is the middle of its foot, that of an item's stamp its top right corner."""
    pieces = number_pieces(labels)
    text = [*pieces, *items]
    if not text:  # a front sheet alone: the engine has set one empty page
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
        drawn |= number_forms(pdf, labels, dict(zip(pieces, sizes, strict=False)), copied)
    return drawn


def number_pieces(labels):
    return [NUMBER, *sorted(set("".join(labels)))] if labels else []


def number_forms(pdf, labels, sizes, drawings):
    names = {piece: f"Piece{index}" for index, piece in enumerate(sizes)}
    resources = pdf.make_indirect(
        Dictionary(XObject=Dictionary({f"/{name}": drawings[index] for index, name in enumerate(names.values())}))
    )
    strokes = {
        piece: b"/%s Do 1 0 0 1 %s 0 cm\n" % (names[piece].encode(), format_numbers([sizes[piece][0]]))
        for piece in sizes
    }
    widths = {label: sum(sizes[piece][0] for piece in (NUMBER, *label)) for label in labels}
    half, height, forms = max(widths.values()) / 2, sizes[NUMBER][1], {}
    box = pdf.make_indirect(Array([-half, 0, half, height]))  # of all: writing one for each takes most of the time
    for label, width in widths.items():
        start = b"1 0 0 1 %s 0 cm\n" % format_numbers([-width / 2])
        forms[label] = form = pdf.make_stream(start + b"".join(strokes[piece] for piece in (NUMBER, *label)))
        form.Subtype, form.BBox, form.Resources = Name.Form, box, resources
    return forms


@lru_cache(maxsize=1_000)
def foot_stamp(sheet, name):
    size = sheet.stamp_scale
    return ARTIFACT % (b"Footer", format_numbers(sheet.placed(sheet.size[0] / 2, EDGE * size, size)), name)


@lru_cache(maxsize=1_000)
def head_stamp(sheet, name):
    (width, height), size = sheet.size, sheet.stamp_scale
    return ARTIFACT % (b"Header", format_numbers(sheet.placed(width - SIDE * size, height - EDGE * size, size)), name)


def add_drawing(page, name, text, form):
    """Puts the form of a stamp into the page's resources; its name there as a stream writes it.

    Pages may share their resources: the name is then made of the stamp's text.
    """
    resources = page.Resources if "/Resources" in page else None
    if not isinstance(resources, Dictionary):
        page.Resources = resources = Dictionary()
    drawings = resources.XObject if "/XObject" in resources else None
    if not isinstance(drawings, Dictionary):
        resources.XObject = drawings = Dictionary()
    if name in drawings:
        name += "".join(filter(str.isalnum, text.encode("ascii", "ignore").decode()))
    while name in drawings:
        name += "x"
    drawings[name] = form
    return name.encode()
