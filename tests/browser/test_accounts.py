"""Signing in and out, and the pages that say no: accessible like all others."""

import pytest
from playwright.sync_api import expect

from tests.conftest import WIDTHS

pytestmark = pytest.mark.django_db(transaction=True)


def looked_at(page, axe, screenshots, name):
    screenshots(page, name)
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_signing_in_by_a_code_is_accessible(page, axe, screenshots, officer, mailoutbox):
    page.goto("/accounts/login/")
    looked_at(page, axe, screenshots, "account-login")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    looked_at(page, axe, screenshots, "account-login-error")
    page.get_by_label("Your e-mail address").fill(officer.email)
    page.get_by_role("button", name="Send me a code").click()
    page.wait_for_url("**/accounts/login/code/confirm/")
    looked_at(page, axe, screenshots, "account-code")
    assert [mail.to for mail in mailoutbox] == [[officer.email]]


def test_signing_in_with_one_click_is_accessible(page, demonstration, axe, screenshots, officer):
    officer.email = "sian@demonstration.example"
    officer.save()
    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name=f"Sign in as {officer.name}")).to_be_visible()
    looked_at(page, axe, screenshots, "account-demonstration")


def test_signing_out_and_pages_that_say_no_are_accessible(page, sign_in, axe, screenshots, inquiry, clerk):
    page.goto("/accounts/inactive/")
    looked_at(page, axe, screenshots, "account-inactive")
    page.goto("/no-such-page/")
    looked_at(page, axe, screenshots, "not-found")
    sign_in(page, clerk)
    page.goto(f"/clerk/recommendations/{inquiry.recommendations.get(reference='1a').pk}/resume/")
    expect(page.get_by_text("has not ended")).to_be_visible()
    looked_at(page, axe, screenshots, "forbidden")
    page.goto("/accounts/logout/")
    looked_at(page, axe, screenshots, "account-logout")
