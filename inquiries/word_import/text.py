"""The words of a Word document as a reader sees them: insertions count, deletions do not, fields show their result."""

import re
from dataclasses import dataclass, field

from inquiries.uploads.docx import R, W
from inquiries.word_import.lists import BULLET, NUMBER, ListMark

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
        """The paragraph as our plain text has it: a list paragraph with its "- " or "1. "."""
        if self.mark is None:
            return TYPED_BULLET.sub("- ", self.text)
        if self.mark.kind == BULLET:
            return f"- {self.text}"
        label = re.sub(r"\D", "", self.mark.label) + "." if self.mark.plain else self.mark.label
        return f"{label} {self.text}"


def paragraphs_within(container):
    """The w:p and w:tbl elements that stand directly in a body, cell or header, through content controls."""
    for child in container:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in WRAPPERS and not _is_placeholder(child):
            yield from paragraphs_within(child)
        elif child.tag == ALTERNATIVES:
            chosen = _alternative(child)
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
                found.append(self._read(group))
                group = []
        if group:
            found.append(self._read(group))
        return [para for para in found if para.text or para.notes]

    def _read(self, group):
        element = group[0]
        if len(group) == 1 and element in self.known:
            return self.known[element]
        pieces = _Pieces(self.links)
        pieces.collect(group)
        if pieces.swallowed:
            # A field that never reaches its result would hide every word after it.
            pieces = _Pieces(self.links, heed_fields=False)
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


class _Pieces:
    def __init__(self, links, *, heed_fields=True):
        self.links, self.heed_fields = links, heed_fields
        self.words, self.found_links, self.notes, self.fields = [], [], set(), []
        self.swallowed = False

    def collect(self, group):
        for element in group:
            self._children(element, None)
        self.swallowed = self.swallowed and "instruction" in self.fields

    def _children(self, element, run):
        for child in element:
            self._one(child, run)

    def _one(self, child, run):
        tag = child.tag
        if not isinstance(tag, str) or tag in GONE:
            return
        if tag == f"{W}r":
            self._children(child, child)
        elif tag in (f"{W}t", MATH_TEXT):
            self._say(_spaced(child), run)
        elif tag in FIXED:
            self._say(FIXED[tag], run)
        elif tag == f"{W}br":
            self._say("\n" if child.get(f"{W}type", "textWrapping") == "textWrapping" else " ", run)
        elif tag == f"{W}sym":
            self._say(self._symbol(child), run)
        elif tag == f"{W}fldChar":
            self._field(child.get(f"{W}fldCharType"))
        elif tag in NOTES:
            self.notes.add("footnote")
        elif tag in PICTURES:
            self._picture(child)
        elif tag == ALTERNATIVES:
            chosen = _alternative(child)
            if chosen is not None:
                self._children(chosen, run)
        elif tag == f"{W}hyperlink":
            self._hyperlink(child)
        elif tag == f"{W}sdt" and _is_placeholder(child):
            return
        elif tag not in (f"{W}p", f"{W}tbl", f"{W}txbxContent"):
            self._children(child, run)

    def _say(self, words, run):
        if self.heed_fields and "instruction" in self.fields:
            self.swallowed = True
            return
        struck = False
        if run is not None:
            style = run.find(f"{W}rPr")
            if style is not None:
                if _is_on(style.find(f"{W}vanish")):
                    if words.strip():
                        self.notes.add("hidden")
                    return
                struck = _is_on(style.find(f"{W}strike")) or _is_on(style.find(f"{W}dstrike"))
                words = _in_sign_font(style, words)
        if struck and words.strip():
            self.notes.add("struck")
        self.words.append((words, struck))

    def _symbol(self, child):
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

    def _field(self, kind):
        if kind == "begin":
            self.fields.append("instruction")
        elif kind == "separate" and self.fields:
            self.fields[-1] = "result"
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _picture(self, child):
        boxed = any((text.text or "").strip() for box in child.iter(f"{W}txbxContent") for text in box.iter(f"{W}t"))
        self.notes.add("text box" if boxed else "picture")

    def _hyperlink(self, child):
        before = len(self.words)
        self._children(child, None)
        address = self.links.get(child.get(f"{R}id", ""), "")
        shown = tidy("".join(words for words, _ in self.words[before:]))
        if address.lower().startswith(("http://", "https://")) and shown:
            self.found_links.append((shown, address))


def tidy(text):
    """The text with single spaces, no control or invisible characters, and no blank at either end of a line."""
    return "\n".join(" ".join(line.split()) for line in INVISIBLE.sub("", text).split("\n")).strip()


def joined(paras):
    """Paragraphs as plain text: a blank line between them, list lines one below the other."""
    text, before = "", ""
    for para in paras:
        line = para.line
        if not para.text:
            continue
        kind = _list_kind(para)
        text += ("\n" if kind and kind == before else "\n\n") if text else ""
        text += line
        before = kind
    return text


def _list_kind(para):
    if para.mark is not None:
        return para.mark.kind
    match = LIST_LINE.match(para.line)
    return "" if match is None else BULLET if match.group("bullet") else NUMBER


def _spaced(element):
    text = SPACES.sub(" ", (element.text or "").replace("\n", " "))
    # Without this mark Word drops the blanks at both ends of a run.
    return text if element.get(PRESERVE) == "preserve" else text.strip(" ")


def _in_sign_font(style, words):
    fonts = style.find(f"{W}rFonts")
    signs = FONTS.get(fonts.get(f"{W}ascii", "").lower()) if fonts is not None else None
    if signs is None:
        return words
    return "".join(signs.get(ord(letter) & 0xFF, letter) if ord(letter) > 32 else letter for letter in words)


def _is_on(element):
    return element is not None and element.get(f"{W}val", "true").lower() not in ("0", "false", "off")


def _is_placeholder(element):
    return element.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def _alternative(element):
    chosen = element.find(FALLBACK)
    return chosen if chosen is not None else next(iter(element), None)
