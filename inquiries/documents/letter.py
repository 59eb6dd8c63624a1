"""A letter of a committee, as PDF and as Word file."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from docx import Document
from docx.shared import Mm

from inquiries.documents.content import long_date
from inquiries.documents.docx import set_styles, shorten_property, zip_reproducibly
from inquiries.documents.safe_text import break_points, printable, with_texts, without_controls
from inquiries.documents.typst_runner import compile_document

WIDEST = 80  # the longest word that a line takes, in the measure of `safe_text.break_points`
EDGE = 25  # millimetres
NAMELESS = "Dear Sir or Madam"


@dataclass(frozen=True)
class Letter:
    """`body` are paragraphs; `signed` are lines below the closing: name, title, committee."""

    council: str
    committee: str
    day: date
    addressed_to: str
    salutation: str
    subject: str
    body: tuple[str, ...]
    signed: tuple[str, ...]
    contact: str = ""
    language: str = "en-GB"

    @property
    def closing(self):
        return "Yours faithfully" if self.salutation == NAMELESS else "Yours sincerely"


def letter_pdf(letter):
    """Raises PdfFailed."""
    safe, _ = printable(letter)
    texts = {name: getattr(safe, name) for name in ("council", "committee", "subject", "contact", "language")}
    data = texts | {
        "day": long_date(letter.day),
        "addressed_to": [break_points(line, WIDEST) for line in safe.addressed_to.split("\n")],
        "salutation": break_points(safe.salutation, WIDEST),
        "body": [break_points(paragraph, WIDEST) for paragraph in safe.body],
        "closing": safe.closing,
        "signed": safe.signed,
    }
    moment = datetime(letter.day.year, letter.day.month, letter.day.day, tzinfo=UTC)
    return compile_document("letter.typ", data, int(moment.timestamp()))


def letter_docx(letter):
    letter = with_texts(letter, without_controls)
    document = Document()
    set_styles(document, letter.language)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(EDGE)
    properties = document.core_properties
    properties.title, properties.author = shorten_property(letter.subject), shorten_property(letter.council)
    properties.created = properties.modified = datetime(*letter.day.timetuple()[:3])
    properties.language = letter.language
    for line in (letter.council, letter.committee):
        document.add_paragraph(line).runs[0].bold = True
    for line in (long_date(letter.day), letter.addressed_to, letter.salutation):
        document.add_paragraph(line).paragraph_format.space_before = Mm(6)
    document.add_heading(letter.subject, level=2)
    for paragraph in letter.body:
        document.add_paragraph(paragraph)
    document.add_paragraph(letter.closing).paragraph_format.space_before = Mm(6)
    for number, line in enumerate(letter.signed):
        document.add_paragraph(line).paragraph_format.space_before = Mm(0 if number else 18)
    if letter.contact:
        document.add_paragraph(letter.contact, "Small").paragraph_format.space_before = Mm(6)
    return zip_reproducibly(document)
