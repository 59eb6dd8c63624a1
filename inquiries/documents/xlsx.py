r"""Plain columns and rows as an Excel workbook that can be worked with and printed. No queries, no clock.

The name of a sheet is at most 31 characters, without []:*?/\\ in it."""

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from inquiries.documents.safe_text import without_controls

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DATE_FORMAT = "d mmmm yyyy"
LONGEST_TEXT = 32_767  # Excel's own limit of a cell
HEAD_FONT, HEAD_FILL = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1D4D7A")
WRAPPED = Alignment(wrap_text=True, vertical="top")
TOP = Alignment(vertical="top")


@dataclass(frozen=True)
class Column:
    heading: str
    width: float = 14  # in characters


@dataclass(frozen=True)
class Sheet:
    """`rows` may be a generator: each is a sequence of texts, numbers, dates, or None for an empty cell."""

    name: str
    columns: tuple[Column, ...]
    rows: object


def xlsx_bytes(*sheets, title=""):
    """The sheets as the bytes of a workbook. Its rows are written one by one, so memory does not grow with them."""
    book = Workbook(write_only=True)
    book.properties.title = book.properties.creator = without_controls(title)
    for sheet in sheets:
        write_sheet(book, sheet)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def write_sheet(book, sheet):
    page = book.create_sheet(sheet.name)
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.oddFooter.left.text, page.oddFooter.right.text = "&A", "&P / &N"
    last = get_column_letter(len(sheet.columns))
    for number, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.append([head_cell(page, column.heading) for column in sheet.columns])
    count = 1
    for row in sheet.rows:
        page.append([cell_of(page, value) for value in row])
        count += 1
    page.auto_filter.ref = f"A1:{last}{count}"


def head_cell(page, heading):
    cell = text_cell(page, heading)
    cell.font, cell.fill = HEAD_FONT, HEAD_FILL
    return cell


def cell_of(page, value):
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return text_cell(page, value)
    cell = WriteOnlyCell(page, value)
    cell.alignment = TOP
    if isinstance(value, date) and not isinstance(value, datetime):
        cell.number_format = DATE_FORMAT
    return cell


def text_cell(page, text):
    """A text is never a formula, whatever it begins with."""
    cell = WriteOnlyCell(page, without_controls(str(text))[:LONGEST_TEXT])
    cell.data_type, cell.alignment = "s", WRAPPED
    return cell
