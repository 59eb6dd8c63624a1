"""Decisions, ratings and dates inside the cells."""

from datetime import date

import pytest

from inquiries.imports.answers import (
    evidence_in,
    evidence_of,
    read_decision,
    read_rating,
    read_signatures,
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
        ("The council agrees.", "accepted", "The council agrees.", False),
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
        ("Accepted subject to funds", None, True),
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
        "“Target date: Easter” is not a date alone; it stays in the response.",
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
    assert (found[0], bool(found[2])) == (day, doubted)


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


@pytest.mark.parametrize(
    ("text", "decision", "rest"),
    [
        ("In part of the county this is done.", "accepted", "In part of the county this is done."),
        ("Accepted in part. We agree.", "in_part", "We agree."),
        ("This recommendation is accepted in principle.", "in_principle", None),
        ("Cabinet partially accepts this.", "in_part", None),
        ("The council will paint the depot, which is partly funded by the county.", "accepted", None),
        ("The Council does not accept this recommendation because it has no powers.", None, None),
        ("Cabinet rejects this recommendation.", None, None),
        ("The Council is unable to accept this.", None, None),
        ("We don’t agree.", None, None),
        ("Rejected ideas are out.", None, None),
        ("Superseded by the new strategy.", None, None),
        ("There is no money for this.", None, None),
        ("To be agreed", None, None),
        ("Proposed response: agreed", None, None),
        ("It is recommended that Cabinet agree this.", None, None),
        ("Draft: accepted", None, None),
        ("We accept the first half only.", None, None),
        ("Noted.", None, None),
        ("No.", None, None),
        ("N/A", None, None),
    ],
)
def test_read_decision_below_an_accepting_title(text, decision, rest):
    found, left, doubt = read_decision(text, accepted=True)
    assert (found, left) == (decision, rest or text)
    assert bool(doubt) is (decision is None)


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("Agreed – in part only: the north of the county.", "in_part"),
        ("Agreed (in part)", "in_part"),
        ("Agreed, in principle, subject to funding.", "in_principle"),
        ("Agreed - deferred until the budget is set.", "deferred"),
        ("Accepted. However the second half is rejected.", None),
        ("Accepted, but not this year.", None),
        ("Agreed. Only the north is covered.", None),
        ("Agreed subject to funding.", None),
        ("Agreed in May that no action be taken.", None),
        ("Accepted. This will not now be done.", None),
        ("Accept – with the exception of part (b)", None),
        ("Agreed by officers, not yet by Cabinet", None),
        ("Agreed?", None),
        ("It was hoped this would be accepted.", None),
        ("Accepted with amendments.", None),
        ("Accepted / Not accepted", None),
        ("Accepted in part, rejected in part.", None),
        ("Cabinet agrees with the recommendation, except for rural areas.", None),
        ("Cabinet agrees that buses are late.", None),
        ("Supported.", None),
        ("Yes.", None),
    ],
)
def test_read_decision_of_doubtful_words(text, decision):
    assert read_decision(text)[0] == decision


@pytest.mark.parametrize(
    ("column", "decision"),
    [
        *[(text, "not_accepted") for text in ("Reject", "Rejected", "Rejection", "Declined", "Not agreed", "Disagree")],
        *[
            (text, "in_part")
            for text in ("Partial", "Partially accepted", "Part accept", "Accept (partial)", "In part")
        ],
        *[(text, "deferred") for text in ("Defer", "Deferred", "Deferral")],
        *[(text, "accepted") for text in ("Accept", "Accepts", "Agree", "Acceptance", "Accepted in full")],
        *[(text, None) for text in ("Accept/Reject", "TBC", "Noted", "Supported", "Accepted?")],
    ],
)
def test_read_decision_of_every_form(column, decision):
    assert read_decision("It stays.", column=column)[0] == decision


def test_read_decision_of_contradicting_columns():
    assert read_decision("Cabinet rejects this.", column="Accepted")[0] is None
    assert read_decision("It goes.", column="Yes", column_title="Rejected")[0] is None
    assert read_decision("It stays.", column="Yes", column_title="Accepted (Y/N)")[0] == "accepted"


@pytest.mark.parametrize(
    "text",
    [
        "On track – delayed to June",
        "Implemented - except in the north",
        "Implemented, but late",
        "On track (behind by a month)",
        "✓ partly",
        "✓ (officer)",
        "✓\n\nNot yet agreed by the committee",
        "On track (officer view)",
        "Concerns: none",
    ],
)
def test_read_rating_taken_back(text):
    assert read_rating(text)[:2] == (None, text)


@pytest.mark.parametrize(
    ("text", "names", "signed"),
    [
        ("Pat Example", ["Pat Example"], True),
        ("Cllr Pat Example, Cabinet Member for Roads", ["Cllr Pat Example"], True),
        ("Pat Example (signed 3 May 2026)", ["Pat Example"], True),
        ("Pat Example; Jo Sample", ["Pat Example", "Jo Sample"], True),
        ("awaiting Pat Example", ["Pat Example"], False),
        ("Awaiting sign-off from Pat Example", ["Pat Example"], False),
        ("Pat Example (draft - not yet agreed)", ["Pat Example"], False),
        ("Pat Example - to be confirmed", ["Pat Example"], False),
        ("Pat Example?", [], False),
        ("Pat Example; awaiting Jo Sample", ["Pat Example", "Jo Sample"], False),
        ("Pat Example, subject to the figures", ["Pat Example"], False),
        ("(draft - not yet agreed)", [], False),
        ("[Director sign-off required]", [], False),
        ("not yet signed off", [], False),
        ("TBC", [], False),
    ],
)
def test_read_signatures(text, names, signed):
    assert read_signatures(text, signing=True)[:2] == (names, signed)
    assert read_signatures(text, signing=False)[1] is False


def test_evidence_of_a_sentence():
    for line in ("The council saw from https://example.org/a that use fell.", "More is at https://example.org/a"):
        assert evidence_of(line) == (line, "")
