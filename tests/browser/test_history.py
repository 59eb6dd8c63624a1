"""History as the people who write meet it: what changed, versions compared, an earlier text restored."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from inquiries.actions import progress
from tests.browser.looking import at_both_widths, press
from tests.cast import NOW
from tests.factories import make_report

FIRST = (
    "We have written to every household that asked for help since April, and rang those who did not answer.\n\n"
    "- 240 homes have been insulated\n- 31 are waiting for a date"
)
SECOND = FIRST.replace("240", "212").replace("every household that asked", "each household which asked us")


@pytest.fixture
def update(inquiry, clerk, officer):
    update = make_report(inquiry, clerk).updates.for_page().first()
    links = [("The page about warm homes", "https://wealdshire.example/warm-homes")]
    progress.save_update(update, version=0, text=FIRST, evidence=links, by=officer, now=NOW)
    later = NOW + timedelta(minutes=20)
    return progress.save_update(update, version=1, text=SECOND, officer_view="on_track", by=clerk, now=later)


def test_restore_an_earlier_text(page, sign_in, axe, screenshots, update, officer):
    sign_in(page, officer)
    page.goto(update.get_absolute_url())
    page.get_by_role("link", name="Every change, and earlier versions of the text").click()
    at_both_widths(page, axe)
    screenshots(page, "history-record")
    page.get_by_role("link", name="What changed").first.click()
    expect(page.locator("del").first).to_contain_text("every")
    expect(page.locator("ins").first).to_contain_text("each")
    at_both_widths(page, axe)
    screenshots(page, "history-entry")
    page.get_by_role("link", name="Compare any two versions").click()
    page.get_by_label("Compare", exact=True).select_option(index=0)
    press(page, "Compare")
    at_both_widths(page, axe)
    screenshots(page, "history-versions")
    page.get_by_role("link", name="Restore version 1").click()
    at_both_widths(page, axe)
    screenshots(page, "history-restore")
    press(page, "Restore this text")
    expect(page.get_by_label("What has been done")).to_have_value(FIRST)
    expect(page.locator("body")).to_contain_text("The earlier text has been restored.")
