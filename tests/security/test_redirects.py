"""Open redirects and injected headers: nothing that is sent decides where an answer leads, or what its headers are."""

from urllib.parse import urlsplit

import pytest
from django.core import mail

from tests.accounts.sign_in import code_in, enter_code, sign_in_by_code
from tests.test_access import TABLE, address, ask, patterns

AWAY = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "javascript:alert(1)//",
    "data:text/html,x",
    " https://evil.example/",
    "\thttps://evil.example/",
    "/%0d%0aSet-Cookie:%20x=1",
    "/\r\nSet-Cookie: x=1",
    "/\x00//evil.example",
)
# Names under which an application is told where to go on.
NAMES = ("next", "then", "return_to", "redirect", "url", "to", "then_url", "REDIRECT_FIELD_NAME")


def check(answer, where):
    location = answer.headers.get("Location", "")
    parts = urlsplit(location)
    # A relative address, or the redirect to HTTPS of this same host.
    assert parts.netloc in ("", "testserver"), f"{where}: {location}"
    assert parts.scheme in ("", "http", "https"), f"{where}: {location}"
    assert not location.startswith(("//", "/\\", "\\")), f"{where}: {location}"
    for name, value in answer.headers.items():
        assert not set("\r\n\x00") & set(name + value), where
    assert "x" not in answer.cookies, where


def test_urls_redirect_here(world, people):
    facts = world("published")
    leads = 0
    for name, parts in patterns():
        if name not in TABLE or name == "account_logout":
            continue
        url = address(name, parts, facts)
        # Each address gets both, one as the public and the other as a clerk.
        for role, away in (("public", AWAY[0]), ("clerk", AWAY[1])):
            for method in ("get", "post"):
                sent = dict.fromkeys(NAMES, away)
                answer = ask(people[role], method, url, sent, headers={"referer": "https://evil.example/"})
                check(answer, url)
                leads += answer.status_code == 302
    assert leads > 60


@pytest.mark.parametrize("away", AWAY)
def test_signing_in_stays_here(away, officer, signed_in, mailoutbox):
    browser = signed_in(None)
    for page in ("/accounts/login/", "/admin/login/", "/accounts/login/code/"):
        answer = browser.get(page, {"next": away})
        check(answer, page)
    check(browser.post("/accounts/login/", {"email": officer.email, "login": officer.email, "next": away}), "login")
    answer = enter_code(browser, code_in(mail.outbox[-1]), next=away)
    check(answer, "code")
    # At most to a page of ours that is not there: what is encoded stays so.
    assert answer["Location"] in ("/", away if away.startswith("/%") else "/")
    for page in ("/accounts/login/", "/accounts/you/"):
        check(browser.get(page, {"next": away}), page)
    check(browser.post("/accounts/logout/", {"next": away}), "logout")


def test_signing_in_follows_next(officer, signed_in, mailoutbox):
    browser = signed_in(None)
    assert sign_in_by_code(browser, officer, mailoutbox, next="/inquiries/?q=a")["Location"] == "/inquiries/?q=a"


@pytest.mark.parametrize(
    "path",
    ["/%0d%0aSet-Cookie:%20x=1", "/inquiries%0d%0aX:1", "//evil.example/%2e%2e", "/%5cevil.example", "//evil.example"],
)
def test_path_injects_no_header(path, db, signed_in):
    browser = signed_in(None)
    check(browser.get(path), path)
    check(browser.get(path, secure=True), path)


def test_link_of_an_email_stays_here(officer, signed_in):
    """The mark of an e-mail is taken out of the address by sending the browser there once more."""
    answer = signed_in(officer).get("/", {"mail": "1:forged", "q": "a"}, PATH_INFO="//evil.example/")
    assert (answer.status_code, answer["Location"]) == (302, "/%2Fevil.example/?q=a")
