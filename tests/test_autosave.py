"""Autosave in a real browser, against answers that each test makes up itself."""

import json
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import expect

SITE = "http://scrutiny.test"
PAGE = """<!doctype html><html lang="en-GB"><head><title>Write</title>
<script type="module" src="/static/js/scrutiny.js"></script></head>
<body><main>
<form method="post" action="/write/" data-autosave-url="/autosave/" data-autosave-seconds="0.02">
<input type="hidden" name="csrfmiddlewaretoken" value="old"><input type="hidden" name="version" value="4">
<label for="text">Text</label><textarea id="text" name="text"></textarea>
<p data-autosave-status role="status"></p><button>Save</button></form></main></body></html>"""
KEPT = "Kept at 10:42. Only you can see your changes until you save them."
TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


class Office:
    """The server of these tests: one page, one address that saves, and what was posted to it."""

    def __init__(self, context):
        self.context = context
        self.answer = (200, {"saved_at": "10:42"})
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
            route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

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


def write(page, text):
    """All at once, as pasting does: a machine that types slowly would be saved half way."""
    page.get_by_label("Text").focus()
    page.keyboard.insert_text(text)


def send_event(page, name):
    page.evaluate("(name) => { window.dispatchEvent(new Event(name)); }", name)


def dialogs_on_closing(page):
    """The questions that the browser asks before it leaves the page; they are answered with no."""
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    return asked


def test_keeps_what_is_typed(office):
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_have_text(KEPT)
    assert "Leaflets" in office.posted[-1].post_data
    assert office.posted[-1].headers["x-requested-with"] == "XMLHttpRequest"
    with page.expect_event("close"):
        assert dialogs_on_closing(page) == []


def test_sends_the_token_of_the_cookie(office):
    office.context.add_cookies([{"name": settings.CSRF_COOKIE_NAME, "value": "fresh", "url": SITE}])
    page = office.open()
    write(page, "x")
    expect(page.get_by_role("status")).to_have_text(KEPT)
    assert office.posted[-1].headers["x-csrftoken"] == "fresh"
    assert "old" not in office.posted[-1].post_data


def test_signed_out_text_is_kept_after_signing_in_in_another_tab(office):
    office.answer = (401, {"sign_in": "/accounts/login/"})
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text(
        "Not saved: you have been signed out. Your text is still on this page: sign in in another tab, then save"
    )
    expect(page.get_by_role("link", name="Sign in")).to_have_attribute("href", f"{SITE}/accounts/login/")
    expect(page.get_by_label("Text")).to_have_value("Leaflets")
    office.answer = (200, {"saved_at": "10:42"})
    send_event(page, "focus")
    expect(page.get_by_role("status")).to_have_text(KEPT)
    assert "Leaflets" in office.posted[-1].post_data


def test_links_to_no_other_site(office):
    office.answer = (401, {"sign_in": "https://elsewhere.example/"})
    page = office.open()
    write(page, "x")
    expect(page.get_by_role("status")).to_contain_text("you have been signed out")
    expect(page.get_by_role("link")).to_have_count(0)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((409, {"message": "Phil Dart has changed this text."}), "Phil Dart has changed this text."),
        ((409, {}), "Someone else has changed this text. Save to see both texts."),
        ((403, {}), "Not saved: this text can no longer be changed here. Copy your text before you leave."),
        ((400, {"errors": {"text": ["Use 200 characters or fewer"]}}), "Not saved yet: Use 200 characters or fewer"),
        ((500, {}), "Not saved: the server did not answer as it should. Trying again."),
        (None, "Not saved: no connection. Trying again."),
    ],
)
def test_says_why_nothing_was_kept(office, answer, message):
    office.answer = answer
    page = office.open()
    write(page, "x")
    expect(page.get_by_role("status")).to_have_text(message)


@pytest.mark.parametrize("event", ["online", None])
def test_text_is_kept_when_the_connection_is_back(office, event):
    office.answer = None
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text("no connection")
    expect(page.get_by_label("Text")).to_have_value("Leaflets")
    office.answer = (200, {"saved_at": "10:42"})
    if event:
        send_event(page, event)
    expect(page.get_by_role("status")).to_have_text(KEPT)
    assert "Leaflets" in office.posted[-1].post_data


def test_leaving_with_unsaved_text_asks_first(office):
    office.answer = None
    page = office.open()
    write(page, "Leaflets")
    expect(page.get_by_role("status")).to_contain_text("no connection")
    with page.expect_event("dialog"):
        asked = dialogs_on_closing(page)
    expect(page.get_by_label("Text")).to_have_value("Leaflets")
    assert asked == ["beforeunload"]
