"""Binds the files of a pack into one: numbers, stamps, bookmarks, labels, links, and the tags of every paper.

`python -m inquiries.documents.pack_merge` reads what to measure or to bind as lines of JSON on standard input and
writes progress and results as lines of JSON: a process of its own, because uploaded papers are opened here and a large
pack takes much memory.
"""

import gc
import json
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import groupby, pairwise
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, NumberTree, ObjectStreamMode, String

from inquiries.documents.object_text import read_object_texts
from inquiries.documents.pack_check import find_doubt, is_fault, is_without_blanks
from inquiries.documents.pack_screen import QUICK, page_labels, screen_update
from inquiries.documents.pack_stamps import (
    A4,
    Sheet,
    add_drawing,
    copy_stamps,
    foot_stamp,
    format_numbers,
    head_stamp,
    sheet_of,
    stamp_file,
)
from inquiries.documents.pack_tags import TagTree, forget_tags, untagged_annotations
from inquiries.documents.typst_runner import PdfFailed
from inquiries.uploads.page_content import EMPTY, MARKED, UNBALANCED, UNMARKED, describe_content, read_content
from inquiries.uploads.paper import PageFacts
from inquiries.uploads.pdfua_check import has_tags

SCREEN_END = ".screen"  # of the file beside a pack that holds what `screen_update` adds to it
# A link of the front sheet to a page of the pack, until the merger knows the page: this and its label.
PAGE_LINK = "https://pack.invalid/page/"


@dataclass(frozen=True)
class Part:
    path: str
    title: str  # of its bookmark and of its part in the tags
    language: str
    pages: tuple[PageFacts, ...]
    first_page: int  # the number printed on its first page
    series: str = ""  # "E" in Part 2: pages E1, E2 ...
    tagged: bool = True
    stamp: str = ""  # on the first page: "Agenda Item 7"
    item: str = ""  # the bookmark it is under: "7. PROGRESS UPDATE"; "" for one at the top level
    numbered: bool = True  # whether its page numbers are printed (the front sheet prints none)
    blank_after: int = 0  # blank pages behind it; they count


@dataclass(frozen=True)
class PackProperties:
    title: str
    language: str
    accessible: bool  # claims PDF/UA-1: only for a pack whose parts are all known to be valid


# How the file is written: small, and the same bytes for the same content.
SAVING = {"min_version": "1.7", "deterministic_id": True, "object_stream_mode": ObjectStreamMode.generate}
UA_SPACE = "http://www.aiim.org/pdfua/ns/id/"


def write_metadata(pdf, properties):
    """Writes title, language and claim into an opened PDF. No date is written: the same pack is the same bytes."""
    pdf.Root.Lang = String(properties.language)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.Root.PageMode = Name.UseOutlines
    pdf.docinfo["/Title"] = properties.title
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata.register_xml_namespace(UA_SPACE, "pdfuaid")
        metadata["dc:title"] = properties.title
        metadata["dc:language"] = {properties.language}
        if properties.accessible:
            metadata[f"{{{UA_SPACE}}}part"] = "1"


MARKS = frozenset(("BMC", "BDC"))


@dataclass(frozen=True)
class CheckedContent:
    repaired: bytes | None = None
    closing: bytes = b""
    empty: bool = False
    unbalanced: bool = False
    unreadable: bool = False


def check_content(page, known, *, unmark):
    """The `CheckedContent` of a page object, of whose content `known` is noted, if anything. `unmark` takes its own
    marked content out, layers excepted."""
    if known not in (EMPTY, UNMARKED, MARKED):
        known = describe_content(read_content(page) or b"")
    if known == UNBALANCED or (known == MARKED and unmark):
        return repair_content(page, read_content(page), unmark)
    return CheckedContent(empty=known == EMPTY)


def repair_content(page, content, unmark):
    """The exact way: an operator that closes what nobody opened is dropped, as readers do."""
    try:
        instructions = pikepdf.parse_content_stream(page)
    except pikepdf.PdfError:
        return CheckedContent(unreadable=True)
    kept, states, marks, unbalanced = [], 0, [], False
    for instruction in instructions:
        operator = str(instruction.operator)
        keep = True
        if operator == "q":
            states += 1
        elif operator == "Q":
            keep = states > 0
            states -= keep
            unbalanced |= not keep
        elif operator in MARKS:
            keep = not unmark or (bool(instruction.operands) and str(instruction.operands[0]) == "/OC")
            marks.append(keep)
        elif operator == "EMC":
            unbalanced |= not marks
            keep = bool(marks) and marks.pop()
        elif unmark and operator in ("MP", "DP"):
            keep = False
        if keep:
            kept.append(instruction)
    closing = b"EMC " * sum(marks) + b"Q " * states
    return CheckedContent(
        repaired=pikepdf.unparse_content_stream(kept) if len(kept) < len(instructions) else None,
        closing=closing,
        empty=not content.strip(),
        unbalanced=unbalanced or bool(closing),
    )


DEEPEST_BOOKMARK = 30
MOST_BOOKMARKS = 20_000  # entries of one paper: more than any paper has, and a loop comes to an end


@dataclass
class Bookmark:
    title: str
    place: tuple[int, list] | None
    below: list["Bookmark"] = field(default_factory=list)
    is_open: bool = False


def read_bookmarks(pdf, destinations, start):
    """The bookmarks of an opened paper whose first page has the index `start` in the pack. Those that lead nowhere
    and have nothing below them are left out."""
    seen = set()

    def level(entry, depth):
        found = []
        while isinstance(entry, Dictionary) and entry.objgen not in seen and len(seen) < MOST_BOOKMARKS:
            seen.add(entry.objgen)
            place = destinations.find(bookmark_target(entry))
            below = level(entry.First, depth + 1) if "/First" in entry and depth < DEEPEST_BOOKMARK else []
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
    if len(below) == 1 and same_title(below[0].title, title):
        below = below[0].below
    return Bookmark(title, place, below)


def write_bookmarks(pdf, pages, parts, bookmarks):
    """Items are closed, and what is below them; a part at the top level is open. The library's own outline asks the
    file again for each entry that it has just written, which takes three times as long."""
    pairs, top = zip(parts, bookmarks, strict=True), []
    for (_, item), group in groupby(pairs, key=lambda pair: (pair[0].series, pair[0].item)):
        inside = [bookmark for _, bookmark in group]
        top += [Bookmark(item, inside[0].place, inside)] if item else [replace(one, is_open=True) for one in inside]
    pdf.Root.Outlines = outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines))
    outlines.Count = hang_bookmarks(pdf, outlines, top, pages)


def bookmark_target(entry):
    value = entry.get("/Dest")
    if value is None and isinstance(entry.get("/A"), Dictionary) and entry.A.get("/S") == "/GoTo":
        value = entry.A.get("/D")
    return value


def hang_bookmarks(pdf, above, bookmarks, pages):
    """Write `bookmarks` below the entry `above`; how many are seen once that is open."""
    entries, seen = [], len(bookmarks)
    for bookmark in bookmarks:
        index, view = bookmark.place
        entry = Dictionary(Title=String(bookmark.title), Dest=Array([pages[index], *view]), Parent=above)
        entries.append(entry := pdf.make_indirect(entry))
        if bookmark.below:
            below = hang_bookmarks(pdf, entry, bookmark.below, pages)
            entry.Count = below if bookmark.is_open else -below
            seen += below if bookmark.is_open else 0
    for entry, following in pairwise(entries):
        entry.Next, following.Prev = following, entry
    if entries:
        above.First, above.Last = entries[0], entries[-1]
    return seen


def same_title(one, other):
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


# What programs write where a link has no better description; in the pack the number would be another page's.
PAGE_WORDS = re.compile(r"(?:[a-z]+, )?page \d+", re.IGNORECASE)
# Which entries of a destination's view are measured from the left (0) and from the bottom (1) of its page.
VIEWS = {"/XYZ": (0, 1), "/FitH": (1,), "/FitBH": (1,), "/FitV": (0,), "/FitBV": (0,), "/FitR": (0, 1, 0, 1)}


class Destinations:
    def __init__(self, pdf, pages, sheets):
        self.pages = pages
        self.sheets = sheets
        self._index = {page.objgen: index for index, page in enumerate(pages)}
        self._root = pdf.Root
        self._names = None

    def find(self, value):
        for _ in range(3):  # a name may lead to a dictionary that holds an array
            if isinstance(value, Array):
                break
            if isinstance(value, String | Name):
                value = self.named_destinations.get(str(value))
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
        return isinstance(value, Array) and not isinstance(value[0], int) and self.sheets[place[0]].scale == 1

    def view(self, place):
        return self.scaled_view(self.sheets[place[0]], list(place[1])[1:])

    def array(self, place):
        index, value = place
        return value if self.is_settled(value, place) else Array([self.pages[index], *self.view(place)])

    @property
    def named_destinations(self):
        if self._names is None:
            self._names = {str(name): value for name, value in (self._root.get("/Dests") or {}).items()}
            tree = (self._root.get("/Names") or {}).get("/Dests")
            if isinstance(tree, Dictionary):
                self._names |= dict(pikepdf.NameTree(tree).items())
        return self._names

    @staticmethod
    def scaled_view(sheet, view):
        axes = VIEWS.get(str(view[0]), ()) if view else ()
        if sheet.scale == 1 or not axes:
            return view or [Name.Fit]
        moves = sheet.shrunk
        return [view[0]] + [
            number if place >= len(axes) or number is None else float(number) * moves[0] + moves[4 + axes[place]]
            for place, number in enumerate(view[1:])
        ]


@dataclass
class SettledLinks:
    dead: int = 0
    placeholders: list[tuple[int, int, str]] = field(default_factory=list)


def settle_annotations(destinations, label_of):
    settled = SettledLinks()
    for index, page in enumerate(destinations.pages):
        annotations = page.Annots if "/Annots" in page else None
        if not isinstance(annotations, Array):
            continue
        for place, annotation in enumerate(annotations):
            if not isinstance(annotation, Dictionary):
                continue
            if destinations.sheets[index].scale != 1:
                move_annotation(annotation, destinations.sheets[index])
            if annotation.get("/Subtype") == "/Link":
                settle_link(annotation, destinations, label_of, settled, (index, place))
    return settled


def lead_to(annotation, page, corner, label):
    left, top = corner
    annotation.A = Dictionary(S=Name.GoTo, D=Array([page, Name.XYZ, left, top, None]))
    annotation.Contents = String(f"Page {label}")


def settle_link(annotation, destinations, label_of, settled, at):
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
        if action is None:
            annotation.Dest = destinations.array(place)
        else:  # it may be shared with other links, so it is not changed but replaced
            annotation.A = Dictionary(S=Name.GoTo, D=destinations.array(place))
    if "/Contents" not in annotation or PAGE_WORDS.fullmatch(str(annotation.Contents)):
        annotation.Contents = String(f"Page {label_of(place[0])}")


def move_annotation(annotation, sheet):
    for name in ("/Rect", "/QuadPoints", "/Vertices", "/L", "/CL"):
        numbers = annotation.get(name)
        if isinstance(numbers, Array):
            annotation[name] = Array(sheet.moved(numbers))
    strokes = annotation.get("/InkList")
    if isinstance(strokes, Array):
        annotation.InkList = Array([Array(sheet.moved(stroke)) for stroke in strokes])


def merge_parts(parts: Sequence[Part], output: Path, properties: PackProperties, on_progress=None) -> "PackMerger":
    """Binds `parts` in their order and writes the pack to `output`. Returns the PackMerger, with what it noticed.

    `on_progress(step, done, total)` is called for each part. The same parts give the same bytes. Raises PdfFailed
    where a part cannot be bound.
    """
    on_progress = on_progress or (lambda step, done, total: None)
    merger = PackMerger(parts)
    with ThreadPoolExecutor(1) as meanwhile:
        stamping = meanwhile.submit(stamp_file, merger.numbers, merger.items)
        for index, part in enumerate(parts):
            on_progress(f"Binding “{part.title}”", index, len(parts))
            try:
                merger.bind(index, part)
            except (pikepdf.PdfError, OSError) as error:
                raise PdfFailed(f"“{part.title}” cannot be bound into the pack: its file cannot be read.") from error
        merger.place_stamps(stamping.result())
    on_progress("Writing the pack", len(parts), len(parts))
    merger.save(output, properties)
    return merger


@dataclass
class BoundPage:
    page: pikepdf.Object
    sheet: Sheet
    content: CheckedContent
    tagged: bool
    number: str  # whose number is printed at its foot, or ""
    item: str  # what is printed at its top, or ""


class PackMerger:
    def __init__(self, parts):
        self.parts = parts
        self.pdf = pikepdf.new()
        self.tags = TagTree(self.pdf)
        numbered = ((part, index) for part in parts if part.numbered for index in range(len(part.pages)))
        self.numbers = [page_label(part, index) for part, index in numbered]
        self.items = list(dict.fromkeys(part.stamp for part in parts if part.stamp))
        self.sources = []  # open until the pack is written: their streams are read only then
        self.leaves = []
        self.marks = []  # for each page how many tags its content has; None where it is not to have any
        self.doubts = []  # what of the binding only a validator can judge, in words
        self.bookmarks = []
        self.placeholders = []
        self.runs, self.screen_runs, self.blank = [], [], []
        self.warnings = []  # in sentences, for the clerk
        self.page_count = 0
        self.dead_links = self.unbalanced = self.scaled = 0

    def bind(self, number, part):
        source = pikepdf.open(part.path)
        self.sources.append(source)
        pages = list(source.pages)
        if len(pages) != len(part.pages) or not pages:
            raise PdfFailed(f"“{part.title}” has {len(pages)} pages where {len(part.pages)} were counted.")
        start = len(self.pdf.pages)
        sheets = [
            sheet_of(page, facts, head=bool(part.stamp) and index == 0, foot=part.numbered)
            for index, (page, facts) in enumerate(zip(pages, part.pages, strict=True))
        ]
        originals = [page.obj for page in pages]
        places = Destinations(source, originals, sheets)
        settled = settle_annotations(places, lambda index: page_label(part, index))
        top = (start, [Name.XYZ, *sheets[0].corner, None])
        self.bookmarks.append(bookmark_of_part(part.title, top, read_bookmarks(source, places, start)))

        tagged = part.tagged and has_tags(source)
        if tagged:
            parcel = self.tags.prepare(part.path, source, originals, sheets, number)
        else:
            forget_tags(originals)
        self.append_pages(source, pages)
        kids = self.pdf.Root.Pages.Kids  # `pdf.pages` takes longer for each page the more there are
        copies = [kids[start + index] for index in range(len(pages))]
        leaves = [self.bound_page(part, index, copy, sheets[index], tagged) for index, copy in enumerate(copies)]
        loose = untagged_annotations(copies)
        if tagged:
            self.tags.add_tagged(source, parcel, part.title, part.language, loose)
            self.doubts += [f"{doubt} of “{part.title}”" for doubt in self.binding_doubts(source, parcel, leaves)]
            self.marks += parcel.marks
        else:
            read = [leaf.page for leaf in leaves if not leaf.content.empty]
            self.tags.add_untagged(read, part.title, part.language, loose)
            self.marks += [None] * len(leaves)
        self.leaves += leaves
        self.marks += [None] * part.blank_after
        self.placeholders += [(copies[index].Annots[at], label) for index, at, label in settled.placeholders]
        for _ in range(part.blank_after):
            self.pdf.add_blank_page(page_size=A4)
        start_labels(self.runs, start, part)
        start_labels(self.screen_runs, start - len(self.blank), part)
        self.blank += range(start + len(pages), start + len(pages) + part.blank_after)
        self.add_warnings(part, leaves, settled.dead, tagged)

    def place_stamps(self, file):
        forms = copy_stamps(self.pdf, file, self.numbers, self.items)
        streams = {}  # most pages need the same ones

        def stream(content):
            if content not in streams:
                streams[content] = self.pdf.make_stream(content)
            return streams[content]

        for leaf in self.leaves:
            page = leaf.page
            opening, closing = wrapping_streams(leaf)
            if leaf.number:
                name = add_drawing(page, "/PackPage", leaf.number, forms[leaf.number])
                closing += foot_stamp(leaf.sheet, name)
            if leaf.item:
                name = add_drawing(page, "/PackItem", leaf.item, forms[leaf.item])
                closing += head_stamp(leaf.sheet, name)
            if leaf.content.repaired is not None:
                inside = [self.pdf.make_stream(leaf.content.repaired)]
            else:
                old = page.Contents if "/Contents" in page else Array()
                inside = list(old) if isinstance(old, Array) else [old]
            page.Contents = Array([stream(opening), *inside, stream(closing)])
            if "/Annots" in page:
                page.Tabs = Name.S

    def save(self, output, properties):
        pages = [page.obj for page in self.pdf.pages]
        self.link_placeholders(pages)
        self.tags.finish()
        self.pdf.Root.PageLabels = page_labels(self.runs)
        write_bookmarks(self.pdf, pages, self.parts, self.bookmarks)
        write_metadata(self.pdf, properties)
        self.pdf.save(output, **SAVING)
        for source in self.sources:
            source.close()
        self.page_count = len(pages)

    def append_pages(self, source, pages):
        if "/OCProperties" in source.Root:
            self.pdf.add_pages_from(source, outlines="ignore")
        else:
            for page in pages:
                self.pdf.pages.append(page)

    def bound_page(self, part, index, page, sheet, tagged):
        content = check_content(page, part.pages[index].content, unmark=not tagged)
        number = page_label(part, index) if part.numbered else ""
        return BoundPage(page, sheet, content, tagged, number, part.stamp if index == 0 else "")

    @staticmethod
    def binding_doubts(source, parcel, leaves):
        """What was changed for the pack in ways that are too many to foresee."""
        if parcel.has_marked_drawings:
            yield "the tags in drawings"
        if parcel.has_new_headings:
            yield "the levels of headings"
        if parcel.namespaces:
            yield "the namespaces"
        if "/OCProperties" in source.Root:
            yield "the layers"
        if any(leaf.content.repaired is not None or leaf.content.closing for leaf in leaves):
            yield "mended content"

    def add_warnings(self, part, leaves, dead, tagged):
        scaled = sum(leaf.sheet.scale != 1 for leaf in leaves)
        unreadable = sum(leaf.content.unreadable for leaf in leaves)
        self.dead_links += dead
        self.scaled += scaled
        self.unbalanced += sum(leaf.content.unbalanced for leaf in leaves)
        if not tagged:
            self.warnings.append(f"“{part.title}” is not tagged for screen readers.")
        if scaled:
            subject = f"{scaled} pages of “{part.title}” are" if scaled > 1 else f"One page of “{part.title}” is"
            self.warnings.append(f"{subject} printed smaller, to leave room for the pack's page numbers.")
        if dead:
            subject = f"{dead} links in “{part.title}” lead" if dead > 1 else f"One link in “{part.title}” leads"
            self.warnings.append(f"{subject} to a place that does not exist.")
        if unreadable:
            subject = (
                f"{unreadable} pages of “{part.title}” are" if unreadable > 1 else f"One page of “{part.title}” is"
            )
            self.warnings.append(f"{subject} faulty in the file: look whether it is printed as it should be.")

    def link_placeholders(self, pages):
        corners = {page_label(part, index): None for part in self.parts for index in range(len(part.pages))}
        index = 0
        sheets = iter(self.leaves)
        for part in self.parts:
            for place in range(len(part.pages)):
                corners[page_label(part, place)] = (pages[index + place], next(sheets).sheet.corner)
            index += len(part.pages) + part.blank_after
        for annotation, label in self.placeholders:
            if label in corners:
                lead_to(annotation, *corners[label], label)
                continue
            del annotation["/A"]
            self.dead_links += 1
            self.warnings.append(f"The front sheet names page {label}, which the pack does not have.")


def start_labels(runs, start, part):
    """Begin a new run of page labels at the page with the index `start`, unless the last one goes on."""
    if runs:
        index, series, first = runs[-1]
        if part.series == series and part.first_page == first + start - index:
            return
    runs.append((start, part.series, part.first_page))


def page_label(part, index):
    return f"{part.series}{part.first_page + index}"


def wrapping_streams(leaf):
    paragraph = not leaf.tagged and not leaf.content.empty
    opening = b"q\n"
    if leaf.sheet.scale != 1:
        sheet = leaf.sheet
        cut = format_numbers((sheet.left, sheet.bottom, sheet.right - sheet.left, sheet.top - sheet.bottom))
        # Scaled down, the page would show what its crop box has cut off.
        opening += format_numbers(sheet.shrunk) + b" cm " + cut + b" re W n\n"
    if paragraph:
        opening += b"/P <</MCID 0>> BDC\n"
    return opening, b"\n" + leaf.content.closing + (b"EMC " if paragraph else b"") + b"Q\n"


def reprint(pack: Path | bytes, first: int, last: int, output):
    """Writes the pages with the indices `first` to `last` of a built pack to `output` (a path or a binary file).

    They are as in the pack, but without tags and bookmarks: it is for printing, and its title says so. Links that
    lead to pages left out are removed. Raises ValueError where the pack has no such pages.
    """
    with pikepdf.open(BytesIO(pack) if isinstance(pack, bytes) else pack) as source, pikepdf.new() as pdf:
        if not 0 <= first <= last < len(source.pages):
            raise ValueError(f"The pack has {len(source.pages)} pages, not {first + 1} to {last + 1}.")
        wanted = list(source.pages)[first : last + 1]
        kept = {page.obj.objgen for page in wanted}
        for page in wanted:
            remove_tags(page.obj, kept)
        if "/OCProperties" in source.Root:
            pdf.add_pages_from(source, pages=range(first, last + 1), outlines="ignore")
        else:
            for page in wanted:
                pdf.pages.append(page)
        pdf.Root.PageLabels = page_labels(label_runs(source, first, last))
        labels = wanted[0].label, wanted[-1].label
        shown = f"page {labels[0]}" if first == last else f"pages {labels[0]} to {labels[1]}"
        title = f"{source.docinfo.get('/Title', 'Agenda pack')}: {shown}, for printing"
        write_metadata(pdf, PackProperties(title, str(source.Root.get("/Lang", "")), accessible=False))
        pdf.save(output, **SAVING)


def remove_tags(page, kept):
    if "/StructParents" in page:
        del page.StructParents
    if "/Annots" not in page:
        return
    for annotation in page.Annots:
        if "/StructParent" in annotation:
            del annotation.StructParent
    page.Annots = Array([annotation for annotation in page.Annots if link_stays(annotation, kept)])


def link_stays(annotation, kept):
    if annotation.get("/Subtype") != "/Link":
        return True
    action = annotation.get("/A", Dictionary())
    place = annotation.get("/Dest", action.get("/D"))
    return not isinstance(place, Array) or place[0].objgen in kept


def label_runs(source, first, last):
    runs = []
    for index, label in sorted(NumberTree(source.Root.PageLabels).items()):
        series, number = str(label.get("/P", "")), int(label.get("/St", 1))
        if index <= first:
            runs = [(0, series, number + first - index)]
        elif index <= last:
            runs.append((index - first, series, number))
    return runs


def measure_pages(path):
    with pikepdf.open(path) as pdf:
        return [[float(edge) for edge in page.mediabox[2:]] for page in pdf.pages]


def bind_parts(job):
    parts = [Part(**{**part, "pages": tuple(PageFacts(**page) for page in part["pages"])}) for part in job["parts"]]
    output, properties = Path(job["output"]), PackProperties(**job["properties"])
    merger = merge_parts(parts, output, properties, print_progress)
    doubt = fault = ""
    with pikepdf.open(output, **QUICK) as pack:
        if properties.accessible:
            doubt = find_doubt(pack, read_object_texts(output), merger.marks)
            fault = f"{doubt} is not what it is in the paper." if is_fault(doubt) else ""
            doubt = doubt or next(iter(merger.doubts), "")
        end = screen_update(pack, output, merger.blank, merger.screen_runs) if merger.blank else b""
        if end and not is_without_blanks(pack, output, end, merger.blank):
            raise PdfFailed("The edition for the screen could not be made.")
    output.with_suffix(SCREEN_END).write_bytes(end)
    found = {
        "page_count": merger.page_count,
        "blank": len(merger.blank),
        "warnings": merger.warnings,
        "doubt": doubt,
        "fault": fault,
    }
    return found, merger


def print_progress(step, done, total):
    print_answer({"step": step, "done": done})


def print_answer(answer):
    print(json.dumps(answer), flush=True)


def main():
    gc.disable()  # nothing here goes in circles, and looking for it takes a tenth of the time
    pikepdf.settings.set_flate_compression_level(1)  # of what the pack adds: half the time, and 3 % more of a file
    bound = []  # it takes as long to be taken apart as a third of the binding: the end of the process does it at once
    for line in sys.stdin:
        job = json.loads(line)
        try:
            if "measure" in job:
                print_answer({"sizes": measure_pages(job["measure"])})
            else:
                answer, merger = bind_parts(job)
                bound.append(merger)
                print_answer({"bound": answer})
        except PdfFailed as failure:
            print_answer({"failed": str(failure)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
