"""What allauth asks us: who may sign in, where they go, what they read, how second factors are stored."""

import base64
import hashlib
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from threading import Timer

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records

# allauth has no public function for this.
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.utils import get_request_param
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, connection
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from inquiries.accounts import login_state
from inquiries.emails import make_email
from inquiries.models import Person
from inquiries.notifications import is_address_refused, record_undelivered_code
from scrutiny.error_codes import describe_fault, name_and_codes
from scrutiny.logging import log_security_event

logger = logging.getLogger(__name__)

TOO_MANY_ATTEMPTS = "There were too many attempts. Wait 15 minutes, then try again."
LIMITS = ("too_many_login_attempts", "rate_limited")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by clerks: nobody signs up. A code proves the address, a second factor the person."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": "This code is not right. Check it, or ask for another.",
        "too_many_login_attempts": TOO_MANY_ATTEMPTS,
        "rate_limited": TOO_MANY_ATTEMPTS,
    }

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        return login_state.is_own_url(url)

    def validation_error(self, code, *args):
        if code in LIMITS:
            log_security_event("limit_reached", getattr(self.request, "user", None))
        return super().validation_error(code, *args)

    def send_mail(self, template_prefix, email, context):
        """The e-mail with the code. allauth would send notifications here only, and those are ours."""
        address = getattr(self.request, "send_code_to", email)
        send_code_email(self.request, template_prefix, address, code=context["code"])

    def send_notification_mail(self, *args, **kwargs):
        """Nothing: adding and removing a factor is an action of ours, with its history and its notification."""

    def get_login_stages(self):
        return ["allauth.account.stages.LoginByCodeStage", "inquiries.accounts.adapters.SecondFactorStage"]

    def pre_login(self, request, user, **kwargs):
        if login_state.is_outdated(request, user):
            self.restart_sign_in(request, user)
        if not user.email:
            # A clerk took the address away so that they no longer sign in: their passkey must not do so either.
            clear_login(request)
            return self.respond_user_inactive(request, user)
        login_state.stamp(request, user)
        return super().pre_login(request, user, **kwargs)

    def login(self, request, user):
        # Between the first step and the last a clerk may have ended the sessions or the account.
        if login_state.is_outdated(request, user) or not user.is_active:
            self.restart_sign_in(request, user)
        super().login(request, user)
        login_state.forget_stamp(request)
        request.session[login_state.SIGNED_IN_AT] = timezone.now().timestamp()

    def post_login(self, request, user, *, signal_kwargs=None, **kwargs):
        if login_state.provider_used_second_factor(signal_kwargs):
            login_state.record_second_factor(request, user, login_state.PROVIDER)
        methods = "+".join(record["method"] for record in get_authentication_records(request, user))
        log_security_event("signed_in", user, by=methods)
        return super().post_login(request, user, signal_kwargs=signal_kwargs, **kwargs)

    def is_reauthentication_required(self, *, app, **kwargs):
        return not login_state.proved_recently(self.request)

    def get_reauthentication_methods(self, user):
        kinds = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
        methods = []
        if Authenticator.Type.WEBAUTHN in kinds:
            methods.append(("mfa_reauthenticate:webauthn", "Use a passkey", "mfa_reauthenticate_webauthn"))
        if kinds - {Authenticator.Type.WEBAUTHN}:
            methods.append(("mfa_reauthenticate", "Use a code", "mfa_reauthenticate"))
        return [{"id": key, "description": text, "url": reverse(name)} for key, text, name in methods]

    def restart_sign_in(self, request, user):
        # Not the whole session: it may hold a draft.
        clear_login(request)
        login_state.forget_stamp(request)
        log_security_event("sign_in_outdated", user)
        messages.error(request, "Your sign-in was not finished in time. Start again.")
        wanted = get_request_param(request, "next", "")
        raise ImmediateHttpResponse(redirect(login_state.url_with_next("account_login", wanted)))


class SecondFactorStage(AuthenticateStage):
    """Asks for the second factor of a person who has one, unless the council's provider has just asked for its own."""

    def handle(self):
        if login_state.provider_used_second_factor(self.login.signal_kwargs):
            return None, True
        response, goes_on = super().handle()
        if response is not None:
            # In the address as well: it outlasts a second step that comes too late.
            response = redirect(login_state.url_with_next(self.urlname, self.login.redirect_url))
        return response, goes_on


class FactorAdapter(DefaultMFAAdapter):
    """Plain messages, encrypted secrets, and a line in the log for every code that was wrong."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This was not right. Check it, or try another way."
    }

    def validation_error(self, code, *args):
        if code == "incorrect_code":
            log_security_event("second_factor_wrong", getattr(self.request, "user", None))
        return super().validation_error(code, *args)

    def encrypt(self, text):
        return secret_key_cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """The secret; one that fits no code where the secret key has been changed since.

        The person then uses a passkey, or a clerk resets how they sign in. The log says that it happened.
        """
        try:
            return secret_key_cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log_security_event("second_factor_unreadable")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def get_totp_issuer(self):
        return f"Scrutiny at {settings.COUNCIL_NAME}"

    def build_totp_svg(self, url):
        """The QR code as markup for the page itself: our policy shows no image from a data address."""
        return super().build_totp_svg(url).partition("?>")[2].strip()

    def generate_authenticator_name(self, user, type):
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return f"Passkey {number}"

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": "Scrutiny"}


def secret_key_cipher():
    digests = [
        hashlib.sha256(b"second factors" + key.encode()).digest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


# The e-mail with the code is sent after the page has been answered. Otherwise the time that the mail server takes, or
# only a thread that begins to work beside the page, would tell a stranger which addresses have an account.

# More e-mails than this at once are no council signing in. The others wait, and are sent before the process ends.
senders = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sign-in-mail")
# In seconds, before each further try: while the code is good, and only in memory, for a code is not stored.
PAUSES = (10, 20, 40, 80, 160, 320)


@dataclass(frozen=True)
class CodeEmail:
    """The e-mail `<template>_subject.txt` and `<template>_message.txt` to the person with this address."""

    template: str
    address: str
    context: dict

    def send(self):
        context = {"COUNCIL_NAME": settings.COUNCIL_NAME, **self.context}
        subject = " ".join(render_to_string(f"{self.template}_subject.txt", context).split())
        body = render_to_string(f"{self.template}_message.txt", context).strip()
        make_email(subject, f"{body}\n", self.address).send()


def send_code_email(request, template, address, **context):
    """Send a CodeEmail: in the background, once `request` has been answered (see `send_when_answered`), or now."""
    email = CodeEmail(template, address, context)
    if settings.SEND_CODES_IN_BACKGROUND:
        request.waiting_email = partial(senders.submit, copy_context().run, send_in_background, email)
    else:
        deliver(email, len(PAUSES))


def send_when_answered(request, response):
    """Have the e-mail that waits in `request`, if any, sent when the server closes `response` (PEP 3333)."""
    submit = getattr(request, "waiting_email", None)
    if submit is None:
        return
    close = response.close

    def close_and_submit():
        close()
        submit()

    response.close = close_and_submit


def send_in_background(email, tried=0):
    try:
        deliver(email, tried)
    except DatabaseError as error:
        logger.error("That a sign-in code could not be sent is not recorded: %s", describe_fault(error))
    finally:
        connection.close()


def deliver(email, tried):
    """Send it; where the mail server does not take it, again after a pause, or else leave word for the clerks."""
    try:
        email.send()
    except Exception as error:
        # Not the error's own text: it repeats the address.
        logger.error("A sign-in code could not be sent: %s", describe_fault(error))
        is_refused = is_address_refused(error)
        if tried < len(PAUSES) and not is_refused:
            send_later(PAUSES[tried], email, tried + 1)
        elif person := Person.objects.present().filter(email=email.address).first():
            record_undelivered_code(person, name_and_codes(error), is_refused=is_refused, now=timezone.now())


def send_later(pause, email, tried):
    timer = Timer(pause, senders.submit, [copy_context().run, send_in_background, email, tried])
    # A process that ends waits for none of them: the page says that another code can be asked for.
    timer.daemon = True
    timer.start()
