"""Each row of a list of people understood, or told in plain English what is wrong with it."""

from datetime import date

import pytest

from inquiries.choices import SeatRole
from inquiries.people_import.checking import check_rows, people_of
from inquiries.people_import.reading import read_people

HEADINGS = "name,email,job title,organisation,clerk,committee,role,from,until,portfolio\n"


def checked(*lines, headings=HEADINGS):
    return check_rows(read_people((headings + "\n".join(lines) + "\n").encode()))


def problems(*lines, headings=HEADINGS):
    return [(row.line, row.problems) for row in checked(*lines, headings=headings) if row.problems]


def test_a_row_is_understood():
    row = checked("Anwen Pritchard,Anwen@Wealdshire.example,Councillor,,no,Communities,Vice-Chair,20/05/2025,,")[0]
    assert (row.name, row.email, row.clerk, row.committee) == (
        "Anwen Pritchard",
        "anwen@wealdshire.example",
        False,
        "Communities",
    )
    assert (row.role, row.from_date, row.until_date, row.problems) == (
        SeatRole.VICE_CHAIR,
        date(2025, 5, 20),
        None,
        [],
    )


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
        ("Tom,,,,,,wizard,,,", "“wizard” is no role that is known. Put what somebody's job is under job title."),
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
def test_what_is_wrong_is_said_in_a_sentence(line, sentence):
    assert problems(line) == [(2, [sentence])]


@pytest.mark.parametrize("role", ["", "officer", "Lead officer", "Contributor"])
def test_an_officer_needs_no_seat(role):
    assert problems(f"Tom,,,,,,{role},,,") == []


def test_the_role_of_clerk_makes_a_clerk():
    assert checked("Tom,,,,,,Clerk,,,")[0].clerk is True


def test_a_row_that_stands_twice_is_found():
    line = "Tom,tom@b.example,,,,Communities,chair,2025-05-20,,"
    assert [row.same_as for row in checked(line, "Priya,,,,,,,,,", line.replace("Tom,tom@", "TOM,TOM@"))] == [
        None,
        None,
        2,
    ]


def test_two_names_under_one_address_are_told_on_both_lines():
    sentence = "The lines about tom@b.example give different names: “Tom” (line 2) and “Thomas” (line 3)."
    assert problems("Tom,tom@b.example,,,,,,,,", "Thomas,TOM@b.example,,,,,,,,") == [(2, [sentence]), (3, [sentence])]


def test_lines_about_one_person_agree_on_their_job_and_on_whether_they_are_a_clerk():
    found = problems("Tom,tom@b.example,Clerk of Works,,yes,,,,,", "Tom,tom@b.example,Surveyor,,no,,,,,")
    assert found[0] == (
        2,
        [
            "The lines about tom@b.example give different job titles: “Clerk of Works” (line 2) and “Surveyor” "
            "(line 3).",
            "The lines about tom@b.example do not agree whether they are a clerk.",
        ],
    )
    assert [line for line, _ in found] == [2, 3]


def test_a_line_without_address_belongs_to_the_person_of_that_name():
    rows = checked("Tom,tom@b.example,,,,,,,,", "tom,,,,,Communities,,2025-05-20,,", "Priya,,,,,,,,,")
    # The other spelling of the name is told beside it: one of the two would have to win.
    assert [len(row.problems) for row in rows] == [1, 1, 0]
    assert [row.email for row in rows] == ["tom@b.example", "tom@b.example", ""]
    assert len(people_of(rows)) == 2


def test_a_line_without_address_of_two_namesakes_asks_which():
    assert problems("Tom,a@b.example,,,,,,,,", "Tom,c@b.example,,,,,,,,", "Tom,,,,,Communities,,2025-05-20,,") == [
        (4, ["Two people called Tom stand in this file. Say with the e-mail address which of them is meant."])
    ]
