"""Agenda packs as files: on which pages everything is, reports and front sheet set, everything bound into one PDF
for each edition.

Nothing here knows the records: content and papers come in, files with their page numbers go out. Binding and checking
are done by sandboxed processes, which start before there is work for them: what they import takes as long as binding
a hundred pages.
"""

import hashlib
import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from textwrap import shorten
from threading import Timer

from inquiries.choices import PackEdition, Tagging
from inquiries.documents.front_sheet import Place, front_sheet_pdf
from inquiries.documents.pack_content import PackContent, Paper, ReportPaper
from inquiries.documents.pack_merge import SCREEN_END, PackProperties, Part
from inquiries.documents.pdf import render
from inquiries.documents.typst_runner import PdfFailed
from inquiries.uploads import sandbox
from inquiries.uploads.paper import PageFacts
from scrutiny.faults import check_room
from scrutiny.logging import redact_traceback

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Span:
    first: int
    pages: int
    blank_after: int = 0

    @property
    def last(self):
        """The last page that belongs to it: a blank one where it was filled up to a whole sheet."""
        return self.first + self.pages + self.blank_after - 1


@dataclass(frozen=True)
class Layout:
    """A whole pack: the front sheet, Part 1 behind it, and Part 2 on pages E1, E2 ..."""

    front: Span
    public: tuple[Span, ...]
    exempt: tuple[Span, ...]

    @property
    def first_page(self):
        return self.front.first

    @property
    def last_page(self):
        """The last page of Part 1, from where a supplement carries on."""
        return (self.public or (self.front,))[-1].last


def lay_out(front, public, exempt=(), *, duplex, first_pages=(1, 1)):
    """The Layout of a front sheet of `front` pages and of parts of `public` and `exempt` (page counts, in order), whose
    numbers begin with `first_pages`.

    For printing on both sides every part starts on an odd page, and the blank page before the next one belongs to
    it; the numbering itself then starts at the next odd number, should the pack before have stopped on an odd one.
    Part 1 never depends on Part 2.
    """
    front_span, *rest = lay_out_spans((front, *public), first_pages[0], duplex)
    return Layout(front_span, tuple(rest), tuple(lay_out_spans(exempt, first_pages[1], duplex)))


def lay_out_spans(counts, start, duplex):
    if duplex and start % 2 == 0:
        start += 1
    for pages in counts:
        span = Span(start, pages, blank_after=pages % 2 if duplex else 0)
        yield span
        start = span.last + 1


MEMORY = 1_000_000_000
SECONDS = 300
TOO_LONG = "The pack took too long to bind and was given up. It may have too many pages: split off a supplement."
TOO_LARGE = "The pack could not be bound: it needs more memory than is allowed. Split off a supplement."
FAILED = "The pack could not be bound. The reason is in the log."
NOT_VALID = "The bound pack does not pass the checks for PDF/UA-1, although each of its papers does: {}"
NOT_CHECKED = "the check did not come to an end."


@dataclass(frozen=True)
class Bound:
    page_count: int
    blank: int  # of these pages
    warnings: tuple[str, ...]
    is_accessible: bool


class WorkerProcess:
    def __init__(self, module):
        self.complaints = TemporaryFile()  # noqa: SIM115 - open as long as the process; a pipe would fill
        command = [sys.executable, "-m", module]
        self.process = sandbox.start(command, memory=MEMORY, seconds=SECONDS, stderr=self.complaints)

    def send(self, work):
        try:
            self.process.stdin.write(json.dumps(work).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            logger.warning("A process ended before it had read its work.")

    def answers(self):
        return map(json.loads, self.process.stdout)

    def complaint(self):
        self.complaints.seek(0)
        return self.complaints.read().decode(errors="replace")[-2000:]

    def end(self):
        sandbox.kill(self.process)
        with suppress(BrokenPipeError), self.process:  # closes its pipes, with what it had not read
            pass
        self.complaints.close()


class Validator:
    """Validates files beside what else is done, each once. A context: its process has ended when it is left."""

    def __init__(self):
        self.asked, self.faults = [], {}

    def __enter__(self):
        self.worker, self.timer = WorkerProcess("inquiries.uploads.pdfua_check"), Timer(SECONDS, self.kill)
        self.timer.start()
        return self

    def __exit__(self, *_):
        self.timer.cancel()
        self.worker.end()

    def ask(self, path):
        if path not in self.asked:
            self.worker.send({"path": str(path), "is_paper": False})
            self.asked.append(path)

    def fault(self, path):
        """The first fault of a file that it was asked about, in words; "" where there is none."""
        while path not in self.faults:
            self.faults[self.asked[len(self.faults)]] = next(self.worker.answers(), {"fault": NOT_CHECKED})["fault"]
        return self.faults[path]

    def kill(self):
        sandbox.kill(self.worker.process)


class Binder:
    """Binds one pack. A context: what it started has ended when it is left.

    `validator` is needed for a pack that claims to be accessible.
    """

    def __init__(self, validator=None):
        self.validator = validator

    def __enter__(self):
        self.worker, self.timer = WorkerProcess("inquiries.documents.pack_merge"), None
        return self

    def __exit__(self, *_):
        if self.timer:
            self.timer.cancel()
        self.worker.end()

    def sizes(self, path):
        """Width and height in points of each page of a PDF of ours. Raises PdfFailed."""
        return self.await_answer({"measure": str(path)}, "sizes")

    def bind(self, parts, output, properties, on_progress, made=()):
        """Bind the `Part`s into one PDF at the path `output`. Raises PdfFailed.

        Papers were validated when they were uploaded. Where the PackProperties claim that the pack is accessible, what
        was `made` for it (paths) is validated too, and the finished file where it is doubtful whether binding has
        broken something, which goes on until `settle` is called. `on_progress(step, done)` hears how many parts are
        bound.
        """
        self.work = {
            "parts": [vars(part) | {"pages": list(map(vars, part.pages))} for part in parts],
            "output": str(output),
            "properties": dict(vars(properties)),
        }
        self.timer = Timer(SECONDS, self.kill)
        self.timer.start()
        self.checked = [*made] if properties.accessible else []
        for path in self.checked:
            self.validator.ask(path)
        self.bound = self.await_answer(self.work, "bound", on_progress)
        if self.bound["doubt"]:
            # Not which: it may name an exempt paper.
            logger.warning("A bound pack is validated as a whole, because of what the binding may have broken.")
            self.validator.ask(output)
            self.checked.append(output)
        if not properties.accessible:
            self.worker.end()  # and gives its memory back; after a check it may have to bind again

    def settle(self):
        """The Bound of what was bound. What a file claims of itself must be true: where a check finds a fault, the
        pack is bound again without the claim. Raises PdfFailed."""
        accessible, warnings = self.work["properties"]["accessible"], self.bound["warnings"]
        faults = chain([self.bound["fault"]], (self.validator.fault(path) for path in self.checked))
        if fault := next(filter(None, faults), ""):
            if not self.timer.is_alive():
                raise PdfFailed(TOO_LONG)
            complaint = self.validator.worker.complaint()
            logger.error("The checks of a bound pack failed: %s %s", fault, redact_traceback(complaint))
            accessible = False
            self.work["properties"] |= {"accessible": False}
            self.bound = self.await_answer(self.work, "bound")
            warnings = [*self.bound["warnings"], NOT_VALID.format(fault)]
        self.timer.cancel()
        return Bound(self.bound["page_count"], self.bound["blank"], tuple(warnings), accessible)

    def await_answer(self, work, wanted, on_progress=None):
        self.worker.send(work)
        for answer in self.worker.answers():
            if wanted in answer:
                return answer[wanted]
            if "failed" in answer:
                check_room(gettempdir())
                raise PdfFailed(answer["failed"])
            if on_progress:
                on_progress(answer["step"], answer["done"])
        code, complaint = self.worker.process.wait(), self.worker.complaint()
        logger.error("The binding worker ended with %s: %s", code, redact_traceback(complaint))
        check_room(gettempdir())
        if self.timer and not self.timer.is_alive():
            raise PdfFailed(TOO_LONG)
        raise PdfFailed(TOO_LARGE if code < 0 or "MemoryError" in complaint else FAILED)

    def kill(self):
        sandbox.kill(self.worker.process)


# What our own templates leave free at the top and the bottom of a page, in points.
OUR_TOP, OUR_BOTTOM = 50, 45
STEP_LENGTH = 200


@dataclass(frozen=True)
class PaperFile:
    path: Path
    pages: tuple[PageFacts, ...]
    tagging: str  # a value of choices.Tagging
    language: str


@dataclass(frozen=True)
class BuiltPack:
    path: Path
    checksum: str
    entries: list  # (item pk, exempt, first page, last page)
    papers: list  # (document pk, first page)
    first_page: int
    last_page: int
    last_exempt_page: int
    is_accessible: bool
    warnings: tuple[str, ...] = ()
    screen_end: bytes | None = None  # what is added to the file for the screen, without blank sides
    screen_checksum: str = ""
    screen_pages: int = 0


@dataclass(frozen=True)
class Piece:
    item: int
    number: int
    heading: str
    exempt: bool
    printed: ReportPaper | Paper
    file: PaperFile

    @property
    def paper(self):
        return self.printed.pk if isinstance(self.printed, Paper) else None

    @property
    def title(self):
        return self.printed.title if isinstance(self.printed, Paper) else self.printed.content.title


@dataclass
class BuildProgress:
    on_progress: object
    total: int
    done: int = 0

    def step(self, step, *, by=1):
        self.report(step, self.done)
        self.done += by

    def report(self, step, done):
        # A title may fill 300 characters, and where the step is kept has room for 200.
        self.on_progress(shorten(step, STEP_LENGTH, placeholder=" ..."), done, self.total)


@dataclass
class ReportSetter:
    """Sets reports, each once: the public one is in both editions."""

    folder: Path
    progress: BuildProgress
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
            self.made[content] = generated_file(path, content.language, self.sizes)
        return self.made[content]


def build(contents, papers, folder, on_progress):
    """Build the packs of `contents`, {edition: PackContent}. Returns {edition: BuiltPack}.

    `papers` is {pk: PaperFile} for every paper in them; the files are written into `folder`.
    `on_progress(step, done, total)` is called at each step. The same contents and papers give the same bytes. Raises
    PdfFailed.
    """
    folder = Path(folder)
    reports = {report.content for content in contents.values() for report in reports_in(content)}
    parts = sum(count_printed(content) + 1 for content in contents.values())
    progress = BuildProgress(on_progress, total=len(reports) + len(contents) + parts)
    with ExitStack() as processes:
        # They start while reports and front sheets are set.
        tagged = any(may_be_accessible(content) for content in contents.values())
        validator = processes.enter_context(Validator()) if tagged else None
        binders = {edition: processes.enter_context(Binder(validator)) for edition in contents}
        setter = ReportSetter(folder, progress, next(iter(binders.values())).sizes)
        builds = {
            edition: EditionBuild(
                content, binders[edition], folder / f"{edition}.pdf", list(pieces_of(content, papers, setter))
            )
            for edition, content in contents.items()
        }
        progress.step("Setting the front sheet", by=len(contents))
        set_front_sheets(list(builds.values()))
        for edition_build in builds.values():
            edition_build.bind(progress)
        return {edition: edition_build.finish(setter.warnings) for edition, edition_build in builds.items()}


def reports_in(content):
    return [report for item in content.items for report in (item.report, item.exempt_report) if report]


def may_be_accessible(content):
    papers = chain.from_iterable((*item.papers, *item.exempt_papers) for item in content.items)
    return all(paper.tagging == Tagging.VALID for paper in papers)


def count_printed(content):
    return len(reports_in(content)) + sum(len(item.papers) + len(item.exempt_papers) for item in content.items)


def pieces_of(content, papers, setter):
    for exempt in (False, True):
        for item in content.items:
            report, uploaded = (item.exempt_report, item.exempt_papers) if exempt else (item.report, item.papers)
            heading = f"{item.number}. {item.title.upper()}"
            if report:
                yield Piece(item.pk, item.number, heading, exempt, report, setter.file(report.content))
            for paper in uploaded:
                yield Piece(item.pk, item.number, heading, exempt, paper, papers[paper.pk])


def generated_file(path, language, sizes):
    pages = tuple(PageFacts(width, height, 0, OUR_TOP, OUR_BOTTOM) for width, height in sizes(path))
    return PaperFile(path, pages, Tagging.VALID, language)


@dataclass
class EditionBuild:
    content: PackContent
    binder: Binder
    path: Path
    pieces: list[Piece]
    layout: Layout | None = None
    sheet: PaperFile | None = None  # the front sheet
    warnings: tuple[str, ...] = ()

    def lay_out(self, front):
        public, exempt = ([len(p.file.pages) for p in self.pieces if p.exempt is part] for part in (False, True))
        first_pages = self.content.first_page, self.content.first_exempt_page
        self.layout = lay_out(front, public, exempt, duplex=self.content.duplex, first_pages=first_pages)

    @property
    def placed(self):
        """Each Piece with its Span."""
        return list(zip(self.pieces, self.layout.public + self.layout.exempt, strict=True))

    def places(self):
        places = {}
        for piece, span in self.placed:
            series = "E" if piece.exempt else ""
            own = Place(f"{series}{span.first}", f"{series}{span.last}")
            places[piece.item, piece.exempt, piece.paper] = own
            first = places.get((piece.item, piece.exempt), own).first
            places[piece.item, piece.exempt] = Place(first, own.last)
        return places

    def bind(self, progress):
        content, front, length = self.content, self.layout.front, len(self.sheet.pages)
        span = Span(front.first, length, front.last - front.first + 1 - length)
        parts = [merge_part(self.sheet, span, title="Front sheet", numbered=False)]
        parts += [
            merge_part(
                piece.file,
                span,
                title=piece.title,
                language=piece.file.language or content.language,
                series="E" if piece.exempt else "",
                stamp=f"Agenda Item {piece.number}" + (" – Not for publication" if piece.exempt else ""),
                item=f"{piece.heading} (not for publication)" if piece.exempt else piece.heading,
            )
            for piece, span in self.placed
        ]
        accessible = all(piece.file.tagging == Tagging.VALID for piece in self.pieces)
        made = [self.sheet.path, *(piece.file.path for piece in self.pieces if piece.paper is None)]
        before = progress.done

        def on_progress(step, done):
            progress.report(f"{PackEdition(content.edition).label} edition: {step}", before + done)

        properties = PackProperties(content.title, content.language, accessible)
        self.binder.bind(parts, self.path, properties, on_progress, made)
        progress.done = before + len(parts)

    def finish(self, warnings):
        """The BuiltPack; `warnings` are those about the reports in it."""
        bound, ranges = self.binder.settle(), {}
        for piece, span in self.placed:
            first, _ = ranges.get((piece.item, piece.exempt), (span.first, span.last))
            ranges[piece.item, piece.exempt] = (first, span.last)
        exempt = self.layout.exempt
        digest, screen = file_digest(self.path), {}
        checksum = digest.hexdigest()
        if bound.blank:
            end = self.path.with_suffix(SCREEN_END).read_bytes()
            digest.update(end)
            screen = {"screen_end": end, "screen_checksum": digest.hexdigest()}
            screen["screen_pages"] = bound.page_count - bound.blank
        return BuiltPack(
            path=self.path,
            checksum=checksum,
            **screen,
            entries=[(*item, *pages) for item, pages in ranges.items()],
            papers=[(piece.paper, span.first) for piece, span in self.placed if piece.paper is not None],
            first_page=self.layout.first_page,
            last_page=self.layout.last_page,
            last_exempt_page=exempt[-1].last if exempt else self.content.first_exempt_page - 1,
            is_accessible=bound.is_accessible,
            warnings=(*warnings, *self.warnings, *bound.warnings),
        )


def set_front_sheets(builds):
    """Lay out all editions and set their front sheets.

    The page numbers on a front sheet depend on how many pages it has itself, and both editions take as many as the
    longer one, so that their numbers are the same.
    """
    length, places = 1, None
    while True:
        for build in builds:
            build.lay_out(length)
        before, places = places, [build.places() for build in builds]
        if places == before:  # a second page takes the place of the blank one
            return
        with ThreadPoolExecutor(len(builds)) as together:
            printed = list(together.map(front_sheet_pdf, [build.content for build in builds], places))
        for build, (pdf, build.warnings) in zip(builds, printed, strict=True):
            path = build.path.with_name(f"front-sheet-{build.content.edition}.pdf")
            path.write_bytes(pdf)
            build.sheet = generated_file(path, build.content.language, build.binder.sizes)
        longest = max(len(build.sheet.pages) for build in builds)
        if longest <= length:
            return
        length = longest


def merge_part(file, span, *, title, language="", **more):
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


def file_digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256")


def file_checksum(path):
    return file_digest(path).hexdigest()
