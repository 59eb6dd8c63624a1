"""A progress report as a Word file that looks like the committee's template and can be read back in.

The layout is regular on purpose: labelled lines, tables with exactly the titles of `content.py`, cells as in
`cells.py`. Word cannot repeat a row's number where the row breaks over a page ("1a continued" is in the PDF
only), so short rows are kept whole and only long ones may break.
"""

import zipfile
from datetime import UTC, datetime
from io import BytesIO

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt, RGBColor

from inquiries.choices import RATING_COLOURS
from inquiries.documents.content import (
    ACCOUNT_COLUMNS,
    ACCOUNT_HEADING,
    CLOSED_HEADING,
    COLUMNS,
    GUIDANCE_HEADING,
    RatingBlock,
    account_cells,
    closed_blocks,
    row_cells,
    stays_whole,
)
from inquiries.documents.rich_text import ListBlock, Paragraph, Run
from inquiries.documents.safe_text import with_texts, without_controls

FONT = "Arial"
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
OLDEST_IN_ZIP = (1980, 1, 1, 0, 0, 0)
PAGE = (297, 210)  # millimetres
EDGE = 16
MAIN_WIDTHS = (70, 74, 81, 40)
GUIDANCE_WIDTHS = (12, 120.5, 12, 120.5)
ACCOUNT_WIDTHS = (98, 60, 107)


def progress_report_docx(content):
    content = with_texts(content, without_controls)
    document = Document()
    set_styles(document, content.language)
    set_page(document, content)
    set_properties(document, content)
    body = document.element.body
    writer = DocxWriter(document.part)
    last = body.sectPr
    for part in body_elements(content, writer):
        last.addprevious(part)
    return zip_reproducibly(document)


def body_elements(content, writer):
    yield writer.labelled("Committee", content.committee, "Small")
    yield writer.labelled("Inquiry", content.inquiry, "Small")
    yield writer.paragraph(content.heading, "Heading1")
    yield writer.paragraph(content.kind, "Heading2")
    *lines, (label, text) = content.header
    for line in lines:
        yield writer.labelled(*line, "Labelled")
    yield writer.labelled(label, text, "Labelled", gap_after=160)
    rows = [row_cells(row) for row in content.rows]
    yield writer.table(
        MAIN_WIDTHS,
        [(cells, stays_whole(cells)) for cells in rows],
        titles=COLUMNS,
        caption="Progress on each accepted recommendation",
        description="Each row is one response: the recommendations that it answers, the response, what has been "
        "done, and the committee's assessment.",
    )
    yield writer.paragraph(GUIDANCE_HEADING, "Heading2")
    yield writer.guidance(GUIDANCE_WIDTHS, content.guidance)
    if content.closed:
        yield writer.paragraph(CLOSED_HEADING, "Heading2")
        for entry in content.closed:
            yield from writer.block_elements(closed_blocks(entry))
    if content.account:
        yield writer.paragraph(ACCOUNT_HEADING, "Heading2")
        yield writer.table(
            ACCOUNT_WIDTHS,
            [(cells, True) for cells in map(account_cells, content.account)],
            titles=ACCOUNT_COLUMNS,
            caption=ACCOUNT_HEADING,
            description="Each row is a recommendation that the table above does not report on, and why.",
        )
    yield writer.paragraph("", "Small")  # Word wants a paragraph after the last table


def set_styles(document, language):
    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    defaults.find(qn("w:lang")).set(qn("w:val"), language)
    set_style(styles["Normal"], 9.5, before=0, after=3)
    for name, size, before, after in (("Heading 1", 16, 6, 4), ("Heading 2", 12, 12, 4)):
        set_style(styles[name], size, before, after)
        styles[name].font.color.rgb = RGBColor(0, 0, 0)
    for name, size, after in (("Small", 9, 0), ("Labelled", 9.5, 2), ("Header", 8, 0), ("Footer", 8, 0)):
        style = styles[name] if name in ("Header", "Footer") else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        set_style(style, size, before=0, after=after)
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.underline = True
    link.font.color.rgb = RGBColor(0x1D, 0x4F, 0x91)


def set_style(style, size, before, after):
    style.font.name, style.font.size = FONT, Pt(size)
    fonts = style.element.rPr.find(qn("w:rFonts"))
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 1.08


def set_page(document, content, page=PAGE):
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if page[0] > page[1] else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(side) for side in page)
    section.left_margin = section.right_margin = Mm(EDGE)
    section.top_margin, section.bottom_margin = Mm(19), Mm(17)
    section.header_distance = section.footer_distance = Mm(9)
    header = section.header.paragraphs[0]
    header.add_run(content.title)
    if content.draft:
        header.add_run("   Draft: not yet published").bold = True
    footer = section.footer.paragraphs[0]
    footer.add_run("Page ")
    add_field(footer, "PAGE")
    footer.add_run(" of ")
    add_field(footer, "NUMPAGES")


def add_field(paragraph, code):
    run = element("w:r", {}, element("w:t", text="1"))
    paragraph._p.append(element("w:fldSimple", {"w:instr": f" {code} "}, run))


def set_properties(document, content):
    properties = document.core_properties
    day = content.update_date
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else UNDATED
    properties.title = shorten_property(content.title)
    properties.subject = shorten_property(content.inquiry)
    properties.author = properties.last_modified_by = shorten_property(content.committee)
    properties.language = content.language
    properties.comments = properties.keywords = ""
    properties.created = properties.modified = moment
    properties.revision = 1


def shorten_property(text):
    return text[:255]  # more is against the format


def zip_reproducibly(document):
    """The document's bytes with every date in the zip the same, so that nothing but the text tells two files apart."""
    first, second = BytesIO(), BytesIO()
    document.save(first)
    with zipfile.ZipFile(first) as made, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in made.namelist():
            packed.writestr(zipfile.ZipInfo(name, OLDEST_IN_ZIP), made.read(name), zipfile.ZIP_DEFLATED)
    return second.getvalue()


TWIPS = 1440 / 25.4  # in a millimetre
LINE, GREY = "6F777B", "E4E7E9"


def element(tag, attributes=None, *children, text=None):
    made = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(qn(name), str(value))
    made.extend(children)
    if text is not None:
        made.text = text
        made.set(qn("xml:space"), "preserve")
    return made


class DocxWriter:
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
            definition = list_definition(number, ordered)
            numbering.append(definition) if first is None else first.addprevious(definition)
        self.bullets = self.new_list(False, 1)

    def paragraph(self, text, style=None, **looks):
        runs = (Run(text),) if isinstance(text, str) else text
        return element(
            "w:p", {}, *paragraph_properties(style, **looks), *(made for run in runs for made in self.run_elements(run))
        )

    def labelled(self, label, text, style, **looks):
        return self.paragraph((Run(f"{label}: ", bold=True), Run(text)), style, **looks)

    def table(self, widths, rows, titles, caption, description):
        """A table with a header row that repeats. `rows` holds (cells, whether the row is kept whole)."""
        heads = [
            self.cell_element([self.paragraph((Run(title, bold=True),))], width, GREY)
            for title, width in zip(titles, widths, strict=True)
        ]
        marks = element("w:trPr", {}, element("w:cantSplit"), element("w:tblHeader"))
        lines = [element("w:tr", {}, marks, *heads)]
        for cells, whole in rows:
            looks = [element("w:trPr", {}, element("w:cantSplit"))] if whole else []
            made = (
                self.cell_element(self.block_elements(cell), width) for cell, width in zip(cells, widths, strict=True)
            )
            lines.append(element("w:tr", {}, *looks, *made))
        return table_element(widths, lines, caption, description, first_row=True)

    def guidance(self, widths, lines):
        rows = []
        for line in lines:
            cells = []
            for at, (symbol, text, colour) in enumerate(line):
                sign = element("w:p", {}, *paragraph_properties(None, centred=True), boxed_run(symbol, colour))
                cells.append(self.cell_element([sign], widths[2 * at]))
                cells.append(self.cell_element([self.paragraph(text)], widths[2 * at + 1]))
            rows.append(element("w:tr", {}, element("w:trPr", {}, element("w:cantSplit")), *cells))
        description = "What each sign in the last column of the table above means, two by two."
        return table_element(widths, rows, "RAG status guidance", description, first_row=False)

    def block_elements(self, blocks, **looks):
        made = []
        for block in blocks:
            if isinstance(block, Paragraph):
                made.append(self.paragraph(block.runs, **looks))
            elif isinstance(block, ListBlock):
                number = self.new_list(True, block.start) if block.ordered else self.bullets
                made += [self.paragraph(item, number=number, **looks) for item in block.items]
            elif isinstance(block, RatingBlock):
                made.append(
                    element(
                        "w:p", {}, *paragraph_properties(None), boxed_run(f"{block.symbol} {block.text}", block.colour)
                    )
                )
            else:
                made.append(self.paragraph((Run(block.heading, bold=True),), framed=True))
                made += self.block_elements(block.blocks, framed=True)
        return made

    def cell_element(self, paragraphs, width, shade=None):
        looks = [element("w:tcW", {"w:w": round(width * TWIPS), "w:type": "dxa"})]
        if shade:
            looks.append(element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": shade}))
        return element("w:tc", {}, element("w:tcPr", {}, *looks), *(paragraphs or [self.paragraph("")]))

    def run_elements(self, run):
        if not run.text:
            return []
        if not run.printed_address:
            return [text_run(run.text, run.bold, italic=run.italic)]
        address = run.printed_address
        if address not in self.links:
            self.links[address] = f"link{len(self.links) + 1}"
            self.part.rels.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, address, self.links[address], is_external=True)
        return [
            element(
                "w:hyperlink",
                {"r:id": self.links[address], "w:history": 1},
                text_run(run.text, run.bold, style="Hyperlink", italic=run.italic),
            )
        ]

    def new_list(self, ordered, start, level=0):
        number, self.next_list = self.next_list, self.next_list + 1
        first = element("w:lvlOverride", {"w:ilvl": level}, element("w:startOverride", {"w:val": start}))
        kind = element("w:abstractNumId", {"w:val": self.kinds[ordered]})
        self.numbering.append(element("w:num", {"w:numId": number}, kind, *([first] if ordered else [])))
        return number


def table_element(widths, rows, caption, description, first_row):
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


def paragraph_properties(style, number=None, level=0, framed=False, centred=False, gap_after=None):
    looks = [element("w:pStyle", {"w:val": style})] if style else []
    if number is not None:
        looks.append(element("w:numPr", {}, element("w:ilvl", {"w:val": level}), element("w:numId", {"w:val": number})))
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


def text_run(text, bold=False, style=None, *, italic=False):
    looks = [element("w:rStyle", {"w:val": style})] if style else []
    looks += [element("w:b")] if bold else []
    looks += [element("w:i")] if italic else []
    run = element("w:r", {}, *([element("w:rPr", {}, *looks)] if looks else []))
    for at, line in enumerate(text.split("\n")):
        if at:
            run.append(element("w:br"))
        run.append(element("w:t", text=line))
    return run


def boxed_run(text, colour):
    ink, background = (value.removeprefix("#").upper() for value in RATING_COLOURS[colour])
    looks = element(
        "w:rPr",
        {},
        element("w:b"),
        element("w:color", {"w:val": ink}),
        element("w:bdr", {"w:val": "single", "w:sz": 8, "w:space": 0, "w:color": ink}),
        element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": background}),
    )
    return element("w:r", {}, looks, element("w:t", text=text))


LIST_INDENT = 284  # twips, of each level
BULLETS = "•◦▪"


def list_definition(number, ordered):
    levels = [
        element(
            "w:lvl",
            {"w:ilvl": level},
            element("w:start", {"w:val": 1}),
            element("w:numFmt", {"w:val": "decimal" if ordered else "bullet"}),
            element("w:lvlText", {"w:val": f"%{level + 1}." if ordered else bullet}),
            element("w:lvlJc", {"w:val": "left"}),
            element("w:pPr", {}, element("w:ind", {"w:left": LIST_INDENT * (level + 1), "w:hanging": LIST_INDENT})),
        )
        for level, bullet in enumerate(BULLETS)
    ]
    kind = element("w:multiLevelType", {"w:val": "hybridMultilevel"})
    return element("w:abstractNum", {"w:abstractNumId": number}, kind, *levels)
