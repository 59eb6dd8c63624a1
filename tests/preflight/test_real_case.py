"""The pre-flight over the real report of 2015, on the agenda of the meeting that read it."""

from datetime import UTC, date, datetime

import pytest

from inquiries.actions.imports import import_progress_report
from inquiries.actions.meetings import add_item
from inquiries.choices import ItemKind
from inquiries.documents.pack_content import pack_contents
from inquiries.imports.reader import read_progress_report
from inquiries.models import Membership, PackPlan
from inquiries.preflight.checks import find_problems
from inquiries.preflight.subject import build_subject
from tests.cast import NOW
from tests.factories import make_meeting


@pytest.fixture
def found(case, committee, chair, clerk):
    file = case("crisis-support-inquiry") / "progress-report.docx"
    draft = read_progress_report(file.read_bytes(), filename=file.name)
    draft.months_on = 6
    report = import_progress_report(
        draft, committee=committee, title="Crisis Support Inquiry", file_name=file.name, by=clerk, now=NOW
    )
    Membership.objects.update(from_date=date(2013, 5, 14))
    meeting = make_meeting(committee, date(2015, 11, 10))
    add_item(
        meeting,
        title="CRISIS SUPPORT INQUIRY - PROGRESS REPORT ONE YEAR ON",
        subtitle="Report on Crisis Support Inquiry",
        kind=ItemKind.REPORT,
        report=report,
        number=7,
        by=clerk,
        now=NOW,
    )
    plan = PackPlan(meeting=meeting)
    published = datetime(2015, 11, 2, 12, tzinfo=UTC)
    return find_problems(build_subject(plan, pack_contents(plan, {}), published))


def test_finds_faults_of_real_report(found):
    assert [(finding.code, finding.place.where) for finding in found] == [
        ("no_lead_officer", "Item 1, recommendation 5b"),
        ("no_lead_officer", "Item 1, recommendation 8"),
        ("title_disagrees", "Item 1"),
        ("date_passed", "Item 1, recommendation 6"),
        ("same_in_several_rows", "Item 1, recommendations 1c, 5b and 8"),
        ("number_missing", "Item 1, recommendations 3b, 4 and 7"),
        ("run_together", "Item 1, recommendation 9"),
    ]
    assert not any(finding.stops for finding in found)
    assert "Cabinet on 9th November" in next(f.quoted for f in found if f.code == "date_passed")
