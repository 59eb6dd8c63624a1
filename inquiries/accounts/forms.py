"""The forms of signing in: the e-mail address, and answers of passkeys."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import RequestLoginCodeForm
from allauth.core import context, ratelimit
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings

from inquiries.accounts.login_state import needs_second_factor
from inquiries.choices import NewsEmails
from inquiries.govuk import GovukForm, Radios
from inquiries.models import Person

# Raised by the libraries that read the answer of a passkey, or of a provider, where it makes no sense.
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)


class RequestCodeForm(RequestLoginCodeForm):
    def clean_email(self):
        address = self.cleaned_data["email"]
        adapter = get_adapter()
        if not ratelimit.consume(context.request, action="request_login_code", key=address.lower()):
            raise adapter.validation_error("too_many_login_attempts")
        self._user = person_at(address)
        if self._user and settings.OIDC_REPLACES_CODES and needs_second_factor(self._user):
            # As if nobody had the address. The page names the other ways.
            self._user = None
        if self._user:
            # As the clerk wrote it: the page shows what was typed, in small letters, for known and unknown alike.
            context.request.send_code_to = self._user.email
        return address


class NewsEmailsForm(GovukForm, forms.Form):
    news_emails = forms.ChoiceField(
        label="When should they come?",
        choices=NewsEmails.choices,
        widget=Radios,
        error_messages={"required": "Choose when they should come", "invalid_choice": "Choose when they should come"},
    )


def person_at(address):
    """The active person with this e-mail address, or None.

    Compared in Python as well: for PostgreSQL some letters outside ASCII are the capital of an ASCII letter, too, and
    such an address may belong to another person.
    """
    person = Person.objects.present().filter(email__iexact=address).first()
    return person if person is not None and person.email.lower() == address.lower() else None


class ReadableCredentialMixin(forms.Form):
    """A passkey's answer that cannot be read is a wrong one, not a fault of ours."""

    def clean_credential(self):
        try:
            return super().clean_credential()
        except UNREADABLE as error:
            raise get_mfa_adapter().validation_error("incorrect_code") from error


class LoginPasskeyForm(ReadableCredentialMixin, LoginWebAuthnForm):
    pass


class AuthenticatePasskeyForm(ReadableCredentialMixin, AuthenticateWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(ReadableCredentialMixin, ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(AddWebAuthnForm):
    """A passkey, which works alone too: its device asks for a finger, a face or a PIN."""

    name = forms.CharField(
        label="What do you call this passkey?",
        help_text="So that you know it again, such as “work laptop”.",
        max_length=50,
        required=False,
    )
    passwordless = None

    def clean(self):
        try:
            # Read by allauth: whether the device has asked who it is.
            self.cleaned_data["passwordless"] = True
            return super().clean()
        except UNREADABLE as error:
            raise get_mfa_adapter().validation_error("incorrect_code") from error
