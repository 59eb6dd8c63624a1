"""Binds the files of a pack into one: numbers, stamps, bookmarks, labels, links, and the tags of every paper."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Name

from inquiries.documents.pack import links, stamps
from inquiries.documents.pack.described import SAVING, describe
from inquiries.documents.pack.geometry import A4, Sheet, sheet_of, written
from inquiries.documents.pack.outline import bookmark_of_part, read_bookmarks, write_bookmarks, write_labels
from inquiries.documents.pack.page_content import Checked, check_content
from inquiries.documents.pack.parts import Merged, Part
from inquiries.documents.pack.reprint import reprint
from inquiries.documents.pack.tags import TagTree, forget_tags, has_tags, untagged_annotations
from inquiries.documents.typst_runner import PdfFailed

__all__ = ["merge", "reprint"]


def merge(parts: Sequence[Part], output: Path, *, title, language, accessible: bool, say=None) -> Merged:
    """Binds `parts` in their order and writes the pack to `output`.

    `accessible` claims PDF/UA-1: only for a pack whose parts are all known to be valid. `say(step, done, total)` is
    told how far it has got. The same parts give the same bytes. Raises PdfFailed where a part cannot be bound.
    """
    say = say or (lambda step, done, total: None)
    binding = _Binding(parts)
    with ThreadPoolExecutor(1) as meanwhile:
        stamping = meanwhile.submit(stamps.stamp_file, binding.numbers, binding.items)
        for index, part in enumerate(parts):
            say(f"Binding “{part.title}”", index, len(parts))
            try:
                binding.bind(index, part)
            except (pikepdf.PdfError, OSError) as error:
                raise PdfFailed(f"“{part.title}” cannot be bound into the pack: its file cannot be read.") from error
        binding.place_stamps(stamping.result())
    say("Writing the pack", len(parts), len(parts))
    return binding.save(output, title, language, accessible)


@dataclass
class _Leaf:
    """A page in the pack whose content is still to be wrapped and stamped."""

    page: pikepdf.Object
    sheet: Sheet
    content: Checked
    tagged: bool
    number: str  # whose number is printed at its foot, or ""
    item: str  # what is printed at its top, or ""


class _Binding:
    """A pack that is being made."""

    def __init__(self, parts):
        self.parts = parts
        self.pdf = pikepdf.new()
        self.tags = TagTree(self.pdf)
        numbered = ((part, index) for part in parts if part.numbered for index in range(len(part.pages)))
        self.numbers = [_label(part, index) for part, index in numbered]
        self.items = list(dict.fromkeys(part.stamp for part in parts if part.stamp))
        self.sources = []  # open until the pack is written: their streams are read only then
        self.leaves = []
        self.bookmarks = []
        self.placeholders = []
        self.runs = []
        self.warnings = []
        self.dead_links = self.unbalanced = self.scaled = 0

    def bind(self, number, part):
        """Adds a part's pages with their links, tags and bookmarks, and the blank pages behind it."""
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
        places = links.Destinations(source, originals, sheets)
        settled = links.settle(places, lambda index: _label(part, index))
        top = (start, links.top_of(sheets[0]))
        self.bookmarks.append(bookmark_of_part(part.title, top, read_bookmarks(source, places, start)))

        tagged = part.tagged and has_tags(source)
        if tagged:
            parcel = self.tags.prepare(source, originals, sheets, number)
        else:
            forget_tags(originals)
        self._append(source, pages)
        kids = self.pdf.Root.Pages.Kids  # `pdf.pages` takes longer for each page the more there are
        copies = [kids[start + index] for index in range(len(pages))]
        leaves = [self._leaf(part, index, copy, sheets[index], tagged) for index, copy in enumerate(copies)]
        loose = untagged_annotations(copies)
        if tagged:
            self.tags.add_tagged(source, parcel, part.title, part.language, loose)
        else:
            read = [leaf.page for leaf in leaves if not leaf.content.empty]
            self.tags.add_untagged(read, part.title, part.language, loose)
        self.leaves += leaves
        self.placeholders += [(copies[index].Annots[at], label) for index, at, label in settled.placeholders]
        for _ in range(part.blank_after):
            self.pdf.add_blank_page(page_size=A4)
        self._number(start, part)
        self._warn(part, leaves, settled.dead, tagged)

    def place_stamps(self, file):
        """Wraps the content of each page, so that nothing it leaves open reaches the stamps, and prints these."""
        forms = stamps.copy_stamps(self.pdf, file, self.numbers, self.items)
        streams = {}  # most pages need the same ones

        def stream(content):
            if content not in streams:
                streams[content] = self.pdf.make_stream(content)
            return streams[content]

        for leaf in self.leaves:
            page = leaf.page
            opening, closing = _wrapping(leaf)
            if leaf.number:
                name = stamps.add_drawing(page, "/PackPage", leaf.number, forms[leaf.number])
                closing += stamps.foot_stamp(leaf.sheet, name)
            if leaf.item:
                name = stamps.add_drawing(page, "/PackItem", leaf.item, forms[leaf.item])
                closing += stamps.head_stamp(leaf.sheet, name)
            if leaf.content.mended is not None:
                inside = [self.pdf.make_stream(leaf.content.mended)]
            else:
                old = page.Contents if "/Contents" in page else Array()
                inside = list(old) if isinstance(old, Array) else [old]
            page.Contents = Array([stream(opening), *inside, stream(closing)])
            if "/Annots" in page:
                page.Tabs = Name.S

    def save(self, output, title, language, accessible):
        """Finishes the catalogue and writes the file."""
        pages = [page.obj for page in self.pdf.pages]
        self._join_placeholders(pages)
        self.tags.finish()
        write_labels(self.pdf, self.runs)
        write_bookmarks(self.pdf, pages, self.parts, self.bookmarks)
        describe(self.pdf, title, language, accessible=accessible)
        self.pdf.save(output, **SAVING)
        for source in self.sources:
            source.close()
        facts = {"unbalanced": self.unbalanced, "scaled": self.scaled}
        return Merged(len(pages), tuple(self.warnings), self.dead_links, facts)

    def _append(self, source, pages):
        if "/OCProperties" in source.Root:
            self.pdf.add_pages_from(source, outlines="ignore")
        else:
            for page in pages:
                self.pdf.pages.append(page)

    def _leaf(self, part, index, page, sheet, tagged):
        content = check_content(page, unmark=not tagged)
        number = _label(part, index) if part.numbered else ""
        return _Leaf(page, sheet, content, tagged, number, part.stamp if index == 0 else "")

    def _number(self, start, part):
        """Begins a run of page labels where the part does not carry on the one before it."""
        if self.runs:
            index, series, first = self.runs[-1]
            if part.series == series and part.first_page == first + start - index:
                return
        self.runs.append((start, part.series, part.first_page))

    def _warn(self, part, leaves, dead, tagged):
        scaled = sum(leaf.sheet.scale != 1 for leaf in leaves)
        unreadable = sum(leaf.content.unreadable for leaf in leaves)
        self.dead_links += dead
        self.scaled += scaled
        self.unbalanced += sum(leaf.content.unbalanced for leaf in leaves)
        if not tagged:
            self.warnings.append(f"“{part.title}” is not tagged for screen readers.")
        if scaled:
            told = f"{scaled} pages of “{part.title}” are" if scaled > 1 else f"One page of “{part.title}” is"
            self.warnings.append(f"{told} printed smaller, to leave room for the pack's page numbers.")
        if dead:
            told = f"{dead} links in “{part.title}” lead" if dead > 1 else f"One link in “{part.title}” leads"
            self.warnings.append(f"{told} to a place that does not exist.")
        if unreadable:
            told = f"{unreadable} pages of “{part.title}” are" if unreadable > 1 else f"One page of “{part.title}” is"
            self.warnings.append(f"{told} faulty in the file: look whether it is printed as it should be.")

    def _join_placeholders(self, pages):
        corners = {_label(part, index): None for part in self.parts for index in range(len(part.pages))}
        index = 0
        sheets = iter(self.leaves)
        for part in self.parts:
            for place in range(len(part.pages)):
                corners[_label(part, place)] = (pages[index + place], next(sheets).sheet.corner)
            index += len(part.pages) + part.blank_after
        for annotation, label in self.placeholders:
            if label in corners:
                links.lead_to(annotation, *corners[label], label)
                continue
            del annotation["/A"]
            self.dead_links += 1
            self.warnings.append(f"The front sheet names page {label}, which the pack does not have.")


def _label(part, index):
    return f"{part.series}{part.first_page + index}"


def _wrapping(leaf):
    """What stands before and behind the content of a page."""
    paragraph = not leaf.tagged and not leaf.content.empty
    opening = b"q\n"
    if leaf.sheet.scale != 1:
        sheet = leaf.sheet
        cut = written((sheet.left, sheet.bottom, sheet.right - sheet.left, sheet.top - sheet.bottom))
        # Scaled down, the page would show what its crop box has cut off.
        opening += written(sheet.shrunk) + b" cm " + cut + b" re W n\n"
    if paragraph:
        opening += b"/P <</MCID 0>> BDC\n"
    return opening, b"\n" + leaf.content.closing + (b"EMC " if paragraph else b"") + b"Q\n"
