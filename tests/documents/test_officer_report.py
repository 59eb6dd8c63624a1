import json
from datetime import date

import pytest

from inquiries.documents.content import Contributor
from inquiries.documents.officer_report import (
    CABINET_MEMBER,
    DIRECTOR,
    ContactOfficer,
    NestedItem,
    NestedList,
    OfficerReport,
    PictureBlock,
    ReportSection,
    ReportSignOff,
    SubHeading,
    TableBlock,
    officer_report_from_json,
)
from inquiries.documents.rich_text import Paragraph, Run
from inquiries.serialization import to_plain_data

NOTE = Run("", footnote=(Run("Cabinet, "), Run("9 November 2015", "https://example.org/cabinet")))
REPORT = OfficerReport(
    council="Buckinghamshire County Council",
    committee="Finance, Performance and Resources Select Committee",
    title="Future shape of the council",
    meeting_date=date(2015, 11, 10),
    authors=(Contributor("Sam Reed", "Head of Programmes"), Contributor("Ada Cole")),
    contact=ContactOfficer("Sam Reed", "Head of Programmes", "01296 382000", "sam.reed@example.org"),
    sign_offs=(
        ReportSignOff(DIRECTOR, "Lee Marsh", "Director of Assurance", date(2015, 10, 27)),
        ReportSignOff(CABINET_MEMBER),
    ),
    sections=(
        ReportSection("Purpose", (Paragraph((Run("To "), Run("note", bold=True), Run(" this."), NOTE)),)),
        ReportSection(
            "Key issues",
            (
                SubHeading((Run("Money", italic=True),)),
                NestedList(False, 1, (NestedItem((Run("One"),), NestedList(True, 3, (NestedItem((Run("Three"),)),))),)),
                TableBlock(((Run("Year"),), (Run("£000"),)), (((Run("2015/16"),), (Run("1,200"),)),), "Spending"),
                PictureBlock("chart.png", "Spending falls each year.", "Spending by year"),
            ),
        ),
        ReportSection("Next steps"),
    ),
)


def test_json_round_trip():
    assert officer_report_from_json(json.loads(json.dumps(to_plain_data(REPORT)))) == REPORT


def test_json_of_other_things_is_refused():
    data = to_plain_data(REPORT)
    data["sections"][0]["blocks"][0]["picture_of"] = "x"
    with pytest.raises((LookupError, TypeError, ValueError)):
        officer_report_from_json(data)


def test_sign_off_in_words():
    signed, missing = REPORT.sign_offs
    assert signed.words == "Lee Marsh, Director of Assurance, 27 October 2015"
    assert missing.words == "[Cabinet Member sign-off required]"
