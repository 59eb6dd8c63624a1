"""Reads an Excel workbook, in the sandbox: `python -m inquiries.imports.workbook` with the file as its input.

The answer is JSON: the sheets, or {"unreadable": why}.
"""

import io
import json
import re
import sys
import warnings
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.cell import range_boundaries

from inquiries.imports import Unreadable
from inquiries.imports.sheets import MOST_COLUMNS, MOST_SHEETS, CellDoubt, clean_text, make_sheet

MOST_PARTS = 2_000
MOST_UNPACKED = 150_000_000
LARGEST_XML = 60_000_000
MOST_CELLS = 400_000
MOST_TEXT = 8_000_000
# XML shrinks to a fifth or a twentieth: more than this is a zip bomb.
MOST_TIMES_PACKED = 300
RATIO_COUNTS_FROM = 10_000_000
SAVE_AS = "Open it in Excel, choose “Save as”, “Excel Workbook (.xlsx)”, and upload that file."
DAMAGED = f"The workbook is damaged or incomplete. {SAVE_AS}"
TOO_MUCH = (
    "The workbook unpacks to far more than a tracker holds, so it was not opened. Copy the cells of the table into a "
    "new workbook and try again."
)
OTHER_KINDS = (
    ("word/", "a Word document"),
    ("ppt/", "a PowerPoint presentation"),
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
    ("content.xml", "an OpenDocument file (such as .ods)"),
)
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s+ref=.([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})")
CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
# "0.00", and with words around the number: "R"0 shows R7.
FIXED = re.compile(
    r'(?P<before>(?:"[^"]*"|\\.)*)(?P<whole>[#,]*0+)(?:\.(?P<decimals>0+))?(?P<after>%?(?:"[^"]*"|\\.)*)'
)


def read_sheets(data):
    formulas, has_formulas = None, check_archive(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out: validation, printers
            book = load_workbook(io.BytesIO(data), data_only=True)
            if has_formulas:
                formulas = load_workbook(io.BytesIO(data))
    except Exception as error:  # of a broken file, anything
        raise Unreadable(DAMAGED) from error
    if len(book.sheetnames) > MOST_SHEETS:
        raise Unreadable(f"The workbook has more than {MOST_SHEETS} sheets. Keep those that hold the table.")
    found = [read_sheet(sheet, formulas and formulas[sheet.title]) for sheet in book.worksheets]
    if sum(len(cell) for sheet in found for row in sheet.rows for cell in row if isinstance(cell, str)) > MOST_TEXT:
        raise Unreadable(TOO_MUCH)
    return found


def check_archive(data):
    """Whether any sheet has formulas. Raises Unreadable for what must not be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return check_parts(archive)
    except Unreadable:
        raise
    except Exception as error:  # zipfile and the decompressors raise many kinds
        raise Unreadable(DAMAGED) from error


def check_parts(archive):
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries) or 1
    if len(entries) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise Unreadable(TOO_MUCH)
    if unpacked > RATIO_COUNTS_FROM and unpacked / packed > MOST_TIMES_PACKED:
        raise Unreadable(TOO_MUCH)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("The workbook is protected by a password. Save it without one and try again.")
    if len(set(names)) < len(names):
        raise Unreadable(DAMAGED)
    for start, kind in OTHER_KINDS:
        if any(name.startswith(start) for name in names):
            raise Unreadable(f"The file is {kind}, not an Excel workbook. {SAVE_AS}")
    if "[Content_Types].xml" not in names:
        raise Unreadable(f"The file is a zip archive without an Excel workbook in it. {SAVE_AS}")
    cells, has_formulas = 0, False
    for entry in entries:
        if not entry.filename.endswith((".xml", ".rels", ".vml")):
            continue
        if entry.file_size > LARGEST_XML:
            raise Unreadable(TOO_MUCH)
        part = archive.read(entry)
        # Excel never writes a document type; one is there only to pull in entities or files from elsewhere.
        if any("<!DOCTYPE".encode(code) in part for code in ("utf-8", "utf-16-le", "utf-16-be")):
            raise Unreadable("The workbook holds declarations that no workbook has, so it was not opened.")
        cells += len(CELL.findall(part)) + sum(map(area_of, MERGED.findall(part)))
        has_formulas = has_formulas or FORMULA.search(part) is not None
    if cells > MOST_CELLS:
        raise Unreadable(
            f"The workbook has more than {MOST_CELLS:,} cells, counting empty ones that are merged or have a border. "
            "Copy the cells of the table into a new workbook and try again."
        )
    return has_formulas


def area_of(merged):
    left, top, right, bottom = range_boundaries(merged.decode())
    return (right - left + 1) * (bottom - top + 1)


def read_sheet(sheet, formulas):
    cells, doubts = {}, []
    for row in sheet.iter_rows() if sheet.max_row * sheet.max_column <= MOST_CELLS else [sparse_cells(sheet)]:
        for cell in row:
            if isinstance(cell, MergedCell):
                continue
            place = (cell.row, cell.column)
            value, problem = read_cell(cell, formulas and formulas.cell(*place))
            if problem:
                doubts.append(CellDoubt(*place, f"{cell.coordinate} {problem}"))
            elif value is not None:
                cells[place] = value
    merged = sorted((area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges)
    for first, column, last, _ in merged:
        for row in range(first + 1, last + 1):
            if (first, column) in cells:
                cells[row, column] = cells[first, column]
    return make_sheet(
        clean_text(sheet.title) or "Sheet",
        cells,
        hidden=sheet.sheet_state != "visible",
        doubts=doubts,
        hidden_rows=sorted(number for number, row in sheet.row_dimensions.items() if row.hidden),
        hidden_columns=hidden_columns(sheet),
        merged=merged,
    )


def sparse_cells(sheet):
    # One cell far away: going through all between would take minutes.
    return [sheet._cells[place] for place in sorted(sheet._cells)]


def hidden_columns(sheet):
    groups = [(one.min, min(one.max, MOST_COLUMNS)) for one in sheet.column_dimensions.values() if one.hidden]
    return sorted({number for first, last in groups for number in range(first, last + 1)})


def read_cell(cell, formula):
    """The value of a cell, and what is wrong with it as the second half of a sentence, or an empty text."""
    value = cell.value
    if cell.data_type == "e":
        return None, f"shows the error {value}" if value != "#VALUE!" else "shows an error (#VALUE!) or no real date"
    if value is None:
        # A result that is an empty text has its own type.
        is_formula = formula is not None and formula.data_type == "f" and cell.data_type == "n"
        return None, "is a formula, and the file does not hold its result. Save it in Excel first" if is_formula else ""
    if isinstance(value, bool):
        return "Yes" if value else "No", ""
    if isinstance(value, datetime | date):
        return read_date(value, cell.number_format), ""
    if isinstance(value, time | timedelta):
        return str(value), ""
    if isinstance(value, int | float):
        return read_number(value, cell.number_format), ""
    return clean_text(str(value)), ""


def read_date(value, number_format):
    day = value.date() if isinstance(value, datetime) else value
    shown = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format).lower()
    # "Mar 2026" typed into Excel becomes 1 March, shown as Mar-26: a month is meant.
    is_month = "d" not in shown and "y" in shown and day.day == 1
    if not is_month:
        return day
    return f"{day:%B %Y}" if "m" in shown else str(day.year)


def read_number(value, number_format):
    """An int or Decimal as it is shown, where showing it loses nothing; a text where its format adds words."""
    number = Decimal(f"{value:.15g}")
    plain = int(number) if number == number.to_integral_value() and abs(number) < 10**15 else number
    match = FIXED.fullmatch(number_format.split(";")[0])
    if match is None:
        return plain
    before, after = (re.sub(r'"([^"]*)"|\\(.)', r"\1\2", match[side]) for side in ("before", "after"))
    scaled = number * 100 if after.startswith("%") else number
    decimals = len(match["decimals"] or "")
    shown = scaled.quantize(Decimal(1).scaleb(-decimals)) if abs(scaled) < 10**12 else scaled
    if shown != scaled:
        return plain
    zeros = match["whole"].count("0")
    if before or after or zeros > 1:
        width = zeros + (decimals + 1 if decimals else 0)
        return clean_text(f"{before}{shown:0{width}f}{after}")
    return shown if decimals else plain


def main():
    try:
        answer = [sheet.to_json() for sheet in read_sheets(sys.stdin.buffer.read())]
    except Unreadable as error:
        answer = {"unreadable": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
