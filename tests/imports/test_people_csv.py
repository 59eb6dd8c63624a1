"""A CSV file of people: whatever wrote it is read, each row is checked, what is no list is refused."""

import codecs
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiries.choices import SeatRole
from inquiries.imports import Unreadable
from inquiries.imports.people_csv import MOST_ROWS, SIZE_LIMIT, PersonRow, read_people

LIST = "Name;E-mail;Job title\r\nSiân Llŷr;sian@wealdshire.example;Head of “Access”\r\n"
SIAN = {"name": "Siân Llŷr", "email": "sian@wealdshire.example", "job_title": "Head of “Access”"}


def rows_of(data):
    return [(row["line"], row["values"]) for row in read_people(data)[0]]


def rows(text):
    return rows_of(text.encode())


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        codecs.BOM_UTF8 + LIST.encode(),
        LIST.encode("utf-16"),
        codecs.BOM_UTF16_BE + LIST.encode("utf-16-be"),
        LIST.replace("\r\n", "\r").encode(),
    ],
    ids=["UTF-8", "with a mark", "UTF-16", "big-endian", "old Mac"],
)
def test_reads_every_encoding(data):
    assert rows_of(data) == [(2, SIAN)]


def test_reads_windows_letters():
    text = "name,job title\nJosé Müller,Head of “Access” – West\n"
    assert rows_of(text.encode("cp1252")) == [(2, {"name": "José Müller", "job_title": "Head of “Access” – West"})]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_finds_the_separator(separator):
    text = f"name{separator}email\n" + f'"Moore, Janice; Ms"{separator}janice@wealdshire.example\n'
    assert rows(text) == [(2, {"name": "Moore, Janice; Ms", "email": "janice@wealdshire.example"})]


def test_reads_separator_note():
    assert rows("sep=;\nname;email\nTom;\n") == [(3, {"name": "Tom"})]


def test_reads_line_breaks_within_cells():
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
        ("name,Start date", "from_date"),
        ("name,Term until", "until_date"),
    ],
)
def test_knows_other_headings(headings, column):
    assert rows(f"{headings}\nTom,something\n") == [(2, {"name": "Tom", column: "something"})]


def test_joins_first_and_last_name():
    assert rows("Surname,Forename\nOkafor,Tom\n,Priya\n") == [(2, {"name": "Tom Okafor"}), (3, {"name": "Priya"})]


def test_returns_unknown_columns():
    rows, unknown = read_people(b"name,Payroll no,,Notes\nTom,123,x,y\n")
    assert unknown == ["Payroll no", "Notes"]
    assert rows == [{"line": 2, "values": {"name": "Tom"}}]


def test_marks_surplus_cells():
    assert read_people(b"name,email\nOkafor, Tom,tom@wealdshire.example\n")[0][0]["values"]["surplus"]


def test_keeps_formulas_as_text():
    assert rows('name,job title\n"=HYPERLINK(""http://x"")",@SUM(1)\n') == [
        (2, {"name": '=HYPERLINK("http://x")', "job_title": "@SUM(1)"})
    ]


def test_removes_invisible_characters():
    assert rows("name\nTom\u202e\u200b \x07 Oka\u00adfor\n") == [(2, {"name": "Tom Okafor"})]


def test_skips_empty_rows():
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
        (b"name\nTom \x81\xc3(\n", "The characters of the file cannot be read."),
        (b"\xff\xfen", "The characters of the file cannot be read."),
        (b"email\ntom@wealdshire.example\n", "There is no column with the heading “name”."),
        (b"just words\n", "There is no column with the heading “name”."),
        (b"name,email,Mail\nTom,,\n", "Two columns say the same: “email” and “Mail”."),
        (b"name,email\n", "There is no row below the headings in line 1."),
        (b'name\nTom\n"Priya\nNair\n', "The row that begins in line 3 cannot be read"),
        (b'name\nTom\n"Priya" Nair\n', "The row that begins in line 3 cannot be read"),
        (b"name\n" + b"x" * 140_000, "The row that begins in line 2 cannot be read"),
        (b"name," * 101 + b"\n", "more than 100 columns"),
        (b"name\n" + b"x" * SIZE_LIMIT, "larger than 2 MB"),
        (b"name\n" + b"Tom\n" * (MOST_ROWS + 1), "more than 250 rows"),
    ],
)
def test_refuses_other_files(data, sentence):
    with pytest.raises(Unreadable) as refused:
        read_people(data)
    assert sentence in str(refused.value)


def test_reads_the_most_rows_allowed():
    assert len(rows_of(b"name\n" + b"Tom\n" * MOST_ROWS)) == MOST_ROWS


@given(st.binary(max_size=400))
def test_survives_any_bytes(data):
    try:
        read_people(b"name,email\n" + data)
    except Unreadable as refused:
        assert str(refused).endswith(".")


@given(st.text(max_size=200))
def test_survives_any_text(text):
    try:
        read_people(text.encode("utf-8", "surrogatepass"))
    except Unreadable as refused:
        assert str(refused).endswith(".")


HEADINGS = "name,email,job title,organisation,clerk,committee,role,from,until,portfolio\n"


def checked(line):
    [row] = read_people(f"{HEADINGS}{line}\n".encode())[0]
    return PersonRow(row["values"])


def test_row_cleans_every_cell():
    row = checked("Anwen Pritchard,Anwen@Wealdshire.example,Councillor,,no,Communities,Vice-Chair,20/05/2025,,")
    assert row.messages == []
    assert row.cleaned_data == {
        "name": "Anwen Pritchard",
        "email": "anwen@wealdshire.example",
        "job_title": "Councillor",
        "organisation": "",
        "is_clerk": False,
        "committee": "Communities",
        "role": SeatRole.VICE_CHAIR,
        "from_date": date(2025, 5, 20),
        "until_date": None,
        "portfolio": "",
        "surplus": None,
    }


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (",a@b.example,,,,,,,,", "There is no name."),
        ("Tom,tom at home,,,,,,,,", "“tom at home” is not an e-mail address."),
        ("Tom," + "a" * 250 + "@b.example,,,,,,,,", "The email is longer than 254 characters."),
        (f"{'T' * 201},,,,,,,,,", "The name is longer than 200 characters."),
        ("Tom,,,,perhaps,,,,,", "The column clerk says “perhaps”. Write yes or no, or leave it empty."),
        (
            "Tom,,,,,Communities,speaker,2025-05-20,,",
            "“speaker” is no role on a committee. There are: chair, vice-chair, member, co-opted member, substitute.",
        ),
        ("Tom,,,,,,chair,,,", "Say on which committee this is the chair."),
        ("Tom,,,,,,Cabinet Member,,,", "Say which portfolio the Cabinet Member holds."),
        ("Tom,,,,,,chair,2025-05-20,,Transport", "Who holds a portfolio is a Cabinet Member, not “chair”."),
        ("Tom,,,,,,wizard,,,", "“wizard” is not a role. Put a person's job under job title."),
        ("Tom,,,,no,,clerk,,,", "The role is clerk, but the column clerk says no."),
        (
            "Tom,,,,,Communities,,2025-05-20,,Transport",
            "One line holds one role. Give the seat on the committee and the portfolio in Cabinet a line each.",
        ),
        (
            "Tom,,,,,Communities,,2025-05-20,2024-05-20,",
            "The seat would end before it begins: until comes before from.",
        ),
        (
            "Tom,,,,,,,2025-05-20,,",
            "From and until belong to a seat, but neither committee nor portfolio is given.",
        ),
        (
            "Tom,,,,,Communities,,soon,,",
            "The date in “from” is “soon”. Write it as 20/05/2025 or 2025-05-20.",
        ),
        (
            "Tom,,,,,,,,,,surplus",
            "This line has more cells than there are headings. Put a cell with a comma in it in quotation marks.",
        ),
    ],
)
def test_row_says_what_is_wrong(line, sentence):
    assert checked(line).messages == [sentence]


@pytest.mark.parametrize("role", ["", "officer", "Lead officer", "Contributor"])
def test_officer_needs_no_seat(role):
    assert checked(f"Tom,,,,,,{role},,,").is_valid()


def test_role_of_clerk():
    row = checked("Tom,,,,,,Clerk,,,")
    assert row.is_valid() and row.cleaned_data["is_clerk"] is True
