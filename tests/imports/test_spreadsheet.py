"""Workbooks and CSV files become plain sheets: what a cell shows is kept, hostile files are refused in words."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from inquiries.imports import Unreadable
from inquiries.imports.sheets import MOST_ROWS, CellDoubt, Sheet, clean_text
from inquiries.imports.spreadsheet import SIZE_LIMIT, read_csv, read_workbook
from inquiries.imports.workbook import read_sheets


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def book_of(*cells):
    book = Workbook()
    for name, value, *number_format in cells:
        book.active[name] = value
        if number_format:
            book.active[name].number_format = number_format[0]
    return saved(book)


def first_cell(value, number_format="General"):
    return read_sheets(book_of(("A1", value, number_format)))[0].rows[0][0]


def changed(data, name, change):
    """The workbook with one part of it changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            new.writestr(entry.filename, change(part) if entry.filename == name else part)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_is_read_in_the_sandbox():
    book = Workbook()
    book.active.title = "Tracker"
    book.active.append(["Ref", "Due", "Text", None])
    book.active.append([Decimal("1.10"), date(2026, 3, 31), "Réponse\r\nof Cabinet", None])
    book.active["A2"].number_format = "0.00"
    book.create_sheet("Lists").sheet_state = "hidden"
    rows = [["Ref", "Due", "Text"], [Decimal("1.10"), date(2026, 3, 31), "Réponse\nof Cabinet"]]
    assert read_workbook(io.BytesIO(saved(book))) == [Sheet("Tracker", False, rows), Sheet("Lists", True, [])]


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        ("1.3.26", "General", "1.3.26"),
        (46082, "dd/mm/yyyy", date(2026, 3, 1)),
        (46082, "General", 46082),
        (datetime(2026, 3, 1, 14, 30), "dd/mm/yyyy hh:mm", date(2026, 3, 1)),
        (date(2026, 3, 1), "mmm-yy", "March 2026"),
        (date(2026, 3, 2), "mmm-yy", date(2026, 3, 2)),
        (date(2026, 1, 1), "yyyy", "2026"),
        (1.1, "0.00", Decimal("1.10")),
        (1.1, "General", Decimal("1.1")),
        (2, "0.0", Decimal("2.0")),
        (2.0, "General", 2),
        (1.26, "0.0", Decimal("1.26")),
        (0.1 + 0.2, "General", Decimal("0.3")),
        (7, '"R"0', "R7"),
        (7, "000", "007"),
        (0.5, "0%", "50%"),
        (True, "General", "Yes"),
        ("_x000D_\nline_x000B_next_x000D_", "General", "line\nnext"),
        ("zero\u200bwidth\u202e", "General", "zerowidth"),
    ],
)
def test_a_cell_is_what_it_shows(value, number_format, expected):
    found = first_cell(value, number_format)
    assert (found, str(found), type(found)) == (expected, str(expected), type(expected))


def test_dates_of_the_other_epoch():
    book = Workbook()
    book.epoch = datetime(1904, 1, 1)
    book.active["A1"] = date(2026, 3, 1)
    assert read_sheets(saved(book))[0].rows == [[date(2026, 3, 1)]]


def test_a_stray_blank_adds_nothing():
    assert read_sheets(book_of(("A1", "Ref"), ("B3", "last"), ("Z900", " \u200b ")))[0].rows == [
        ["Ref", None],
        [None, None],
        [None, "last"],
    ]


def test_merged_cells_give_their_value_to_each_row():
    book = Workbook()
    sheet = book.active
    for row in (["Inquiry", "Ref"], ["Roads", "1"], [None, "2"], [None, "3"], ["Title over two", None]):
        sheet.append(row)
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("A5:B5")
    [found] = read_sheets(saved(book))
    assert found.rows == [
        ["Inquiry", "Ref"],
        *[["Roads", number] for number in "123"],
        ["Title over two", None],
    ]
    assert found.merged == [(2, 1, 4, 1), (5, 1, 5, 2)]


def test_formulas_without_a_result_and_errors_are_doubts():
    data = book_of(("A1", "Ref"), ("B1", '=A1&"x"'), ("C2", "#REF!"))
    assert read_sheets(data)[0].doubts == [
        CellDoubt(1, 2, "B1 is a formula, and the file does not hold its result. Save it in Excel first"),
        CellDoubt(2, 3, "C2 shows the error #REF!"),
    ]
    calculated = changed(
        data,
        SHEET,
        lambda part: (
            part.replace(b"<v />", b"<v>Refx</v>")
            .replace(b"<v></v>", b"<v>Refx</v>")
            .replace(b'<c r="B1">', b'<c r="B1" t="str">')
        ),
    )
    assert read_sheets(calculated)[0].rows[0] == ["Ref", "Refx", None]
    empty = changed(data, SHEET, lambda part: part.replace(b'<c r="B1">', b'<c r="B1" t="str">'))
    assert [doubt.column for doubt in read_sheets(empty)[0].doubts] == [3]


def test_hidden_rows_columns_and_sheets_are_named():
    book = Workbook()
    for number in range(3):
        book.active.append([number, number, number])
    book.active.row_dimensions[2].hidden = True
    book.active.column_dimensions["C"].hidden = True
    book.create_sheet("Codes").sheet_state = "veryHidden"
    book["Codes"]["A1"] = "x"
    first, second = read_sheets(saved(book))
    assert (first.hidden, first.hidden_rows, first.hidden_columns) == (False, [2], [3])
    assert second.hidden


def test_a_sheet_that_is_too_large_says_so():
    [found] = read_sheets(book_of(("A1", "Ref"), (f"A{MOST_ROWS + 1}", "far")))
    assert (found.rows, found.problem) == (
        [],
        "The sheet “Sheet” has 5,001 rows and 1 columns, and can have 5,000 and 200 at most. Delete what is below and "
        "beside the table, or divide it.",
    )
    assert read_sheets(book_of(("A1", "Ref"), ("XFD1048576", "far")))[0].problem


def test_sheets_are_kept_as_json():
    [sheet] = read_sheets(book_of(("A1", date(2026, 3, 1)), ("B1", 1.5), ("C1", 2), ("D1", "x"), ("E1", "=1")))
    assert Sheet.from_json(sheet.to_json()) == sheet


def refusal(data):
    with pytest.raises(Unreadable) as caught:
        read_workbook(io.BytesIO(data))
    return str(caught.value)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf,,\n,,\n", "nothing in the file but empty cells"),
        (b"a" * (SIZE_LIMIT + 1), "larger than 10 MB"),
        (OLE + b"Workbook", "old Office format"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"%PDF-1.7", "a PDF"),
        (b"<html>", "a web page"),
        (b'"a,b\n', "quotation mark"),
        (b"PK\x03\x04broken", "damaged"),
    ],
)
def test_refusals(data, said):
    assert said in refusal(data)


def zip_of(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"readme.txt": "x"}, "zip archive without an Excel workbook"),
        ({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}, "a Word document"),
        ({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": "x"}, "binary workbook"),
        ({"mimetype": "x", "content.xml": "<x/>"}, "OpenDocument"),
        ({"[Content_Types].xml": "<Types/>"}, "damaged"),
        ({f"{number}.xml": "" for number in range(2_001)}, "unpacks to far more"),
        ({"xl/media/zeros.bin": b"\0" * 30_000_000}, "unpacks to far more"),
    ],
)
def test_other_zip_files_are_refused(parts, said):
    with pytest.raises(Unreadable, match=said):
        read_sheets(zip_of(parts))


def test_entities_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    data = changed(book_of(("A1", "x")), SHEET, lambda part: bomb + part)
    with pytest.raises(Unreadable, match="declarations"):
        read_sheets(data)


def test_broken_parts_are_refused():
    data = changed(book_of(("A1", "x")), SHEET, lambda part: part[: len(part) // 2])
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        read_sheets(data)
    whole = book_of(("A1", "x" * 2000))
    with pytest.raises(Unreadable, match="damaged"):
        read_sheets(whole[: len(whole) // 2])


def test_a_cell_merged_over_everything_is_refused():
    area = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    data = changed(book_of(("A1", "x")), SHEET, lambda part: part.replace(b"</sheetData>", b"</sheetData>" + area))
    with pytest.raises(Unreadable, match="merged"):
        read_sheets(data)


CSV = 'Ref;Wording, as agreed;Due\r\n1.10;"Roads;\r\npaths";1.3.26\r\n\r\n2;é–“x”;\r\n'
CSV_ROWS = [
    ["Ref", "Wording, as agreed", "Due"],
    ["1.10", "Roads;\npaths", "1.3.26"],
    [None, None, None],
    ["2", "é–“x”", None],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_csv_in_every_encoding_with_every_separator(encoding, separator):
    text = CSV.replace(";", separator) if separator != ";" else CSV
    rows = [[cell and cell.replace(";", separator).strip() for cell in row] for row in CSV_ROWS]
    found = read_csv(text.encode(encoding)).rows
    assert found == [[cell and clean_text(cell) for cell in row] for row in rows]


def test_csv_with_commas_and_a_note():
    assert read_csv(b"Title of it\r\nRef,Text,Due\r\n1,a;b;c;d,x\r\n2,e,y\r\n").rows[1] == ["Ref", "Text", "Due"]
    assert read_csv(b"sep=;\r\nRef;Text\r\n1;a,b,c\r\n").rows == [["Ref", "Text"], ["1", "a,b,c"]]
    assert read_csv(b"Recommendation\r\nOne, two\r\nThree\r\nFour\r\n").rows[0] == ["Recommendation"]
