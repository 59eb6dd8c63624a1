"""Sessions that end, and pages that wait for a second factor."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from inquiries.accounts import addresses
from inquiries.accounts.adapters import SIGNED_IN_AT, proved_recently
from inquiries.accounts.second_factor import has_factor, is_needed, was_used
from inquiries.accounts.security_log import note
from inquiries.views.kept_words import SESSION_KEY as KEPT_WORDS
from inquiries.views.kept_words import keep_words, words_of

# Why the last session ended, for the sign-in page: "idle" or "long".
ENDED = "ended"
# Where to go once a second factor has been set up.
THEN = "second_factor_then"
# A session is written anew when it was last saved longer ago than this.
MINUTE = timedelta(minutes=1)

# Where a first factor is set up, and where one that somebody has is used.
ADD = {"mfa_add_webauthn", "mfa_activate_totp"}
SET_UP = ADD | {"mfa_index", "mfa_view_recovery_codes"}
USE = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# Signing out, and in again as somebody else.
ALWAYS = {"account_logout", "account_login", "account_inactive", "demonstration_sign_in"}


class IdleMiddleware:
    """Ends a session in which nothing happened for a while, and every session after a working day.

    The reader goes on as somebody who is not signed in: pages lead to signing in and back, and keep posted words.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            self._look_at(request)
        return self.get_response(request)

    def _look_at(self, request):
        session, now = request.session, timezone.now()
        saved_at = session.saved_at or now
        began = session.get(SIGNED_IN_AT)
        signed_in_at = datetime.fromtimestamp(began, UTC) if began else saved_at
        if now - saved_at > timedelta(minutes=settings.IDLE_MINUTES):
            end(request, "idle")
        elif now - signed_in_at > timedelta(seconds=settings.SESSION_COOKIE_AGE):
            end(request, "long")
        elif now - saved_at > MINUTE:
            session[SIGNED_IN_AT] = signed_in_at.timestamp()


def end(request, why):
    """Sign out, remembering why, and the words that this person had kept and not saved yet."""
    note("session_ended", request.user, why=why)
    _sign_out_with_words(request)
    request.session[ENDED] = why


def _sign_out_with_words(request):
    kept = words_of(request, request.user)
    logout(request)
    if kept:
        request.session[KEPT_WORDS] = kept


class SecondFactorMiddleware:
    """Whoever needs a second factor, and has not used one in this session, gets no page but those to do so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        person, name = request.user, request.resolver_match.view_name
        if not person.is_authenticated or name in ALWAYS:
            return None
        if name in ADD and not has_factor(person) and not proved_recently(request):
            return _sign_in_again(request)
        if not is_needed(person) or was_used(request):
            return None
        has_one = has_factor(person)
        if name in (USE if has_one else SET_UP):
            return None
        return _lead_to(request, _page_to_use(person) if has_one else "mfa_index")


def _page_to_use(person):
    has_passkey = is_mfa_enabled(person, [Authenticator.Type.WEBAUTHN])
    return "mfa_reauthenticate_webauthn" if has_passkey else "mfa_reauthenticate"


def _lead_to(request, page):
    """Lead to where the factor is used or set up, and back; a POST keeps its words; a script is told so."""
    if "application/json" in request.headers.get("Accept", ""):
        # The page on which the script runs, not the address that it asked.
        there = urlsplit(request.headers.get("Referer", "")).path
        return JsonResponse({"sign_in": addresses.with_next(page, there)}, status=401)
    if request.method == "POST":
        request.session[THEN] = request.path
        return keep_words(request, ask_at=reverse(page))
    request.session[THEN] = request.get_full_path()
    return redirect(addresses.with_next(page, request.get_full_path()))


def _sign_in_again(request):
    """To add a first factor one has signed in a moment ago: an open screen must not become somebody else's way in."""
    then = request.session.get(THEN)
    _sign_out_with_words(request)
    messages.info(request, "Sign in again to go on. We ask because this changes how you sign in.")
    if then:
        request.session[THEN] = then
    return redirect_to_login(request.get_full_path())
