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
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from inquiries.documents.cells import account_cells, row_cells, stays_whole
from inquiries.documents.content import ACCOUNT_COLUMNS, ACCOUNT_HEADING, COLUMNS, GUIDANCE_HEADING
from inquiries.documents.docx_parts import Writer, element
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
    """The Word file of a `ReportContent`, as bytes; the same bytes for the same content."""
    content = with_texts(content, without_controls)
    document = Document()
    _styles(document, content.language)
    _page(document, content)
    _properties(document, content)
    body = document.element.body
    writer = Writer(document.part)
    last = body.sectPr
    for part in _body(content, writer):
        last.addprevious(part)
    return _packed(document)


def _body(content, writer):
    yield writer.labelled("Committee", content.committee, "Small")
    yield writer.labelled("Inquiry", content.inquiry, "Small")
    yield writer.paragraph(content.heading, "Heading1")
    yield writer.paragraph(content.kind, "Heading2")
    *lines, (label, words) = content.header
    for line in lines:
        yield writer.labelled(*line, "Labelled")
    yield writer.labelled(label, words, "Labelled", gap_after=160)
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


def _styles(document, language):
    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    defaults.find(qn("w:lang")).set(qn("w:val"), language)
    _style(styles["Normal"], 9.5, before=0, after=3)
    for name, size, before, after in (("Heading 1", 16, 6, 4), ("Heading 2", 12, 12, 4)):
        _style(styles[name], size, before, after)
        styles[name].font.color.rgb = RGBColor(0, 0, 0)
    for name, size, after in (("Small", 9, 0), ("Labelled", 9.5, 2), ("Header", 8, 0), ("Footer", 8, 0)):
        style = styles[name] if name in ("Header", "Footer") else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        _style(style, size, before=0, after=after)
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.underline = True
    link.font.color.rgb = RGBColor(0x1D, 0x4F, 0x91)


def _style(style, size, before, after):
    style.font.name, style.font.size = FONT, Pt(size)
    fonts = style.element.rPr.find(qn("w:rFonts"))
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 1.08


def _page(document, content):
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (Mm(side) for side in PAGE)
    section.left_margin = section.right_margin = Mm(EDGE)
    section.top_margin, section.bottom_margin = Mm(19), Mm(17)
    section.header_distance = section.footer_distance = Mm(9)
    header = section.header.paragraphs[0]
    header.add_run(content.title)
    if content.draft:
        header.add_run("   Draft: not yet published").bold = True
    footer = section.footer.paragraphs[0]
    footer.add_run("Page ")
    _field(footer, "PAGE")
    footer.add_run(" of ")
    _field(footer, "NUMPAGES")


def _field(paragraph, code):
    run = element("w:r", {}, element("w:t", text="1"))
    paragraph._p.append(element("w:fldSimple", {"w:instr": f" {code} "}, run))


def _properties(document, content):
    properties = document.core_properties
    day = content.update_date
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else UNDATED
    properties.title = _short(content.title)
    properties.subject = _short(content.inquiry)
    properties.author = properties.last_modified_by = _short(content.committee)
    properties.language = content.language
    properties.comments = properties.keywords = ""
    properties.created = properties.modified = moment
    properties.revision = 1


def _short(text):
    return text[:255]  # more is against the format


def _packed(document):
    """The document's bytes with every date in the zip the same, so that nothing but the words tells two files apart."""
    first, second = BytesIO(), BytesIO()
    document.save(first)
    with zipfile.ZipFile(first) as made, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in made.namelist():
            packed.writestr(zipfile.ZipInfo(name, OLDEST_IN_ZIP), made.read(name), zipfile.ZIP_DEFLATED)
    return second.getvalue()
