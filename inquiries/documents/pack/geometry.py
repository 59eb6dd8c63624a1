"""Where things stand on a page as a reader sees it: turned, cut by its crop box, in units of any size.

A page shows a rectangle of its own coordinates. Stamps are placed in points from the bottom left corner of what is
displayed; where the paper's own content leaves too little room for them, it is scaled down about the centre.
"""

from dataclasses import dataclass
from functools import lru_cache

from inquiries.documents.typst_runner import PdfFailed

A4 = (595.276, 841.89)
ROOM = 30  # points that a stamp needs at the top or the bottom, its distance from the edge included
EDGE = 14  # points between a stamp and the edge: office printers leave the outer 4 mm white
SIDE = 36  # points between an item's stamp and the right edge
SMALL, LARGE = 420, 842  # the shorter sides of A5 and A3: stamps on smaller and larger sheets change with the sheet


@dataclass(frozen=True)
class Sheet:
    """What a page shows of its own coordinates, and the scale of its content in the pack."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    unit: float
    scale: float = 1.0

    @property
    def size(self):
        """Width and height in points, as displayed."""
        sides = (self.right - self.left) * self.unit, (self.top - self.bottom) * self.unit
        return sides if self.rotation % 180 == 0 else (sides[1], sides[0])

    @property
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
        """The top left corner as displayed, in the page's coordinates."""
        return self.placed(0, self.size[1])[4:]

    @property
    def shrunk(self):
        """The matrix that scales the page's content about its centre."""
        rest = (1 - self.scale) / 2
        return (self.scale, 0, 0, self.scale, rest * (self.left + self.right), rest * (self.bottom + self.top))

    def moved(self, numbers):
        """The coordinates x, y, x, y ... after the content has been scaled."""
        scale, _, _, _, right, up = self.shrunk
        return [float(number) * scale + (up if place % 2 else right) for place, number in enumerate(numbers)]


def sheet_of(page, facts, *, head, foot):
    """The Sheet of a `pikepdf.Page`, its content scaled so that a stamp at the top (`head`) or bottom (`foot`) has
    the room that `facts` say is not there. Raises PdfFailed where the page has no usable size."""
    shown = page.cropbox
    media = crop = _edges(page.mediabox)
    if shown.unparse() != page.mediabox.unparse():
        crop = _edges(shown)
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    if right - left <= 0 or top - bottom <= 0:
        left, bottom, right, top = media
    rotation = int(page.rotation) // 90 * 90 % 360
    sheet = Sheet(left, bottom, right, top, rotation, float(page.obj.UserUnit) if "/UserUnit" in page.obj else 1.0)
    if min(sheet.size) <= 0:
        raise PdfFailed("A page has no size.")
    scale = min(_fitting(sheet, facts.top, head), _fitting(sheet, facts.bottom, foot))
    return sheet if scale == 1 else Sheet(left, bottom, right, top, rotation, sheet.unit, scale)


def _edges(box):
    text = box.unparse(resolved=True)
    if b"R" in text:  # a number that stands elsewhere in the file
        return _sorted(*(float(edge) for edge in box))
    return _read_edges(text)


@lru_cache(maxsize=1_000)
def _read_edges(text):
    return _sorted(*(float(edge) for edge in text.strip(b"[] ").split()))


def _sorted(x1, y1, x2, y2):
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _fitting(sheet, free, wanted):
    half = sheet.size[1] / 2
    room = ROOM * sheet.stamp_scale
    if not wanted or free >= room or free >= half:
        return 1.0
    return min(1.0, max(0.1, (half - room) / (half - max(free, 0.0))))


def written(numbers):
    """Numbers as a content stream takes them."""
    return " ".join(f"{number:.5f}".rstrip("0").rstrip(".") for number in numbers).encode()
