"""After the ratings: an action is set and done, recommendations are ended at the meeting, and where both are read."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import action_points, assessments, meetings
from inquiries.choices import Rating, Stage
from inquiries.models import ActionPoint
from tests.browser.looking import at_both_widths, press
from tests.factories import confirm_assessments, make_report


@pytest.fixture
def report(transactional_db, inquiry, committee, clerk, chair, officer):
    """Assessed yesterday: concerns about 1a and 1b, with an action, 2 not delivered, 10 to be assessed."""
    start = timezone.now() - timedelta(days=1)
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    report.meeting = meetings.call_meeting(committee=committee, start=start, venue="Room 2", by=clerk, now=start)
    report.save(update_fields=["meeting"])
    comments = ((Rating.CONCERNS, "It is not on the website."), (Rating.NOT_DELIVERED, "The agencies meet alone now."))
    for update, (rating, comment) in zip(report.updates.for_page(), comments, strict=False):
        assessments.assess(update, rating=rating, comment=comment, seen=None, by=chair, now=timezone.now())
    asked = {"text": "Put the number on the website.", "owner": officer, "due_on": date(2036, 3, 1)}
    first = report.updates.for_page().first()
    action_points.set_action_point(first, **asked, by=chair, now=timezone.now())
    confirm_assessments(report, by=clerk, now=timezone.now())
    return report


def test_recommendations_are_ended_at_the_meeting(page, sign_in, axe, screenshots, report, clerk):
    sign_in(page, clerk)
    page.goto(reverse("clerk:manage", args=[report.inquiry.slug, 6]))
    page.get_by_role("link", name="End recommendations").click()
    expect(page.get_by_text("Not done yet: Put the number on the website.")).to_be_visible()
    # How and why are asked about what is ticked.
    expect(page.get_by_label("Why?").first).to_be_hidden()
    screenshots(page, "end-recommendations")
    page.get_by_label("Recommendation 1b ends").check()
    page.get_by_label("Recommendation 2 ends").check()
    expect(page.get_by_label("Why?").nth(1)).to_have_value("The agencies meet alone now.")
    page.get_by_label("Why?").first.fill("")
    press(page, "Record what ended")
    expect(page.get_by_role("link", name="1a and 1b: say why it ends")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "end-recommendations-errors")
    page.get_by_label("How does it end?").first.select_option("Superseded")
    page.get_by_label("Why?").first.fill("Bills are on paper no longer.")
    press(page, "Record what ended")
    expect(page.get_by_text("It is recorded what ended at the meeting.")).to_be_visible()
    page.context.clear_cookies()
    page.goto(report.meeting.get_absolute_url())
    expect(page.get_by_text("superseded: Bills are on paper no longer.")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "end-recommendations-public")


def test_an_action_is_done_by_mistake_and_read_where_the_committee_assesses(
    page, sign_in, axe, screenshots, report, officer, chair
):
    action = ActionPoint.objects.get()
    sign_in(page, officer)
    page.goto(action.get_absolute_url())
    page.get_by_label("What was done?").fill("It is there.")
    press(page, "Record that it is done")
    at_both_widths(page, axe)
    screenshots(page, "action-done")
    press(page, "It is not done: open it again")
    expect(page.get_by_text("The action is open again.")).to_be_visible()
    for name, person, address in (
        ("assess", chair, reverse("committee:assess", args=[report.inquiry.slug, 6])),
        ("actions", chair, reverse("committee:action_points", args=[report.inquiry.slug, 6])),
        ("recommendation", chair, reverse("public:recommendation", args=[report.inquiry.slug, "1a"])),
    ):
        sign_in(page, person)
        page.goto(address)
        expect(page.get_by_text("Put the number on the website").first).to_be_visible()
        at_both_widths(page, axe)
        screenshots(page, f"action-{name}")
