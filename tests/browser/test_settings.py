"""The settings and the wording of an e-mail, as a clerk sees them."""

from playwright.sync_api import expect

from tests.browser.looking import at_both_widths, press


def test_the_wording_of_an_e_mail_is_changed(page, sign_in, axe, screenshots, clerk):
    sign_in(page, clerk)
    page.goto("/")
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Days late when it is escalated").first.fill("soon")
    press(page, "Save settings")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    at_both_widths(page, axe)
    screenshots(page, "settings")
    page.get_by_role("link", name="Change the wording of: Reminder").click()
    page.get_by_label("Subject").fill("{state}: {what} for {council}")
    press(page, "Preview")
    expect(page.get_by_role("heading", name="Preview: not saved yet")).to_be_visible()
    at_both_widths(page, axe)
    screenshots(page, "settings-wording")
    press(page, "Save")
    expect(page.locator(".govuk-notification-banner--success")).to_contain_text("The wording is saved.")
    expect(page.get_by_text("Your own wording")).to_be_visible()
