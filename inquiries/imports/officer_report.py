"""Reads an officer report in Word, in the sandbox: `python -m inquiries.imports.officer_report` with the file as input.

The sections are found by the headings of the template (`documents/officer_report.py`), whatever their order, case and
numbers; another heading begins a section of its own. What is not read is said in `notes`, in sentences for the officer.
"""

import json
import re
import sys
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from io import BytesIO

from inquiries.documents.content import Contributor
from inquiries.documents.officer_report import (
    AUTHOR,
    CONTACT,
    DEEPEST_LIST,
    MEETING_DATE,
    SIGNED_OFF,
    TEMPLATE_SECTIONS,
    ContactOfficer,
    NestedItem,
    NestedList,
    PictureBlock,
    ReportSection,
    SubHeading,
    TableBlock,
)
from inquiries.documents.officer_report_docx import COUNCIL, GUIDANCE_TEXTS, HOW_TO_WRITE
from inquiries.documents.report_markup import PICTURE_NAME, SCHEMES, normal_runs, safe_address
from inquiries.documents.rich_text import Paragraph, Run, plain_runs
from inquiries.imports import Unreadable
from inquiries.imports.docx_tables import grid
from inquiries.imports.docx_text import (
    BULLET,
    NOTES,
    TYPED_BULLET,
    Numbering,
    PieceReader,
    TextReader,
    attribute,
    is_on,
    open_document,
    paragraphs_within,
    tidy,
)
from inquiries.imports.reply_form import MACROS, TRACKED
from inquiries.imports.sandboxed import read_in_sandbox
from inquiries.serialization import from_plain_data, to_plain_data
from inquiries.text import fold_text
from inquiries.uploads.picture import NO_PICTURE, TOO_LARGE, draw
from inquiries.uploads.word import NotWord, R, W, open_docx, whole_number

MODULE = "inquiries.imports.officer_report"
TOO_MUCH = "The file took too long to read. Make its pictures smaller and its tables shorter, and upload it again."
MOST_NOTES = 40
MOST_PICTURES = 30
TOO_MANY_PIXELS = "it has too many pixels. Make it smaller and upload the file again."
UNKNOWN_KIND = "it is of a kind that cannot be read. In Word, cut it and paste it as a picture (PNG)."
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
VML = "{urn:schemas-microsoft-com:vml}"
HYPERLINK = re.compile(r'\bHYPERLINK\s+"([^"]{1,2000})"')
LIST_STYLE = re.compile(r"list (?:bullet|number) ([2-5])")  # these have lists of their own, of one level
HEADING_STYLE = re.compile(r"heading ([1-9])")
NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*[.)]?\s+)?(.*?)\s*:?$")
SYNONYMS = {
    "purpose of report": "Purpose",
    "purpose of the report": "Purpose",
    "purpose of this report": "Purpose",
    "purpose of agenda item": "Purpose",
    "executive summary": "Summary",
    "key issue": "Key issues",
    "resource implication": "Resource implications",
    "resources implications": "Resource implications",
    "next step": "Next steps",
}
HEADINGS = {fold_text(one.heading): one.heading for one in TEMPLATE_SECTIONS} | SYNONYMS
GUIDANCE = {fold_text(text) for text in (*GUIDANCE_TEXTS.values(), HOW_TO_WRITE)}
NO_HEADING = "Report"
LEFT_OUT = {
    "hidden": "Hidden text was left out.",
    "struck": "Words that are struck through were read as if they were not.",
    "symbol": "A symbol of a special font could not be read: look for \ufffd.",
}


@dataclass
class ReadOfficerReport:
    """What the file says. Who signed is not read: that is recorded in the application alone."""

    title: str = ""
    authors: tuple[Contributor, ...] = ()
    contact: ContactOfficer = field(default_factory=ContactOfficer)
    sections: tuple[ReportSection, ...] = ()
    notes: tuple[str, ...] = ()
    pictures: dict[str, bytes] = field(default_factory=dict)  # PNG or JPEG, by the names in the blocks


def read_officer_report(data):
    """The ReadOfficerReport of an uploaded file (bytes). Raises Unreadable."""
    answer = read_in_sandbox(MODULE, data, too_much=TOO_MUCH)
    pictures = {name: b64decode(picture) for name, picture in answer.pop("pictures").items()}
    return replace(from_plain_data(ReadOfficerReport, answer | {"pictures": {}}), pictures=pictures)


def read_document(data):
    document = open_document(data)
    try:
        with open_docx(BytesIO(data)) as archive:
            return ReportReader(document, archive).read()
    except NotWord as error:
        raise Unreadable(TOO_MUCH) from error


class ReportReader:
    def __init__(self, document, archive):
        self.document, self.archive = document, archive
        self.numbering = Numbering(document.numbering, document.styles)
        self.marks = TextReader(document, self.numbering).marks
        self.related = archive.relationships(archive.main)
        self.result = ReadOfficerReport()
        self.notes, self.pictures, self.names = [], {}, {}
        self.sections = {}  # blocks by heading, in the order of the document
        self.footnotes = self.read_footnotes()

    def note(self, sentence):
        if sentence not in self.notes:
            self.notes.append(sentence)

    def read(self):
        if self.document.tracked:
            self.note(TRACKED.format(self.document.tracked))
        if self.document.macros:
            self.note(MACROS)
        if any(one.kind == "comments" for one in self.related.values()) and any(
            True for part in self.document.remarks for _ in part.iter(f"{W}comment")
        ):
            self.note("Comments in the Word document went no further.")
        self.read_body()
        for one in TEMPLATE_SECTIONS:
            if one.heading not in self.sections:
                self.note(f"The heading “{one.heading}” of the template is not in the file.")
        if len(self.notes) > MOST_NOTES:
            self.notes[MOST_NOTES:] = ["There is more that could not be read; look the whole text through."]
        self.result.sections = tuple(
            ReportSection(heading, tuple(block for block in blocks if block is not None))
            for heading, blocks in self.sections.items()
        )
        self.result.notes, self.result.pictures = tuple(self.notes), self.pictures
        return self.result

    def read_footnotes(self):
        """The runs of each note, by kind and number."""
        found = {}
        for one in self.related.values():
            if one.kind not in ("footnotes", "endnotes") or not self.archive.holds(one):
                continue
            links = self.links_of(one.target)
            for note in self.archive.parse(one.target):
                if note.get(f"{W}type", "normal") != "normal":
                    continue
                runs = []
                for paragraph in note.iter(f"{W}p"):
                    pieces = FormattedReader(links, {}, None)
                    pieces.collect([paragraph])
                    runs += [Run(" "), *(piece for piece in pieces.pieces if isinstance(piece, Run))]
                    if any(isinstance(piece, FoundPicture) for piece in pieces.pieces):
                        self.note("A picture in a footnote was left out.")
                runs = [replace(run, text=run.text.replace("\n", " ")) for run in runs]
                found[one.kind.removesuffix("s"), note.get(f"{W}id")] = normal_runs(runs)
        return found

    def links_of(self, part):
        related = self.archive.relationships(part).items()
        return {number: one.address for number, one in related if one.kind == "hyperlink" and one.is_outside}

    def read_body(self):
        heading, before, group = None, [], []
        for element in [*paragraphs_within(self.document.body), None]:
            if element is not None and element.tag == f"{W}p":
                group.append(element)
                # Where the end of a paragraph was deleted, the next one goes on in it.
                if element.find(f"{W}pPr/{W}rPr/{W}del") is not None:
                    continue
            if group:
                found = self.heading_of(group)
                if found:
                    heading = self.begin_section(found)
                elif heading is None and self.is_head(group):
                    pass
                else:
                    (before if heading is None else self.sections[heading]).extend(self.paragraph(group))
                group = []
            if element is not None and element.tag == f"{W}tbl":
                (before if heading is None else self.sections[heading]).extend(self.table(element))
        before = joined_blocks(before)
        for name, blocks in self.sections.items():
            self.sections[name] = joined_blocks(blocks)
        if before and self.sections:
            self.note("Text stands above the first heading; it is in a section “Introduction”.")
            self.sections = {"Introduction": before} | self.sections
        elif before:
            self.note(f"No heading of the template was found; all the text is in a section “{NO_HEADING}”.")
            self.sections = {NO_HEADING: before}

    def begin_section(self, heading):
        if self.sections.get(heading):
            self.note(f"The heading “{heading}” is there more than once; all that is under it is in one section.")
        self.sections.setdefault(heading, [])
        return heading

    def heading_of(self, group):
        """The heading of a section that this paragraph is, or None; the title of the report is put where it belongs."""
        style = self.numbering.style_of(group[0])
        level = HEADING_STYLE.fullmatch(style)
        if style != "title" and not level and group[0] in self.marks:
            return None
        pieces = self.pieces_of(group)
        text = tidy(plain_runs([one for one in pieces if isinstance(one, Run)]))
        if not text or "\n" in text or len(text) > 200:
            return None
        known = HEADINGS.get(fold_text(NUMBERED.match(text)[1]))
        runs = [one for one in pieces if isinstance(one, Run) and one.text.strip()]
        if known and (level or (len(text) < 40 and all(run.bold for run in runs))):
            return known
        is_title = style == "title" or (level and level[1] == "1")
        if is_title and not self.result.title and not self.sections:
            self.result.title = text
            return None
        return text if level and level[1] in "12" else None

    def is_head(self, group):
        """Whether this paragraph above the sections is one of the lines of the head, which is then read."""
        text = tidy(plain_runs([one for one in self.pieces_of(group) if isinstance(one, Run)]))
        label, _, words = text.partition(":")
        folded, words = fold_text(label), words.strip()
        if folded == fold_text(AUTHOR) or folded == "authors":
            self.result.authors = tuple(named(each, Contributor) for each in words.split(";") if each.strip())
        elif folded == fold_text(CONTACT):
            self.result.contact = contact_in(words)
        elif folded in ("title", "report title") and words:
            self.result.title = words
        elif folded not in (fold_text(MEETING_DATE), "date") and not folded.startswith(fold_text(SIGNED_OFF)):
            style = self.numbering.style_of(group[0])
            return style == COUNCIL.lower() or text == self.result.title or fold_text(text) in GUIDANCE
        return True

    def pieces_of(self, group):
        reader = FormattedReader(self.document.links, self.footnotes, self.related)
        reader.collect(group)
        if reader.swallowed:
            # A field that never reaches its result would hide every word after it.
            reader = FormattedReader(self.document.links, self.footnotes, self.related, heed_fields=False)
            reader.collect(group)
        for note in sorted(reader.notes & LEFT_OUT.keys()):
            self.note(LEFT_OUT[note])
        for text in reader.boxed:
            self.note(f"Text in a box was put below the paragraph at which it is: “{shortened(text)}”.")
        return reader.pieces

    def paragraph(self, group):
        style, mark = self.numbering.style_of(group[0]), self.marks.get(group[0])
        level = HEADING_STYLE.fullmatch(style)
        parts = [[]]
        for piece in self.pieces_of(group):
            if isinstance(piece, FoundPicture):
                parts += [piece, []]
            else:
                parts[-1].append(piece)
        found = []
        for part in parts:
            if isinstance(part, FoundPicture):
                picture = self.picture(part)
                found += [picture] if picture else []
                continue
            runs = normal_runs(part)
            text = plain_runs(runs)
            if not runs or fold_text(text) in GUIDANCE:
                continue
            if level:
                found.append(SubHeading(runs_on_one_line(runs)))
            elif style == "caption":
                found.append(CaptionText(" ".join(text.split())))
            elif mark and not found:
                if mark.kind != BULLET and not number_in(mark.label):
                    self.note("Items that had letters or Roman numbers have the numbers 1, 2, 3 now.")
                deeper = LIST_STYLE.fullmatch(style)
                level_of_item = mark.level or (int(deeper[1]) - 1 if deeper else 0)
                found.append(ListLine(mark.kind != BULLET, level_of_item, number_in(mark.label), runs))
            elif TYPED_BULLET.match(text):
                rest = runs[0].text[len(text) - len(TYPED_BULLET.sub("", text)) :]
                found.append(ListLine(False, 0, 1, normal_runs((replace(runs[0], text=rest), *runs[1:]))))
            else:
                found.append(Paragraph(runs))
        return found

    def table(self, element):
        lines = grid(element)
        if len(lines) == 1 and len(lines[0]) == 1:
            return self.box(lines[0][0].element)
        width = max((cell.at + cell.span for line in lines for cell in line), default=0)
        if not width:
            return []
        aside, rows = [], []
        for line in lines:
            row = [()] * width
            for cell in line:
                if cell.span > 1 or cell.continues:
                    self.note("Cells of a table that were merged are now apart; the words are in the first of them.")
                row[cell.at] = self.cell(cell.element, aside)
            rows.append(tuple(row))
        used = [at for at in range(width) if any(row[at] for row in rows)]
        rows = [tuple(row[at] for at in used) for row in rows if any(row)]
        if not rows:
            return aside
        header = tuple(unbold(cell) for cell in rows[0])
        return [TableBlock(header, tuple(rows[1:])), *aside]

    def box(self, cell):
        found = []
        for element in paragraphs_within(cell):
            found += self.paragraph([element]) if element.tag == f"{W}p" else self.table(element)
        return found

    def cell(self, cell, aside):
        runs = []
        for element in paragraphs_within(cell):
            if element.tag == f"{W}tbl":
                self.note("A table in a table was put below it.")
                aside += self.table(element)
                continue
            mark = self.marks.get(element)
            label = "" if mark is None else "• " if mark.kind == BULLET else f"{mark.label} "
            pieces = self.pieces_of([element])
            for piece in pieces:
                picture = self.picture(piece) if isinstance(piece, FoundPicture) else None
                if picture:
                    self.note(f"The picture {picture.name} was in a table, and was put below it.")
                    aside.append(picture)
            words = normal_runs([piece for piece in pieces if isinstance(piece, Run)])
            runs += [Run("\n"), *([Run(label)] if label and words else []), *words]
        return normal_runs(runs)

    def picture(self, found):
        if found.relation in self.names:
            name = self.names[found.relation]
        else:
            name = self.store_picture(found)
            if name is None:
                return None
            self.names[found.relation] = name
        if not found.alternative:
            self.note(f"The picture {name} has no alternative text: say in words what it shows.")
        return PictureBlock(name, " ".join(found.alternative.split())[:2_000])

    def store_picture(self, found):
        one = self.related.get(found.relation)
        described = f" (“{shortened(found.alternative)}”)" if found.alternative else ""
        if one is None:
            self.note(f"A chart or drawing{described} was left out: in Word, copy it and paste it as a picture.")
            return None
        if not self.archive.holds(one):
            self.note(f"A picture{described} is not in the file but linked from elsewhere, and was left out.")
            return None
        if len(self.pictures) >= MOST_PICTURES:
            self.note(f"A report has {MOST_PICTURES} pictures at most; the others were left out.")
            return None
        try:
            drawn = draw(self.archive.read(one.target))
        except Exception:  # a decoder of hostile bytes raises whatever it likes
            drawn = {"rejected": NO_PICTURE}
        if "rejected" in drawn:
            advice = TOO_MANY_PIXELS if drawn["rejected"] == TOO_LARGE else UNKNOWN_KIND
            self.note(f"A picture{described} was left out: {advice}")
            return None
        ending = drawn["extension"]
        wanted = found.name.lower()
        name = wanted if PICTURE_NAME.fullmatch(wanted) and wanted.endswith((".png", ".jpg", ".jpeg")) else ""
        name = name.rpartition(".")[0] or f"picture-{len(self.pictures) + 1}"
        while f"{name}.{ending}" in self.pictures:
            name += "-2"
        self.pictures[f"{name}.{ending}"] = b64decode(drawn["data"])
        return f"{name}.{ending}"


@dataclass(frozen=True)
class FoundPicture:
    relation: str  # the id of the picture's part, "" for a chart or drawing
    alternative: str
    name: str


@dataclass(frozen=True)
class CaptionText:
    text: str


@dataclass(frozen=True)
class ListLine:
    ordered: bool
    level: int
    number: int
    runs: tuple[Run, ...]


class FormattedReader(PieceReader):
    """Reads what a paragraph looks like, too: `pieces` are Runs and FoundPictures."""

    def __init__(self, links, footnotes, related, *, heed_fields=True):
        super().__init__(links, heed_fields=heed_fields)
        self.footnotes, self.related = footnotes, related
        self.pieces, self.boxed, self.href = [], [], ""

    def read_element(self, child, run):
        if child.tag == f"{W}r":
            for part in child.iter(f"{W}instrText"):
                if found := HYPERLINK.search(part.text or ""):
                    self.href = fit_address(found[1])
        if child.tag in NOTES:
            kind = child.tag.removeprefix(W).removesuffix("Reference")
            if note := self.footnotes.get((kind, child.get(f"{W}id"))):
                self.pieces.append(Run("", footnote=note))
            return
        super().read_element(child, run)

    def add_text(self, text, run):
        before = len(self.words)
        super().add_text(text, run)
        style = run.find(f"{W}rPr") if run is not None else None
        bold, italic = (style is not None and is_on(style.find(f"{W}{tag}")) for tag in ("b", "i"))
        named = attribute(style.find(f"{W}rStyle")).lower() if style is not None else ""
        bold, italic = bold or named == "strong", italic or named == "emphasis"
        self.pieces += [Run(words, self.href, bold, italic) for words, _ in self.words[before:]]

    def track_field(self, kind):
        super().track_field(kind)
        if kind == "end":
            self.href = ""

    def read_hyperlink(self, child):
        before, self.href = self.href, fit_address(self.links.get(child.get(f"{R}id", ""), ""))
        super().read_hyperlink(child)
        self.href = before

    def note_picture(self, child):
        super().note_picture(child)
        text = " ".join(" ".join(t.text or "" for t in box.iter(f"{W}t")) for box in child.iter(f"{W}txbxContent"))
        if text.strip():
            self.boxed.append(" ".join(text.split()))
            for box in child.iter(f"{W}txbxContent"):
                for paragraph in box.iter(f"{W}p"):
                    self.pieces.append(Run("\n"))
                    self.read_children(paragraph, None)
            return
        described = next(child.iter(f"{WP}docPr"), None)
        alternative = described.get("descr", "") if described is not None else ""
        name = described.get("name", "") if described is not None else ""
        blip, image = next(child.iter(f"{A}blip"), None), next(child.iter(f"{VML}imagedata"), None)
        if blip is not None:
            relation = blip.get(f"{R}embed") or blip.get(f"{R}link", "")
        else:
            relation = image.get(f"{R}id", "") if image is not None else ""
        self.pieces.append(FoundPicture(relation, alternative, name))


def fit_address(address):
    return safe_address(address) if address.lower().startswith(SCHEMES) and len(address) <= 2_000 else ""


def joined_blocks(parts):
    """The blocks with the lines of lists put together, and captions given to their tables and pictures."""
    found, waiting = [], None
    for part in parts:
        if isinstance(part, CaptionText):
            if waiting:
                found.append(Paragraph((Run(waiting.text),)))
            waiting = None
            if found and isinstance(found[-1], PictureBlock) and not found[-1].caption:
                found[-1] = replace(found[-1], caption=part.text)
            else:
                waiting = part
            continue
        if isinstance(part, TableBlock | PictureBlock) and waiting:
            part, waiting = replace(part, caption=waiting.text), None
        if waiting:
            found.append(Paragraph((Run(waiting.text),)))
            waiting = None
        if isinstance(part, ListLine):
            add_line(found, part)
        else:
            found.append(part)
    return [*found, *([Paragraph((Run(waiting.text),))] if waiting else [])]


def add_line(found, line):
    item = NestedItem(line.runs)
    last = found[-1] if found and isinstance(found[-1], NestedList) else None
    if last is not None and (line.level or goes_on(last, line)):
        found[-1] = with_line(last, line, item, line.level)
    else:
        found.append(NestedList(line.ordered, (line.number or 1) if line.ordered else 1, (item,)))


def goes_on(block, line):
    return block.ordered == line.ordered and (not line.ordered or line.number in (0, block.start + len(block.items)))


def with_line(block, line, item, level):
    if level <= 0:
        return replace(block, items=(*block.items, item))
    *others, last = block.items
    inner = last.inner
    if inner is None:
        inner = NestedList(line.ordered, (line.number or 1) if line.ordered else 1, (item,))
    else:
        inner = with_line(inner, line, item, min(level, DEEPEST_LIST - 1) - 1)
    return replace(block, items=(*others, replace(last, inner=inner)))


def number_in(label):
    """The number in what Word prints before an item; 0 where it has none, as in "(b)"."""
    return min(whole_number("".join(re.findall(r"\d+", label)[-1:])), 999)


def runs_on_one_line(runs):
    return normal_runs([run if run.footnote else replace(run, text=run.text.replace("\n", " ")) for run in runs])


def unbold(runs):
    """The words of a header cell, which is printed bold in any case."""
    return normal_runs([run if run.footnote else replace(run, bold=False) for run in runs])


def named(text, kind):
    name, _, job_title = text.strip().partition(",")
    return kind(name.strip(), job_title.strip())


def contact_in(words):
    """ "Sam Reed, Head of Programmes, telephone 01296 382000, e-mail sam.reed@example.org", in any usual spelling."""
    email = re.search(r"[^\s,;<>()]+@[^\s,;<>()]+", words)
    telephone = re.search(r"(?:\b(?:tel|telephone|phone)\b\.?:?\s*)?(\+?\d[\d ()]{6,19}\d)", words, re.IGNORECASE)
    rest = words
    for found in (email, telephone):
        rest = rest.replace(found.group(), "") if found else rest
    rest = re.sub(r"\b(e-?mail|tel|telephone|phone)\b[.:]?", "", rest, flags=re.IGNORECASE)
    parts = [part.strip(" ;<>()") for part in rest.split(",")]
    name, *titles = [part for part in parts if part] or [""]
    number = telephone[1].strip() if telephone else ""
    return ContactOfficer(name, ", ".join(titles), number, email.group() if email else "")


def shortened(text):
    return text if len(text) <= 80 else f"{text[:79]}…"


def main():
    try:
        found = read_document(sys.stdin.buffer.read())
        pictures = {name: b64encode(data).decode() for name, data in found.pictures.items()}
        answer = to_plain_data(replace(found, pictures={})) | {"pictures": pictures}
    except Unreadable as error:
        answer = {"unreadable": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
