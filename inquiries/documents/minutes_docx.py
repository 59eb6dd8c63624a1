"""The minutes of a meeting, and the resolutions about its progress reports, as Word files with headings and lists."""

from datetime import UTC, datetime

from docx import Document
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.shared import Mm

from inquiries.documents.content import long_date
from inquiries.documents.docx import DocxWriter, add_field, set_styles, shorten_property, zip_reproducibly
from inquiries.documents.rich_text import ListBlock, Paragraph, Run, blocks, runs
from inquiries.documents.safe_text import with_texts, without_controls

EDGE = 25  # millimetres
DRAFT = "Draft minutes, until the committee has agreed them"


def minutes_docx(content):
    content = with_texts(content, without_controls)
    document, writer = new_document(content, content.title, DRAFT)
    parts = [
        writer.paragraph(f"Minutes of the {content.committee}", "Heading1"),
        writer.labelled("Date", long_date(content.day), "Labelled"),
        writer.labelled("Time", content.time, "Labelled"),
    ]
    if content.venue:
        parts.append(writer.labelled("Venue", content.venue, "Labelled"))
    for heading, people in content.attendance:
        parts.append(writer.paragraph(heading, "Heading2"))
        parts += writer.block_elements([bullets(people)])
    if content.lists_declarations:
        parts.append(writer.paragraph("Declarations of interest", "Heading2"))
        declared = [bullets(content.declarations)] if content.declarations else [Paragraph((Run("None."),))]
        parts += writer.block_elements(declared)
    for minute in content.minutes:
        parts.append(writer.paragraph(minute.heading, "Heading2"))
        if minute.minute_number:
            parts.append(writer.labelled("Minute", minute.minute_number, "Labelled"))
        parts += writer.block_elements(blocks(minute.outcome))
        if minute.exempt:
            parts += writer.block_elements(exempt_blocks(minute.exempt))
    add_parts(document, parts)
    for label in ("Chair", "Date"):
        line = document.add_paragraph(f"{label}\t")
        line.paragraph_format.space_before = Mm(12)
        line.paragraph_format.tab_stops.add_tab_stop(Mm(110), WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.LINES)
    return zip_reproducibly(document)


def exempt_blocks(exempt):
    said = f"Not for publication: Schedule 12A paragraph {exempt.paragraph}, {exempt.description}"
    if not exempt.text:
        said = f"Part of this minute is exempt from publication: Schedule 12A paragraph {exempt.paragraph}, "
        return [Paragraph((Run(f"{said}{exempt.description}"),))]
    return [Paragraph((Run(said, bold=True),)), *blocks(exempt.text)]


def resolutions_docx(content, resolutions):
    """`resolutions` are (the item's heading, the words), for the meeting of this MinutesContent."""
    content = with_texts(content, without_controls)
    title = f"Resolutions of the {content.committee}, {long_date(content.day)}"
    document, writer = new_document(content, title, "")
    parts = [writer.paragraph(title, "Heading1")]
    for heading, words in resolutions:
        parts.append(writer.paragraph(without_controls(heading), "Heading2"))
        parts += writer.block_elements(blocks(without_controls(words)))
    add_parts(document, parts)
    return zip_reproducibly(document)


def new_document(content, title, note):
    document = Document()
    set_styles(document, content.language)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(EDGE)
    header = section.header.paragraphs[0]
    header.add_run(f"{content.council}: {title}")
    if note:
        header.add_run(f"   {note}").bold = True
    footer = section.footer.paragraphs[0]
    footer.add_run("Page ")
    add_field(footer, "PAGE")
    footer.add_run(" of ")
    add_field(footer, "NUMPAGES")
    properties = document.core_properties
    properties.title, properties.author = shorten_property(title), shorten_property(content.council)
    moment = datetime(content.day.year, content.day.month, content.day.day, tzinfo=UTC)
    properties.created = properties.modified = moment
    properties.language, properties.comments = content.language, ""
    return document, DocxWriter(document.part)


def add_parts(document, parts):
    last = document.element.body.sectPr
    for part in parts:
        last.addprevious(part)


def bullets(things):
    return ListBlock(False, 1, tuple(tuple(runs(str(thing))) for thing in things))
