"""The pages about the website itself, which the footer of every page leads to."""

import re

import pytest

PAGES = ("accessibility", "privacy", "cookies", "contact", "help")


@pytest.mark.django_db
def test_footer_leads_to_every_page(read):
    home = read("/")
    for page in PAGES:
        assert f'href="/{page}/"' in home
        assert "<h1" in read(f"/{page}/")


@pytest.mark.django_db
def test_contact_details_are_those_of_the_council(read, settings):
    for page in ("accessibility", "privacy", "contact", "help"):
        assert "has not given contact details" in read(f"/{page}/")
    settings.CONTACT_NAME, settings.CONTACT_EMAIL = "Democratic Services", "ds@wealdshire.example"
    settings.CONTACT_TELEPHONE = "01234 567890"
    for page in ("accessibility", "privacy", "contact", "help"):
        words = read(f"/{page}/")
        assert "has not given" not in words
        for detail in ("Democratic Services", "mailto:ds@wealdshire.example", "01234 567890"):
            assert detail in words


@pytest.mark.django_db
def test_accessibility_statement_claims_no_day_that_is_not_set(read, settings):
    assert "has not completed this statement" in read("/accessibility/")
    settings.ACCESSIBILITY_PREPARED = "3 November 2026"
    settings.ACCESSIBILITY_TESTED = "on 2 November 2026 by the digital team"
    words = read("/accessibility/")
    assert "prepared on 3 November 2026." in words
    assert "last reviewed" not in words
    assert "last tested on 2 November 2026 by the digital team." in words
    for section in ("Enforcement procedure", "Compliance status", "Non-accessible content", "Preparation of this"):
        assert section in words


@pytest.mark.django_db
def test_cookies_page_lists_every_cookie_that_is_set(read, client, clerk):
    client.force_login(clerk)
    client.get("/accounts/login/")
    client.get("/clerk/people/invite/")
    set_cookies = set(client.cookies)
    listed = set(re.findall(r'<td class="govuk-table__cell">(\w+)</td>', read("/cookies/")))
    assert listed == set_cookies
