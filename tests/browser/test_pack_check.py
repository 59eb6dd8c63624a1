"""A clerk builds a pack, ticks off what the check finds, and everybody can have it for the screen or for print."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from inquiries.actions import meetings
from inquiries.choices import ItemKind
from tests.browser.looking import at_both_widths, press
from tests.factories import make_meeting, make_received


def test_findings_are_ticked_off_and_both_files_are_there(
    page, sign_in, axe, screenshots, committee, clerk, chair, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path
    now = timezone.now()
    meeting = make_meeting(committee, timezone.localdate() + timedelta(days=40))
    item = meetings.add_item(meeting, title="Bus services", kind=ItemKind.PAPERS, by=clerk, now=now)
    words = "Officers from themthis service [name of officer]."
    meetings.add_paper(item, make_received(3, title="Bus services", words=words), title="Buses", by=clerk, now=now)
    sign_in(page, clerk)
    page.goto(f"/clerk/meetings/{meeting.pk}/packs/0/")
    press(page, "Build the pack")
    expect(page.get_by_role("link", name="for the screen")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "clerk-pack-built")
    page.get_by_role("button", name="Check and publish").click()
    page.get_by_label("It is as it should be").first.check()
    press(page, "Tick off what is as it should be")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Say why it is as it should be")
    at_both_widths(page, axe)
    screenshots(page, "clerk-check-pack-error")
    for box in page.get_by_label("It is as it should be").all():
        box.check()
    page.get_by_label("Why is it as it should be?").fill("It is how the service is called.")
    press(page, "Tick off what is as it should be")
    expect(page.get_by_text("Nothing is left to look at.")).to_be_visible()
    page.locator("summary", has_text="Ticked off").click()
    at_both_widths(page, axe)
    screenshots(page, "clerk-check-pack-ticked")
    page.get_by_role("button", name="Go on to publishing").click()
    page.get_by_label("Now").check()
    press(page, "Publish")
    page.goto(f"/meetings/{meeting.pk}/")
    at_both_widths(page, axe)
    screenshots(page, "public-meeting-both-files")
    with page.expect_response("**/screen.pdf") as answered:
        page.evaluate("fetch(document.querySelector('a[href$=\"screen.pdf\"]').href)")
    assert answered.value.status == 200
