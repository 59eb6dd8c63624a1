"""Word documents of a county that does not exist, written as Word would write them, odd ones included."""

import io
import zipfile
from xml.sax.saxutils import escape

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from inquiries.imports.reader import read_progress_report

SPACES = nsdecls("w", "r")
COLUMNS = (
    "Accepted Recommendations",
    "Original Response and Actions",
    "Progress Update",
    "Committee Assessment of Progress (RAG status)",
)
HEADER = (
    "Scrutiny Inquiry Progress Update on Recommendations",
    "Interim Progress Report (6 months on)",
    "Committee: Young People's Select Committee",
    "Inquiry: Getting Home from School",
    "Select Committee Inquiry Report Completion Date: April 2026 (Cabinet)",
    "Date of this update: 10 November 2026",
    "Lead Officers responsible for this response: Siân Llŷr (1, 2, 3)",
    "Cabinet Member that has signed-off this update: Margaret O'Hara",
)
GUIDANCE = (
    ("✓", "Recommendation implemented to the satisfaction of the committee."),
    ("!", "Committee have concerns the recommendation may not be fully delivered to its satisfaction"),
)


def run(words, looks=""):
    """A run; a line break in the words is one in Word."""
    pieces = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in words.split("\n"))
    return f"<w:r>{f'<w:rPr>{looks}</w:rPr>' if looks else ''}{pieces}</w:r>"


def paragraph(content="", looks=""):
    """A paragraph of plain words, or of XML where `content` begins with "<w:"."""
    inner = content if content.startswith("<w:") else run(content) if content else ""
    return f"<w:p>{f'<w:pPr>{looks}</w:pPr>' if looks else ''}{inner}</w:p>"


def listed(words, number, level=0):
    """A paragraph of the list with this number."""
    return paragraph(words, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def cell(content="", looks=""):
    """A cell: words (a blank line parts paragraphs), or XML of paragraphs."""
    inner = content if content.startswith("<w:") else "".join(paragraph(words) for words in content.split("\n\n"))
    return f"<w:tc><w:tcPr>{looks}</w:tcPr>{inner}</w:tc>"


def row(*cells, looks=""):
    """A row of cells, each given as for `cell` or as its XML."""
    made = "".join(each if each.startswith("<w:tc>") else cell(each) for each in cells)
    return f"<w:tr>{f'<w:trPr>{looks}</w:trPr>' if looks else ''}{made}</w:tr>"


def table(*rows):
    """A table; a row given as a tuple is made by `row`."""
    made = "".join(row(*each) if isinstance(each, tuple) else each for each in rows)
    return f"<w:tbl><w:tblPr/>{made}</w:tbl>"


def document(*body, numbering="", header=HEADER):
    """The bytes of a Word document with these header lines and this body (XML, or words for a paragraph)."""
    made = Document()
    for part in (*header, *body):
        xml = part if part.startswith("<w:") else paragraph(part)
        root = parse_xml(f"<w:body {SPACES}>{xml}</w:body>")
        for child in list(root):
            made.element.body.sectPr.addprevious(child)
    if numbering:
        root = made.part.numbering_part.element
        for child in list(root):
            root.remove(child)
        for child in list(parse_xml(f"<w:numbering {SPACES}>{numbering}</w:numbering>")):
            root.append(child)
    return saved(made)


def saved(made):
    """The bytes of a python-docx document."""
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def definition(number, *levels):
    """A list definition: `levels` are (form, words) such as ("decimal", "%1.")."""
    made = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{words}"/></w:lvl>'
        for at, (form, words) in enumerate(levels)
    )
    return f'<w:abstractNum w:abstractNumId="{number}">{made}</w:abstractNum>'


def use(number):
    """The list of the definition with the same number."""
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'


def rewritten(data, changes):
    """The same zip file with some parts replaced (bytes), left out (None) or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            if content is not None:
                new.writestr(name, content)
    return stream.getvalue()


def read(*body, **more):
    """The draft of a document with this body."""
    return read_progress_report(document(*body, **more))


def wordings(draft):
    """Number and wording of each recommendation, by row."""
    return [[(one.reference, one.text) for one in each.recommendations] for each in draft.rows]


def updates(draft):
    """The update of each row."""
    return [each.update for each in draft.rows]


def doubts(draft, *fields):
    """(row, message) of each doubt about these fields."""
    return [(each.row, each.message) for each in draft.doubts if each.field in fields]
