import csv
import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from inquiries.choices import ExemptParagraph
from inquiries.documents.content import ExemptPart, from_json
from inquiries.documents.data_formats import CSV_COLUMNS, harmless, progress_report_csv, progress_report_json
from inquiries.serialization import to_plain_data
from tests.documents.samples import full_report, hostile_report, report, row

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "progress-report.schema.json").read_text())
PUBLIC = ExemptPart(1, ExemptParagraph(1).label)


def _lines(content):
    return list(csv.DictReader(StringIO(progress_report_csv(content).decode("utf-8-sig"), newline="")))


def test_csv_has_line_per_response():
    data = progress_report_csv(full_report())
    assert data.startswith(b'\xef\xbb\xbf"Committee","Inquiry",')
    assert data.endswith(b"\r\n")
    lines = _lines(full_report())
    assert tuple(lines[0]) == CSV_COLUMNS
    # What was closed at the meeting, then what is not in the table.
    account = [entry for entry in full_report().account if any(r.text for r in entry.recommendations)]
    account = [*full_report().closed, *account]
    assert [line["Numbers"] for line in lines] == [
        *("1a, 1b", "2", "5a", "6", "8"),
        *(", ".join(r.reference for r in entry.recommendations) for entry in account),
    ]
    assert [(line["Decision"], line["Response"]) for line in lines[5:]] == [(e.outcome, e.reason) for e in account]


def test_csv_quotes_every_cell():
    lines = progress_report_csv(full_report()).decode("utf-8-sig")
    assert re.sub(r'"(?:[^"]|"")*"', "cell", lines).split("\r\n") == [
        *[",".join(["cell"] * len(CSV_COLUMNS))] * (1 + len(_lines(full_report()))),
        "",
    ]


def test_csv_matches_report():
    line = _lines(full_report())[0]
    assert line == {
        "Committee": "Young People's Select Committee",
        "Inquiry": "Getting Home from School",
        "Months on": "12",
        "Date of this update": "2026-11-10",
        "Numbers": "1a, 1b",
        "Recommendations": (
            "1a: That the county's “late bus” runs until 7.15pm on school days.\n"
            "1b: That its timetable be shown on www.example.org/late-bus and at each stop."
        ),
        "Decision": "Accepted",
        "Response": full_report().rows[0].response,
        "Target date": "",
        "Lead officer": "Siân Llŷr-Ôwain",
        "Progress update": full_report().rows[0].update,
        "Contributors": "Siân Llŷr-Ôwain, Head of Travel; Ed Moss",
        "Exempt part": "",
        "Lead officer's view": "Complete",
        "Expected to be done by": "2026-12-31",
        "Evidence": (
            "Passenger count, spring: https://www.example.org/count.pdf\nA note kept in the office: cabinet file 7"
        ),
        "Rating": "1",
        "Assessment": "✓ Implemented",
        "Comment": "The committee thanked the drivers.\n\nIt asks for figures in a year.",
        "Corrections": "Corrected on 3 December 2026: The minute says otherwise.",
        "Actions asked for at the meeting": "",
        "Actions asked for before": "",
    }


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "  =1",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        "\u3000=1",
        "\u202e=1",
    ],
)
def test_csv_escapes_formulas(typed):
    assert harmless(typed).startswith("'")


@pytest.mark.parametrize("typed", ["", "A plain sentence.", "1 = 1", "'=1", "£48,500", "– a dash"])
def test_csv_leaves_plain_text(typed):
    assert harmless(typed) == typed


@given(st.text())
def test_csv_has_no_formula(typed):
    assert harmless(typed).lstrip()[:1] not in ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@given(st.text(), st.text())
def test_csv_survives_round_trip(update, comment):
    (line,) = _lines(report([row(update=update, comment=comment)]))
    assert (line["Progress update"], line["Comment"]) == (harmless(update), harmless(comment))


def test_csv_follows_exempt_content():
    assert _lines(report([row(exempt=PUBLIC)]))[0]["Exempt part"] == (
        "Part of this update is exempt from publication: "
        "Schedule 12A paragraph 1, information relating to any individual."
    )
    assert "Mr Moss is ill." in _lines(report([row(exempt=replace(PUBLIC, text="Mr Moss is ill."))]))[0]["Exempt part"]


def _valid(content):
    data = json.loads(progress_report_json(content))
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(data)
    return data


def test_schema_is_valid():
    Draft202012Validator.check_schema(SCHEMA)

    def undescribed(part, path):
        for name, value in part.get("properties", {}).items():
            if "$ref" not in value and not value.get("description"):
                yield f"{path}/{name}"
            yield from undescribed(value, f"{path}/{name}")
        if "items" in part:
            yield from undescribed(part["items"], f"{path}[]")

    assert [*undescribed(SCHEMA, ""), *(p for name, d in SCHEMA["$defs"].items() for p in undescribed(d, name))] == []


@pytest.mark.parametrize(
    "content",
    [
        full_report(),
        hostile_report(),
        report(()),
        report(update_date=None, draft=True),
        report([row(exempt=PUBLIC)]),
        report([row(exempt=replace(PUBLIC, text="Mr Moss is ill."))]),
    ],
)
def test_json_follows_its_schema(content):
    _valid(content)


def test_json_matches_report():
    data = _valid(full_report())
    assert (data["schema_version"], data["kind"]) == ("1.0", "Final Progress Report (12 months on)")
    assert data["lead_officers"][0] == {"name": "Siân Llŷr-Ôwain", "numbers": ["1", "2"]}
    assert data["responses"][0]["assessment"] == {
        "rating": 1,
        "label": "Implemented",
        "guidance": "Recommendation implemented to the satisfaction of the committee.",
        "comment": "The committee thanked the drivers.\n\nIt asks for figures in a year.",
        "corrections": [{"corrected_on": "2026-12-03", "reason": "The minute says otherwise."}],
    }
    assert data["responses"][1]["target_date"] == "2027-03-31"
    assert data["responses"][4]["recommendations"] == [
        {"reference": "8", "text": "That somebody count the bicycles.", "number_given": True}
    ]
    assert data["responses"][4]["assessment"]["label"] == "to be assessed"
    assert data["not_in_table"][1]["outcome"] == "Withdrawn by the committee"
    assert data["closed_at_meeting"] == [
        {
            "recommendations": [{"reference": "2", "text": "That buses be painted.", "number_given": False}],
            "outcome": "Superseded, decided at the meeting on 10 November 2026",
            "reason": "The county has none left:\n- two were sold;\n- one burnt out.",
        }
    ]


def test_public_json_has_no_exempt_key():
    public = _valid(report([row(exempt=PUBLIC)]))["responses"][0]["exempt"]
    assert public == {"paragraph": 1, "words": "1. Information relating to any individual"}


@pytest.mark.parametrize("content", [full_report(), hostile_report(), report(())])
def test_content_survives_json(content):
    assert from_json(json.loads(json.dumps(to_plain_data(content)))) == content
