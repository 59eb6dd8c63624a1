"""Bookmarks and page labels of a pack."""

from dataclasses import dataclass, field
from itertools import groupby

from pikepdf import Array, Dictionary, Name, OutlineItem, String

DEEPEST = 30
MOST = 20_000  # entries of one paper: more than any paper has, and a loop comes to an end


@dataclass
class Bookmark:
    """A title, where it leads (index of a page in the pack, its view) and what stands below it."""

    title: str
    place: tuple[int, list] | None
    below: list["Bookmark"] = field(default_factory=list)


def read_bookmarks(pdf, destinations, start):
    """The bookmarks of an opened paper whose first page has the index `start` in the pack. Those that lead nowhere
    and have nothing below them are left out."""
    seen = set()

    def level(entry, depth):
        found = []
        while isinstance(entry, Dictionary) and entry.objgen not in seen and len(seen) < MOST:
            seen.add(entry.objgen)
            place = destinations.find(_target(entry))
            below = level(entry.First, depth + 1) if "/First" in entry and depth < DEEPEST else []
            title = str(entry.Title).strip() if "/Title" in entry else ""
            if title and (place or below):
                shown = (place[0] + start, destinations.view(place)) if place else below[0].place
                found.append(Bookmark(title, shown, below))
            else:
                found += below
            entry = entry.Next if "/Next" in entry else None
        return found

    outlines = pdf.Root.get("/Outlines")
    return level(outlines.get("/First"), 0) if isinstance(outlines, Dictionary) else []


def bookmark_of_part(title, place, below):
    """A part's bookmark; a paper's own single top bookmark that says the same gives way to it."""
    if len(below) == 1 and _same(below[0].title, title):
        below = below[0].below
    return Bookmark(title, place, below)


def write_bookmarks(pdf, pages, parts, bookmarks):
    """Writes the parts' bookmarks, those of one item below a bookmark of the item."""
    pairs = zip(parts, bookmarks, strict=True)
    with pdf.open_outline() as outline:
        for (_, item), group in groupby(pairs, key=lambda pair: (pair[0].series, pair[0].item)):
            inside = [bookmark for _, bookmark in group]
            level = [Bookmark(item, inside[0].place, inside)] if item else inside
            outline.root.extend(_item(bookmark, pages, closed=bool(item)) for bookmark in level)


def write_labels(pdf, runs):
    """Page labels that equal the printed numbers: `runs` are (index of its first page, series, number)."""
    numbers = []
    for index, series, first in runs:
        label = Dictionary(S=Name.D, St=first)
        if series:
            label.P = String(series)
        numbers += [index, label]
    pdf.Root.PageLabels = Dictionary(Nums=Array(numbers))


def _target(entry):
    value = entry.get("/Dest")
    if value is None and isinstance(entry.get("/A"), Dictionary) and entry.A.get("/S") == "/GoTo":
        value = entry.A.get("/D")
    return value


def _item(bookmark, pages, *, closed):
    index, view = bookmark.place
    item = OutlineItem(bookmark.title, Array([pages[index], *view]))
    item.is_closed = closed
    item.children.extend(_item(below, pages, closed=True) for below in bookmark.below)
    return item


def _same(one, other):
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()
