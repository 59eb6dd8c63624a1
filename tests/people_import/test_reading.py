"""A CSV file of people: whatever wrote it is read, whatever is no list is refused with what to do."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiries.people_import.reading import MOST_ROWS, SIZE_LIMIT, ReadFile, ReadRow, Unreadable, read_people

LIST = "Name;E-mail;Job title\r\nSiân Llŷr;sian@wealdshire.example;Head of “Access”\r\n"
SIAN = {"name": "Siân Llŷr", "email": "sian@wealdshire.example", "job_title": "Head of “Access”"}


def rows(text):
    return [(row.line, row.values) for row in read_people(text.encode()).rows]


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        codecs.BOM_UTF8 + LIST.encode(),
        LIST.encode("utf-16"),
        codecs.BOM_UTF16_BE + LIST.encode("utf-16-be"),
        LIST.encode("utf-16-le"),
        LIST.encode("utf-16-be"),
        LIST.replace("\r\n", "\r").encode(),
    ],
    ids=["UTF-8", "with a mark", "UTF-16", "big-endian", "without a mark", "big-endian without", "old Mac"],
)
def test_every_encoding_is_read(data):
    assert read_people(data).rows == [ReadRow(2, SIAN)]


def test_windows_letters_are_read_as_excel_writes_them():
    text = "name,job title\nJosé Müller,Head of “Access” – West\n"
    assert read_people(text.encode("cp1252")).rows == [
        ReadRow(2, {"name": "José Müller", "job_title": "Head of “Access” – West"})
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_are_told_apart(separator):
    text = f"name{separator}email\n" + f'"Moore, Janice; Ms"{separator}janice@wealdshire.example\n'
    assert rows(text) == [(2, {"name": "Moore, Janice; Ms", "email": "janice@wealdshire.example"})]


def test_excels_own_note_of_the_separator_is_understood():
    assert rows("sep=;\nname;email\nTom;\n") == [(3, {"name": "Tom"})]


def test_line_breaks_in_quotation_marks_belong_to_the_cell_and_count_as_lines():
    assert rows('name,job title\n"Tom\r\nOkafor","Finance\nManager"\nPriya,\n') == [
        (2, {"name": "Tom Okafor", "job_title": "Finance Manager"}),
        (5, {"name": "Priya"}),
    ]


@pytest.mark.parametrize(
    ("headings", "column"),
    [
        ("NAME,E-Mail Address", "email"),
        ("full name,mail", "email"),
        ("Name,  Job-Title ", "job_title"),
        ("name,Organization", "organisation"),
        ("name,Select Committee", "committee"),
        ("name,Start date", "from"),
        ("name,Term until", "until"),
    ],
)
def test_headings_are_known_by_other_names(headings, column):
    assert rows(f"{headings}\nTom,something\n") == [(2, {"name": "Tom", column: "something"})]


def test_first_and_last_name_make_a_name():
    assert rows("Surname,Forename\nOkafor,Tom\n,Priya\n") == [(2, {"name": "Tom Okafor"}), (3, {"name": "Priya"})]


def test_columns_that_say_nothing_are_named():
    read = read_people(b"name,Payroll no,,Notes\nTom,123,x,y\n")
    assert read.unknown_columns == ["Payroll no", "Notes"]
    assert read.rows == [ReadRow(2, {"name": "Tom"})]


def test_cells_beyond_the_headings_are_told():
    assert read_people(b"name,email\nOkafor, Tom,tom@wealdshire.example\n").rows[0].surplus


def test_what_looks_like_a_formula_is_text():
    assert rows('name,job title\n"=HYPERLINK(""http://x"")",@SUM(1)\n') == [
        (2, {"name": '=HYPERLINK("http://x")', "job_title": "@SUM(1)"})
    ]


def test_what_is_not_seen_is_taken_out():
    assert rows("name\nTom\u202e\u200b \x07 Oka\u00adfor\n") == [(2, {"name": "Tom Okafor"})]


def test_empty_rows_are_passed_over():
    assert rows("\n\nname,email\n,\n  ,\nTom,\n") == [(6, {"name": "Tom"})]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \r\n\x00", "The file is empty."),
        (b"PK\x03\x04", "an Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "an old Office file"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xef\xbb\xbf<html>", "a web page"),
        (b"name\nTom\x00Okafor\n", "NUL"),
        (b"name\nTom \x81\xc3(\n", "The letters of the file cannot be read."),
        (b"\xff\xfen", "The letters of the file cannot be read."),
        (b"email\ntom@wealdshire.example\n", "There is no column with the heading “name”."),
        (b"just words\n", "There is no column with the heading “name”."),
        (b"name,email,Mail\nTom,,\n", "Two columns say the same: “email” and “Mail”."),
        (b"name,email\n", "There is no row below the headings in line 1."),
        (b'name\nTom\n"Priya\nNair\n', "The row that begins in line 3 cannot be read"),
        (b'name\nTom\n"Priya" Nair\n', "The row that begins in line 3 cannot be read"),
        (b"name\n" + b"x" * 140_000, "The row that begins in line 2 cannot be read"),
        (b"name," * 101 + b"\n", "more than 100 columns"),
        (b"name\n" + b"x" * SIZE_LIMIT, "larger than 2 MB"),
        (b"name\n" + b"Tom\n" * (MOST_ROWS + 1), "more than 1,000 rows"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(data, sentence):
    with pytest.raises(Unreadable) as refused:
        read_people(data)
    assert sentence in str(refused.value)


def test_as_many_rows_as_are_taken_are_read():
    assert len(read_people(b"name\n" + b"Tom\n" * MOST_ROWS).rows) == MOST_ROWS


def test_what_was_read_can_be_kept_as_data():
    read = read_people(b"name,x\nTom,1\nA,b,c\n")
    assert ReadFile.from_json(read.to_json()) == read
    assert ReadFile.from_json([]) == ReadFile()


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(data):
    try:
        read_people(b"name,email\n" + data)
    except Unreadable as refused:
        assert str(refused).endswith(".")


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text):
    try:
        read_people(text.encode("utf-8", "surrogatepass"))
    except Unreadable as refused:
        assert str(refused).endswith(".")
