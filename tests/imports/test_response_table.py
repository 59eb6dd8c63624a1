"""Cabinet's responses read out of its own documents and matched with what is recorded."""

import io
import json
import re
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from inquiries.imports import Unreadable
from inquiries.imports.response_table import read_response_file, read_responses
from tests.imports.samples import cell, document, table

RECORDED = [
    ("1a", "That the bus to the school is kept going."),
    ("1b", "That the riders of the bus are counted each month."),
    ("2", "That the Cabinet Member writes to the Minister about trains."),
    ("3", "That the shelters are painted in a new colour."),
]


def answered(found):
    return [(one.references, one.decision, one.text, one.reason) for one in found.responses]


def doubts(response, about=None):
    return [doubt.message for doubt in response.doubts if about in (None, doubt.field)]


def workbook(*rows, merge=None):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_prose_with_labels():
    found = read_responses(
        "Cabinet's response\n\n"
        "Recommendations 1a and 1b\n"
        "Accepted. The bus runs on, and riders are counted.\n"
        "Lead officer: Jane Smith\n"
        "Target date: 31 March 2027\n\n"
        "Recommendation 2: That the Cabinet Member writes to the Minister about trains.\n"
        "Response: Not accepted. It is not for us to write. Lead officer: Bob Jones.\n\n"
        "Recommendation 3\nResponse\nAccepted in principle\nActions:\n1. paint\n2. wait\n\n"
        "Kind regards\nBob\n",
        RECORDED,
    )
    assert answered(found) == [
        (["1a", "1b"], "accepted", "Accepted. The bus runs on, and riders are counted.", ""),
        (["2"], "not_accepted", "", "It is not for us to write."),
        (["3"], "in_principle", "1. paint\n2. wait", "1. paint\n2. wait"),
    ]
    assert [one.lead_officers for one in found.responses] == [["Jane Smith"], ["Bob Jones"], []]
    assert [one.target_date for one in found.responses] == [date(2027, 3, 31), None, None]
    assert [doubts(one) for one in found.responses] == [
        [],
        [],
        [
            "No lead officer is named.",
            "This was accepted in principle; the response was taken as the reason too.",
        ],
    ]
    assert (found.without_response, found.left_out) == ([], ["Cabinet's response", "Kind regards", "Bob"])


def test_part_straight_after_a_lead_officer():
    found = read_responses(
        "1a) Accepted. The bus runs on.\nLead officer: Jane Smith\n1b) Accepted. Riders are counted.\n"
        "Lead officer: Bob Jones\n2. Not accepted. It is not for us to write.\n",
        RECORDED,
    )
    assert [(one.references, one.lead_officers) for one in found.responses] == [
        (["1a"], ["Jane Smith"]),
        (["1b"], ["Bob Jones"]),
        (["2"], []),
    ]
    assert [doubts(one) for one in found.responses[:2]] == [[], []]


def test_prose_without_labels():
    found = read_responses(
        "1a. Accepted - it is kept.\n1b. Rejected because riders hide.\n2. Cabinet notes this.\n"
        "3. That the shelters are painted in a new colour.\n\nPartially accepted. Only half of them.",
        RECORDED,
    )
    assert answered(found) == [
        (["1a"], "accepted", "Accepted - it is kept.", ""),
        (["1b"], "not_accepted", "", "Rejected because riders hide."),
        (["2"], None, "Cabinet notes this.", ""),
        (["3"], "in_part", "Only half of them.", "Only half of them."),
    ]
    assert doubts(found.responses[2], "decision") == [
        "The document does not say what was decided. Choose the decision."
    ]
    assert [doubt.must_settle for doubt in found.responses[2].doubts if doubt.field == "decision"] == [True]


TITLES = ("Ref", "Recommendation", "Decision", "Cabinet response", "Lead officer", "Target date")


@pytest.mark.parametrize("source", ["xlsx", "word", "text"])
def test_tables(source):
    rows = [
        TITLES,
        ("1a", "That the bus to the school is kept going.", "Accepted", "It runs.", "Jane Smith", "31 March 2027"),
        ("2", "", "Not accepted", "Too dear.", "Bob Jones, Head of Buses", ""),
        ("3", "", "", "", "", ""),
    ]
    if source == "text":
        found = read_responses("\n".join("\t".join(row) for row in rows), RECORDED)
    elif source == "word":
        found = read_response_file(document(table(*rows), header=()), "answers.docx", RECORDED)
    else:
        found = read_response_file(workbook(*rows), "answers.xlsx", RECORDED)
    assert answered(found) == [
        (["1a"], "accepted", "It runs.", ""),
        (["2"], "not_accepted", "", "Too dear."),
    ]
    assert found.responses[1].job_titles == {"Bob Jones": "Head of Buses"}
    assert [one.lead_officers for one in found.responses] == [["Jane Smith"], ["Bob Jones"]]
    assert found.responses[0].target_date == date(2027, 3, 31)
    assert found.without_response == ["1b", "3"]


@pytest.mark.parametrize(
    ("said", "title", "day", "text"),
    [
        ("Accepted. Lead: Jane Smith, Head of Roads. Deadline: 31 March 2027.", "Head of Roads", True, "Accepted."),
        ("Accepted. Lead Jane Smith, deadline 31 March 2027.", None, True, "Accepted."),
        ("Accepted. Lead: Jane Smith; Deadline 31 March 2027", None, True, "Accepted."),
        ("Accepted. Lead officer: Jane Smith", None, False, "Accepted."),
    ],
)
@pytest.mark.parametrize("source", ["table", "lines"])
def test_lead_and_deadline_in_one_sentence(source, said, title, day, text):
    rows = f"No\tCabinet response\n1a\t{said}" if source == "table" else f"1a. {said}"
    (response,) = read_responses(rows, RECORDED).responses
    assert (response.lead_officers, response.job_titles.get("Jane Smith")) == (["Jane Smith"], title)
    assert response.target_date == (date(2027, 3, 31) if day else None)
    assert response.text in (text, text.rstrip("."), "")


@pytest.mark.parametrize(
    "said", ["Accepted. The lead time is long, deadline or not.", "Accepted. Lead: the bus team, deadline soon."]
)
def test_a_sentence_that_names_no_person_stays(said):
    (response,) = read_responses(f"No\tCabinet response\n1a\t{said}", RECORDED).responses
    assert (response.text, response.lead_officers, response.target_date) == (said, [], None)


@pytest.mark.parametrize(
    ("wording", "is_doubted"),
    [
        ("Bus to the school kept going", False),
        ("That the bus to the school ...", False),
        ("The bus to the school", False),
        ("Paint the school", True),
        ("", False),
    ],
)
def test_a_wording_that_is_only_shorter_is_no_doubt(wording, is_doubted):
    found = read_responses(f"No\tRecommendation\tCabinet response\n1a\t{wording}\tAccepted.", RECORDED)
    assert bool(doubts(found.responses[0], "references")) == is_doubted


def test_a_pasted_table_that_is_too_large_is_refused():
    with pytest.raises(Unreadable, match=r"has 20,040 cells, and can have 20,000\. Copy only the columns"):
        read_responses("\n".join(["No\tResponse" + "\tBudget" * 198] + ["1a\tYes" + "\t" * 38] * 496), RECORDED)


def test_dates_and_owners_of_a_sheet():
    rows = [
        ("Response of the Executive",),
        ("No", "Response", "Owner", "Date", "Budget code"),
        ("1a", "Accepted. It runs.", "Jane Smith and Bob Jones", date(2027, 3, 31), "A1"),
        ("1b", "Accepted.", "Waste team", "", ""),
    ]
    found = read_response_file(workbook(*rows), "answers.xlsx", RECORDED)
    first, second = found.responses
    assert (first.text, first.lead_officers, first.target_date) == (
        "Accepted. It runs.\n\nBudget code: A1",
        ["Jane Smith", "Bob Jones"],
        date(2027, 3, 31),
    )
    assert doubts(first) == [
        "“Date” was read as the target date.",
        "“Budget code” was read as part of the response.",
        "Jane Smith and Bob Jones are named. Choose who leads.",
    ]
    assert (second.text, second.lead_officers) == ("Accepted.\n\nLead officer: Waste team", [])
    assert found.left_out == ["Response of the Executive"]


def test_one_response_for_merged_rows():
    rows = [
        ("Ref", "Response", "Decision"),
        ("1a", "Both are done.", "Accepted"),
        ("1b", None, "Accepted"),
        ("2", "Yes.", "Accepted"),
    ]
    found = read_response_file(workbook(*rows, merge="B2:B3"), "answers.xlsx", RECORDED)
    assert answered(found) == [
        (["1a", "1b"], "accepted", "Both are done.", ""),
        (["2"], "accepted", "Yes.", ""),
    ]
    merged = cell("Both are done.", '<w:vMerge w:val="restart"/>'), cell("", "<w:vMerge/>")
    word = document(
        table(("Recommendation", "Response"), ("1a: The bus.", merged[0]), ("1b: The riders.", merged[1])), header=()
    )
    assert [one.references for one in read_response_file(word, "answers.docx", RECORDED).responses] == [["1a", "1b"]]


@pytest.mark.parametrize(
    ("number", "wording", "references", "message", "must_settle"),
    [
        ("R3", "That the shelters are painted in a new colour.", ["3"], None, False),
        ("1", "", ["1a", "1b"], "Number 1 was read as recommendation 1a and 1b.", False),
        ("2a", "", ["2"], "Number 2a was read as recommendation 2.", False),
        ("", "That the shelters are painted in a new colour", ["3"], None, False),
        ("", "Shelters are to be painted in some new colour", [], "No recorded recommendation has the wording “", True),
        ("7", "", [], "No recorded recommendation has the number 7. Choose which it answers.", True),
        (
            "7",
            "That the shelters are painted in a new colour.",
            ["3"],
            "The number is 7, and none is recorded with it; the wording is that of 3.",
            False,
        ),
        (
            "2",
            "That the shelters are painted in a new colour.",
            [],
            "The number is 2, but the wording that of 3. Choose which it answers.",
            True,
        ),
        (
            "3",
            "That the shelters are painted green.",
            ["3"],
            "The wording beside 3 differs from what is recorded.",
            False,
        ),
        ("3", "Something else entirely.", ["3"], "The wording beside 3 differs from what is recorded.", True),
    ],
)
def test_numbers_and_wordings(number, wording, references, message, must_settle):
    rows = [("Ref", "Recommendation", "Response"), (number, wording, "Accepted. Yes.")]
    (response,) = read_response_file(workbook(*rows), "answers.xlsx", RECORDED).responses
    assert response.references == references
    about = [doubt for doubt in response.doubts if doubt.field == "references"]
    assert [doubt.must_settle for doubt in about] == ([must_settle] if message else [])
    assert not message or about[0].message.startswith(message)


def test_two_responses_to_one_recommendation():
    found = read_responses("1a: Accepted. Yes.\n1a: Not accepted. Too dear.", RECORDED)
    message = "Recommendation 1a is answered more than once. Choose the right response."
    assert [doubts(one, "references") for one in found.responses] == [[message], [message]]


@pytest.mark.parametrize("text", ["", "Nothing to see", "Dear all,\nKind regards"])
def test_nothing_recognised(text):
    found = read_responses(text, RECORDED)
    assert (found.responses, found.without_response) == ([], ["1a", "1b", "2", "3"])
    assert found.doubts == ["No response was found."]


def test_refuses_other_files():
    with pytest.raises(Unreadable, match="PDF"):
        read_response_file(b"%PDF-1.7", "answers.pdf", RECORDED)


def test_a_real_paper(cases):
    folder = cases / "crisis-support-inquiry"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    recorded = [(one["reference"], one["text"]) for row in expected["rows"] for one in row["recommendations"]]
    data = (folder / "progress-report.docx").read_bytes()
    found = read_response_file(data, "progress-report.docx", [*recorded, ("4", "That all is well.")])
    assert [(one.references, one.decision, one.text, one.lead_officers) for one in found.responses] == [
        (
            [one["reference"] for one in row["recommendations"]],
            row["decision"],
            row["response"],
            [row["lead_officer"]] if row["lead_officer"] else [],
        )
        for row in expected["rows"]
    ]
    assert found.without_response == ["4"]
    assert [doubt.message for one in found.responses for doubt in one.doubts if doubt.must_settle] == []


PIECES = st.sampled_from(
    [
        *(
            "1a. ",
            "1b: ",
            "Recommendation 2: ",
            "a) ",
            "• ",
            "\n",
            "\n\n",
            "\t",
            ". ",
            ": ",
            "Response: ",
            "Decision: ",
        ),
        *(
            "Accepted",
            "Not accepted",
            "because",
            "Reason: ",
            "Lead officer: ",
            "Jane Smith",
            "Target date: ",
            "May 2027",
        ),
        *("Owner: ", "Date: ", "TBC", "That the shelters are painted in a new colour.", "No\tResponse\n", "Actions:\n"),
    ]
)


@settings(max_examples=60)
@example("1a. Not acceptedResponse: ")
@example("1a. Not accepted Response: ")
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=200))
def test_loses_no_word(text):
    found = read_responses(text, RECORDED)
    parts = [*found.left_out]
    for one in found.responses:
        parts += [one.number, one.wording, one.text, one.reason, *one.lead_officers, str(one.decision)]
        parts += [f"{one.target_date:%B}"] if one.target_date else []
        parts += doubts(one)
    shown = " ".join(parts).lower()
    for word in re.findall(r"[a-z]{4,}", text.lower()):
        assert word in shown or word in LABELS, word


LABELS = {
    *("recommendation", "response", "decision", "reason", "lead", "officer", "target", "date", "owner", "actions"),
    *("accepted",),  # it is the decision
}
