"""The uploaded file as the importer reads it: what is no Word document never gets further than here."""

import io
import re
from dataclasses import dataclass, field

from lxml import etree

from inquiries.imports import Unreadable
from inquiries.uploads import word
from inquiries.uploads.word import NotWord, R, W, open_docx, whole_number

SIZE_LIMIT = 20 * 1024 * 1024
TEXT_LIMIT = 5_000_000  # characters: 1,000 rows of 5,000 each
DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STARTS = (
    (b"{\\rtf", "a rich text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"BM", "a picture"),
)
SAVE_AS = "Open it in Word, choose “Save as”, “Word document (.docx)”, and upload that file."
DAMAGED = "The file is damaged or incomplete. Open it in Word, save it again as a Word document (.docx), and try again."
TOO_LONG = "The document is too long. Keep only the table or list that is to be read, and try again."
MESSAGES = {
    word.DAMAGED: DAMAGED,
    word.TOO_MUCH: (
        "The file unpacks to far more than such a document can hold, so it was not opened. Copy its words into "
        "a new Word document and try again."
    ),
    word.PASSWORD: "The file is protected by a password. Take the password off, save it, and try again.",
    word.OTHER_KIND: f"The file is {{kind}}, not a Word document. {SAVE_AS}",
    word.ZIP_FILE: f"The file is a zip archive without a Word document in it. {SAVE_AS}",
    word.DECLARATIONS: "The file holds declarations that no Word document has, so it was not opened.",
}


@dataclass
class OpenedDocument:
    """The parts of a Word document that the importer reads, parsed. `links` maps relationship ids to addresses."""

    body: etree._Element
    numbering: etree._Element | None
    styles: etree._Element | None
    page_headers: list[etree._Element]
    links: dict[str, str]
    title: str = ""
    macros: bool = False
    tracked: str = ""  # the tracked changes, in short
    properties: dict[str, str] = field(default_factory=dict)  # those that Word does not know itself
    remarks: list[etree._Element] = field(default_factory=list)  # comments, footnotes, endnotes


def open_document(data, *, size_limit=SIZE_LIMIT):
    refuse_other_files(data, size_limit)
    try:
        with open_docx(io.BytesIO(data)) as document:
            return read_parts(document)
    except NotWord as error:
        raise Unreadable(MESSAGES[error.problem].format(kind=error.kind)) from error


def refuse_other_files(data, size_limit):
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("The file is empty. Choose the right Word document.")
    if len(data) > size_limit:
        raise Unreadable(
            f"The file is larger than {size_limit // (1024 * 1024)} MB. Remove pictures from it, or compress them "
            "in Word, and try again."
        )
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(
                "The file is protected by a password. Open it in Word, take the password off (File, Info, Protect "
                "Document), save it, and try again."
            )
        raise Unreadable(f"The file is in an old Office format (such as .doc). {SAVE_AS}")
    if not data.startswith(b"PK"):
        raise Unreadable(f"The file is not a Word document: it looks like {describe_start(data)}. {SAVE_AS}")


def describe_start(data):
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"%pdf-" in start:
        return "a PDF"
    for mark, name in STARTS:
        if data.startswith(mark):
            return name
    if start.startswith(b"<"):
        return "a web page" if b"html" in start else "an XML file"
    return "something else" if b"\x00" in data[:1024] else "plain text"


def read_parts(document):
    tree = document.parse(document.main)
    body = tree.find(f"{W}body")
    if tree.tag != f"{W}document" or body is None:
        raise Unreadable(f"The file holds no Word document. {SAVE_AS}")
    if sum(len(text.text or "") for text in body.iter(f"{W}t")) > TEXT_LIMIT:
        raise Unreadable(TOO_LONG)
    title = ""
    if "docProps/core.xml" in document.names:
        title = " ".join((document.parse("docProps/core.xml").findtext(DC_TITLE) or "").split())[:500]
    related = document.relationships(document.main).items()
    return OpenedDocument(
        body=body,
        numbering=next(iter(document.related_parts(document.main, "numbering")), None),
        styles=next(iter(document.related_parts(document.main, "styles")), None),
        page_headers=document.related_parts(document.main, "header", "footer")[:12],
        links={number: one.address for number, one in related if one.kind == "hyperlink" and one.is_outside},
        title=title,
        tracked=tracked_changes(body),
        macros=any(name.lower().endswith("vbaproject.bin") for name in document.names),
        properties=own_properties(document),
        remarks=document.related_parts(document.main, "comments", "footnotes", "endnotes"),
    )


def own_properties(document):
    found = document.related_parts("", "custom-properties")
    return {each.get("name", ""): "".join(each.itertext()) for part in found for each in part}


def tracked_changes(body):
    found = []
    for kind, tags, texts in (("inserted", "ins moveTo cellIns", "t"), ("deleted", "del moveFrom cellDel", "delText")):
        changes = [change for tag in tags.split() for change in body.iter(f"{W}{tag}")]
        text = " ".join(t.text or "" for change in changes for t in change.iter(f"{W}{texts}", f"{W}t"))
        if changes:
            found.append(f"{kind}: “{' '.join(text.split())[:80]}”" if text.strip() else kind)
    return ", ".join(found)


BULLET = "bullet"
NUMBER = "number"
CHAIN_LIMIT = 12
ROMAN: tuple[tuple[int, str], ...] = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"))
ROMAN += ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True)
class ListMark:
    """What Word prints before a paragraph. `label` is "1.", "R7", "(a)"; `plain` says that it is a mere number."""

    kind: str
    level: int
    label: str = ""
    plain: bool = False


@dataclass(frozen=True)
class Level:
    form: str
    words: str
    start: int
    style: str


class Numbering:
    """Counts list paragraphs in the order of the document: `mark(paragraph)` must see each once, from the top."""

    def __init__(self, numbering, styles):
        self.levels, self.numbers, self.linked = {}, {}, {}
        self.styles = {}
        self.counts, self.begun = {}, set()
        if styles is not None:
            for style in styles.iterchildren(f"{W}style"):
                self.styles[style.get(f"{W}styleId", "")] = style
        if numbering is not None:
            self.read_definitions(numbering)

    def read_definitions(self, numbering):
        for abstract in numbering.iterchildren(f"{W}abstractNum"):
            number = abstract.get(f"{W}abstractNumId", "")
            self.levels[number] = {
                whole_number(level.get(f"{W}ilvl")): read_level(level) for level in abstract.iterchildren(f"{W}lvl")
            }
            link = abstract.find(f"{W}numStyleLink")
            if link is not None:
                self.linked[number] = link.get(f"{W}val", "")
        for num in numbering.iterchildren(f"{W}num"):
            abstract = num.find(f"{W}abstractNumId")
            starts, changed = {}, {}
            for override in num.iterchildren(f"{W}lvlOverride"):
                at = whole_number(override.get(f"{W}ilvl"))
                start = override.find(f"{W}startOverride")
                if start is not None:
                    starts[at] = whole_number(start.get(f"{W}val"), 1)
                if override.find(f"{W}lvl") is not None:
                    changed[at] = read_level(override.find(f"{W}lvl"))
            target = abstract.get(f"{W}val", "") if abstract is not None else ""
            self.numbers[num.get(f"{W}numId", "")] = target, starts, changed

    def style_of(self, paragraph):
        style = self.styles.get(attribute(paragraph.find(f"{W}pPr/{W}pStyle")))
        return attribute(style.find(f"{W}name")).lower() if style is not None else ""

    def mark(self, paragraph):
        number, level = self.number_and_level(paragraph)
        abstract, starts, changed = self.numbers.get(number, ("", {}, {}))
        abstract = self.resolve_abstract(abstract)
        levels = {**self.levels.get(abstract, {}), **changed}
        if not number or number == "0" or level not in levels:
            return None
        here = levels[level]
        if here.form == "bullet":
            return ListMark(BULLET, level)
        if here.form == "none":
            return None
        counts = self.counts.setdefault(abstract, {})
        if level in starts and (number, level) not in self.begun:
            self.begun.add((number, level))
            counts[level] = starts[level]
        else:
            counts[level] = counts.get(level, here.start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        label = re.sub(r"%([1-9])", lambda m: label_part(levels, counts, int(m.group(1)) - 1), here.words).strip()
        plain = level == 0 and here.form == "decimal" and re.fullmatch(r"\(?%1[.):]*", here.words.strip()) is not None
        return ListMark(NUMBER, level, label, plain)

    def number_and_level(self, paragraph):
        style = self.styles.get(attribute(paragraph.find(f"{W}pPr/{W}pStyle")))
        own = paragraph.find(f"{W}pPr/{W}numPr")
        number = attribute(own.find(f"{W}numId")) if own is not None else ""
        level = attribute(own.find(f"{W}ilvl")) if own is not None else ""
        styled = ""
        for _ in range(CHAIN_LIMIT):
            if number or style is None:
                break
            styled = style.get(f"{W}styleId", "")
            inherited = style.find(f"{W}pPr/{W}numPr")
            if inherited is not None:
                number = attribute(inherited.find(f"{W}numId"))
                level = level or attribute(inherited.find(f"{W}ilvl"))
            style = self.styles.get(attribute(style.find(f"{W}basedOn")))
        if styled and not level:
            abstract = self.resolve_abstract(self.numbers.get(number, ("",))[0])
            bound = [at for at, each in self.levels.get(abstract, {}).items() if each.style == styled]
            return number, bound[0] if bound else 0
        return number, whole_number(level)

    def resolve_abstract(self, abstract):
        for _ in range(CHAIN_LIMIT):
            style = self.styles.get(self.linked.get(abstract, ""))
            number = attribute(style.find(f"{W}pPr/{W}numPr/{W}numId")) if style is not None else ""
            if number not in self.numbers:
                break
            abstract = self.numbers[number][0]
        return abstract


def read_level(level):
    return Level(
        form=attribute(level.find(f"{W}numFmt")) or "decimal",
        words=attribute(level.find(f"{W}lvlText"))[:60],
        start=whole_number(attribute(level.find(f"{W}start")), 1),
        style=attribute(level.find(f"{W}pStyle")),
    )


def label_part(levels, counts, level):
    at = levels.get(level)
    count = counts.get(level, at.start if at else 1)
    return format_count(count, at.form if at else "decimal")


def format_count(count, form):
    if form in ("lowerLetter", "upperLetter") and count > 0:
        letters = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 4)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman") and 0 < count < 4000:
        text = ""
        for value, sign in ROMAN:
            times, count = divmod(count, value)
            text += sign * times
        return text.upper() if form == "upperRoman" else text
    return f"{count:02d}" if form == "decimalZero" else str(count)


def attribute(element):
    return element.get(f"{W}val", "") if element is not None else ""


MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"

GONE = {f"{W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "sdtPr", "sdtEndPr", "instrText", "delText", "rt")}
PICTURES = {f"{W}{name}" for name in ("drawing", "pict", "object")}
NOTES = {f"{W}{name}" for name in ("footnoteReference", "endnoteReference")}
WRAPPERS = {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "txbxContent")}
FIXED = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
}
# Wingdings, Wingdings 2 and Symbol draw their signs in place of letters; only the signs of a progress report matter.
WINGDINGS = {0xFC: "✓", 0xFE: "☑", 0xFB: "✗", 0xFD: "☒", 0xAB: "★", 0xB6: "☆", 0xA8: "☐", 0x6F: "☐", 0xA7: "•"}
WINGDINGS |= {0x6C: "●", 0x6E: "■", 0x9F: "•", 0xE0: "→", 0xF0: "→", 0x4A: "☺", 0x4C: "☹"}
WINGDINGS_2 = {0x50: "✓", 0x52: "☑", 0x4F: "✗", 0x51: "☒", 0x53: "☒", 0x54: "☒", 0x97: "•", 0xEA: "★"}
SYMBOL = {0xB7: "•", 0xD6: "√", 0xB4: "×", 0x2A: "*"}
FONTS = {"wingdings": WINGDINGS, "wingdings 2": WINGDINGS_2, "symbol": SYMBOL}

INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SPACES = re.compile(r"[^\S\n]+")
TYPED_BULLET = re.compile(r"^[•·▪●◦‣■]\s*(?=\S)")
LIST_LINE = re.compile(r"^(?:(?P<bullet>[-*•–])|(?P<number>\d{1,3}[.)]))\s+\S")


@dataclass
class Para:
    """One paragraph. `notes` names what the text alone does not show: hidden, struck, footnote, picture, symbol."""

    text: str
    mark: ListMark | None = None
    style: str = ""
    tabbed: str = ""  # the text with its tabs: "1a\tThat ..."
    unstruck: str = ""  # the text without words struck through
    links: list[tuple[str, str]] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)

    @property
    def line(self):
        if self.mark is None:
            return TYPED_BULLET.sub("- ", self.text)
        if self.mark.kind == BULLET:
            return f"- {self.text}"
        label = re.sub(r"\D", "", self.mark.label) + "." if self.mark.plain else self.mark.label
        return f"{label} {self.text}"


def paragraphs_within(container):
    """The w:p and w:tbl elements that are directly in a body, cell or header, through content controls."""
    for child in container:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in WRAPPERS and not is_placeholder(child):
            yield from paragraphs_within(child)
        elif child.tag == ALTERNATIVES:
            chosen = choose_alternative(child)
            if chosen is not None:
                yield from paragraphs_within(chosen)


class TextReader:
    """Reads paragraphs; the marks of all lists are counted beforehand, in the order of the document."""

    def __init__(self, document, numbering):
        self.links = document.links
        self.numbering = numbering
        self.marks, self.known = {}, {}
        for root in (document.body, *document.page_headers):
            for paragraph in root.iter(f"{W}p"):
                mark = numbering.mark(paragraph)
                if mark is not None:
                    self.marks[paragraph] = mark

    def paragraphs(self, elements):
        """Para objects for these w:p elements, blank ones left out. Text boxes inside them are ignored."""
        found, group = [], []
        for element in elements:
            group.append(element)
            # Where the end of a paragraph was deleted, the next one goes on in it.
            if element.find(f"{W}pPr/{W}rPr/{W}del") is None:
                found.append(self.read_group(group))
                group = []
        if group:
            found.append(self.read_group(group))
        return [para for para in found if para.text or para.notes]

    def read_group(self, group):
        element = group[0]
        if len(group) == 1 and element in self.known:
            return self.known[element]
        pieces = PieceReader(self.links)
        pieces.collect(group)
        if pieces.swallowed:
            # A field that never reaches its result would hide every word after it.
            pieces = PieceReader(self.links, heed_fields=False)
            pieces.collect(group)
        text = "".join(words for words, _ in pieces.words)
        para = Para(
            text=tidy(text),
            mark=self.marks.get(element),
            style=self.numbering.style_of(element),
            tabbed=INVISIBLE.sub("", text).strip(" \n"),
            unstruck=tidy("".join(words for words, struck in pieces.words if not struck)),
            links=pieces.found_links,
            notes=pieces.notes,
        )
        if len(group) == 1:
            self.known[element] = para
        return para


class PieceReader:
    def __init__(self, links, *, heed_fields=True):
        self.links, self.heed_fields = links, heed_fields
        self.words, self.found_links, self.notes, self.fields = [], [], set(), []
        self.swallowed = False

    def collect(self, group):
        for element in group:
            self.read_children(element, None)
        self.swallowed = self.swallowed and "instruction" in self.fields

    def read_children(self, element, run):
        for child in element:
            self.read_element(child, run)

    def read_element(self, child, run):
        tag = child.tag
        if not isinstance(tag, str) or tag in GONE:
            return
        if tag == f"{W}r":
            self.read_children(child, child)
        elif tag in (f"{W}t", MATH_TEXT):
            self.add_text(run_text(child), run)
        elif tag in FIXED:
            self.add_text(FIXED[tag], run)
        elif tag == f"{W}br":
            self.add_text("\n" if child.get(f"{W}type", "textWrapping") == "textWrapping" else " ", run)
        elif tag == f"{W}sym":
            self.add_text(self.symbol_text(child), run)
        elif tag == f"{W}fldChar":
            self.track_field(child.get(f"{W}fldCharType"))
        elif tag in NOTES:
            self.notes.add("footnote")
        elif tag in PICTURES:
            self.note_picture(child)
        elif tag == ALTERNATIVES:
            chosen = choose_alternative(child)
            if chosen is not None:
                self.read_children(chosen, run)
        elif tag == f"{W}hyperlink":
            self.read_hyperlink(child)
        elif tag == f"{W}sdt" and is_placeholder(child):
            return
        elif tag not in (f"{W}p", f"{W}tbl", f"{W}txbxContent"):
            self.read_children(child, run)

    def add_text(self, text, run):
        if self.heed_fields and "instruction" in self.fields:
            self.swallowed = True
            return
        struck = False
        if run is not None:
            style = run.find(f"{W}rPr")
            if style is not None:
                if is_on(style.find(f"{W}vanish")):
                    if text.strip():
                        self.notes.add("hidden")
                    return
                struck = is_on(style.find(f"{W}strike")) or is_on(style.find(f"{W}dstrike"))
                text = translate_sign_font(style, text)
        if struck and text.strip():
            self.notes.add("struck")
        self.words.append((text, struck))

    def symbol_text(self, child):
        code = child.get(f"{W}char", "")
        if not re.fullmatch(r"[0-9A-Fa-f]{1,5}", code):
            return ""
        point = int(code, 16)
        signs = FONTS.get(child.get(f"{W}font", "").lower())
        if signs is not None and point & 0xFF in signs:
            return signs[point & 0xFF]
        if 0xE000 <= point <= 0xF8FF or point < 32 or 0xD800 <= point <= 0xDFFF:
            self.notes.add("symbol")
            return "\ufffd"
        return chr(point)

    def track_field(self, kind):
        if kind == "begin":
            self.fields.append("instruction")
        elif kind == "separate" and self.fields:
            self.fields[-1] = "result"
        elif kind == "end" and self.fields:
            self.fields.pop()

    def note_picture(self, child):
        boxed = any((text.text or "").strip() for box in child.iter(f"{W}txbxContent") for text in box.iter(f"{W}t"))
        self.notes.add("text box" if boxed else "picture")

    def read_hyperlink(self, child):
        before = len(self.words)
        self.read_children(child, None)
        address = self.links.get(child.get(f"{R}id", ""), "")
        shown = tidy("".join(text for text, _ in self.words[before:]))
        if address.lower().startswith(("http://", "https://")) and shown:
            self.found_links.append((shown, address))


def tidy(text):
    """The text with single spaces, no control or invisible characters, and no blank at either end of a line."""
    return "\n".join(" ".join(line.split()) for line in INVISIBLE.sub("", text).split("\n")).strip()


def joined(paras):
    text, before = "", ""
    for para in paras:
        line = para.line
        if not para.text:
            continue
        kind = list_kind(para)
        text += ("\n" if kind and kind == before else "\n\n") if text else ""
        text += line
        before = kind
    return text


def list_kind(para):
    if para.mark is not None:
        return para.mark.kind
    match = LIST_LINE.match(para.line)
    return "" if match is None else BULLET if match.group("bullet") else NUMBER


def run_text(element):
    text = SPACES.sub(" ", (element.text or "").replace("\n", " "))
    # Without this mark Word drops the blanks at both ends of a run.
    return text if element.get(PRESERVE) == "preserve" else text.strip(" ")


def translate_sign_font(style, text):
    fonts = style.find(f"{W}rFonts")
    signs = FONTS.get(fonts.get(f"{W}ascii", "").lower()) if fonts is not None else None
    if signs is None:
        return text
    return "".join(signs.get(ord(letter) & 0xFF, letter) if ord(letter) > 32 else letter for letter in text)


def is_on(element):
    return element is not None and element.get(f"{W}val", "true").lower() not in ("0", "false", "off")


def is_placeholder(element):
    return element.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def choose_alternative(element):
    chosen = element.find(FALLBACK)
    return chosen if chosen is not None else next(iter(element), None)
