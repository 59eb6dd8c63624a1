"""A real report of 2015, all the way round: Word in, records, and out again as PDF, Word, CSV and JSON."""

import csv
import io
import json

import pdfplumber
import pytest
from docx import Document

from inquiries.actions.imports import import_progress_report
from inquiries.choices import Stage
from inquiries.documents.content import COLUMNS
from inquiries.documents.data_formats import progress_report_csv, progress_report_json
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.pdf import progress_report_pdf
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.imports.reader import read_progress_report
from inquiries.models import Inquiry
from inquiries.serialization import to_plain_data
from tests.cast import NOW
from tests.documents.pdf_check import check


@pytest.fixture
def expected(case):
    return json.loads((case("crisis-support-inquiry") / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture
def imported(case, committee, clerk):
    file = case("crisis-support-inquiry") / "progress-report.docx"
    draft = read_progress_report(file.read_bytes(), filename=file.name)
    assert draft.months_on is None
    draft.months_on = 6
    return import_progress_report(
        draft, committee=committee, title="Crisis Support Inquiry", file_name=file.name, by=clerk, now=NOW
    )


@pytest.fixture
def content(imported):
    return progress_report_content(for_content().get(pk=imported.pk))


def one_line(text):
    return " ".join(text.split())


def squeezed(text):
    """Without any white space: line breaks in a narrow column can fall within a web address."""
    return "".join(text.replace("\N{SOFT HYPHEN}", "").split())


def test_records_match_report(imported, expected):
    assert imported.stage == Stage.SIGNED_OFF
    inquiry = imported.inquiry
    assert inquiry.completion == "April 2015 (Cabinet)"
    assert imported.update_date.isoformat() == expected["update_date"]
    assert [s.person.name for s in imported.sign_offs.all()] == [expected["cabinet_member"]]
    rows = []
    for update in imported.updates.for_page():
        named = [{"name": p.name, "job_title": p.job_title} for p in update.contributor_names]
        lead = update.response.lead_officer
        rows.append(
            {
                "recommendations": [
                    {"reference": r.reference, "text": r.text} for r in update.response.recommendations.all()
                ],
                "decision": update.response.decision,
                "response": update.response.text,
                "update": update.text,
                "lead_officer": lead.name if lead else None,
                "contributor": named[0] if named else None,
            }
        )
    assert rows == expected["rows"]


def test_header_follows_template(content, expected):
    assert content.heading == expected["heading"]
    assert content.kind == "Interim Progress Report (6 months on)"
    assert content.lead_officers_line == expected["lead_officers_line"]
    assert dict(content.header) == {
        "Select Committee Inquiry Report Completion Date": "April 2015 (Cabinet)",
        "Date of this update": "10 November 2015",
        "Lead Officers responsible for this response": expected["lead_officers_line"],
        "Cabinet Member that has signed-off this update": "Martin Phillips",
    }
    assert list(COLUMNS) == expected["columns"]
    assert sorted(words for line in content.guidance for _, words, _ in line) == sorted(expected["rag_guidance"])
    assert [(e.recommendations[0].reference, e.outcome) for e in content.account] == [
        ("3b", "Not recorded"),
        ("4", "Not recorded"),
        ("7", "Not recorded"),
    ]


def test_pdf_has_every_row(content, expected):
    pdf = progress_report_pdf(content)
    assert check(pdf, content) == []
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        cells = [
            [squeezed(cell or "") for cell in row]
            for page in document.pages
            for table in page.extract_tables()
            for row in table
        ]
    columns = [squeezed(title) for title in expected["columns"]]
    assert cells.count(columns) >= 1
    # A row that breaks over a page is in two pieces, one below the other; the header between them says so.
    printed = ["".join(row[n] for row in cells if len(row) == 4 and row[1:] != columns[1:]) for n in range(3)]
    for row in expected["rows"]:
        for recommendation in row["recommendations"]:
            assert squeezed(f"{recommendation['reference']}: {recommendation['text']}") in printed[0]
        assert squeezed(row["response"]) in printed[1]
        assert squeezed(row["update"]) in printed[2]


def test_word_file_has_every_row(content, expected):
    document = Document(io.BytesIO(progress_report_docx(content)))
    table = next(t for t in document.tables if [c.text for c in t.rows[0].cells] == expected["columns"])
    assert len(table.rows) == 1 + len(expected["rows"])
    for printed, row in zip(table.rows[1:], expected["rows"], strict=True):
        recommendations, response, update, assessment = (one_line(cell.text) for cell in printed.cells)
        assert recommendations == " ".join(one_line(f"{r['reference']}: {r['text']}") for r in row["recommendations"])
        assert response == one_line(row["response"])
        contributor = f"({row['contributor']['name']}" if row["contributor"] else ""
        assert update.startswith(one_line(row["update"]))
        assert update.removeprefix(one_line(row["update"])).strip().startswith(contributor)
        assert assessment == "to be assessed"


def test_csv_has_every_row(content, expected):
    lines = list(csv.reader(io.StringIO(progress_report_csv(content).decode("utf-8-sig"))))
    assert len(lines) == 1 + len(expected["rows"])
    data = json.loads(progress_report_json(content))
    assert [row["update"] for row in data["responses"]] == [row["update"] for row in expected["rows"]]
    for line, row in zip(lines[1:], expected["rows"], strict=True):
        assert row["update"] in line


def test_exported_word_file_imports_again(content, committee, clerk):
    draft = read_progress_report(progress_report_docx(content), filename="exported.docx")
    again = import_progress_report(
        draft, committee=committee, title="The Same Inquiry", file_name="exported.docx", by=clerk, now=NOW
    )
    second = progress_report_content(for_content().get(pk=again.pk))
    assert to_plain_data(second) == {**to_plain_data(content), "inquiry": "The Same Inquiry"}
    assert Inquiry.objects.count() == 2
