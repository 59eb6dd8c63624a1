"""A clerk asks what is red or overdue, filters, and changes several at once; the public reads the same table."""

from datetime import date

import pytest
from playwright.sync_api import expect

from inquiries.models import Inquiry, Response
from tests import factories
from tests.browser.looking import at_both_widths, press
from tests.cast import NOW


@pytest.fixture
def round_under_way(transactional_db, committee, clerk, officer, other_officer, cabinet_member):
    people = {"officer": officer, "other_officer": other_officer, "cabinet_member": cabinet_member}
    inquiry = factories.make_inquiry(committee, clerk, **people)
    factories.make_report(inquiry, clerk)
    Inquiry.objects.filter(pk=inquiry.pk).update(published_at=NOW, published_by=clerk)
    response = Response.objects.filter(recommendations__reference="2")
    response.update(original_target_date=date(2026, 1, 31), target_date=date(2026, 3, 31))
    return inquiry


def rows(page):
    return page.locator("tbody tr:has(td)")


def test_clerk_finds_what_is_late_and_gives_it_to_another_officer(
    page, round_under_way, clerk, officer, sign_in, axe, screenshots
):
    sign_in(page, clerk)
    page.goto("/")
    # One page from "your work" to the answer.
    page.get_by_role("link", name="What is red or overdue").click()
    expect(page.get_by_role("heading", name="1 recommendation, 1 late")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_text("Filter, sort and group").click()
    page.get_by_label("State").select_option("Open")
    page.get_by_label("Group by").select_option("Portfolio")
    page.get_by_label("Sort by").select_option("Number")
    press(page, "Show")
    expect(rows(page)).to_have_count(5)
    at_both_widths(page, axe)
    screenshots(page, "tracker")
    page.get_by_label("Choose 1a").check()
    page.get_by_label("Choose 2", exact=True).check()
    page.get_by_role("button", name="Change those ticked").first.click()
    at_both_widths(page, axe)
    page.get_by_label("Lead officer").fill(officer.name)
    press(page, "Show what would change")
    expect(page.get_by_role("row", name="Tom Okafor")).to_contain_text(officer.name)
    at_both_widths(page, axe)
    screenshots(page, "tracker-change")
    press(page, "Change 1 response")
    expect(page.get_by_text("1 response changed.")).to_be_visible()
    assert Response.objects.get(recommendations__reference="2").lead_officer == officer


def test_public_takes_the_table_along(page, round_under_way, axe):
    page.goto("/tracker/")
    expect(rows(page)).to_have_count(6)
    expect(page.locator("table")).not_to_contain_text("Update not started")
    at_both_widths(page, axe)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("link", name="Sort by Decision").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Decision")
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
