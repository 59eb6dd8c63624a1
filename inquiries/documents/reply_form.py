"""The form on which an officer replies in Word: one table for each update, with fields for what may be written.

Word lets people write in the fields alone. That guides and does not secure: what comes back is read and checked like
any other file (`imports/reply_form.py`). Each field is named three times, as programs drop one or the other when they
save: by the tag and the title of its content control, and by a bookmark. The code says which updates the form is of,
in which version; it is a property of the file, and printed at the end.
"""

from dataclasses import dataclass, field
from datetime import date

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.shared import RGBColor

from inquiries.choices import OfficerView
from inquiries.documents.content import LANGUAGE, NumberedText, RequestedAction, long_date
from inquiries.documents.docx import (
    DocxWriter,
    element,
    set_page,
    set_properties,
    set_style,
    set_styles,
    table_element,
    text_run,
    zip_reproducibly,
)
from inquiries.documents.rich_text import Paragraph, Run, blocks, plain_runs
from inquiries.documents.safe_text import with_texts, without_controls

TEXT, VIEW, FORECAST, LINKS = "text", "view", "forecast", "links"
LABELS = {
    TEXT: "Your progress update",
    VIEW: "Your own view of progress",
    FORECAST: "When you expect it to be done",
    LINKS: "Links that show it",
}
# What a field holds until a person writes in it.
PLACEHOLDERS = {
    TEXT: "Write here what has been done.",
    VIEW: "Choose one.",
    FORECAST: "Write a date here, with day, month and year.",
    LINKS: "Paste links here, one on a line.",
}
UPLOAD_LINE = "Save this file as a Word document (.docx) and upload it"  # by when, and where
CODE_LABEL = "Code of this form, which must stay as it is: "
CODE_PROPERTY = "Reply form code"
LONGEST_PROPERTY = 240  # Word keeps 255 characters
SAY_WHAT_CAME_OF_IT = "Say in your update what came of it. The report shows it beside your text."
LINE_STYLE = "Line of a paragraph"  # the paragraph goes on in the next one
PAGE = (210, 297)  # millimetres
WIDTHS = (38, 140)
FIXED, WRITABLE = "F3F2F1", "FFF7D6"
OWN_PROPERTIES = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the set of properties that Word does not know itself
VALUES = "http://schemas.openxmlformats.org/officeDocument/2006"
HOW_TO_WRITE = (
    "Write in the yellow fields only. Leave a row as it is where you have nothing to add.",
    "Paragraphs and lists stay as you write them; where Word offers no list, begin each of its lines with “- ”. "
    "Nothing else is formatted, and pictures and comments are left out.",
    "Write nothing confidential here: that goes into the confidential part, on the page of the update.",
)


@dataclass(frozen=True)
class ReplyFormRow:
    """One update. `last_time` has its heading and its text; `text` and what follows it are as recorded."""

    key: int
    references: str  # "1a and 1b"
    recommendations: tuple[NumberedText, ...]
    decision: str
    response: str
    target_date: date | None = None
    last_time: tuple[str, str] | None = None
    earlier_actions: tuple[RequestedAction, ...] = ()
    return_note: str = ""
    has_exempt_part: bool = False
    text: str = ""
    officer_view: str = ""  # the words of OfficerView, or empty
    forecast_date: date | None = None
    links: tuple[tuple[str, str], ...] = ()

    @property
    def heading(self):
        return f"Recommendation{'s' if len(self.recommendations) > 1 else ''} {self.references}"


@dataclass(frozen=True)
class ReplyForm:
    committee: str
    inquiry: str
    kind: str  # "Interim report (6 months on)"
    person: str  # whose updates they are; empty where the form is of all of a report
    due_on: date | None
    update_date: date  # of the download
    address: str  # of the page to which it is uploaded
    code: str
    rows: tuple[ReplyFormRow, ...] = field(default=())
    draft: bool = False
    language: str = LANGUAGE

    @property
    def title(self):
        return f"Reply form: {self.inquiry}, {self.kind}"


def reply_form_docx(form):
    form = with_texts(form, without_controls)
    document = Document()
    set_styles(document, form.language)
    set_style(document.styles.add_style(LINE_STYLE, WD_STYLE_TYPE.PARAGRAPH), 9.5, before=0, after=0)
    # By this style Word knows the words that make way for what is written.
    placeholder = document.styles.add_style("Placeholder Text", WD_STYLE_TYPE.CHARACTER)
    placeholder.font.color.rgb = RGBColor(0x50, 0x5A, 0x5F)
    set_page(document, form, page=PAGE)
    set_properties(document, form)
    write_code(document.part.package, form.code)
    protection = element("w:documentProtection", {"w:edit": "forms", "w:enforcement": 1})
    document.settings.element.find(qn("w:defaultTabStop")).addprevious(protection)
    last = document.element.body.sectPr
    for part in FormWriter(document.part).body(form):
        last.addprevious(part)
    return zip_reproducibly(document)


def write_code(package, code):
    """Into the properties of the file, in pieces that Word keeps."""
    pieces = [code[at : at + LONGEST_PROPERTY] for at in range(0, len(code), LONGEST_PROPERTY)]
    properties = "".join(
        f'<property fmtid="{OWN_PROPERTIES}" pid="{number + 1}" name="{CODE_PROPERTY} {number}">'
        f"<vt:lpwstr>{piece}</vt:lpwstr></property>"
        for number, piece in enumerate(pieces, start=1)
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<Properties xmlns="{VALUES}/custom-properties" xmlns:vt="{VALUES}/docPropsVTypes">{properties}</Properties>'
    )
    kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
    part = Part(PackURI("/docProps/custom.xml"), kind, xml.encode(), package)
    package.relate_to(part, f"{VALUES}/relationships/custom-properties")


class FormWriter(DocxWriter):
    def __init__(self, part):
        super().__init__(part)
        self.fields = 0

    def body(self, form):
        yield self.labelled("Committee", form.committee, "Small")
        yield self.labelled("Inquiry", form.inquiry, "Small")
        yield self.paragraph("Reply form for progress updates", "Heading1")
        yield self.paragraph(form.kind, "Heading2")
        if form.person:
            yield self.labelled("For", form.person, "Labelled")
        due = f" by {long_date(form.due_on)}" if form.due_on else ""
        yield self.paragraph(
            (Run(f"{UPLOAD_LINE}{due}: "), Run(form.address, form.address)),
            "Labelled",
        )
        yield self.paragraph("You then see what changes, and nothing is recorded until you accept it.", "Labelled")
        yield from (self.paragraph(line, number=self.bullets) for line in HOW_TO_WRITE)
        for row in form.rows:
            yield self.paragraph(row.heading, "Heading2")
            yield self.row_table(row)
        yield self.paragraph("", "Small")
        yield self.labelled("Downloaded on", long_date(form.update_date), "Small")
        yield self.paragraph(CODE_LABEL + form.code, "Small")

    def row_table(self, row):
        several = len(row.recommendations) > 1
        asked = [
            block
            for one in row.recommendations
            for block in ([Paragraph((Run(one.label, bold=True),))] if several else []) + list(blocks(one.text))
        ]
        target = f"To be done by {long_date(row.target_date)}" if row.target_date else ""
        answered = [Paragraph((Run(row.decision, bold=True),)), *blocks(row.response), *blocks(target)]
        lines = [(row.heading, asked), ("Original response and actions", answered)]
        if row.last_time:
            lines.append((row.last_time[0], blocks(row.last_time[1])))
        if row.earlier_actions:
            actions = [Paragraph((Run(str(action)),)) for action in row.earlier_actions]
            lines.append(("Actions that the committee asked for", [*actions, *blocks(SAY_WHAT_CAME_OF_IT)]))
        if row.return_note:
            lines.append(("Sent back, with this note", blocks(row.return_note)))
        if row.has_exempt_part:
            words = "This update has a confidential part. It is not in this form, and stays as it is."
            lines.append(("Confidential part", blocks(words)))
        rows = [
            self.line(label, self.cell_element(self.block_elements(parts), WIDTHS[1], FIXED)) for label, parts in lines
        ]
        links = [self.paragraph(address if title == address else f"{title}: {address}") for title, address in row.links]
        rows += [
            self.field_line(row, TEXT, list(self.plain_paragraphs(blocks(row.text)))),
            self.field_line(row, VIEW, [self.paragraph(row.officer_view)] if row.officer_view else []),
            self.field_line(row, FORECAST, [self.paragraph(long_date(row.forecast_date))] if row.forecast_date else []),
            self.field_line(row, LINKS, links),
        ]
        description = "What was recommended and promised; below that, the fields to write in."
        return table_element(WIDTHS, rows, row.heading, description, first_row=False)

    def plain_paragraphs(self, parts):
        """Without links, and without breaks in a paragraph: LibreOffice loses both at the beginning of a control."""
        for part in parts:
            if isinstance(part, Paragraph):
                *lines, last = plain_runs(part.runs).split("\n")
                yield from (self.paragraph(line, LINE_STYLE.replace(" ", "")) for line in lines)
                yield self.paragraph(last)
            else:
                number = self.new_list(True, part.start) if part.ordered else self.bullets
                yield from (self.paragraph(plain_runs(item), number=number) for item in part.items)

    def line(self, label, cell):
        heading = self.cell_element([self.paragraph((Run(label, bold=True),))], WIDTHS[0], FIXED)
        return element("w:tr", {}, heading, cell)

    def field_line(self, row, name, paragraphs):
        self.fields += 1
        anchor = f"update_{row.key}_{name}"
        control = self.choice(row, paragraphs) if name == VIEW else self.text_control(row, name, paragraphs)
        # Word wants a paragraph at the end of a cell. The bookmark is in it, where nobody writes.
        bookmark = {"w:id": self.fields}
        marks = element("w:bookmarkStart", bookmark | {"w:name": anchor}), element("w:bookmarkEnd", bookmark)
        low = element("w:spacing", {"w:before": 0, "w:after": 0, "w:line": 20, "w:lineRule": "exact"})
        end = element("w:p", {}, element("w:pPr", {}, low), *marks)
        return self.line(LABELS[name], self.cell_element([control, end], WIDTHS[1], WRITABLE))

    def text_control(self, row, name, paragraphs):
        settings = self.control_settings(row, name, is_empty=not paragraphs)
        content = paragraphs or [self.placeholder(name)]
        return element("w:sdt", {}, settings, element("w:sdtContent", {}, *content))

    def choice(self, row, paragraphs):
        settings = self.control_settings(row, VIEW, is_empty=not paragraphs)
        items = [element("w:listItem", {"w:displayText": one.label, "w:value": one.value}) for one in OfficerView]
        settings.append(element("w:dropDownList", {}, *items))
        (shown,) = paragraphs or [self.placeholder(VIEW)]
        runs = shown.findall(qn("w:r"))
        return element("w:p", {}, element("w:sdt", {}, settings, element("w:sdtContent", {}, *runs)))

    def control_settings(self, row, name, is_empty):
        return element(
            "w:sdtPr",
            {},
            element("w:alias", {"w:val": f"{LABELS[name]}: {row.references}"}),
            element("w:tag", {"w:val": f"update_{row.key}_{name}"}),
            element("w:id", {"w:val": 1000 + self.fields}),
            element("w:lock", {"w:val": "sdtLocked"}),
            *([element("w:showingPlcHdr")] if is_empty else []),
        )

    def placeholder(self, name):
        return element("w:p", {}, text_run(PLACEHOLDERS[name], style="PlaceholderText"))
