"""The facts of a real paper of 2015, put into an Excel workbook, come back cell by cell."""

import io
import json

from openpyxl import Workbook

from inquiries.actions import tracker_import
from inquiries.choices import Stage
from inquiries.imports.workbook import read_sheets
from inquiries.models import Inquiry, ProgressReport
from tests.actions.test_tracker_import import decide, upload
from tests.cast import NOW, person

HEADINGS = ("Inquiry", "Committee", "Report date", "No", "Recommendation", "Decision", "Response", "Lead officer")
HEADINGS += ("Cabinet Member", "6 month update", "Date of 6 month update")
JOINT = ("Decision", "Response", "Lead officer", "6 month update")


def workbook_of(expected, committee):
    """One row for each recommendation; what answers several of them together is one merged cell."""
    book = Workbook()
    sheet = book.active
    sheet.append(HEADINGS)
    for row in expected["rows"]:
        first = sheet.max_row + 1
        for one in row["recommendations"]:
            sheet.append(
                [
                    *("Crisis support", committee.name, "April 2015", one["reference"], one["text"], row["decision"]),
                    *(row["response"], row["lead_officer"], expected["cabinet_member"], row["update"]),
                    expected["update_date"],
                ]
            )
        for name in JOINT if sheet.max_row > first else ():
            place = HEADINGS.index(name) + 1
            sheet.merge_cells(start_row=first, start_column=place, end_row=sheet.max_row, end_column=place)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_crisis_support_inquiry(cases, clerk, committee):
    expected = json.loads((cases / "crisis-support-inquiry" / "expected.json").read_text(encoding="utf-8"))
    signer = person(expected["cabinet_member"])
    kept = upload(clerk, read_sheets(workbook_of(expected, committee)))
    meanings = {
        "committee": {committee.name.casefold(): str(committee.pk)},
        "decision": {"accepted": "accepted", "in_part": "in_part"},
        "member": {signer.name.casefold(): str(signer.pk)},
    }
    plan = tracker_import.record_tracker(decide(kept, clerk, meanings), by=clerk, now=NOW)
    assert [doubt.kind for doubt in plan.doubts if doubt.kind != "note"] == []
    inquiry = Inquiry.objects.get()
    assert (inquiry.completion, inquiry.committee) == ("April 2015", committee)
    report = ProgressReport.objects.get()
    assert (report.stage, report.update_date.isoformat()) == (Stage.SIGNED_OFF, expected["update_date"])
    found = [
        {
            "recommendations": [
                {"reference": one.reference, "text": one.text} for one in update.response.recommendations.all()
            ],
            "decision": update.response.decision,
            "response": update.response.text,
            "update": update.text,
            "lead_officer": update.response.lead_officer.name if update.response.lead_officer else None,
        }
        for update in report.updates.for_page()
    ]
    assert found == [{name: row[name] for name in found[0]} for row in expected["rows"]]
