"""CSRF: no address takes a form, or anything that changes something, from another site. Every address is tried."""

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from tests.security.conftest import BACKEND
from tests.test_access import TABLE, address, admin_patterns, patterns
from tests.test_hostile import everything_stored


@pytest.fixture
def office(clerk):
    """A clerk's browser to which a form of another site is sent: it has the session, and not the token."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clerk, backend=BACKEND)
    return browser


def stored():
    return sorted(text for text in everything_stored() if not text[0].startswith("Session"))


@pytest.mark.parametrize("state", ["collecting", "published"])
def test_every_url_refuses(state, world, office):
    facts = world(state)
    before = stored()
    got = {}
    for name, parts in patterns():
        if name in TABLE:
            url = address(name, parts, facts)
            got[name] = office.post(url).status_code
    assert got == dict.fromkeys(got, 403)
    assert len(got) > 60
    assert stored() == before


def test_admin_urls_refuse(world, office):
    facts = world("published")
    before = stored()
    asked = 0
    for name, parts in admin_patterns():
        if name == "None" or set(parts) - {"object_id"}:
            continue
        url = reverse(f"admin:{name}", args=[facts["response"]] * len(parts))
        assert office.post(url, {"action": "delete_selected", "_selected_action": "1"}).status_code == 403, url
        asked += 1
    assert asked > 30
    assert stored() == before


@pytest.fixture
def with_token(clerk):
    """A browser, over HTTPS, with the session and the right token; and the form to send."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clerk, backend=BACKEND)
    page = browser.get("/accounts/logout/", secure=True)
    return browser, {"csrfmiddlewaretoken": page.context["csrf_token"]}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver"},
        {"referer": "https://evil.example/"},
        {"referer": "https://testserver.evil.example/"},
        {"referer": "http://testserver/"},
        {"referer": ""},
        {},
    ],
    ids=str,
)
def test_refuses_other_origin(with_token, headers):
    browser, form = with_token
    assert browser.post("/accounts/logout/", form, secure=True, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{"origin": "https://testserver"}, {"referer": "https://testserver/a/?b"}], ids=str)
def test_accepts_own_page(with_token, headers):
    browser, form = with_token
    assert browser.post("/accounts/logout/", form, secure=True, headers=headers).status_code == 302


def test_refuses_other_token(with_token, officer):
    _, form = with_token
    other = Client(enforce_csrf_checks=True)
    other.force_login(officer, backend=BACKEND)
    answer = other.post("/accounts/logout/", form, secure=True, headers={"origin": "https://testserver"})
    assert answer.status_code == 403


def test_no_view_is_exempt():
    assert [name for name, view in _views(get_resolver()) if getattr(view, "csrf_exempt", False)] == []


def _views(resolver, prefix=""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _views(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry.callback
