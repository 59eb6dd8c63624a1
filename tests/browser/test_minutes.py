"""After a meeting: the clerk records who was there and what was decided; the public reads it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import assessments, meetings
from inquiries.choices import ItemKind, Rating, Stage
from tests.browser.looking import at_both_widths, press
from tests.factories import confirm_assessments, make_report


@pytest.fixture
def held(transactional_db, inquiry, committee, clerk, chair, member):
    """A meeting of yesterday with apologies, a paper's item, and a report whose ratings are confirmed."""
    start = timezone.now() - timedelta(days=1)
    meeting = meetings.call_meeting(committee=committee, start=start, venue="Room 2", by=clerk, now=start)
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    report.meeting = meeting
    report.save(update_fields=["meeting"])
    for update, rating in zip(report.updates.for_page(), (Rating.IMPLEMENTED, Rating.CONCERNS), strict=False):
        assessments.assess(update, rating=rating, comment="Well explained.", seen=None, by=clerk, now=timezone.now())
    confirm_assessments(report, by=clerk, now=timezone.now())
    items = ({"title": "Apologies for absence"}, {"title": "Libraries", "kind": ItemKind.PAPERS})
    for fields in (*items, {"title": "Warm homes", "kind": ItemKind.REPORT, "report": report}):
        meetings.add_item(meeting, by=clerk, now=timezone.now(), **fields)
    return meeting


def test_from_the_meeting_to_its_minutes(page, sign_in, axe, screenshots, held, clerk, member):
    sign_in(page, clerk)
    page.goto("/")
    page.get_by_role("region", name="After the meeting: what was decided").get_by_role("link").click()
    at_both_widths(page, axe)
    screenshots(page, "minutes-to-do")
    page.get_by_role("link", name="Attendance, apologies, declarations").click()
    page.get_by_role("group", name=str(member)).get_by_label("Apologies").check()
    page.get_by_label("Ended at").fill("3.45pm")
    at_both_widths(page, axe)
    screenshots(page, "minutes-attendance")
    press(page, "Save")
    page.get_by_role("link", name="Outcome of every item").click()
    at_both_widths(page, axe)
    screenshots(page, "minutes-outcomes")
    press(page, "Use the proposed wording for all 2 items without an outcome")
    expect(page.get_by_label("Outcome of item 3")).to_have_value(
        "RESOLVED:\n1. that the report be noted;\n2. that recommendations 1a and 1b were considered implemented to the "
        "satisfaction of the committee;\n3. that the committee has concerns that recommendation 2 may not be fully "
        "delivered to its satisfaction; and\n4. that the assessment of recommendation 10 was left to a later meeting."
        "\n\nOn recommendations 1a, 1b and 2 the committee commented: Well explained."
    )
    page.get_by_role("button", name=re.compile("Noted ?: item 2")).click()
    at_both_widths(page, axe)
    screenshots(page, "minutes-outcomes-recorded")
    press(page, "Save")
    page.get_by_role("link", name="Publish what was decided").click()
    at_both_widths(page, axe)
    screenshots(page, "minutes-publish")
    press(page, "Publish")
    at_both_widths(page, axe)
    screenshots(page, "minutes-published")
    page.context.clear_cookies()
    page.goto(held.get_absolute_url())
    expect(page.get_by_role("heading", name="What was decided")).to_be_visible()
    expect(page.get_by_role("region", name="Who was there")).to_contain_text("Councillor Harold Penrose, Chair")
    at_both_widths(page, axe)
    screenshots(page, "minutes-public")
    page.get_by_role("link", name="Draft minutes, published on").click()
    at_both_widths(page, axe)
    screenshots(page, "minutes-draft")
