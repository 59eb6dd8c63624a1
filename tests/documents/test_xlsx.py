"""A workbook is read back cell by cell: types, texts that look like formulas, and what makes it fit for print."""

from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest

from inquiries.documents.xlsx import LONGEST_TEXT, Column, Sheet, xlsx_bytes

COLUMNS = (Column("Number", 9), Column("Wording", 60), Column("Due", 18), Column("Days late"))


def read(*rows, name="Tracker"):
    book = openpyxl.load_workbook(BytesIO(xlsx_bytes(Sheet(name, COLUMNS, rows), title="Wealdshire")))
    return book, book[name]


def test_cells_keep_their_types():
    _, sheet = read(("1a", "One number.\nOn every bill.", date(2026, 11, 3), 20), ("2", "", None, 0))
    assert [cell.value for cell in sheet[1]] == ["Number", "Wording", "Due", "Days late"]
    assert [cell.value for cell in sheet[2]] == ["1a", "One number.\nOn every bill.", datetime(2026, 11, 3), 20]
    assert sheet["C2"].is_date
    assert sheet["C2"].number_format == "d mmmm yyyy"
    assert sheet["D2"].data_type == "n"
    assert [cell.value for cell in sheet[3]] == ["2", None, None, 0]


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("https://bad.example")', "+1", "-2", "@SUM(A1)", "{=A1}"])
def test_text_is_never_a_formula(text):
    _, sheet = read((text, text, None, None))
    assert [(cell.value, cell.data_type) for cell in sheet[2][:2]] == [(text, "s")] * 2


def test_what_no_sheet_can_hold_is_left_out():
    _, sheet = read(("1\x00a", "a\x0bb\ud800\u202e" + "x" * 40_000, None, None))
    assert sheet["A2"].value == "1a"
    assert sheet["B2"].value.startswith("a\nbx")
    assert len(sheet["B2"].value) == LONGEST_TEXT


def test_sheet_is_fit_to_work_with_and_to_print():
    book, sheet = read(("1", "One", None, None), ("2", "Two", None, None))
    assert book.properties.title == "Wealdshire"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:D3"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape", 1, 0,
    )  # fmt: skip
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert [sheet.column_dimensions[letter].width for letter in "ABCD"] == [9, 60, 18, 14]
    assert sheet["B2"].alignment.wrap_text
    assert sheet["B1"].font.bold


def test_several_sheets():
    data = xlsx_bytes(Sheet("One", COLUMNS, [("1", "x", None, 1)]), Sheet("Two", (Column("Which"),), [("all",)]))
    book = openpyxl.load_workbook(BytesIO(data))
    assert book.sheetnames == ["One", "Two"]
    assert book["Two"]["A2"].value == "all"
