"""Decisions, ratings and dates inside the cells."""

from datetime import date

import pytest

from inquiries.imports.answers import (
    evidence_in,
    evidence_of,
    read_decision,
    read_rating,
    read_target_date,
    split_off_target_date,
)
from inquiries.imports.docx_text import Para


@pytest.mark.parametrize(
    ("text", "decision", "rest", "doubted"),
    [
        ("Accepted in part.\n\nOnly in term.", "in_part", "Only in term.", False),
        ("Partially accepted: only in term.", "in_part", "only in term.", False),
        ("Accepted in principle. If funds allow.", "in_principle", "If funds allow.", False),
        ("In principle – yes.", "in_principle", "yes.", False),
        ("Not accepted: too dear.", "not_accepted", "too dear.", False),
        ("Rejected. Too dear.", "not_accepted", "Too dear.", False),
        ("Deferred.", "deferred", "", False),
        ("For another body. Ask the police.", "another_body", "Ask the police.", False),
        ("Agreed. It stays.", "accepted", "Agreed. It stays.", False),
        ("Not agreed, as it is too dear.", "not_accepted", "Not agreed, as it is too dear.", False),
        ("Agreed to keep the bus.", "accepted", "Agreed to keep the bus.", True),
        ("Partly funded by the county.", None, "Partly funded by the county.", False),
        ("The council agrees.", None, "The council agrees.", False),
        ("", None, "", False),
    ],
)
def test_read_decision(text, decision, rest, doubted):
    found = read_decision(text)
    assert (found[0], found[1], bool(found[2])) == (decision, rest, doubted)


@pytest.mark.parametrize(
    ("column", "decision", "doubted"),
    [
        ("Yes", "accepted", False),
        ("N", "not_accepted", False),
        ("Accepted in part", "in_part", False),
        ("Not accepted", "not_accepted", False),
        ("Accepted subject to funds", "accepted", True),
        ("Partly", "in_part", False),
        ("Perhaps", None, True),
        ("Agreement is sought", None, True),
    ],
)
def test_read_decision_of_a_column(column, decision, doubted):
    found = read_decision("It stays.", column=column)
    assert (found[0], found[1], bool(found[2])) == (decision, "It stays.", doubted)


@pytest.mark.parametrize(
    ("text", "rating", "comment", "doubted"),
    [
        ("✓", 1, "", False),
        ("✔ Implemented", 1, "", False),
        ("*", 2, "", False),
        ("★ On track\n\nCome back.", 2, "Come back.", False),
        ("! Concerns", 3, "", False),
        ("⚠️", 3, "", False),
        ("✗ Not delivered", 4, "", False),
        ("×", 4, "", False),
        ("On track", 2, "", False),
        ("On track. Come back in May.", 2, "Come back in May.", False),
        ("Recommendation implemented to the satisfaction of the committee.", 1, "", False),
        ("Not delivered/implemented", 4, "", False),
        ("Completed", 1, "", True),
        ("Red", 4, "", True),
        ("Green", None, "", True),
        ("to be assessed", None, "", False),
        ("To be assessed.\n\nAsk in May.", None, "Ask in May.", False),
        ("", None, "", False),
        ("✓ On track", None, "✓ On track", True),
        ("✓/✗", None, "✓/✗", True),
        ("The members were glad.", None, "The members were glad.", True),
    ],
)
def test_read_rating(text, rating, comment, doubted):
    found = read_rating(text)
    assert (found[0], found[1], bool(found[2])) == (rating, comment, doubted)


def test_split_off_target_date():
    assert split_off_target_date("It stays.\n\nTarget date: 31 March 2027") == (date(2027, 3, 31), "It stays.", "")
    assert split_off_target_date("Target date: 31 March 2027") == (date(2027, 3, 31), "", "")
    assert split_off_target_date("It stays.") == (None, "It stays.", "")
    assert split_off_target_date("It stays.\n\nTarget date: Easter") == (
        None,
        "It stays.\n\nTarget date: Easter",
        "The target date “Easter” is not a date that could be read, and stays in the response.",
    )


@pytest.mark.parametrize(
    ("words", "day", "doubted"),
    [
        ("31/03/2027", date(2027, 3, 31), False),
        ("February 2028", date(2028, 2, 29), True),
        ("December 2027", date(2027, 12, 31), True),
        ("by 31 March 2027", date(2027, 3, 31), True),
        ("Ongoing", None, True),
        ("TBC", None, False),
    ],
)
def test_read_target_date(words, day, doubted):
    found = read_target_date(words)
    assert (found[0], bool(found[1])) == (day, doubted)


def test_evidence_of():
    assert evidence_of("- Count, spring: https://www.example.org/a.pdf.") == (
        "Count, spring",
        "https://www.example.org/a.pdf",
    )
    assert evidence_of("A note in the office") == ("A note in the office", "")


@pytest.mark.parametrize(
    ("para", "link"),
    [
        (Para("www.example.org/a"), ("https://www.example.org/a", "https://www.example.org/a")),
        (Para("Count: https://www.example.org/a."), ("Count", "https://www.example.org/a")),
        (Para("The count of May", links=[("count", "https://e.org/c")]), ("The count of May", "https://e.org/c")),
        (Para("A note in the office"), None),
        (Para("Ask Ann", links=[("Ann", "mailto:ann@example.org")]), None),
        (Para(f"{'x' * 201} https://www.example.org/a"), None),
    ],
)
def test_evidence_in(para, link):
    assert evidence_in(para) == link


@pytest.mark.parametrize("text", ["In part of the county this is done.", "Rejected ideas are out."])
def test_read_decision_of_accepted(text):
    decision, rest, doubt = read_decision(text, accepted=True)
    assert (decision, rest) == ("accepted", text)
    assert doubt.endswith("read as accepted, because the column's title says so.")
    assert read_decision(text)[0] in ("in_part", "not_accepted")
    assert read_decision("Accepted in part. We agree.", accepted=True) == ("in_part", "We agree.", "")
