"""An officer report as a Word file, which `imports/officer_report.py` reads back, and the empty template of one.

The template is a report whose sections are empty: each then has its guidance, in a style of its own, to be written
over.
"""

from datetime import UTC, datetime
from io import BytesIO

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml.parser import parse_xml
from docx.shared import Mm, RGBColor

from inquiries.documents.docx import (
    GREY,
    UNDATED,
    DocxWriter,
    element,
    set_page,
    set_style,
    set_styles,
    shorten_property,
    table_element,
    zip_reproducibly,
)
from inquiries.documents.officer_report import (
    TEMPLATE_SECTIONS,
    NestedList,
    SubHeading,
    TableBlock,
    head_lines,
)
from inquiries.documents.officer_report_pdf import HIGHEST, column_widths
from inquiries.documents.rich_text import Paragraph, Run
from inquiries.documents.safe_text import with_texts, without_controls

PAGE = (210, 297)  # millimetres
WIDTH = 178  # of what is printed
GUIDANCE, HEAD_LINE, COUNCIL = "Guidance", "Report head", "Council"
GUIDANCE_TEXTS = {section.heading: section.guidance for section in TEMPLATE_SECTIONS}
HOW_TO_WRITE = (
    "Write below each heading, over the words in italics, and leave the headings as they are; add sub-headings in the "
    "style “Heading 3”. Lists, tables with one header row, pictures and footnotes stay as you make them. Give each "
    "picture alternative text (right-click it, “View Alt Text”), and write nothing confidential here."
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def officer_report_docx(report, pictures=None):
    """The Word file of an OfficerReport; `pictures` are bytes, PNG or JPEG, by name."""
    report = with_texts(report, without_controls)
    document = Document()
    set_report_styles(document, report.language)
    set_page(document, report, page=PAGE)
    properties = document.core_properties
    day = report.meeting_date
    properties.title, properties.author = shorten_property(report.title), shorten_property(report.council)
    properties.created = properties.modified = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else UNDATED
    properties.language, properties.comments = report.language, ""
    writer = ReportWriter(document.part, pictures or {})
    last = document.element.body.sectPr
    for part in writer.body(report):
        last.addprevious(part)
    return zip_reproducibly(document)


def set_report_styles(document, language):
    set_styles(document, language)
    styles = document.styles
    for name, size, before, after in (
        ("Normal", 11, 0, 6),
        ("Heading 1", 20, 6, 8),
        ("Heading 2", 14, 14, 4),
        ("Heading 3", 11.5, 10, 3),
        ("Caption", 10, 6, 4),
    ):
        set_style(styles[name], size, before, after)
        styles[name].font.color.rgb = RGBColor(0, 0, 0)
    styles["Caption"].paragraph_format.keep_with_next = True
    for name, size in ((COUNCIL, 14), (HEAD_LINE, 11), (GUIDANCE, 10)):
        set_style(styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH), size, 0, 4)
    styles[COUNCIL].font.bold = styles[GUIDANCE].font.italic = True
    styles[GUIDANCE].font.color.rgb = RGBColor(0x50, 0x5A, 0x5F)
    set_style(styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH), 9, 0, 2)
    styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER).font.superscript = True


class ReportWriter(DocxWriter):
    def __init__(self, part, pictures):
        super().__init__(part)
        self.pictures = pictures
        self.footnotes, self.note_links = None, {}

    def body(self, report):
        yield self.paragraph(report.council, COUNCIL)
        yield self.paragraph(report.addressed_to, COUNCIL)
        yield self.paragraph(report.title, "Heading1")
        for label, runs in head_lines(report):
            yield self.paragraph((Run(f"{label}: ", bold=True), *runs), style_id(HEAD_LINE))
        if not any(section.blocks for section in report.sections):
            yield self.paragraph(HOW_TO_WRITE, GUIDANCE)
        for section in report.sections:
            yield self.paragraph(section.heading, "Heading2")
            for block in section.blocks:
                yield from self.block(block)
            if not section.blocks:
                yield self.paragraph(GUIDANCE_TEXTS.get(section.heading, ""), GUIDANCE)

    def block(self, block):
        if isinstance(block, Paragraph):
            yield self.paragraph(block.runs)
        elif isinstance(block, SubHeading):
            yield self.paragraph(block.heading, "Heading3")
        elif isinstance(block, NestedList):
            yield from self.list(block, 0)
        elif isinstance(block, TableBlock):
            if block.caption:
                yield self.paragraph(block.caption, "Caption")
            yield self.table_of(block)
            yield self.paragraph("")  # tables without a paragraph between them are one table
        else:
            yield from self.picture(block)

    def list(self, block, level):
        number = self.new_list(block.ordered, block.start, level)
        for item in block.items:
            yield self.paragraph(item.runs, number=number, level=level)
            if item.inner:
                yield from self.list(item.inner, level + 1)

    def table_of(self, block):
        shares = column_widths(block)
        widths = [WIDTH * share / sum(shares) for share in shares]
        marks = element("w:trPr", {}, element("w:cantSplit"), element("w:tblHeader"))
        heads = [
            self.cell_element([self.paragraph(emboldened(cell))], width, GREY)
            for cell, width in zip(block.header, widths, strict=True)
        ]
        rows = [element("w:tr", {}, marks, *heads)]
        for row in block.rows:
            cells = [self.cell_element([self.paragraph(cell)], width) for cell, width in zip(row, widths, strict=True)]
            rows.append(element("w:tr", {}, element("w:trPr", {}, element("w:cantSplit")), *cells))
        description = "The first row names the columns."
        return table_element(widths, rows, block.caption, description, first_row=True)

    def picture(self, block):
        data = self.pictures.get(block.name)
        if data is None:
            yield self.paragraph(f"[The picture {block.name} is missing: {block.alternative}]")
            return
        _, image = self.part.get_or_add_image(BytesIO(data))
        width = min(image.width, Mm(WIDTH))
        width = round(min(width, Mm(WIDTH) * HIGHEST * image.px_width / image.px_height))
        inline = self.part.new_pic_inline(BytesIO(data), width=width)
        inline.docPr.set("name", block.name)
        inline.docPr.set("descr", block.alternative)
        # The caption below it stays on its page.
        looks = element("w:pPr", {}, *([element("w:keepNext")] if block.caption else []))
        yield element("w:p", {}, looks, element("w:r", {}, element("w:drawing", {}, inline)))
        if block.caption:
            yield self.paragraph(block.caption, "Caption")

    def run_elements(self, run):
        if not run.footnote:
            return super().run_elements(run)
        if self.footnotes is None:
            self.footnotes = footnotes_part(self.part)
        part, links = self.part, self.links
        self.part, self.links = self.footnotes, self.note_links
        root = self.footnotes.element
        number = len(root) - 1  # the first two are the separators
        mark = element("w:r", {}, reference_look(), element("w:footnoteRef"))
        words = [made for one in (Run(" "), *run.footnote) for made in super(ReportWriter, self).run_elements(one)]
        looks = element("w:pPr", {}, element("w:pStyle", {"w:val": "footnotetext"}))
        root.append(element("w:footnote", {"w:id": number}, element("w:p", {}, looks, mark, *words)))
        self.part, self.links = part, links
        return [element("w:r", {}, reference_look(), element("w:footnoteReference", {"w:id": number}))]


def reference_look():
    return element("w:rPr", {}, element("w:rStyle", {"w:val": "footnotereference"}))


def footnotes_part(main):
    separators = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
        for kind, number in (("separator", -1), ("continuationSeparator", 0))
    )
    root = parse_xml(f'<w:footnotes xmlns:w="{WORD}">{separators}</w:footnotes>')
    part = XmlPart(PackURI("/word/footnotes.xml"), FOOTNOTES_TYPE, root, main.package)
    main.relate_to(part, FOOTNOTES)
    return part


def style_id(name):
    return name.replace(" ", "")


def emboldened(runs):
    return tuple(run if run.footnote else Run(run.text, run.href, True, run.italic) for run in runs)
