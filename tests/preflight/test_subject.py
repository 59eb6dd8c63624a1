"""From the records to what the checks look at: dates, addresses, what was said last time; few queries."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inquiries.actions import progress
from inquiries.actions.meetings import add_item, add_paper
from inquiries.choices import ItemKind, Stage, Tagging
from inquiries.documents.pack_content import pack_contents
from inquiries.models import PackPlan
from inquiries.preflight.checks import find_problems
from inquiries.preflight.subject import build_subject
from inquiries.uploads.paper import PageFacts, ReceivedPaper
from tests.cast import NOW
from tests.factories import make_inquiry, make_meeting, make_report, walk

QUERIES = 6


@pytest.fixture
def meeting(committee, chair):
    return make_meeting(committee)


@pytest.fixture
def put_on(meeting, clerk):
    """A function that puts a report on the agenda."""

    def put(report):
        title = f"PROGRESS {report.months_on} MONTHS ON"
        return add_item(meeting, title=title, kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)

    return put


def look(meeting, *, now=NOW, plan=None):
    """What the checks see of the main agenda as it stands."""
    plan = plan or PackPlan(meeting=meeting)
    return build_subject(plan, pack_contents(plan, {}), now)


def received(*pages):
    """A paper as it comes out of the check at upload."""
    facts = tuple(PageFacts(595.0, 842.0, 0, 50.0, 50.0) for _ in pages)
    return ReceivedPaper(
        pdf="".join(pages).encode(),
        checksum=f"{hash(pages) & (2**64 - 1):064x}",
        original_name="budget.pdf",
        pages=facts,
        page_texts=pages,
        tagging=Tagging.VALID,
        title="",
        language="en-GB",
        cleaned=(),
    )


def test_clean_records(committee, clerk, officer, other_officer, cabinet_member, meeting, put_on):
    inquiry = make_inquiry(
        committee, clerk, officer=officer, other_officer=other_officer, cabinet_member=cabinet_member
    )
    inquiry.responses.filter(lead_officer=None).update(lead_officer=officer)
    for before, after in (("3b", "3"), ("10", "5")):
        recommendation = inquiry.recommendations.get(reference=before)
        recommendation.reference = after
        recommendation.save()
    inquiry.completed_on = date(2026, 6, 20)
    inquiry.completed_precision = "day"
    inquiry.save()
    put_on(make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting))
    papers = add_item(meeting, title="BUDGET", kind=ItemKind.PAPERS, by=clerk, now=NOW)
    add_paper(papers, received("The budget is balanced."), title="Budget", by=clerk, now=NOW)
    add_item(meeting, title="APOLOGIES", by=clerk, now=NOW)
    assert find_problems(look(meeting)) == []


def test_includes_last_report(inquiry, clerk, meeting, put_on):
    make_report(inquiry, clerk, at=Stage.ASSESSED)
    again = make_report(inquiry, clerk, months_on=12, at=Stage.SIGNED_OFF, meeting=meeting)
    put_on(again)
    same = [(f.place.where, f.place.address) for f in find_problems(look(meeting)) if f.code == "same_as_last_time"]
    # 1a and 1b were judged implemented: they are not reported on again.
    assert same == [
        ("Item 1, recommendation 2", "/clerk/inquiries/warm-homes-inquiry/progress/12/"),
        ("Item 1, recommendation 10", "/clerk/inquiries/warm-homes-inquiry/progress/12/"),
    ]


def test_address_while_collecting(inquiry, clerk, meeting, put_on):
    report = make_report(inquiry, clerk, meeting=meeting)
    put_on(report)
    update = report.updates.for_page()[0]
    progress.save_update(update, version=update.version, text="The number is TBC.", by=clerk, now=NOW)
    (left,) = [f for f in find_problems(look(meeting)) if f.code == "placeholder"]
    assert left.place.address == "/inquiries/warm-homes-inquiry/progress/6/updates/1a/"
    assert left.place.where == "Item 1, recommendations 1a and 1b"
    walk(report, to=Stage.SIGNED_OFF, by=clerk)


def test_includes_exempt_parts(inquiry, clerk, meeting, put_on):
    report = make_report(inquiry, clerk, meeting=meeting)
    put_on(report)
    update = report.updates.for_page()[0]
    progress.save_update(
        update,
        version=update.version,
        text="One number.",
        exempt_text="The contract costs [amount].",
        exempt_paragraph=3,
        by=clerk,
        now=NOW,
    )
    (left,) = [f for f in find_problems(look(meeting)) if f.code == "placeholder"]
    assert left.place.where == "Item 1, recommendations 1a and 1b, exempt part"


def test_lateness(meeting):
    due = datetime(2026, 12, 7, 23, 30, tzinfo=UTC)  # five clear days before 15 December
    plan = PackPlan(meeting=meeting, publish_on=due + timedelta(hours=2))
    assert [f.code for f in find_problems(look(meeting, now=due))] == []
    assert [f.code for f in find_problems(look(meeting, now=due, plan=plan))] == ["late_without_reason"]
    plan.urgency_reason = "Cabinet decided on Monday."
    assert [f.code for f in find_problems(look(meeting, now=due, plan=plan))] == []


def test_query_count_is_constant(committee, clerk, officer, meeting, put_on, django_assert_num_queries, cabinet_member):
    def another(title):
        inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        put_on(make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting))
        item = add_item(meeting, title="BUDGET", kind=ItemKind.PAPERS, by=clerk, now=NOW)
        add_paper(item, received(f"The budget for {title}."), title="Budget", by=clerk, now=NOW)

    plan = PackPlan(meeting=meeting)
    another("Roads")
    contents = pack_contents(plan, {})
    with django_assert_num_queries(QUERIES):
        build_subject(plan, contents, NOW)
    another("Buses")
    another("Schools")
    contents = pack_contents(plan, {})
    with django_assert_num_queries(QUERIES):
        build_subject(plan, contents, NOW)
