"""The rows of a council's own tracker: what is read, what is doubted, what is left out."""

from datetime import date
from decimal import Decimal

import pytest

from inquiries.imports.draft import DraftDate
from inquiries.imports.sheets import CellDoubt
from inquiries.imports.tracker_columns import Additions, propose_matching
from inquiries.imports.tracker_rows import NOTE, PART, ROW, read_tracker
from tests.imports.test_tracker_columns import sheet_of

TODAY = date(2026, 11, 23)
HEADINGS = ("Inquiry", "No", "Recommendation", "Decision", "Response", "Reason", "Target date")
MEANINGS = {
    "decision": {"yes": "accepted", "no": "not_accepted", "partly": "in_part"},
    "status": {"done": "ended-implemented", "late": "view-off_track", "well": "rating-2"},
    "round": {"first": "6", "second": "12", "none": "leave"},
}
UNDATED = (
    "Nothing says how many months after the response the update was given, and it cannot be worked out from the dates: "
    "the update is left out. You can say it where you say what the values mean."
)
USUAL = ("Roads", "1", "Mend them.", "Yes", "We will.", None, None)


def read(*rows, headings=HEADINGS, sheet=None, additions=None, **matching):
    found = sheet or sheet_of(headings, *rows)
    proposed = propose_matching(found, 1)
    for name, value in matching.items():
        setattr(proposed, name, value)
    return read_tracker(found, 1, proposed, MEANINGS, today=TODAY, additions=additions)


def with_cells(**cells):
    """The usual row with some cells changed, by the place of their column from 0."""
    return tuple(cells.get(f"c{place}", cell) for place, cell in enumerate(USUAL))


def rows_of(tracker):
    return [row for inquiry in tracker.inquiries for row in inquiry.rows]


def said(tracker):
    return [(doubt.row, doubt.kind, doubt.message) for doubt in tracker.doubts]


def test_rows_without_doubts():
    tracker = read(USUAL, with_cells(c1="2", c3="Partly", c5="Money."), with_cells(c0="Homes"))
    assert said(tracker) == []
    assert [(one.title, len(one.rows)) for one in tracker.inquiries] == [("Roads", 2), ("Homes", 1)]
    second = rows_of(tracker)[1]
    assert (second.references, second.decision, second.response, second.reason) == (
        "2",
        "in_part",
        "We will.",
        "Money.",
    )


@pytest.mark.parametrize(
    ("row", "kind", "message"),
    [
        (with_cells(c0=None), ROW, "This row names no inquiry."),
        (with_cells(c0="x" * 301), ROW, "The title of an inquiry can have 300 characters at most."),
        (with_cells(c1="???"), ROW, "“???” cannot be the number of a recommendation."),
        (with_cells(c1=None, c2=None), ROW, "This row has neither the number nor the wording of a recommendation."),
        (with_cells(c3="No"), NOTE, "No reason is given on 1: the response is taken as the reason too."),
        (
            with_cells(c3="No", c4=None),
            PART,
            "No reason is given for the decision on 1, so that it is left out; the recommendation itself is not.",
        ),
        (with_cells(c3=None), PART, "There is no decision on 1: its response is left out."),
        (with_cells(c6="soon"), PART, "“Target date” is “soon”, which is not read as a date."),
        (with_cells(c6="March 2027"), NOTE, "The target date “March 2027” was read as 31 March 2027."),
        (with_cells(c6=46082), NOTE, "“Target date” is the number 46082, which is 1 March 2026 in Excel."),
        (
            with_cells(c6=date(1900, 1, 1)),
            PART,
            "“Target date” is 1 January 1900: the year must lie between 1950 and 2100.",
        ),
        (with_cells(c4="x" * 20_001), PART, "“Response” has 20,001 characters, and can have 20,000: it is left out."),
        (with_cells(c1="1a and 1b"), NOTE, "1a and 1b have one wording and one response here."),
    ],
)
def test_doubts(row, kind, message):
    assert said(read(row, with_cells(c0="Homes"))) == [(2, kind, message)]


def test_a_number_that_is_used_twice():
    tracker = read(USUAL, with_cells(c2="Build them."), USUAL)
    assert said(tracker) == [(3, ROW, "The number 1 is in row 2 already, with another wording.")]
    assert len(rows_of(tracker)) == 1


def test_numbers_as_they_are_written():
    for written, reference in {"Recommendation 3": "3", "Rec. 4a.": "4a", Decimal("1.10"): "1.10", 7: "7"}.items():
        assert rows_of(read(with_cells(c1=written)))[0].references == reference


def test_numbers_are_given_where_there_are_none():
    tracker = read(with_cells(c1=None), with_cells(c1=None, c2="Build them."))
    assert [row.references for row in rows_of(tracker)] == ["1", "2"]
    assert all(row.recommendations[0].given for row in rows_of(tracker))
    assert said(tracker) == [(2, NOTE, "“Roads” has no numbers: 1 to 2 are given.")]


def test_a_row_without_a_number_among_others():
    assert said(read(USUAL, with_cells(c1=None, c2="Build them."))) == [
        (3, ROW, "This row has no number, and others of the inquiry have one.")
    ]


def test_the_number_is_read_from_the_wording_where_no_column_holds_it():
    headings = ("Inquiry", "Recommendation", "Decision")
    tracker = read(("Roads", "R2: That they are mended.", "Yes"), headings=headings)
    [row] = rows_of(tracker)
    assert (row.references, row.recommendations[0].text) == ("R2", "That they are mended.")


def test_empty_cells_mean_those_above():
    rows = (USUAL, with_cells(c0=None, c1="2", c2="Build them."))
    assert [doubt.kind for doubt in read(*rows).doubts] == [ROW]
    assert [row.references for row in rows_of(read(*rows, fill_down=True))] == ["1", "2"]


def test_the_decision_is_that_of_the_file_or_is_read_in_the_response():
    row = with_cells(c3=None)
    assert rows_of(read(row, decision="accepted"))[0].decision == "accepted"
    tracker = read(with_cells(c3=None, c4="Accepted. We will."))
    assert rows_of(tracker)[0].decision == "accepted"
    assert said(tracker) == [(2, NOTE, "The decision was read in the response: “Accepted. We will.”.")]


def test_a_response_merged_over_rows_answers_them_together():
    sheet = sheet_of(HEADINGS, USUAL, with_cells(c1="2", c2="Build them."), merged=[(2, 5, 3, 5)])
    tracker = read(sheet=sheet)
    [row] = rows_of(tracker)
    assert row.references == "1 and 2"
    assert said(tracker) == [(2, NOTE, "1 and 2 have one response, as its cell covers their rows.")]


def test_headings_once_more_hidden_rows_and_formulas():
    sheet = sheet_of(
        HEADINGS,
        USUAL,
        HEADINGS,
        with_cells(c1="2", c2="Build them.", c4=None),
        hidden_rows=[4],
        doubts=[CellDoubt(4, 5, "E4 shows the error #REF!"), CellDoubt(4, 9, "I4 shows the error #REF!")],
    )
    tracker = read(sheet=sheet)
    assert [row.references for row in rows_of(tracker)] == ["1", "2"]
    assert said(tracker) == [
        (4, PART, "E4 shows the error #REF!: it is read as empty."),
        (0, NOTE, "Rows that are hidden in the file are read like the others: 4."),
    ]
    assert [row.references for row in rows_of(read(sheet=sheet, without_hidden=True))] == ["1"]


ROUNDS = ("Inquiry", "No", "Recommendation", "Decision", "Round", "Progress update", "Date of update", "Status")


def test_one_row_for_each_round():
    tracker = read(
        ("Roads", "1", "Mend them.", "Yes", "First", "Half.", "1.3.26", "Late"),
        ("Roads", "1", "Mend them.", "Yes", "Second", "All.", date(2026, 9, 1), "Done"),
        ("Roads", "1", None, None, "Second", "None.", None, None),
        ("Roads", "1", None, None, "None", "Nothing.", None, None),
        headings=ROUNDS,
    )
    [row] = rows_of(tracker)
    assert [(one.months, one.update, one.update_date, one.view) for one in row.rounds] == [
        (6, "Half.", DraftDate(date(2026, 3, 1)), "off_track"),
        (12, "All.", DraftDate(date(2026, 9, 1)), ""),
    ]
    assert (row.ended, row.ended_words) == ("implemented", "Done")
    assert said(tracker) == [(4, PART, "1 has two updates for 12 months on: that of row 3 is taken.")]


LATEST = (
    "Inquiry",
    "No",
    "Recommendation",
    "Decision",
    "Date of response",
    "Progress update",
    "Date of update",
    "Status",
)


def test_months_are_worked_out_from_the_dates():
    tracker = read(
        ("Roads", "1", "Mend them.", "Yes", "10 March 2025", "Half.", "2 April 2026", "Well"),
        ("Roads", "2", "Build them.", "Yes", "10 March 2025", "None.", None, None),
        ("Roads", "3", "Sell them.", "Yes", "10 March 2025", None, None, "Well"),
        headings=LATEST,
    )
    first, second, _ = rows_of(tracker)
    assert [(one.months, one.rating) for one in first.rounds] == [(12, 2)]
    assert second.rounds == []
    assert said(tracker) == [
        (2, NOTE, "The update of 2 April 2026 is read as 12 months on, counted from 10 March 2025."),
        (3, PART, UNDATED),
        (4, PART, UNDATED),
    ]
    assert tracker.undated == {"Roads": 2}


def read_undated(**additions):
    return read(
        ("Roads", "1", "Mend them.", "Yes", None, "Half.", "2 April 2026", "Well"),
        ("Roads", "2", "Build them.", "Yes", None, "None.", None, None),
        ("Roads", "2", "Build them.", "Yes", None, "Still none.", None, None),
        ("Homes", "1", "Heat them.", "Yes", None, None, None, "Well"),
        ("Homes", "2", "Sell them.", None, None, "No.", None, None),
        headings=LATEST,
        additions=Additions(**additions),
    )


@pytest.mark.parametrize(
    ("additions", "months", "responded_on", "undated"),
    [
        ({}, [[], [], []], None, {"Roads": 3, "Homes": 1}),
        ({"months": {"": 6}}, [[6], [6], [6]], None, {}),
        ({"months": {"": 6, "homes": 18}}, [[6], [6], [18]], None, {}),
        ({"months": {"homes": 18}}, [[], [], [18]], None, {"Roads": 3}),
        ({"responded_on": {"": "2025-03-10"}}, [[12], [], []], date(2025, 3, 10), {"Roads": 2, "Homes": 1}),
        ({"responded_on": {"roads": "2025-03-10"}, "months": {"": 6}}, [[12], [6], [6]], date(2025, 3, 10), {}),
    ],
)
def test_updates_belong_to_the_report_that_was_chosen(additions, months, responded_on, undated):
    tracker = read_undated(**additions)
    assert [[one.months for one in row.rounds] for row in rows_of(tracker)] == [*months, []]
    assert rows_of(tracker)[0].responded_on == responded_on
    assert tracker.undated == undated


def test_two_updates_of_one_report_are_put_together():
    tracker = read_undated(months={"": 6})
    assert rows_of(tracker)[1].rounds[0].update == "None.\n\nStill none."
    assert said(tracker) == [
        (4, NOTE, "2 has two updates for 6 months on, which are put together."),
        (6, PART, "There is no decision on 2: its updates are left out."),
    ]


def test_a_reason_is_added():
    tracker = read(with_cells(c3="Partly", c4=None), additions=Additions(reason="None is given."))
    assert (rows_of(tracker)[0].decision, rows_of(tracker)[0].reason) == ("in_part", "None is given.")
    assert (tracker.without_reason, read(USUAL).without_reason) == (1, 0)
    assert said(tracker) == [(2, NOTE, "No reason is given for the decision on 1: what you entered is recorded.")]


@pytest.mark.parametrize(
    ("cell", "known", "message"),
    [
        (date(2026, 3, 2), DraftDate(date(2026, 3, 2)), ""),
        ("2/3/2026", DraftDate(date(2026, 3, 2)), ""),
        ("March 2026", DraftDate(date(2026, 3, 1), "month"), ""),
        ("Cabinet, 2 March 2026", DraftDate(date(2026, 3, 2)), ""),
        ("n/a", None, ""),
        (
            "1 March 2026 and 2 April 2026",
            None,
            "“Date of update” is “1 March 2026 and 2 April 2026”, which is not read",
        ),
        ("13/25/2026", None, "“Date of update” is “13/25/2026”, which is not read as a date."),
        (date(2027, 1, 1), None, "“Date of update” is 1 January 2027, which is still to come."),
    ],
)
def test_dates_of_updates(cell, known, message):
    tracker = read(("Roads", "1", "Mend them.", "Yes", "First", "Half.", cell, None), headings=ROUNDS)
    assert rows_of(tracker)[0].rounds[0].update_date == known
    assert "".join(doubt.message for doubt in tracker.doubts).startswith(message)
    assert bool(tracker.doubts) is bool(message)


def test_progress_of_what_was_not_accepted():
    tracker = read(("Roads", "1", "Mend them.", "No", "First", "Half.", None, None), headings=ROUNDS)
    assert rows_of(tracker)[0].rounds == []
