"""What allauth asks us about accounts: who may sign in, where they go, what they are told."""

import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.utils import get_request_param
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from inquiries.accounts import addresses, mailing, stamps
from inquiries.accounts.second_factor import MFA, PROVIDER, has_factor, provider_had_one, record_factor
from inquiries.accounts.security_log import note

SIGNED_IN_AT = "signed_in_at"
WAIT = "There were too many attempts. Wait 15 minutes, then try again."
LIMITS = ("too_many_login_attempts", "rate_limited")
AGAIN = "Your sign-in was not finished in time. Start again."


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by clerks: nobody signs up. A code proves the address, a second factor the person."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": "This code is not right. Check it, or ask for another.",
        "too_many_login_attempts": WAIT,
        "rate_limited": WAIT,
    }

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        return addresses.is_own(url)

    def validation_error(self, code, *args):
        if code in LIMITS:
            note("limit_reached", self._person())
        return super().validation_error(code, *args)

    def send_mail(self, template_prefix, email, context):
        """The code's mail. The only other that allauth sends here would be notices, which we send ourselves."""
        address = getattr(self.request, "code_goes_to", email)
        mailing.send(self.request, template_prefix, address, code=context["code"])

    def send_notification_mail(self, *args, **kwargs):
        """Nothing: adding and removing a factor is a deed of ours, with its history and its notice."""

    def get_login_stages(self):
        return ["allauth.account.stages.LoginByCodeStage", "inquiries.accounts.second_factor.SecondFactorStage"]

    def pre_login(self, request, user, **kwargs):
        if stamps.is_outdated(request, user):
            self._start_again(request, user)
        if not user.email:
            # A clerk took the address away so that they no longer sign in: their passkey must not do so either.
            clear_login(request)
            return self.respond_user_inactive(request, user)
        stamps.stamp(request, user)
        return super().pre_login(request, user, **kwargs)

    def login(self, request, user):
        # Between the first step and the last a clerk may have ended the sessions or the account.
        if stamps.is_outdated(request, user) or not user.is_active:
            self._start_again(request, user)
        super().login(request, user)
        stamps.forget(request)
        request.session[SIGNED_IN_AT] = timezone.now().timestamp()

    def post_login(self, request, user, *, signal_kwargs=None, **kwargs):
        if provider_had_one(signal_kwargs):
            record_factor(request, user, PROVIDER)
        ways = "+".join(record["method"] for record in get_authentication_records(request, user))
        note("signed_in", user, by=ways)
        return super().post_login(request, user, signal_kwargs=signal_kwargs, **kwargs)

    def is_reauthentication_required(self, *, app, **kwargs):
        """Not shortly after signing in: the person has just proved who they are."""
        return not proved_recently(self.request)

    def get_reauthentication_methods(self, user):
        """By a factor only: passwords are not used here."""
        kinds = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
        pages = []
        if Authenticator.Type.WEBAUTHN in kinds:
            pages.append(("mfa_reauthenticate:webauthn", "Use a passkey", "mfa_reauthenticate_webauthn"))
        if kinds - {Authenticator.Type.WEBAUTHN}:
            pages.append(("mfa_reauthenticate", "Use a code", "mfa_reauthenticate"))
        return [{"id": key, "description": words, "url": reverse(name)} for key, words, name in pages]

    def _start_again(self, request, user):
        # Not the whole session: it may keep words that somebody typed.
        clear_login(request)
        stamps.forget(request)
        note("sign_in_outdated", user)
        messages.error(request, AGAIN)
        wanted = get_request_param(request, "next", "")
        raise ImmediateHttpResponse(redirect(addresses.with_next("account_login", wanted)))

    def _person(self):
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None


def proved_recently(request):
    """Whether this person signed in within the last minutes: with their second factor, where they have one.

    A session that was begun by a code alone, before they set one up, proves too little to take it away again.
    """
    records = get_authentication_records(request, request.user)
    if has_factor(request.user):
        records = [record for record in records if record["method"] == MFA]
    times = [record["at"] for record in records]
    return bool(times) and time.time() - max(times) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
