"""The lines above the table, as people fill them in."""

from datetime import date

import pytest

from inquiries.imports.header import month_counts, names_of
from inquiries.imports.reader import read_progress_report
from tests.imports.samples import COLUMNS, document, paragraph, row, run, table

TABLE = table(COLUMNS, ("1a: Keep the bus.", "Yes.", "It runs.", ""), ("1b: Count.", "Yes.", "Counted in full.", ""))


def read(*lines):
    return read_progress_report(document(*lines, TABLE, header=()))


def doubts(draft, *fields):
    return [doubt.message for doubt in draft.doubts if doubt.field in fields]


@pytest.mark.parametrize(
    ("line", "months"),
    [
        ("Interim Progress Report (6 months on)", 6),
        ("Final Progress Report (12 months on)", 12),
        ("Further Progress Report (18 months on)", 18),
        ("Progress report: twelve months on", 12),
        ("PROGRESS REPORT ONE YEAR ON", 12),
        ("Interim/Final Progress Report (6 months on/ 12 months on) *delete as appropriate*", None),
        ("Interim/Final Progress Report (6/12 months on)", None),
        ("Progress Report", None),
    ],
)
def test_months_on(line, months):
    draft = read(line)
    assert draft.months_on == months
    settle = [doubt for doubt in draft.doubts if doubt.must_settle]
    assert [doubt.field for doubt in settle] == ([] if months else ["months_on"])


def test_months_of_interim_report():
    draft = read("Interim Progress Report")
    assert draft.months_on == 6
    assert doubts(draft, "months_on") == ["“Interim Progress Report” names no months; it was read as 6 months on."]


def test_months_struck_through():
    struck = run("Interim/", "<w:strike/>") + run("Final Progress Report (")
    struck += run("6 months on/ ", "<w:strike/>") + run("12 months on) *delete as appropriate*")
    draft = read(f"<w:p>{struck}</w:p>")
    assert draft.months_on == 12
    assert doubts(draft, "months_on") == ["The heading was read as 12 months on, the rest of it being struck through."]


@pytest.mark.parametrize(
    ("words", "day", "precision", "body"),
    [
        ("April 2015 (Cabinet)", date(2015, 4, 1), "month", "Cabinet"),
        ("Cabinet, 13 April 2015", date(2015, 4, 13), "day", "Cabinet"),
        ("Considered by Cabinet on 13 April 2015", date(2015, 4, 13), "day", "Cabinet"),
        ("13/04/2015", date(2015, 4, 13), "day", ""),
    ],
)
def test_completion_date(words, day, precision, body):
    draft = read(f"Select Committee Inquiry Report Completion Date: {words}")
    assert (draft.completed_on, draft.completed_precision, draft.completed_body) == (day, precision, body)


@pytest.mark.parametrize(
    ("words", "officers"),
    [
        (
            "Lloyd Penry (1, 2, 3, 9); Phil Vane (5a); Ruth Amory (6)",
            [("Lloyd Penry", ["1", "2", "3", "9"]), ("Phil Vane", ["5a"]), ("Ruth Amory", ["6"])],
        ),
        ("Lloyd Penry (1-3), Phil Vane (5a-c)", [("Lloyd Penry", ["1", "2", "3"]), ("Phil Vane", ["5a", "5b", "5c"])]),
        ("Lloyd Penry (1 and 2) and Phil Vane (R5)", [("Lloyd Penry", ["1", "2"]), ("Phil Vane", ["R5"])]),
        ("Lloyd Penry (1, 2)\nPhil Vane (5a)", [("Lloyd Penry", ["1", "2"]), ("Phil Vane", ["5a"])]),
        ("Lloyd Penry – 1, 2; Phil Vane: 5a", [("Lloyd Penry", ["1", "2"]), ("Phil Vane", ["5a"])]),
        ("1, 2: Lloyd Penry; 5a: Phil Vane", [("Lloyd Penry", ["1", "2"]), ("Phil Vane", ["5a"])]),
        ("Lloyd Penry, Head of Roads (1)", [("Lloyd Penry", ["1"])]),
        ("Lloyd Penry", [("Lloyd Penry", [])]),
    ],
)
def test_lead_officers(words, officers):
    draft = read(paragraph(f"Lead Officers responsible for this response: {words}"))
    assert draft.lead_officers == officers


def test_lead_officers_of_parts():
    draft = read("Lead Officers responsible for this response: Lloyd Penry (1); Phil Vane (1b, 7)")
    assert [each.lead_officer for each in draft.rows] == ["Lloyd Penry", "Phil Vane"]
    assert doubts(draft, "lead_officers") == ["Phil Vane is named for number 7, which is not in the table."]


def test_lead_officer_without_numbers():
    draft = read("Lead Officer: Lloyd Penry")
    assert [each.lead_officer for each in draft.rows] == ["Lloyd Penry", "Lloyd Penry"]
    assert doubts(draft, "lead_officers") == [
        "Lloyd Penry is named without numbers, and was read as the lead officer of every row."
    ]


def test_labels_misspelt():
    draft = read(
        "Select Commitee Inquiry Report Completion Date",
        "May 2026 (Cabinet)",
        "Date of this update:\n3 June 2026",
        "Lead Officers responsible for this response:",
        "Lloyd Penry (1a)",
        "Phil Vane (1b)",
        "Cabinet Member that has signed off this update:",
        "Cllr Ruth Amory",
        "Cllr Idris Wood",
        "What follows is the table.",
    )
    assert (draft.completed_on, draft.update_date) == (date(2026, 5, 1), date(2026, 6, 3))
    assert draft.lead_officers == [("Lloyd Penry", ["1a"]), ("Phil Vane", ["1b"])]
    assert draft.cabinet_members == ["Cllr Ruth Amory", "Cllr Idris Wood"]


def test_labels_in_a_table():
    draft = read(
        table(
            row("Committee", "Roads Committee"),
            row("Inquiry:", "Late Buses"),
            row("Date of this update", "3 June 2026"),
            row("Lead Officers", "Lloyd Penry (1a)\n\nPhil Vane (1b)"),
            row("Cabinet Member", "Ruth Amory"),
        ),
        "Final Progress Report (12 months on)",
    )
    assert (draft.committee, draft.inquiry, draft.months_on) == ("Roads Committee", "Late Buses", 12)
    assert draft.update_date == date(2026, 6, 3)
    assert draft.lead_officers == [("Lloyd Penry", ["1a"]), ("Phil Vane", ["1b"])]
    assert draft.cabinet_members == ["Ruth Amory"]


def test_names_from_titles():
    draft = read("Roads Select Committee", "LATE BUSES INQUIRY - PROGRESS REPORT ONE YEAR ON")
    assert (draft.committee, draft.inquiry) == ("Roads Select Committee", "LATE BUSES INQUIRY")
    assert doubts(draft, "committee", "inquiry") == [
        "The committee was taken from the line “Roads Select Committee”.",
        "The inquiry's name was taken from the title “LATE BUSES INQUIRY - PROGRESS REPORT ONE YEAR ON”.",
    ]


def test_cabinet_members_not_yet_signed():
    draft = read("Cabinet Member that has signed-off this update: not yet signed off")
    assert draft.cabinet_members == []
    assert doubts(draft, "cabinet_members") == ["The document names no Cabinet Member who has signed off."]


def test_header_without_lines():
    assert [doubt.message for doubt in read().doubts if doubt.row is None] == [
        "The document does not say whether this is the interim (6 months on), the final (12 months on) or another "
        "report. Give the months.",
        "The document does not name the committee.",
        "The document does not name the inquiry.",
        "The document gives no completion date of the inquiry report.",
        "The document gives no date of this update.",
        "The document names no Cabinet Member who has signed off.",
    ]


def test_month_counts_and_names():
    assert month_counts("6 months on/ 12 months on") == [6, 12]
    assert names_of("Ann Lee, Head of Roads and Travel; Bo Wynn and Cy Pugh") == [
        "Ann Lee, Head of Roads and Travel",
        "Bo Wynn",
        "Cy Pugh",
    ]
