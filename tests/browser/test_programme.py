"""A clerk keeps the work programme and makes an agenda of what is proposed."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from inquiries.documents.content import long_date
from tests.browser.looking import at_both_widths, press
from tests.factories import make_meeting, make_report


def test_an_agenda_from_the_work_programme(page, sign_in, axe, screenshots, committee, clerk, inquiry):
    today = timezone.localdate()
    meeting, later = (make_meeting(committee, today + timedelta(days=days)) for days in (40, 100))
    make_meeting(committee, today - timedelta(days=40))
    make_report(inquiry, clerk, meeting=meeting)
    sign_in(page, clerk)
    page.goto(f"/clerk/committees/{committee.slug}/programme/")
    page.get_by_role("button", name="Add an entry").click()
    page.get_by_label("Title").fill("Bus services in villages")
    page.get_by_label("What is it for?").fill("To hear why evening services were withdrawn.")
    page.get_by_label("Lead or contact").fill("Tom Okafor, Head of Passenger Transport")
    page.get_by_label("Evidence for an inquiry").check()
    page.get_by_label("For when?").select_option(label=long_date(meeting.day))
    at_both_widths(page, axe)
    screenshots(page, "clerk-programme-add")
    press(page, "Add the entry")
    at_both_widths(page, axe)
    screenshots(page, "clerk-programme")
    page.get_by_role("link", name="Record the standing items").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-standing-items")
    press(page, "Save")

    page.goto(f"/clerk/meetings/{meeting.pk}/")
    at_both_widths(page, axe)
    screenshots(page, "clerk-agenda-proposals-notice")
    page.get_by_role("link", name="Look at what is proposed").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-agenda-proposals")
    page.get_by_label("Apologies for absence").uncheck()
    press(page, "Add to the agenda")
    titles = page.locator(".scrutiny-builder__words").all_text_contents()
    assert titles == [
        "Declarations of interest",
        f"Minutes of the last meeting held on {long_date(today - timedelta(days=40))}",
        "Bus services in villages",
        "Warm Homes Inquiry",
        "Work programme",
        f"Date of next meeting: {long_date(later.day)} at 14:00",
    ]
    page.get_by_role("button", name="Put the work programme here as a paper").click()
    banner = page.locator(".govuk-notification-banner")
    expect(banner).to_contain_text("The work programme is a paper of item 5 (1 page)")
    at_both_widths(page, axe)
    screenshots(page, "clerk-agenda-with-programme")
    page.goto(f"/committees/{committee.slug}/work-programme/")
    at_both_widths(page, axe)
    screenshots(page, "public-work-programme")
