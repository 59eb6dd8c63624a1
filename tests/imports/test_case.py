"""A real paper of 2015, row by row."""

import json
from datetime import date

from inquiries.imports.reader import read_progress_report


def test_crisis_support_inquiry(cases):
    folder = cases / "crisis-support-inquiry"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    draft = read_progress_report((folder / "progress-report.docx").read_bytes())
    found = [
        {
            "recommendations": [{"reference": one.reference, "text": one.text} for one in row.recommendations],
            "decision": row.decision,
            "response": row.response,
            "update": row.update,
            "lead_officer": row.lead_officer or None,
            "contributor": next(({"name": c.name, "job_title": c.job_title} for c in row.contributors), None),
        }
        for row in draft.rows
    ]
    assert found == expected["rows"]
    assert [len(row.contributors) for row in draft.rows] == [1, 0, 1, 1, 1, 0, 1, 0, 1]
    assert [row.rating for row in draft.rows] == [None] * 9
    assert draft.heading == expected["heading"]
    assert (draft.months_on, draft.update_date) == (None, date.fromisoformat(expected["update_date"]))
    assert (draft.completed_on, draft.completed_precision) == (date(2015, 4, 1), "month")
    assert draft.completed_body == expected["completion"]["body"]
    line = "; ".join(f"{name} ({', '.join(numbers)})" for name, numbers in draft.lead_officers)
    assert line == expected["lead_officers_line"]
    assert draft.cabinet_members == [expected["cabinet_member"]]
    assert [(doubt.row, doubt.field) for doubt in draft.doubts] == [
        (0, "contributors"),
        (None, "months_on"),
        (None, "committee"),
        (None, "inquiry"),
        (None, "ends"),
        (None, "ends"),
        (None, "ends"),
        (7, "update"),
        (1, "contributors"),
        (3, "contributors"),
        (5, "lead_officer"),
        (7, "lead_officer"),
    ]
    assert [doubt.field for doubt in draft.doubts if doubt.must_settle] == ["months_on"]
