"""Signing in with the council's own provider (OpenID Connect).

Nobody is signed up. The first time, an active person is found by the e-mail address, which the provider must call
verified; from then on by the provider's lasting number for them (`sub`), so that an address that passes to another
person does not lead to the account, and a new address of the same person still does.
"""

import logging
import re

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import get_request_param
from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from requests import RequestException

from inquiries.accounts.forms import UNREADABLE, person_at
from inquiries.accounts.login_state import url_with_next
from inquiries.actions.sessions import record_connection
from scrutiny.error_codes import describe_fault
from scrutiny.logging import log_security_event

logger = logging.getLogger(__name__)

# All that a form of ours sends. Other parameters would let its sender change what the provider is asked.
OWN_PARAMETERS = {"csrfmiddlewaretoken", "next"}
# As the standard writes it (RFC 6749, 5.2).
ERROR_CODE = re.compile(r'"error"\s*:\s*"([a-z_]{1,40})"')


class CouncilAdapter(DefaultSocialAccountAdapter):
    def list_apps(self, request, provider=None, client_id=None):
        apps = [
            SocialApp(provider=name, **app)
            for name, provider_settings in settings.SOCIALACCOUNT_PROVIDERS.items()
            for app in provider_settings["APPS"]
        ]
        return [
            app
            for app in apps
            if provider in (None, app.provider, app.provider_id) and client_id in (None, app.client_id)
        ]

    def populate_user(self, request, sociallogin, data):
        """Keep the claims for this request only: nothing of them belongs into our database."""
        sociallogin.claims = sociallogin.account.extra_data
        sociallogin.account.extra_data = {}
        sociallogin.account.uid = uid_at_provider(sociallogin.account.uid)
        return sociallogin.user

    def authenticate_by_email(self, sociallogin):
        address = verified_address(sociallogin.claims)
        person = person_at(address) if address else None
        return (person, address) if person else None

    def pre_social_login(self, request, sociallogin):
        subjects = {claims["sub"] for claims in sociallogin.claims.values()}
        is_signing_in = sociallogin.state.get("process") == AuthProcess.LOGIN
        # Two subjects are two people (OpenID Connect Core 5.3.2).
        if len(subjects) != 1 or "id_token" not in sociallogin.claims or not is_signing_in:
            raise ImmediateHttpResponse(render_failure(request, "misfit"))
        person = sociallogin.user if sociallogin.is_existing else None
        if person is None:
            log_security_event("provider_sent_unknown_person")
            raise ImmediateHttpResponse(render_failure(request, "unknown", status=403))
        if not person.is_active:
            raise ImmediateHttpResponse(redirect("account_inactive"))
        if sociallogin.account.pk is None:
            self.connect(request, sociallogin, person)

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        if error != AuthError.CANCELLED:
            logger.warning("Signing in with the council's provider failed: %s", describe_error(request, exception))
        reason = "cancelled" if error == AuthError.CANCELLED else "misfit"
        if isinstance(exception, RequestException):
            reason = "down"
        state = (extra_context or {}).get("state") or {}
        raise ImmediateHttpResponse(render_failure(request, reason, wanted=state.get("next", "")))

    @transaction.atomic
    def connect(self, request, sociallogin, person):
        """Connect the account found by its address, unless it has a subject already: that was another person."""
        if SocialAccount.objects.filter(user_id=person.pk, provider=sociallogin.account.provider).exists():
            log_security_event("provider_sent_another_subject", person)
            raise ImmediateHttpResponse(render_failure(request, "unknown", status=403))
        sociallogin.account.user = person
        sociallogin.account.save()
        log_security_event("provider_connected", person)
        record_connection(person, provider_name(), now=timezone.now())


class CouncilTokens(OpenIDConnectOAuth2Adapter):
    """As allauth speaks with the provider, but the signature of every id token is checked as well."""

    def get_access_token_data(self, request, app, client, pkce_code_verifier=None):
        data = super().get_access_token_data(request, app, client, pkce_code_verifier)
        # Otherwise allauth relies on the connection alone, as the standard lets it.
        self.did_fetch_access_token = False
        return data


def uid_at_provider(subject):
    """By what we recognise a person: their number at the provider, and at which.

    The number alone says who it is at one issuer only (OpenID Connect Core 2): where a council changes its provider,
    the new one may have given the number to another person. Raises ValueError where there is no room for both.
    """
    number = f"{subject} at {settings.OIDC_SERVER}"
    if len(number) > SocialAccount._meta.get_field("uid").max_length:
        raise ValueError("the issuer and its number for a person are too long to be kept")
    return number


def verified_address(claims):
    """The e-mail address that the provider says is the person's and verified; None where it does not say so.

    Strictly: the word "false" is not true. Entra ID never says; SCRUTINY_OIDC_EMAIL_IS_VERIFIED then says it.
    """
    merged = claims.get("id_token", {}) | claims.get("userinfo", {})
    verified = merged.get("email_verified", settings.OIDC_EMAIL_IS_VERIFIED)
    address = merged.get("email")
    return address if isinstance(address, str) and (verified is True or verified == "true") else None


def provider_name():
    for provider_settings in settings.SOCIALACCOUNT_PROVIDERS.values():
        return provider_settings["APPS"][0]["name"]
    return ""


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request, provider_id):
    """Lead to the provider. GET, from a bookmark say, leads to the sign-in page with its button."""
    if not provider_name():
        raise Http404
    if request.method == "GET":
        return redirect(url_with_next("account_login", request.GET.get("next", "")))
    if (set(request.GET) | set(request.POST)) - OWN_PARAMETERS:
        raise Http404
    return call_allauth_view(request, OAuth2LoginView, provider_id)


@never_cache
@require_GET
def callback(request, provider_id):
    if not provider_name():
        raise Http404
    return call_allauth_view(request, OAuth2CallbackView, provider_id)


def call_allauth_view(request, view, provider_id):
    try:
        return view.adapter_view(CouncilTokens(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except RequestException as error:
        logger.warning("The council's provider did not answer: %s", describe_fault(error))
        return render_failure(request, "down", status=503)
    except UNREADABLE as error:
        # Its description or its tokens lack what the standard asks for.
        logger.error("The council's provider answered what cannot be understood: %s", describe_fault(error))
        return render_failure(request, "misfit", status=502)


def describe_error(request, exception):
    code = ERROR_CODE.search(str(exception)) or ERROR_CODE.search(f'"error": "{request.GET.get("error", "")}"')
    kind = type(exception).__name__ if exception is not None else "no exception"
    return f"{kind}, {code[1]}" if code else kind


def render_failure(request, reason, status=401, *, wanted=""):
    """The page that says why signing in with the provider did not work, and what to do.

    `reason` is one of those in its template; `wanted` is the page to which the person wanted to go.
    """
    address = url_with_next("account_login", wanted or get_request_param(request, "next", ""))
    context = {"reason": reason, "provider_name": provider_name(), "sign_in_address": address}
    return render(request, "socialaccount/failed.html", context, status=status)
