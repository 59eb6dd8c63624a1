"""Sessions that end, and pages that wait for a second factor."""

import re
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import connection
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from inquiries.accounts import login_state
from inquiries.accounts.login_state import ENDED, LAST_SEEN_AT, PAGE_WANTED, SIGNED_IN_AT
from inquiries.views.drafts import claim_posts, keep_post
from scrutiny.logging import log_security_event

# Names of pages (see urls.py). These are open to everybody who is signed in: signing out, and in by another way.
PAGES_ALWAYS_OPEN = {
    *("account_logout", "account_login", "account_inactive", "demonstration_sign_in"),
    *("openid_connect_login", "openid_connect_callback"),
}
# Here a person proves their factor who has one but has not used it in this session ...
PAGES_TO_USE_A_FACTOR = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# ... and here they get one who have none: the two pages that add one, the choice between them, and what follows.
PAGES_THAT_ADD_A_FACTOR = {"mfa_add_webauthn", "mfa_activate_totp"}
PAGES_TO_SET_UP_A_FACTOR = PAGES_THAT_ADD_A_FACTOR | {"mfa_index", "mfa_view_recovery_codes"}

# What Django makes.
OWN_SESSION_KEY = re.compile(r"[a-z0-9]{32}")


class SignInMiddleware:
    """Answers the forms of one browser that concern signing in one after the other: a code signs in once.

    It comes before the middleware that reads and saves sessions, so that each sees what the one before has done.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not OWN_SESSION_KEY.fullmatch(session):
            # The database could not even look for some of what may be written there.
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
            return self.get_response(request)
        if request.method != "POST" or not request.path.startswith("/accounts/"):
            return self.get_response(request)
        lock = [f"signing in: {session}"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", lock)
        try:
            return self.get_response(request)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)


class IdleMiddleware:
    """Ends a session in which nothing happened for a while, and every session after a working day.

    The request goes on without a person: pages lead to signing in and back, and keep what was posted.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            self.end_or_renew(request)
        if request.user.is_authenticated:
            claim_posts(request)
        return self.get_response(request)

    def end_or_renew(self, request):
        session, now = request.session, timezone.now().timestamp()
        # The demonstration signs in without the account adapter.
        signed_in_at = session.get(SIGNED_IN_AT) or (request.user.last_login or timezone.now()).timestamp()
        last_seen_at = session.get(LAST_SEEN_AT, signed_in_at)
        if now - last_seen_at > settings.IDLE_MINUTES * 60:
            end_session(request, "idle")
        elif now - signed_in_at > settings.SESSION_COOKIE_AGE:
            end_session(request, "long")
        elif now - last_seen_at > 60:
            # Not at every request: each would write a row only to say that the person is there.
            session.update({SIGNED_IN_AT: signed_in_at, LAST_SEEN_AT: now})


class SecondFactorMiddleware:
    """A person who needs a second factor, and has not used one in this session, gets no page but those to do so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        person, name = request.user, request.resolver_match.view_name
        if not person.is_authenticated or name in PAGES_ALWAYS_OPEN:
            return None
        has_factor = login_state.has_second_factor
        if name in PAGES_THAT_ADD_A_FACTOR and not has_factor(person):
            if not login_state.may_set_up_factor(request):
                # That page says how they go on.
                return redirect("mfa_index")
            if not login_state.proved_recently(request):
                return sign_in_again(request)
        if not login_state.needs_second_factor(person) or login_state.used_second_factor(request):
            if name not in PAGES_TO_SET_UP_A_FACTOR:
                # They have come to it, or gone elsewhere: a factor added later must not lead there.
                request.session.pop(PAGE_WANTED, None)
            return None
        if not has_factor(person):
            return None if name in PAGES_TO_SET_UP_A_FACTOR else redirect_for_factor(request, "mfa_index")
        if name in PAGES_TO_USE_A_FACTOR:
            return None
        has_passkey = is_mfa_enabled(person, [Authenticator.Type.WEBAUTHN])
        return redirect_for_factor(request, "mfa_reauthenticate_webauthn" if has_passkey else "mfa_reauthenticate")


def redirect_for_factor(request, page):
    """Lead to where the factor is used or set up, and back; keep what was posted; answer a script with 401."""
    if "application/json" in request.headers.get("Accept", ""):
        # The page on which the script runs, not the address that it asked.
        script_page = urlsplit(request.headers.get("Referer", "")).path
        return JsonResponse({"sign_in": login_state.url_with_next(page, script_page)}, status=401)
    if request.method == "POST":
        request.session[PAGE_WANTED] = request.path
        return keep_post(request, ask_at=reverse(page))
    request.session[PAGE_WANTED] = request.get_full_path()
    return redirect(login_state.url_with_next(page, request.get_full_path()))


def sign_in_again(request):
    """To add a first factor one has signed in a moment ago: an open screen must not become another's way in."""
    wanted = request.session.get(PAGE_WANTED)
    logout(request)
    messages.info(request, "Sign in again to go on. We ask because this changes how you sign in.")
    if wanted:
        request.session[PAGE_WANTED] = wanted
    return redirect_to_login(request.get_full_path())


def end_session(request, reason):
    log_security_event("session_ended", request.user, why=reason)
    logout(request)
    request.session[ENDED] = reason
