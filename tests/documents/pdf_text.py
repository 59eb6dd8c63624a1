"""What a tagged PDF says to somebody who hears it: its structure tree with the text that belongs to each part.

Reads the tags, not the looks of the page: a marked piece of a page's content belongs to the element that names it.
"""

import re
from dataclasses import dataclass, field

import pikepdf

BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf(?:char|range)", re.DOTALL)
CODE = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")


@dataclass
class Element:
    """One element of the structure tree. `content` holds texts and Elements in reading order."""

    kind: str
    content: list = field(default_factory=list)
    annotations: list = field(default_factory=list)
    alternative: str = ""
    marks: list = field(default_factory=list)  # (page index, number of the marked piece)
    object_id: tuple = (0, 0)

    @property
    def text(self):
        return "".join(part if isinstance(part, str) else part.text for part in self.content)

    def find(self, *kinds):
        """The elements of these kinds in it, in reading order, whatever stands between."""
        found = []
        for part in self.content:
            if isinstance(part, Element):
                if part.kind in kinds:
                    found.append(part)
                found += part.find(*kinds)
        return found


def read_structure(pdf):
    """The structure tree of an open pikepdf.Pdf as an Element, or None where the file has no tags."""
    root = pdf.Root.get("/StructTreeRoot")
    if root is None:
        return None
    pages = {page.objgen: index for index, page in enumerate(pdf.pages)}
    texts = [marked_texts(page) for page in pdf.pages]
    return _element(root, "StructTreeRoot", None, pages, texts)


def _element(node, kind, page, pages, texts):
    element = Element(kind, object_id=node.objgen, alternative=str(node.get("/Alt", "")))
    page = pages.get(node["/Pg"].objgen, page) if "/Pg" in node else page
    children = node.get("/K", pikepdf.Array())
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, int):
            _mark(element, page, child, texts)
        elif "/S" in child:
            element.content.append(_element(child, str(child["/S"])[1:], page, pages, texts))
        elif child.get("/Type") == "/MCR":
            _mark(element, pages.get(child["/Pg"].objgen, page) if "/Pg" in child else page, int(child["/MCID"]), texts)
        elif child.get("/Type") == "/OBJR":
            element.annotations.append(child["/Obj"])
    return element


def _mark(element, page, number, texts):
    element.marks.append((page, number))
    element.content.append(texts[page].get(number, "") if page is not None else "")


def marked_texts(page):
    """The texts of a page by the number of their marked piece (MCID); artifacts have none."""
    fonts = {name: Font(font) for name, font in page.resources.get("/Font", pikepdf.Dictionary()).items()}
    found, open_marks, font = {}, [], None
    for operands, operator in pikepdf.parse_content_stream(page, "BDC BMC EMC Tf Tj TJ ' \""):
        name = str(operator)
        if name in ("BDC", "BMC"):
            properties = operands[1] if name == "BDC" and isinstance(operands[1], pikepdf.Dictionary) else {}
            spoken = str(properties["/ActualText"]) if "/ActualText" in properties else None
            open_marks.append((properties.get("/MCID"), spoken))
            _say(found, open_marks[:-1], open_marks[-1][0], spoken)
        elif name == "EMC":
            open_marks.pop()
        elif name == "Tf":
            font = fonts[str(operands[0])]
        elif font:
            shown = operands[-1]
            strings = [s for s in shown if isinstance(s, pikepdf.String)] if name == "TJ" else [shown]
            if all(spoken is None for _, spoken in open_marks):
                _say(found, open_marks, None, "".join(font.text(bytes(string)) for string in strings))
    return found


def _say(found, open_marks, number, text):
    numbers = [n for n, _ in open_marks if n is not None] + ([number] if number is not None else [])
    if numbers and text is not None:
        found[int(numbers[-1])] = found.get(int(numbers[-1]), "") + text


class Font:
    """Turns the codes of a text into its characters, by the font's ToUnicode table."""

    def __init__(self, font):
        self.size = 2 if font.get("/Subtype") == "/Type0" else 1
        self.characters = to_unicode(font["/ToUnicode"].read_bytes()) if "/ToUnicode" in font else {}

    def text(self, codes):
        size = self.size
        return "".join(
            self.characters.get(int.from_bytes(codes[at : at + size], "big"), "") for at in range(0, len(codes), size)
        )


def to_unicode(table):
    """A ToUnicode table as a dictionary from code to characters."""
    found = {}
    for kind, body in BLOCK.findall(table):
        tokens = [(hexa.decode(), opens, closes) for hexa, opens, closes in CODE.findall(body)]
        codes = iter(tokens)
        for first, _, _ in codes:
            if kind == b"bfchar":
                found[int(first, 16)] = _characters(next(codes)[0])
                continue
            last = int(next(codes)[0], 16)
            start, opens, _ = next(codes)
            for code in range(int(first, 16), last + 1):
                if opens:
                    found[code] = _characters(next(codes)[0])
                else:
                    found[code] = _characters(f"{int(start, 16) + code - int(first, 16):0{len(start)}x}")
            if opens:
                next(codes)
    return found


def _characters(hexa):
    return bytes.fromhex(hexa).decode("utf-16-be", errors="replace")
