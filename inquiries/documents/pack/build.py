"""Agenda packs as files: reports and front sheet set, everything bound into one PDF for each edition.

Nothing here knows the records: words and papers come in, files with their page numbers go out.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten

from inquiries.choices import PackEdition, Tagging
from inquiries.documents.pack.binding import Binder
from inquiries.documents.pack.content import Paper, ReportPaper
from inquiries.documents.pack.front_sheet import Place, front_sheet_pdf
from inquiries.documents.pack.layout import Span, lay_out
from inquiries.documents.pack.parts import Part
from inquiries.documents.pdf import render
from inquiries.uploads.paper import PageFacts

# What our own templates leave free at the top and the bottom of a page, in points.
OUR_TOP, OUR_BOTTOM = 50, 45
STEP_LENGTH = 200


@dataclass(frozen=True)
class PaperFile:
    """An uploaded paper as a file on this machine, with what is known of it."""

    path: Path
    pages: tuple[PageFacts, ...]
    tagging: str  # a value of choices.Tagging
    language: str


@dataclass(frozen=True)
class BuiltPack:
    """A pack as a file, and what stands on which of its pages."""

    path: Path
    checksum: str
    entries: list  # (item pk, exempt, first page, last page)
    papers: list  # (document pk, first page)
    first_page: int
    last_page: int
    last_exempt_page: int
    is_accessible: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Piece:
    """Something that is printed under an item: a report or a paper, with its file."""

    item: int
    number: int
    heading: str
    exempt: bool
    printed: ReportPaper | Paper
    file: PaperFile

    @property
    def paper(self):
        """The uploaded paper's key; None for a report."""
        return self.printed.pk if isinstance(self.printed, Paper) else None

    @property
    def title(self):
        return self.printed.title if isinstance(self.printed, Paper) else self.printed.content.title


@dataclass
class _Progress:
    """Counts the steps of a whole build, for whoever waits."""

    say: object
    total: int
    done: int = 0

    def step(self, words, *, by=1):
        self.tell(words, self.done)
        self.done += by

    def tell(self, words, done):
        # A title may fill 300 characters, and where the step is kept has room for 200.
        self.say(shorten(words, STEP_LENGTH, placeholder=" ..."), done, self.total)


@dataclass
class _Setter:
    """Sets reports, each once: the public one stands in both editions."""

    folder: Path
    progress: _Progress
    sizes: object  # Binder.sizes
    made: dict = field(default_factory=dict)
    warnings: list = field(default_factory=list)

    def file(self, content):
        if content not in self.made:
            self.progress.step(f"Setting the report “{content.title}”")
            pdf, warnings = render(content, in_pack=True)
            self.warnings += [f"{content.title}: {warning}" for warning in warnings]
            path = self.folder / f"report-{len(self.made) + 1}.pdf"
            path.write_bytes(pdf)
            self.made[content] = _own_file(path, content.language, self.sizes)
        return self.made[content]


def build(contents, papers, folder, say):
    """Build the packs of `contents`, {edition: PackContent}. Returns {edition: BuiltPack}.

    `papers` is {pk: PaperFile} for every paper in them; the files are written into `folder`. `say(step, done, total)`
    hears of the progress. The same contents and papers give the same bytes. Raises documents.pdf.PdfFailed.
    """
    folder = Path(folder)
    reports = {report.content for content in contents.values() for report in _reports(content)}
    parts = sum(_count(content) + 1 for content in contents.values())
    progress = _Progress(say, total=len(reports) + len(contents) + parts)
    with ExitStack() as processes:
        # They start while reports and front sheets are set.
        binders = {edition: processes.enter_context(Binder()) for edition in contents}
        sizes = next(iter(binders.values())).sizes
        setter = _Setter(folder, progress, sizes)
        pieces = {edition: list(_pieces(content, papers, setter)) for edition, content in contents.items()}
        progress.step("Setting the front sheet", by=len(contents))
        layouts, sheets, warnings = _front_sheets(contents, pieces, folder, sizes)
        paths = {edition: folder / f"{edition}.pdf" for edition in contents}
        for edition, content in contents.items():
            _bind(
                binders[edition], content, pieces[edition], layouts[edition], sheets[edition], paths[edition], progress
            )
        return {
            edition: _built(
                content,
                pieces[edition],
                layouts[edition],
                paths[edition],
                binders[edition].settle(),
                (*setter.warnings, *warnings[edition]),
            )
            for edition, content in contents.items()
        }


def _reports(content):
    return [report for item in content.items for report in (item.report, item.exempt_report) if report]


def _count(content):
    return len(_reports(content)) + sum(len(item.papers) + len(item.exempt_papers) for item in content.items)


def _pieces(content, papers, setter):
    """What is printed, in order: Part 1, then Part 2."""
    for exempt in (False, True):
        for item in content.items:
            report, uploaded = (item.exempt_report, item.exempt_papers) if exempt else (item.report, item.papers)
            heading = f"{item.number}. {item.title.upper()}"
            if report:
                yield _Piece(item.pk, item.number, heading, exempt, report, setter.file(report.content))
            for paper in uploaded:
                yield _Piece(item.pk, item.number, heading, exempt, paper, papers[paper.pk])


def _own_file(path, language, sizes):
    pages = tuple(PageFacts(width, height, 0, OUR_TOP, OUR_BOTTOM) for width, height in sizes(path))
    return PaperFile(path, pages, Tagging.VALID, language)


def _front_sheets(contents, pieces, folder, sizes):
    """Layouts and front sheets that agree: {edition: Layout}, {edition: PaperFile}, {edition: warnings}.

    The page numbers on a front sheet depend on how many pages it has itself, and both editions take as many as the
    longer one, so that their numbers are the same.
    """
    length, placed = 1, None
    sheets, warnings = {}, {}
    while True:
        layouts = {edition: _layout(content, pieces[edition], length) for edition, content in contents.items()}
        before, placed = placed, {edition: _places(pieces[edition], layouts[edition]) for edition in contents}
        if placed == before:  # a second page takes the place of the blank one
            return layouts, sheets, warnings
        with ThreadPoolExecutor(len(contents)) as together:
            printed = dict(
                zip(contents, together.map(front_sheet_pdf, contents.values(), placed.values()), strict=True)
            )
        for edition, (pdf, warnings[edition]) in printed.items():
            path = folder / f"front-sheet-{edition}.pdf"
            path.write_bytes(pdf)
            sheets[edition] = _own_file(path, contents[edition].language, sizes)
        longest = max(len(sheet.pages) for sheet in sheets.values())
        if longest <= length:
            return layouts, sheets, warnings
        length = longest


def _layout(content, pieces, front):
    public, exempt = ([len(p.file.pages) for p in pieces if p.exempt is part] for part in (False, True))
    return lay_out(
        front,
        public,
        exempt,
        duplex=content.duplex,
        first_page=content.first_page,
        first_exempt_page=content.first_exempt_page,
    )


def _placed(pieces, layout):
    """Each piece with its Span."""
    return zip(pieces, layout.public + layout.exempt, strict=True)


def _places(pieces, layout):
    """What the front sheet wants to know: {(item, exempt): Place, (item, exempt, paper): Place}."""
    places = {}
    for piece, span in _placed(pieces, layout):
        series = "E" if piece.exempt else ""
        own = Place(f"{series}{span.first}", f"{series}{span.last}")
        places[piece.item, piece.exempt, piece.paper] = own
        first = places.get((piece.item, piece.exempt), own).first
        places[piece.item, piece.exempt] = Place(first, own.last)
    return places


def _bind(binder, content, pieces, layout, sheet, path, progress):
    """Have one edition bound into the file at `path`."""
    front = Span(layout.front.first, len(sheet.pages), layout.front.last - layout.front.first + 1 - len(sheet.pages))
    parts = [_part(sheet, front, title="Front sheet", numbered=False)]
    parts += [
        _part(
            piece.file,
            span,
            title=piece.title,
            language=piece.file.language or content.language,
            series="E" if piece.exempt else "",
            stamp=f"Agenda Item {piece.number}" + (" – Not for publication" if piece.exempt else ""),
            item=f"{piece.heading} (not for publication)" if piece.exempt else piece.heading,
        )
        for piece, span in _placed(pieces, layout)
    ]
    accessible = all(piece.file.tagging == Tagging.VALID for piece in pieces)
    before = progress.done

    def say(step, done):
        progress.tell(f"{PackEdition(content.edition).label} edition: {step}", before + done)

    binder.bind(parts, path, title=content.title, language=content.language, accessible=accessible, say=say)
    progress.done = before + len(parts)


def _built(content, pieces, layout, path, bound, warnings):
    """One bound edition as a BuiltPack."""
    placed = list(_placed(pieces, layout))
    ranges = {}
    for piece, span in placed:
        first, _ = ranges.get((piece.item, piece.exempt), (span.first, span.last))
        ranges[piece.item, piece.exempt] = (first, span.last)
    return BuiltPack(
        path=path,
        checksum=_checksum(path),
        entries=[(item, exempt, first, last) for (item, exempt), (first, last) in ranges.items()],
        papers=[(piece.paper, span.first) for piece, span in placed if piece.paper is not None],
        first_page=layout.first_page,
        last_page=layout.last_page,
        last_exempt_page=layout.exempt[-1].last if layout.exempt else content.first_exempt_page - 1,
        is_accessible=bound.is_accessible,
        warnings=(*warnings, *bound.warnings),
    )


def _part(file, span, *, title, language="", **more):
    return Part(
        path=str(file.path),
        title=title,
        language=language or file.language,
        pages=file.pages,
        first_page=span.first,
        tagged=file.tagging != Tagging.UNTAGGED,
        blank_after=span.blank_after,
        **more,
    )


def _checksum(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
