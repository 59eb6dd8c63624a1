"""A Word document, a workbook or a CSV file as lines and tables of cells, whatever they are about."""

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date

from inquiries.imports import Unreadable
from inquiries.imports.docx_tables import RECOMMENDATION, REFERENCE, grid, role_of
from inquiries.imports.docx_text import Numbering, Para, TextReader, open_document, paragraphs_within, tidy
from inquiries.imports.pasted_text import TEXT_LIMIT, Line
from inquiries.imports.references import split_lines
from inquiries.imports.spreadsheet import read_workbook
from inquiries.uploads.word import W

HEADING_STYLE = re.compile(r"(?:heading|überschrift|title|subtitle)\b\s*(?P<level>\d?)")
OTHER_NAMES = (".xlsx", ".xlsm", ".xls", ".csv", ".tsv")


@dataclass
class Table:
    """Cells as lists of Para. `merged` are (first row, first column, last row, last column), from 0."""

    rows: list[list[list[Para]]]
    name: str = ""  # of the sheet
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class Contents:
    """`parts` are Line and Table, in the order of the file."""

    parts: list[Line | Table] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def tables(self):
        return [part for part in self.parts if isinstance(part, Table)]

    def lines(self, without=()):
        """All lines, those of cells included; not those of the tables `without`."""
        found = []
        for part in self.parts:
            if isinstance(part, Line):
                found.append(part)
            elif part not in without:
                found += [Line(para, apart=True) for row in part.rows for cell in row for para in split_lines(cell)]
        return [line for line in found if line.text]


def read_contents(data, filename):
    """The Contents of the file. Raises Unreadable, in words for the person who uploaded it."""
    if is_spreadsheet(data, filename):
        return read_sheets(read_workbook(io.BytesIO(data)))
    return read_word(open_document(data))


def is_spreadsheet(data, filename):
    is_workbook = data.startswith(b"PK") and b"xl/workbook" in data
    return is_workbook or (filename.lower().endswith(OTHER_NAMES) and b"word/document" not in data)


def read_word(document):
    reader = TextReader(document, Numbering(document.numbering, document.styles))
    contents = Contents()
    if document.tracked:
        contents.doubts.append(
            f"The document has changes that nobody has accepted or rejected in Word ({document.tracked}). It was read "
            "as if all were accepted."
        )
    group = []
    for element in paragraphs_within(document.body):
        if element.tag == f"{W}p":
            group.append(element)
            continue
        contents.parts += lines_of(group, reader)
        contents.parts.append(Table(cells_of(element, reader)))
        group = []
    contents.parts += lines_of(group, reader)
    return contents


def lines_of(elements, reader):
    lines = []
    for para in split_lines(reader.paragraphs(elements)):
        if para.text:
            level = para.mark.level if para.mark is not None else 0
            is_heading = HEADING_STYLE.match(para.style) is not None
            lines.append(Line(para, indent=level * 4, apart=True, is_heading=is_heading))
    return lines


def cells_of(element, reader):
    rows = []
    for cells in grid(element):
        row = [[] for _ in range(max(cell.at + cell.span for cell in cells))]
        for cell in cells:
            own = [paragraph for paragraph in cell.element.iter(f"{W}p")]
            row[cell.at] = reader.paragraphs(own)
        rows.append(row)
    return rows


def read_sheets(sheets):
    contents = Contents()
    for sheet in sheets:
        if sheet.problem:
            contents.doubts.append(sheet.problem)
        elif sheet.hidden and sheet.rows:
            contents.doubts.append(f"The sheet “{sheet.name}” is hidden, and was left out.")
        elif sheet.rows:
            merged = [tuple(number - 1 for number in area) for area in sheet.merged]
            rows = [[cell_paragraphs(cell) for cell in row] for row in sheet.rows]
            contents.parts.append(Table(rows, sheet.name, merged))
            contents.doubts += [f"Cell in row {doubt.row}: {doubt.message}" for doubt in sheet.doubts]
    if not contents.parts:
        raise Unreadable("There is no sheet in the file that could be read. Check that the right one is not hidden.")
    return contents


MOST_CELLS = 20_000  # that are pasted


def pasted_table(text):
    """Cells that were copied from Excel or from a table in Word, with their titles, as Table; None for other text.

    Raises Unreadable for more than MOST_CELLS.
    """
    if "\t" not in text[:TEXT_LIMIT].strip().partition("\n")[0]:
        return None
    try:
        rows = [row for row in csv.reader(io.StringIO(text.strip("\r\n"), newline=""), delimiter="\t")]
    except csv.Error:
        return None
    if (cells := sum(map(len, rows))) > MOST_CELLS:
        raise Unreadable(
            f"The table has {cells:,} cells, and can have {MOST_CELLS:,}. Copy only the columns of the recommendations "
            "and of the responses."
        )
    roles = {role_of(cell) for cell in rows[0]}
    is_heading = bool(roles & {REFERENCE, RECOMMENDATION}) and not re.search(r"\d|\w{2}\W*\.$", " ".join(rows[0]))
    return Table([[cell_paragraphs(cell) for cell in row] for row in rows]) if is_heading else None


def cell_paragraphs(cell):
    if cell is None:
        return []
    text = f"{cell.day} {cell:%B %Y}" if isinstance(cell, date) else str(cell)
    return [Para(tidy(line), tabbed=line.strip()) for line in text.split("\n") if tidy(line)]


def cell_text(paras):
    return " ".join(para.line for para in paras)
