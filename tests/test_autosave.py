"""Autosave and kept words in a real browser, against answers that each test makes up itself."""

import json
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import expect

SITE = "http://scrutiny.test"
PAGE = """<!doctype html><html lang="en-GB"><head><title>{title}</title>
<script type="module" src="/static/js/scrutiny.js"></script></head>
<body data-person="{person}"><main>{banner}
<form method="post" action="/write/" data-autosave-url="/autosave/" data-autosave-seconds="0.02">
<input type="hidden" name="csrfmiddlewaretoken" value="old"><input type="hidden" name="version" value="4">
<label for="text">Text</label><textarea id="text" name="text">{text}</textarea>
<p data-autosave-status role="status"></p><button>Save</button></form>
<form method="post" action="/signed-out/" data-sign-out><button>Sign out</button></form></main></body></html>"""
SUCCESS = '<div class="govuk-notification-banner govuk-notification-banner--success">Saved</div>'
TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


class Office:
    """The server of these tests: one page, one address that saves, and what was posted to it."""

    def __init__(self, context):
        self.context = context
        self.text, self.person, self.banner = "", "7", ""
        self.answer = (200, {"version": 5, "saved_at": "10:42"})
        self.posted = []
        context.route(re.compile(".*"), self.serve)

    def serve(self, route):
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            route.fulfill(path=found, content_type=TYPES[path.rsplit(".", 1)[1]])
        elif path == "/autosave/":
            self.save(route)
        else:
            words = {"title": "Write", "person": self.person, "banner": self.banner, "text": self.text}
            route.fulfill(body=PAGE.format(**words), content_type="text/html; charset=utf-8")

    def save(self, route):
        self.posted.append(route.request)
        if self.answer is None:
            return route.abort()
        status, body = self.answer
        route.fulfill(status=status, body=json.dumps(body), content_type="application/json")

    def open(self):
        page = self.context.new_page()
        page.goto(f"{SITE}/write/")
        return page


@pytest.fixture
def office(browser):
    with browser.new_context(locale="en-GB", timezone_id="Europe/London") as context:
        yield Office(context)


def write(page, words):
    """All at once, as pasting does: a machine that types slowly would be saved half way."""
    page.get_by_label("Text").focus()
    page.keyboard.insert_text(words)


def kept(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('scrutiny:words'))")


def test_words_are_saved_and_the_page_learns_the_new_version(office):
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_have_text("Saved at 10:42")
    expect(page.locator("[name=version]")).to_have_value("5")
    assert "Leaflets" in office.posted[-1].post_data
    assert office.posted[-1].headers["x-requested-with"] == "XMLHttpRequest"
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('scrutiny:words'))")


def test_the_token_is_the_cookies_own_so_that_signing_in_elsewhere_helps(office):
    office.context.add_cookies([{"name": settings.CSRF_COOKIE_NAME, "value": "fresh", "url": SITE}])
    page = office.open()
    write(page, "x")
    expect(page.get_by_role("status")).to_have_text("Saved at 10:42")
    assert office.posted[-1].headers["x-csrftoken"] == "fresh"
    assert "old" not in office.posted[-1].post_data


def test_signed_out_the_words_stay_and_a_link_leads_to_signing_in(office):
    office.answer = (401, {"sign_in": "/accounts/login/"})
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text(
        "Not saved: you have been signed out. Your words are still on this page: sign in in another tab, then save"
    )
    expect(page.get_by_role("link", name="Sign in")).to_have_attribute("href", f"{SITE}/accounts/login/")
    expect(page.get_by_label("Text")).to_have_value("Leaflets")
    assert kept(page) == ["scrutiny:words:7:/autosave/"]


def test_no_link_to_sign_in_anywhere_else(office):
    office.answer = (401, {"sign_in": "https://elsewhere.example/"})
    page = office.open()
    write(page, "x")
    expect(page.get_by_role("status")).to_contain_text("you have been signed out")
    expect(page.get_by_role("link")).to_have_count(0)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((409, {"message": "Phil Dart has changed this text."}), "Phil Dart has changed this text."),
        ((409, {}), "Somebody else has changed this text. Save to see both texts."),
        ((400, {"errors": {"text": ["Use 200 characters or fewer"]}}), "Not saved yet: Use 200 characters or fewer"),
        ((500, {}), "Not saved: the server did not answer as it should. Trying again."),
        (None, "Not saved: no connection. Trying again."),
    ],
)
def test_what_went_wrong_is_said(office, answer, said):
    office.answer = answer
    page = office.open()
    write(page, "x")
    expect(page.get_by_role("status")).to_have_text(said)


def test_saving_goes_on_by_itself_when_the_connection_is_back(office):
    office.answer = None
    page = office.open()
    write(page, "x")
    expect(page.get_by_role("status")).to_contain_text("no connection")
    office.answer = (200, {"version": 5, "saved_at": "10:44"})
    expect(page.get_by_role("status")).to_have_text("Saved at 10:44")


def test_lost_words_are_offered_back(office):
    office.answer = (401, {})
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text("signed out")
    page.close()
    office.answer = (200, {"version": 5, "saved_at": "10:42"})
    page = office.open()
    page.get_by_role("button", name="Bring them back").click()
    expect(page.get_by_label("Text")).to_have_value("Leaflets")
    expect(page.get_by_role("status")).to_have_text("Saved at 10:42")


def test_thrown_away_words_do_not_come_back(office):
    office.answer = (401, {})
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text("signed out")
    page.close()
    page = office.open()
    page.get_by_role("button", name="Throw them away").click()
    assert kept(page) == []
    page.reload()
    expect(page.get_by_role("button", name="Bring them back")).to_have_count(0)


def test_nobody_is_offered_somebody_elses_words(office):
    office.answer = (401, {})
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text("signed out")
    page.close()
    office.person = "8"
    page = office.open()
    expect(page.get_by_role("button", name="Bring them back")).to_have_count(0)


def test_signing_out_leaves_no_words_in_the_browser(office):
    office.answer = (401, {})
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text("signed out")
    assert kept(page) != []
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/signed-out/")
    assert kept(page) == []


@pytest.mark.parametrize(("banner", "left"), [(SUCCESS, []), ("", ["scrutiny:words:7:/autosave/"])])
def test_words_sent_by_the_button_are_forgotten_only_once_saved(office, banner, left):
    office.answer = (401, {})
    page = office.open()
    write(page, "Leaflets")
    office.banner = banner
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    assert kept(page) == left


def test_leaving_with_unsaved_words_asks_first(office):
    office.answer = None
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text("no connection")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    expect(page.get_by_label("Text")).to_have_value("Leaflets")
    assert asked == ["beforeunload"]
