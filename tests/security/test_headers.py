"""The headers of every answer: each address of the application, the admin, files, errors, and what answers early."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path, reverse

from scrutiny import urls as application_urls
from scrutiny.middleware import DENIED_FEATURES
from tests.test_access import admin_patterns

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
}
# jQuery and select2 write markup.
IN_THE_ADMIN = POLICY - {"require-trusted-types-for 'script'", "trusted-types 'none'"}
# There a script registers the worker that reads offline, through a policy that knows its address alone.
READ_OFFLINE = POLICY - {"trusted-types 'none'"} | {"trusted-types offline"}
OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PRIVATE = "private, no-store"
PUBLIC = "no-cache"


def broken(request):
    raise RuntimeError("Broken.")


def own(request):
    return HttpResponse("ok", headers={"Cache-Control": "max-age=60", "Referrer-Policy": "no-referrer"})


class Addresses:
    """The application's addresses, and two that do what no page of ours does."""

    urlpatterns = [*application_urls.urlpatterns, path("broken/", broken), path("own/", own)]
    handler403 = application_urls.handler403
    handler404 = application_urls.handler404
    handler500 = application_urls.handler500


def check(answer, *, policy=POLICY):
    check_headers(answer.headers, f"{answer.status_code} {answer.request['PATH_INFO']}", policy)


def check_headers(headers, where, policy):
    """The headers that never differ."""
    assert {part.strip() for part in headers["Content-Security-Policy"].split(";")} == policy, where
    assert {name: headers.get(name) for name in OTHERS} == OTHERS, where
    allowed = headers["Permissions-Policy"].split(", ")
    assert allowed[: len(DENIED_FEATURES)] == [f"{feature}=()" for feature in DENIED_FEATURES], where
    assert allowed[len(DENIED_FEATURES) :] == [
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ], where


def close(answer):
    """A file that nobody reads stays open."""
    for _ in answer.streaming_content if answer.streaming else ():
        pass


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("state", ["collecting", "published"])
def test_headers_of_every_url(state, method, walk):
    for (role, name), answer in walk(state, method).items():
        reads_offline = (
            name in ("committee:assess", "committee:indicate", "committee:room") and answer.status_code < 400
        )
        where = f"{answer.status_code} {answer.url} as {role}"
        check_headers(answer.headers, where, READ_OFFLINE if reads_offline else POLICY)


def test_headers_of_the_admin(world, clerk, staying_signed_in):
    facts = world("published")
    public, office = staying_signed_in(None), staying_signed_in(clerk)
    for name, parts in admin_patterns():
        if name in ("logout", "None") or set(parts) - {"object_id"}:
            continue
        url = reverse(f"admin:{name}", args=[facts["response"]] * len(parts))
        for browser in (public, office):
            answer = browser.get(url)
            check(answer, policy=IN_THE_ADMIN)
            if browser is office:
                assert "no-store" in answer["Cache-Control"], url


@override_settings(ROOT_URLCONF=Addresses)
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"path": "/no-such-page/"}, 404),
        ({"path": "/", "HTTP_HOST": "evil.example"}, 400),
        ({"path": "/broken/"}, 500),
        ({"path": "/healthz"}, 200),
        ({"path": "/favicon.ico"}, 200),
        ({"path": "/inquiries"}, 301),
        ({"path": "/clerk/import/"}, 302),
        ({"path": "/", "method": "POST"}, 405),
        ({"path": "/?q=%00"}, 200),
    ],
)
def test_headers_of_errors_and_early_responses(db, signed_in, asked, status):
    asked = {"method": "GET", **asked}
    browser = signed_in(None, raise_request_exception=False)
    answer = browser.generic(asked.pop("method"), asked.pop("path"), **asked)
    assert answer.status_code == status
    check(answer)
    close(answer)


@override_settings(ROOT_URLCONF=Addresses)
def test_server_error_returns_the_text(clerk, signed_in):
    """No browser keeps them for whoever goes back: it was told to store nothing."""
    browser = signed_in(clerk, raise_request_exception=False)
    form = {"text": "We have opened <b>three</b> hubs.", "note": " ", "code": "XKCD-1234", "csrfmiddlewaretoken": "x"}
    answer = browser.post("/broken/", form)
    assert answer.status_code == 500
    assert "We have opened &lt;b&gt;three&lt;/b&gt; hubs.</textarea>" in answer.text
    assert answer.text.count("<textarea") == 1
    check(answer)
    unreadable = browser.post("/broken/", b"--x\r\nContent", content_type="multipart/form-data; boundary=x")
    assert unreadable.status_code in (400, 500)
    assert "<textarea" not in unreadable.text


def test_headers_of_csrf_failure(clerk, signed_in):
    answer = signed_in(clerk, enforce_csrf_checks=True).post("/clerk/meetings/call/")
    assert answer.status_code == 403
    check(answer)


@pytest.mark.parametrize(
    ("proxied", "header"),
    [({"secure": True}, "max-age=31536000; includeSubDomains; preload"), ({}, None)],
    ids=["over HTTPS", "in plain text"],
)
@override_settings(
    HTTPS=True,
    SECURE_SSL_REDIRECT=True,
    SECURE_HSTS_SECONDS=31_536_000,
    SECURE_HSTS_INCLUDE_SUBDOMAINS=True,
    SECURE_HSTS_PRELOAD=True,
)
def test_strict_transport_security(db, signed_in, proxied, header):
    browser = signed_in(None)
    for page in ("/", "/healthz", "/no-such-page/", "/favicon.ico"):
        answer = browser.get(page, **proxied)
        assert answer.headers.get("Strict-Transport-Security") == header, page
        close(answer)
    wrong_host = browser.get("/", HTTP_HOST="evil.example", **proxied)
    assert (wrong_host.status_code, wrong_host.headers.get("Strict-Transport-Security")) == (400, header)


@override_settings(SECURE_SSL_REDIRECT=True)
def test_headers_of_https_redirect(db, signed_in):
    answer = signed_in(None).get("/inquiries/?q=a")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/inquiries/?q=a")
    check(answer)


# Who may keep what


@pytest.mark.parametrize("url", ["/", "/inquiries/", "/meetings/", "/no-such-page/"])
def test_cache_control_for_signed_in_people(member, signed_in, url):
    assert signed_in(member).get(url)["Cache-Control"] == PRIVATE
    assert signed_in(None).get(url)["Cache-Control"] == PUBLIC


def test_cache_control_with_cookie(db, signed_in):
    answer = signed_in(None).get("/accounts/login/")
    assert answer.cookies
    assert "no-store" in answer["Cache-Control"]


@override_settings(ROOT_URLCONF=Addresses)
def test_keeps_headers_of_a_view(member, signed_in):
    answer = signed_in(member).get("/own/")
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("max-age=60", "no-referrer")


def test_signing_out_clears_browser_storage(member, signed_in):
    browser = signed_in(member)
    assert "Clear-Site-Data" not in browser.get("/accounts/logout/").headers
    answer = browser.post("/accounts/logout/")
    assert (answer.status_code, answer["Clear-Site-Data"]) == (302, '"storage"')


# Cookies


def test_session_cookies(member, signed_in, settings):
    # Signing out leaves a message, in a session of its own.
    session = signed_in(member).post("/accounts/logout/").cookies[settings.SESSION_COOKIE_NAME]
    assert (session["httponly"], session["samesite"], session["path"], session["domain"]) == (True, "Lax", "/", "")
    token = signed_in(AnonymousUser()).get("/accounts/login/").cookies[settings.CSRF_COOKIE_NAME]
    assert (token["samesite"], token["path"], token["domain"]) == ("Lax", "/", "")


def test_messages_are_in_no_cookie(member, signed_in, settings):
    answer = signed_in(member).post("/accounts/logout/")
    assert set(answer.cookies) <= {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
