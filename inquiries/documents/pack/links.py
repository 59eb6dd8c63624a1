"""Links and destinations of a paper, made ready for a file in which its pages have other places and sizes.

Names of destinations become the places they stand for: two papers with the same names then stay apart.
"""

import re
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from inquiries.documents.pack.parts import PAGE_LINK

# What programs write where a link has no better description; in the pack the number would be another page's.
PAGE_WORDS = re.compile(r"(?:[a-z]+, )?page \d+", re.IGNORECASE)
# Which entries of a destination's view are measured from the left (0) and from the bottom (1) of its page.
VIEWS = {"/XYZ": (0, 1), "/FitH": (1,), "/FitBH": (1,), "/FitV": (0,), "/FitBV": (0,), "/FitR": (0, 1, 0, 1)}


class Destinations:
    """The places inside of one paper, found by name or as they are."""

    def __init__(self, pdf, pages, sheets):
        self.pages = pages
        self.sheets = sheets
        self._index = {page.objgen: index for index, page in enumerate(pages)}
        self._root = pdf.Root
        self._names = None

    def find(self, value):
        """(index of the page, explicit destination) of a destination in any form; nothing where it leads nowhere."""
        for _ in range(3):  # a name stands for a dictionary that holds an array
            if isinstance(value, Array):
                break
            if isinstance(value, String | Name):
                value = self._named.get(str(value))
            elif isinstance(value, Dictionary):
                value = value.get("/D")
        if not isinstance(value, Array) or len(value) == 0:
            return None
        page = value[0]
        if isinstance(page, int):
            index = page if 0 <= page < len(self.pages) else None
        else:
            index = self._index.get(page.objgen) if isinstance(page, Dictionary) else None
        return None if index is None else (index, value)

    def is_settled(self, value, place):
        """Whether a destination may stay as it is."""
        return isinstance(value, Array) and not isinstance(value[0], int) and self.sheets[place[0]].scale == 1

    def view(self, place):
        """What a found destination shows of its page, after the page's content has been scaled."""
        return self._view(self.sheets[place[0]], list(place[1])[1:])

    def array(self, place):
        """A found destination as the file writes it."""
        return Array([self.pages[place[0]], *self.view(place)])

    @property
    def _named(self):
        if self._names is None:
            self._names = {str(name): value for name, value in (self._root.get("/Dests") or {}).items()}
            tree = (self._root.get("/Names") or {}).get("/Dests")
            if isinstance(tree, Dictionary):
                self._names |= dict(pikepdf.NameTree(tree).items())
        return self._names

    @staticmethod
    def _view(sheet, view):
        axes = VIEWS.get(str(view[0]), ()) if view else ()
        if sheet.scale == 1 or not axes:
            return view or [Name.Fit]
        moves = sheet.shrunk
        return [view[0]] + [
            number if place >= len(axes) or number is None else float(number) * moves[0] + moves[4 + axes[place]]
            for place, number in enumerate(view[1:])
        ]


@dataclass
class Settled:
    """What was found on the way: links that lead nowhere, and placeholders as (page, place on it, label)."""

    dead: int = 0
    placeholders: list[tuple[int, int, str]] = field(default_factory=list)


def settle(destinations, label_of):
    """Makes the annotations of a paper ready, in place: destinations explicit, everything moved with its page's
    content, each link with a description. `label_of(index)` is the number that is printed on a page."""
    settled = Settled()
    for index, page in enumerate(destinations.pages):
        annotations = page.Annots if "/Annots" in page else None
        if not isinstance(annotations, Array):
            continue
        for place, annotation in enumerate(annotations):
            if not isinstance(annotation, Dictionary):
                continue
            if destinations.sheets[index].scale != 1:
                _move(annotation, destinations.sheets[index])
            if annotation.get("/Subtype") == "/Link":
                _settle(annotation, destinations, label_of, settled, (index, place))
    return settled


def top_of(sheet):
    """The view of a destination that shows a page from its top."""
    return [Name.XYZ, *sheet.corner, None]


def lead_to(annotation, page, corner, label):
    """Turns a placeholder into a link to a page of the pack."""
    left, top = corner
    annotation.A = Dictionary(S=Name.GoTo, D=Array([page, Name.XYZ, left, top, None]))
    annotation.Contents = String(f"Page {label}")


def _settle(annotation, destinations, label_of, settled, at):
    action = annotation.A if "/A" in annotation else None
    if action is None:
        value = annotation.get("/Dest")
    elif action.get("/S") == "/GoTo":
        value = action.get("/D")
    else:
        address = str(action.get("/URI", ""))
        if address.startswith(PAGE_LINK):
            settled.placeholders.append((*at, address.removeprefix(PAGE_LINK)))
        elif "/Contents" not in annotation and address:
            annotation.Contents = String(address)
        return
    place = destinations.find(value)
    if place is None:
        settled.dead += 1
        for name in ("/A", "/Dest"):
            if name in annotation:
                del annotation[name]
        return
    if not destinations.is_settled(value, place):
        if "/Dest" in annotation:
            del annotation["/Dest"]
        # An action may be shared with other links, so it is not changed but replaced.
        annotation.A = Dictionary(S=Name.GoTo, D=destinations.array(place))
    if "/Contents" not in annotation or PAGE_WORDS.fullmatch(str(annotation.Contents)):
        annotation.Contents = String(f"Page {label_of(place[0])}")


def _move(annotation, sheet):
    for name in ("/Rect", "/QuadPoints", "/Vertices", "/L", "/CL"):
        numbers = annotation.get(name)
        if isinstance(numbers, Array):
            annotation[name] = Array(sheet.moved(numbers))
    strokes = annotation.get("/InkList")
    if isinstance(strokes, Array):
        annotation.InkList = Array([Array(sheet.moved(stroke)) for stroke in strokes])
