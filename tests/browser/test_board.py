"""The board and the forward plan as a clerk meets them, and commissioning from the board."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from inquiries.models import Inquiry, ProgressReport, Response
from tests.browser.looking import at_both_widths, press
from tests.factories import make_inquiry, make_meeting, make_report


def test_commission_two_inquiries_from_the_board_in_three_pages(
    page, sign_in, axe, screenshots, committee, clerk, officer, cabinet_member
):
    today = timezone.localdate()
    meeting = make_meeting(committee, today + timedelta(days=70))
    titles = ["Warm Homes", "Bus Shelters", "Libraries"]
    made = [
        make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title) for title in titles
    ]
    Response.objects.update(responded_on=today - timedelta(days=200))
    Inquiry.objects.update(published_at=timezone.now(), published_by=clerk)
    late = make_report(made[2], clerk)
    ProgressReport.objects.filter(pk=late.pk).update(updates_due_on=today - timedelta(days=3))
    sign_in(page, clerk)
    page.goto("/")
    at_both_widths(page, axe)
    screenshots(page, "clerk-your-work-board")
    page.get_by_role("link", name="The board: every report and response under way and to come").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-board")
    page.get_by_role("button", name="Remind now").click()
    expect(page.locator(".govuk-notification-banner")).to_contain_text("E-mails on their way: Siân Llŷr-Ôwain.")
    expect(page).to_have_url("/board/")

    opened = []
    page.on("framenavigated", lambda frame: opened.append(frame.url))
    for title in titles[:2]:
        page.get_by_label(f"Commission with others: {title}").check()
    press(page, "Commission the ticked reports for one meeting")
    expect(page.get_by_role("heading", name="of 2 inquiries")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "clerk-commission-meeting")
    press(page, "See the e-mails before they are sent")
    expect(page.get_by_role("heading", name="1 e-mail")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "clerk-commission-meeting-check")
    press(page, "Commission and send 1 e-mail")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("2 reports are commissioned.")
    assert len(opened) == 3
    assert ProgressReport.objects.filter(meeting=meeting).count() == 2

    page.get_by_role("link", name=committee.name, exact=True).click()
    expect(page.get_by_role("heading", name="Forward plan")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "forward-plan-clerk")
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("listitem").filter(has_text="Planned")).to_have_count(2)
    at_both_widths(page, axe)
    screenshots(page, "forward-plan")
