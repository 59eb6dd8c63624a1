"""Pages that wait for a second factor."""

from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from inquiries.accounts import addresses
from inquiries.accounts.adapters import proved_recently
from inquiries.accounts.addresses import PAGE_WANTED
from inquiries.accounts.ending_sessions import sign_out_with_words
from inquiries.accounts.second_factor import has_factor, is_needed, was_used
from inquiries.views.kept_words import keep_words

# Names of pages (see urls.py). These are open to whoever is signed in: signing out, and in again as somebody else.
PAGES_ALWAYS_OPEN = {"account_logout", "account_login", "account_inactive", "demonstration_sign_in"}
# Here somebody proves their factor who has one but has not used it in this session ...
PAGES_TO_USE_A_FACTOR = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# ... and here somebody gets one who has none: the two pages that add one, the choice between them, and what follows.
PAGES_THAT_ADD_A_FACTOR = {"mfa_add_webauthn", "mfa_activate_totp"}
PAGES_TO_SET_UP_A_FACTOR = PAGES_THAT_ADD_A_FACTOR | {"mfa_index", "mfa_view_recovery_codes"}


class SecondFactorMiddleware:
    """Whoever needs a second factor, and has not used one in this session, gets no page but those to do so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        person, name = request.user, request.resolver_match.view_name
        if not person.is_authenticated or name in PAGES_ALWAYS_OPEN:
            return None
        if name in PAGES_THAT_ADD_A_FACTOR and not has_factor(person) and not proved_recently(request):
            return _sign_in_again(request)
        if not is_needed(person) or was_used(request):
            if name not in PAGES_TO_SET_UP_A_FACTOR:
                # They have come to it, or gone elsewhere: a factor added later must not lead there.
                request.session.pop(PAGE_WANTED, None)
            return None
        has_one = has_factor(person)
        if name in (PAGES_TO_USE_A_FACTOR if has_one else PAGES_TO_SET_UP_A_FACTOR):
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
        request.session[PAGE_WANTED] = request.path
        return keep_words(request, ask_at=reverse(page))
    request.session[PAGE_WANTED] = request.get_full_path()
    return redirect(addresses.with_next(page, request.get_full_path()))


def _sign_in_again(request):
    """To add a first factor one has signed in a moment ago: an open screen must not become somebody else's way in."""
    wanted = request.session.get(PAGE_WANTED)
    sign_out_with_words(request)
    messages.info(request, "Sign in again to go on. We ask because this changes how you sign in.")
    if wanted:
        request.session[PAGE_WANTED] = wanted
    return redirect_to_login(request.get_full_path())
