"""Passkeys, an authenticator app, the council's provider: clicked through, with a device that the browser plays."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from inquiries.models import Entry
from tests.accounts import provider as a_provider
from tests.accounts.sign_in import code_in
from tests.accounts.test_second_factor import SLOW_APP, code_of
from tests.browser.looking import at_both_widths, press

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def authenticator(page):
    """A device that has passkeys and knows its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def looked_at(page, axe, screenshots, name):
    """Both widths, then the wide one again: the narrow one folds the menu with the button to sign out."""
    at_both_widths(page, axe)
    screenshots(page, name)
    page.set_viewport_size({"width": 1280, "height": 900})


def enter_code_from_mail(page, person, mails):
    page.get_by_label("Your e-mail address").fill(person.email)
    press(page, "Send me a code")
    page.wait_for_url("**/accounts/login/code/confirm/**")
    page.get_by_label("Code", exact=True).fill(code_in(mails[-1]))
    press(page, "Sign in")


def test_a_clerk_adds_a_passkey_and_uses_it(page, axe, screenshots, authenticator, clerk, mailoutbox, settings):
    settings.SECOND_FACTOR = "clerks"
    # The link of a mail; the code alone does not reach it.
    page.goto("/clerk/import/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    looked_at(page, axe, screenshots, "sign-in")
    enter_code_from_mail(page, clerk, mailoutbox)
    expect(page.get_by_role("heading", name="Your second step for signing in")).to_be_visible()
    looked_at(page, axe, screenshots, "second-step")
    page.get_by_role("button", name="Add a passkey").click()
    looked_at(page, axe, screenshots, "passkey-add")
    page.get_by_label("What do you call this passkey?").fill("Office computer")
    press(page, "Add a passkey")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    looked_at(page, axe, screenshots, "recovery-codes")
    page.get_by_role("button", name="I have saved them: continue").click()
    page.wait_for_url("**/clerk/import/")
    assert Entry.objects.get().sentence == "added a passkey for signing in"

    # Signing in again: by code and passkey.
    press(page, "Sign out")
    page.goto("/clerk/import/")
    enter_code_from_mail(page, clerk, mailoutbox)
    expect(page.get_by_role("heading", name="One more step to sign in")).to_be_visible()
    looked_at(page, axe, screenshots, "second-step-passkey")
    press(page, "Use your passkey")
    page.wait_for_url("**/clerk/import/")

    # And by the passkey alone.
    press(page, "Sign out")
    page.goto("/clerk/import/")
    press(page, "Sign in with a passkey")
    page.wait_for_url("**/clerk/import/")

    # The account shows it, and takes it away.
    page.get_by_role("link", name=f"Your account: {clerk.name}").click()
    expect(page.get_by_text("Passkey “Office computer”")).to_be_visible()
    looked_at(page, axe, screenshots, "your-account")
    page.get_by_role("link", name="Change your second step for signing in").click()
    looked_at(page, axe, screenshots, "second-step-with-passkey")
    page.get_by_role("link", name="Remove Office computer").click()
    press(page, "Remove")
    expect(page.get_by_role("heading", name="Your second step for signing in")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_a_passkey_that_is_not_used_is_said_in_words(page, axe, authenticator, clerk):
    page.goto("/accounts/login/")
    # The device has none: the browser refuses after asking.
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("alert")).to_have_text("The passkey was not used. Try again, or sign in another way.")
    at_both_widths(page, axe)


def test_a_clerk_sets_up_an_app_and_signs_in_with_its_codes(page, axe, screenshots, clerk, mailoutbox, settings):
    settings.SECOND_FACTOR, settings.MFA_TOTP_PERIOD = "clerks", SLOW_APP
    page.goto("/clerk/import/")
    enter_code_from_mail(page, clerk, mailoutbox)
    page.get_by_role("button", name="Set up an app").click()
    expect(page.get_by_role("img", name="QR code for the authenticator app").locator("svg")).to_be_visible()
    looked_at(page, axe, screenshots, "app-set-up")
    secret = page.locator("[data-secret]").inner_text()
    page.get_by_label("Code", exact=True).fill("000000")
    press(page, "Set up")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    looked_at(page, axe, screenshots, "app-set-up-wrong")
    secret = page.locator("[data-secret]").inner_text()
    page.get_by_label("Code", exact=True).fill(code_of(secret))
    press(page, "Set up")
    codes = page.locator(".scrutiny-codes code").all_inner_texts()
    assert [bool(re.fullmatch(r"\d{8}", code)) for code in codes] == [True] * 10
    page.get_by_role("button", name="I have saved them: continue").click()
    page.wait_for_url("**/clerk/import/")
    press(page, "Sign out")
    page.goto("/clerk/import/")
    enter_code_from_mail(page, clerk, mailoutbox)
    looked_at(page, axe, screenshots, "second-step-app")
    page.get_by_label("Code", exact=True).fill(codes[0])
    press(page, "Go on")
    page.wait_for_url("**/clerk/import/")


def test_somebody_signs_in_with_the_councils_account(page, axe, screenshots, officer, base_url, settings):
    with a_provider.running() as provider:
        provider.serves(base_url)
        provider.allow(settings)
        provider.knows("Siân", email=officer.email, email_verified=True)
        page.goto("/accounts/login/?next=/inquiries/")
        looked_at(page, axe, screenshots, "sign-in-council")
        # Chromium checks each step of the way against the policy of the page with the form.
        press(page, "Sign in with your council account")
        press(page, "Cancel")
        expect(page.get_by_text("You stopped signing in with your council account.")).to_be_visible()
        looked_at(page, axe, screenshots, "sign-in-failed")
        page.get_by_role("link", name="Go to the sign-in page").click()
        press(page, "Sign in with your council account")
        press(page, "Go on as Siân")
        page.wait_for_url("**/inquiries/")
        expect(page.get_by_role("link", name=f"Your account: {officer.name}")).to_be_visible()


def test_the_clerks_pages_are_accessible(page, axe, screenshots, sign_in, officer, clerk):
    sign_in(page, clerk)
    for name in ("end-sessions", "reset-second-factor"):
        page.goto(f"/clerk/people/{officer.pk}/{name}/")
        looked_at(page, axe, screenshots, f"clerk-{name}")
