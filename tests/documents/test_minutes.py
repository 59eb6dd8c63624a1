"""The words of minutes, as they are proposed, and their Word file read back."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from docx import Document

from inquiries.choices import Ending, Rating
from inquiries.documents.content import ExemptPart
from inquiries.documents.minutes import (
    AssessedRow,
    Attendee,
    Declaration,
    Ended,
    Minute,
    MinutesContent,
    minute_numbers,
    minutes_from_json,
    name_references,
    propose_outcome,
    resolution,
)
from inquiries.documents.minutes_docx import DRAFT, minutes_docx, resolutions_docx
from inquiries.serialization import to_plain_data

ROWS = (
    AssessedRow(("2",), Rating.IMPLEMENTED),
    AssessedRow(("1a", "1b"), Rating.IMPLEMENTED),
    AssessedRow(("3a",), Rating.ON_TRACK),
    AssessedRow(("10",), Rating.CONCERNS, "The bus still stops at six."),
    AssessedRow(("5a",), Rating.CONCERNS),
    AssessedRow(("6",), Rating.NOT_DELIVERED, "- no letter was sent\n- nobody was asked"),
    AssessedRow(("9",)),
)
CONTENT = MinutesContent(
    council="Wealdshire County Council",
    committee="Communities Select Committee",
    day=date(2026, 11, 10),
    start="14:00",
    venue="Mezzanine Room 2",
    ended="15:45",
    is_attendance_recorded=True,
    present=(
        Attendee("Councillor Harold Penrose", "Chair"),
        Attendee("Councillor Jack Marlow", "Substitute", "until item 3", substitute_for="Councillor Anwen Pritchard"),
    ),
    apologies=(Attendee("Councillor Anwen Pritchard", substitute="Councillor Jack Marlow"),),
    officers=(Attendee("Carys Whitlock", "Scrutiny Officer"),),
    declarations=(Declaration("Councillor Harold Penrose", "A governor of Nether School; he left.", "3. Schools"),),
    minutes=(
        Minute(1, 1, "Apologies for absence", "There were no apologies for absence.", "45"),
        Minute(2, 2, "Warm Homes", resolution(ROWS), "46"),
        Minute(3, 3, "Contract", "", exempt=ExemptPart(3, "Financial affairs", "Quorvane was chosen.")),
    ),
)


def paragraphs(data):
    return [(p.style.name, p.text) for p in Document(BytesIO(data)).paragraphs]


def test_resolution():
    assert resolution(ROWS) == (
        "RESOLVED:\n"
        "1. that the report be noted;\n"
        "2. that recommendations 1a, 1b and 2 were considered implemented to the satisfaction of the committee;\n"
        "3. that recommendation 3a was considered on track to be completed to the satisfaction of the committee;\n"
        "4. that the committee has concerns that recommendations 5a and 10 may not be fully delivered to its "
        "satisfaction;\n"
        "5. that recommendation 6 was considered not to have been delivered or implemented; and\n"
        "6. that the assessment of recommendation 9 was left to a later meeting.\n\n"
        "On recommendation 10 the committee commented: The bus still stops at six.\n\n"
        "On recommendation 6 the committee commented:\n- no letter was sent\n- nobody was asked"
    )


def test_resolution_without_rows():
    assert resolution(()) == "RESOLVED: that the report be noted."


def test_resolution_names_what_was_ended():
    ended = [
        Ended("7", Ending.NO_LONGER_FEASIBLE, "The library has closed."),
        Ended("3b", Ending.SUPERSEDED, "The county has a new plan."),
        Ended("4", Ending.SUPERSEDED, "The county has a new plan."),
    ]
    words = resolution((AssessedRow(("1",), Rating.ON_TRACK),), ended).splitlines()
    assert words[3:] == [
        "3. that recommendation 7 was closed as no longer feasible: The library has closed; and",
        "4. that recommendations 3b and 4 were closed as superseded: The county has a new plan.",
    ]


def test_resolution_says_of_what_was_ended_neither_that_it_waits_nor_its_reason_twice():
    rows = [AssessedRow(("2",), None), AssessedRow(("3",), Rating.NOT_DELIVERED, "No money was found.")]
    ended = [Ended("2", Ending.TRANSFERRED, "To the NHS."), Ended("3", Ending.NOT_DELIVERED, "No money was found.")]
    assert resolution(rows, ended) == (
        "RESOLVED:\n"
        "1. that the report be noted;\n"
        "2. that recommendation 3 was considered not to have been delivered or implemented;\n"
        "3. that recommendation 2 was closed as transferred to another body: To the NHS; and\n"
        "4. that recommendation 3 was closed as not delivered: No money was found."
    )


def test_same_comment_is_given_once():
    rows = [AssessedRow((number,), Rating.ON_TRACK, "Well done.") for number in ("2", "1")]
    assert resolution(rows).endswith("\n\nOn recommendations 1 and 2 the committee commented: Well done.")


@pytest.mark.parametrize(
    ("references", "named"),
    [
        (["2"], "recommendation 2"),
        (["10", "2"], "recommendations 2 and 10"),
        (["2", "1b", "1a"], "recommendations 1a, 1b and 2"),
        (["R2", "R10", "R1", "R2"], "recommendations R1, R2 and R10"),
    ],
)
def test_references_in_words(references, named):
    assert name_references(references) == named


@pytest.mark.parametrize(
    ("first", "numbers"),
    [
        ("45", ["45", "46", "47"]),
        ("9/26", ["9/26", "10/26", "11/26"]),
        ("SC007", ["SC007", "SC008", "SC009"]),
        ("", ["", "", ""]),
    ],
)
def test_minute_numbers(first, numbers):
    assert minute_numbers(first, 3) == numbers


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (
            "APOLOGIES FOR ABSENCE / CHANGES IN MEMBERSHIP",
            "Apologies for absence were received from Councillor Anwen Pritchard. "
            "Councillor Jack Marlow attended as substitute for Councillor Anwen Pritchard.",
        ),
        (
            "Declarations of interest",
            "The following interests were declared:\n"
            "- Councillor Harold Penrose, item 3. Schools: A governor of Nether School; he left.",
        ),
        (
            "Minutes of the last meeting",
            "RESOLVED: that the minutes of the meeting held on 8 September 2026 be agreed as a correct record.",
        ),
        ("Date of next meeting", "The next meeting of the committee is on 5 January 2027 at 14:00."),
        ("Work Programme", "RESOLVED: that the work programme be noted."),
        ("Libraries", ""),
    ],
)
def test_proposed_outcome(title, words):
    facts = {"last_meeting": date(2026, 9, 8), "next_meeting": "5 January 2027 at 14:00"}
    assert propose_outcome(title, CONTENT, **facts) == words


def test_nothing_is_proposed_where_nothing_is_recorded():
    nothing = replace(CONTENT, is_attendance_recorded=False)
    titles = ("Apologies", "Declarations of interest", "Minutes", "Date of next meeting")
    assert [propose_outcome(title, nothing) for title in titles] == ["", "", "", ""]


def test_nobody_missing_and_nothing_declared():
    quiet = replace(CONTENT, apologies=(), declarations=())
    assert propose_outcome("Apologies", quiet) == "There were no apologies for absence."
    assert propose_outcome("Declarations of interest", quiet) == "There were no declarations of interest."


def test_content_comes_back_from_json():
    assert minutes_from_json(to_plain_data(CONTENT)) == CONTENT


def test_word_file():
    data = minutes_docx(CONTENT)
    read = paragraphs(data)
    assert [text for style, text in read if style == "Heading 1"] == ["Minutes of the Communities Select Committee"]
    assert [text for style, text in read if style == "Heading 2"] == [
        "Present",
        "Apologies for absence",
        "Officers in attendance",
        "Declarations of interest",
        "1. Apologies for absence",
        "2. Warm Homes",
        "3. Contract",
    ]
    texts = [text for _, text in read]
    assert ("Labelled", "Time: 14:00 to 15:45") in read
    assert ("Labelled", "Minute: 46") in read
    assert "Councillor Jack Marlow, Substitute (substitute for Councillor Anwen Pritchard; until item 3)" in texts
    assert "that the report be noted;" in texts
    assert "Quorvane was chosen." in texts
    document = Document(BytesIO(data))
    lists = [p for p in document.paragraphs if p._p.pPr is not None and p._p.pPr.numPr is not None]
    assert len(lists) == 2 + 1 + 1 + 1 + 6 + 2
    assert document.sections[0].header.paragraphs[0].text.endswith(DRAFT)
    assert document.core_properties.language == "en-GB"
    assert minutes_docx(CONTENT) == data


def test_public_word_file_has_no_exempt_words():
    contract = replace(CONTENT.minutes[2], exempt=ExemptPart(3, "Financial affairs"))
    texts = [text for _, text in paragraphs(minutes_docx(replace(CONTENT, minutes=(contract,))))]
    said = "Part of this minute is exempt from publication: Schedule 12A paragraph 3, Financial affairs"
    assert said in texts


def test_word_file_of_resolutions():
    read = paragraphs(resolutions_docx(CONTENT, [("2. Warm Homes", resolution(ROWS))]))
    assert read[:4] == [
        ("Heading 1", "Resolutions of the Communities Select Committee, 10 November 2026"),
        ("Heading 2", "2. Warm Homes"),
        ("Normal", "RESOLVED:"),
        ("Normal", "that the report be noted;"),
    ]


@pytest.mark.parametrize(
    ("title", "outcome", "is_listed"),
    [
        ("Declarations of interest", propose_outcome("Declarations of interest", CONTENT), False),
        ("Declarations of interest", "Noted.", True),
        ("Schools", "Councillor Penrose is a governor.", True),
    ],
)
def test_declarations_are_said_once(title, outcome, is_listed):
    content = replace(CONTENT, minutes=(Minute(1, 1, title, outcome),))
    assert content.lists_declarations == is_listed
    text = "\n".join(words for _, words in paragraphs(minutes_docx(content)))
    assert text.count("A governor of Nether School; he left.") == 1


def test_no_declarations_are_said_once():
    quiet = replace(CONTENT, declarations=())
    said = Minute(1, 1, "Declarations of interest", propose_outcome("Declarations of interest", quiet))
    assert replace(quiet, minutes=(said,)).lists_declarations is False
    assert replace(quiet, minutes=(replace(said, outcome="Noted."),)).lists_declarations is True
