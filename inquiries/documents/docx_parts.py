"""The parts of a Word file, written as XML: python-docx's own tables take time by the square of their rows."""

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

from inquiries.documents.blocks import ListBlock, Paragraph, Run
from inquiries.documents.cells import Verdict

TWIPS = 1440 / 25.4  # in a millimetre
LINE, GREY = "6F777B", "E4E7E9"
INK = {"green": "005A30", "teal": "0B5D57", "amber": "7A4B00", "red": "942514"}
TINT = {"green": "E3F2E8", "teal": "DFF1EF", "amber": "FFF1D6", "red": "FAE4E0"}


def element(tag, attributes=None, *children, text=None):
    """A WordprocessingML element: `element("w:p", {}, child, ...)`."""
    made = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(qn(name), str(value))
    made.extend(children)
    if text is not None:
        made.text = text
        made.set(qn("xml:space"), "preserve")
    return made


class Writer:
    """Makes paragraphs and tables for one document part, and the lists and links they need."""

    def __init__(self, part):
        self.part = part
        self.links = {}
        numbering = part.numbering_part.element
        self.numbering = numbering
        self.next_list = 1 + max((int(n.get(qn("w:numId"))) for n in numbering.findall(qn("w:num"))), default=0)
        used = [int(n.get(qn("w:abstractNumId"))) for n in numbering.findall(qn("w:abstractNum"))]
        self.kinds = {ordered: max(used, default=0) + 1 + ordered for ordered in (False, True)}
        first = numbering.find(qn("w:num"))
        for ordered, number in self.kinds.items():
            definition = _list_definition(number, ordered)
            numbering.append(definition) if first is None else first.addprevious(definition)
        self.bullets = self._list(False, 1)

    def paragraph(self, words, style=None, **looks):
        """A paragraph of plain words (or of Runs) in a named style."""
        runs = (Run(words),) if isinstance(words, str) else words
        return element("w:p", {}, *_paragraph_looks(style, **looks), *(made for run in runs for made in self._run(run)))

    def labelled(self, label, words, style, **looks):
        """A line such as "Date of this update: 10 November 2015" with its label in bold."""
        return self.paragraph((Run(f"{label}: ", bold=True), Run(words)), style, **looks)

    def table(self, widths, rows, titles, caption, description):
        """A table with a header row that repeats. `rows` holds (cells, whether the row is kept whole)."""
        heads = [
            self._cell([self.paragraph((Run(title, bold=True),))], width, GREY)
            for title, width in zip(titles, widths, strict=True)
        ]
        marks = element("w:trPr", {}, element("w:cantSplit"), element("w:tblHeader"))
        lines = [element("w:tr", {}, marks, *heads)]
        for cells, whole in rows:
            looks = [element("w:trPr", {}, element("w:cantSplit"))] if whole else []
            made = (self._cell(self._blocks(cell), width) for cell, width in zip(cells, widths, strict=True))
            lines.append(element("w:tr", {}, *looks, *made))
        return _table(widths, lines, caption, description, first_row=True)

    def guidance(self, widths, lines):
        """The guidance key two by two: a cell for each symbol and one for its words."""
        rows = []
        for line in lines:
            cells = []
            for at, (symbol, words, colour) in enumerate(line):
                sign = element("w:p", {}, *_paragraph_looks(None, centred=True), _boxed(symbol, colour))
                cells.append(self._cell([sign], widths[2 * at]))
                cells.append(self._cell([self.paragraph(words)], widths[2 * at + 1]))
            rows.append(element("w:tr", {}, element("w:trPr", {}, element("w:cantSplit")), *cells))
        description = "What each sign in the last column of the table above means, two by two."
        return _table(widths, rows, "RAG status guidance", description, first_row=False)

    def _blocks(self, blocks, **looks):
        made = []
        for block in blocks:
            if isinstance(block, Paragraph):
                made.append(self.paragraph(block.runs, **looks))
            elif isinstance(block, ListBlock):
                number = self._list(True, block.start) if block.ordered else self.bullets
                made += [self.paragraph(item, number=number, **looks) for item in block.items]
            elif isinstance(block, Verdict):
                made.append(
                    element("w:p", {}, *_paragraph_looks(None), _boxed(f"{block.symbol} {block.words}", block.colour))
                )
            else:
                made.append(self.paragraph((Run(block.heading, bold=True),), framed=True))
                made += self._blocks(block.blocks, framed=True)
        return made

    def _cell(self, paragraphs, width, shade=None):
        looks = [element("w:tcW", {"w:w": round(width * TWIPS), "w:type": "dxa"})]
        if shade:
            looks.append(element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": shade}))
        return element("w:tc", {}, element("w:tcPr", {}, *looks), *(paragraphs or [self.paragraph("")]))

    def _run(self, run):
        if not run.text:
            return []
        if not run.printed_address:
            return [_text(run.text, run.bold)]
        address = run.printed_address
        if address not in self.links:
            self.links[address] = f"link{len(self.links) + 1}"
            self.part.rels.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, address, self.links[address], is_external=True)
        return [
            element("w:hyperlink", {"r:id": self.links[address], "w:history": 1}, _text(run.text, style="Hyperlink"))
        ]

    def _list(self, ordered, start):
        number, self.next_list = self.next_list, self.next_list + 1
        first = element("w:lvlOverride", {"w:ilvl": 0}, element("w:startOverride", {"w:val": start}))
        kind = element("w:abstractNumId", {"w:val": self.kinds[ordered]})
        self.numbering.append(element("w:num", {"w:numId": number}, kind, *([first] if ordered else [])))
        return number


def _table(widths, rows, caption, description, first_row):
    widths = [round(width * TWIPS) for width in widths]
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    line = {"w:val": "single", "w:sz": 4, "w:space": 0, "w:color": LINE}
    looks = element(
        "w:tblPr",
        {},
        element("w:tblW", {"w:w": sum(widths), "w:type": "dxa"}),
        element("w:tblBorders", {}, *(element(f"w:{side}", line) for side in sides)),
        element("w:tblLayout", {"w:type": "fixed"}),
        element(
            "w:tblCellMar",
            {},
            *(
                element(f"w:{side}", {"w:w": 85 if side in ("left", "right") else 60, "w:type": "dxa"})
                for side in sides[:4]
            ),
        ),
        element(
            "w:tblLook",
            {"w:val": "0620" if first_row else "0600", "w:firstRow": int(first_row), "w:lastRow": 0, "w:firstColumn": 0}
            | {"w:lastColumn": 0, "w:noHBand": 1, "w:noVBand": 1},
        ),
        element("w:tblCaption", {"w:val": caption}),
        element("w:tblDescription", {"w:val": description}),
    )
    grid = element("w:tblGrid", {}, *(element("w:gridCol", {"w:w": width}) for width in widths))
    return element("w:tbl", {}, looks, grid, *rows)


def _paragraph_looks(style, number=None, framed=False, centred=False, gap_after=None):
    looks = [element("w:pStyle", {"w:val": style})] if style else []
    if number is not None:
        looks.append(element("w:numPr", {}, element("w:ilvl", {"w:val": 0}), element("w:numId", {"w:val": number})))
    if framed:
        line = {"w:val": "single", "w:sz": 8, "w:space": 2, "w:color": "000000"}
        looks.append(
            element("w:pBdr", {}, *(element(f"w:{side}", line) for side in ("top", "left", "bottom", "right")))
        )
    if gap_after is not None:
        looks.append(element("w:spacing", {"w:after": gap_after}))
    if centred:
        looks.append(element("w:jc", {"w:val": "center"}))
    return [element("w:pPr", {}, *looks)] if looks else []


def _text(words, bold=False, style=None):
    looks = [element("w:rStyle", {"w:val": style})] if style else []
    looks += [element("w:b")] if bold else []
    run = element("w:r", {}, *([element("w:rPr", {}, *looks)] if looks else []))
    for at, line in enumerate(words.split("\n")):
        if at:
            run.append(element("w:br"))
        run.append(element("w:t", text=line))
    return run


def _boxed(words, colour):
    looks = element(
        "w:rPr",
        {},
        element("w:b"),
        element("w:color", {"w:val": INK[colour]}),
        element("w:bdr", {"w:val": "single", "w:sz": 8, "w:space": 0, "w:color": INK[colour]}),
        element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": TINT[colour]}),
    )
    return element("w:r", {}, looks, element("w:t", text=words))


def _list_definition(number, ordered):
    level = element(
        "w:lvl",
        {"w:ilvl": 0},
        element("w:start", {"w:val": 1}),
        element("w:numFmt", {"w:val": "decimal" if ordered else "bullet"}),
        element("w:lvlText", {"w:val": "%1." if ordered else "•"}),
        element("w:lvlJc", {"w:val": "left"}),
        element("w:pPr", {}, element("w:ind", {"w:left": 284, "w:hanging": 284})),
    )
    kind = element("w:multiLevelType", {"w:val": "singleLevel"})
    return element("w:abstractNum", {"w:abstractNumId": number}, kind, level)
