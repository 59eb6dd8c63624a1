"""What the columns and values of a council's own tracker mean, as it is proposed."""

from datetime import date

import pytest

from inquiries.imports.sheets import make_sheet
from inquiries.imports.tracker_columns import (
    Matching,
    count_values,
    find_heading_row,
    headings_of,
    key_of_headings,
    propose_column,
    propose_matching,
    propose_meaning,
)


def sheet_of(*rows, **more):
    cells = {(number, place): cell for number, row in enumerate(rows, 1) for place, cell in enumerate(row, 1)}
    return make_sheet("Tracker", {place: cell for place, cell in cells.items() if cell is not None}, **more)


@pytest.mark.parametrize(
    ("heading", "group", "expected"),
    [
        ("Scrutiny Review", "", ("inquiry", None)),
        ("Select Committee", "", ("committee", None)),
        ("Cttee", "", ("committee", None)),
        ("Rec No.", "", ("reference", None)),
        ("#", "", ("reference", None)),
        ("Recommendation", "", ("text", None)),
        ("Agreed?", "", ("decision", None)),
        ("Executive response", "", ("response", None)),
        ("Reason if not accepted", "", ("reason", None)),
        ("Date of Cabinet", "", ("responded_on", None)),
        ("Owner", "", ("lead_officer", None)),
        ("Portfolio Holder", "", ("cabinet_member", None)),
        ("Due", "", ("target_date", None)),
        ("Original target date", "", ("original_target_date", None)),
        ("Report date", "", ("completed_on", None)),
        ("6 month update", "", ("update", 6)),
        ("Date of 6 month update", "", ("update_date", 6)),
        ("12 month RAG (committee)", "", ("rating", 12)),
        ("Final update", "", ("update", 12)),
        ("Officer RAG", "", ("view", None)),
        ("Current status", "", ("status", None)),
        ("Date closed", "", ("ended_on", None)),
        ("Round", "", ("round", None)),
        ("Comments", "", ("notes", None)),
        ("Text", "Six-month update", ("update", 6)),
        ("Date", "Six-month update", ("update_date", 6)),
        ("RAG", "Six-month update", ("rating", 6)),
        ("Comments", "12 month review", ("comment", 12)),
        ("Status", "12 month review", ("view", 12)),
        ("Ward", "", ("", None)),
    ],
)
def test_a_column_is_proposed_by_its_heading(heading, group, expected):
    assert propose_column(heading, group, []) == expected


def test_a_column_is_proposed_by_its_content():
    assert propose_column("X", "", ["1a", "1b", "2"]) == ("reference", None)
    assert propose_column("X", "", ["Accepted", "Rejected", "Accepted in part"]) == ("decision", None)
    assert propose_column("X", "", ["On track", "Complete"]) == ("status", None)
    assert propose_column("X", "", [date(2026, 3, 1), date(2026, 3, 2)]) == ("", None)
    sheet = sheet_of(
        ("Review", "Said", "Wanted"),
        ("Roads", "Yes", "That every road in the county is mended."),
        ("Roads", "No", None),
    )
    assert propose_matching(sheet, 1).columns == [("inquiry", None), ("decision", None), ("text", None)]


def test_a_response_of_decisions_alone_is_the_decision():
    assert propose_column("Executive response", "", ["Agreed", "Rejected", "Agreed"]) == ("decision", None)
    assert propose_column("Executive response", "", ["Agreed", "The plan goes to Cabinet in March."])[0] == "response"


def test_headings_below_a_title_and_a_group():
    sheet = sheet_of(
        ("Tracker of recommendations", None, None, None),
        (None, None, "6 month update", None),
        ("Inquiry", "Recommendation", "Date", "Text"),
        ("Roads", "That they are mended.", None, None),
        merged=[(1, 1, 1, 4), (2, 3, 2, 4)],
    )
    assert find_heading_row(sheet) == 3
    headings = headings_of(sheet, 3)
    assert headings[1:] == [("Recommendation", ""), ("Date", "6 month update"), ("Text", "6 month update")]
    assert propose_matching(sheet, 3).columns[2:] == [("update_date", 6), ("update", 6)]
    assert key_of_headings(headings) == key_of_headings([(own.upper(), group) for own, group in headings])
    assert key_of_headings(headings) != key_of_headings(headings[1:])
    assert find_heading_row(sheet_of(("a", "b"), ("c", "d"))) == 0


def test_two_columns_of_one_kind_are_not_both_proposed():
    sheet = sheet_of(("Inquiry", "Lead officer", "Owner", "Response", "Actions"), ("a", "b", "c", "d", "e"))
    assert [name for name, _ in propose_matching(sheet, 1).columns] == [
        *("inquiry", "lead_officer", "", "response", "response"),
    ]


def test_values_are_counted_once_each():
    sheet = sheet_of(
        ("Inquiry", "Committee", "Decision"),
        ("Roads", None, "Agreed"),
        ("Roads", "Communities", "agreed "),
        ("Roads", None, "Agreed"),
        hidden_rows=[4],
    )
    matching = Matching([("inquiry", None), ("committee", None), ("decision", None)])
    values = count_values(sheet, 1, matching)
    assert values["decision"] == [("agreed", "Agreed", 3)]
    assert values["committee"] == [("", "", 2), ("communities", "Communities", 1)]
    matching.fill_down = matching.without_hidden = True
    values = count_values(sheet, 1, matching)
    assert (values["decision"], values["committee"]) == (
        [("agreed", "Agreed", 2)],
        [("", "", 1), ("communities", "Communities", 1)],
    )


@pytest.mark.parametrize(
    ("kind", "text", "meaning"),
    [
        ("decision", "Accepted", "accepted"),
        ("decision", "Not agreed", "not_accepted"),
        ("decision", "Perhaps", ""),
        ("rating", "On track", "2"),
        ("rating", "Green", ""),
        ("rating", "N/A", "leave"),
        ("view", "Completed", "complete"),
        ("view", "Amber", ""),
        ("status", "Superseded", "ended-superseded"),
        ("status", "Complete", ""),
        ("round", "6 months", "6"),
        ("round", "Final", "12"),
        ("round", "18", "18"),
        ("round", "Spring", ""),
    ],
)
def test_a_meaning_is_proposed_only_where_it_is_plain(kind, text, meaning):
    assert propose_meaning(kind, text) == meaning
