"""Who needs a second factor, and whether it was used in this session."""

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.shortcuts import redirect

from inquiries.accounts import addresses

NOBODY, CLERKS, EVERYBODY = "nobody", "clerks", "everybody"
# What an id token says (RFC 8176) where the provider asked for more than one factor.
SEVERAL_FACTORS = "mfa"
# Where allauth would go on without asking (see SecondFactorStage).
PROVIDER = "provider"
# What allauth calls the use of a second factor in its records of a session.
MFA = "mfa"


def is_needed(person):
    """Whether `person` reaches nothing without a second factor. Clerks are also the administrators."""
    if settings.SECOND_FACTOR == EVERYBODY:
        return True
    return settings.SECOND_FACTOR == CLERKS and person.is_clerk


def has_factor(person):
    """Whether `person` has set up a passkey or an app. Recovery codes alone are none: they only replace one."""
    return is_mfa_enabled(person, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def was_used(request):
    """Whether a second factor (passkey, app, recovery code, or the provider's own) was used in this session."""
    return any(record["method"] == MFA for record in get_authentication_records(request, request.user))


def provider_had_one(signal_kwargs):
    """Whether the council's provider, if it signed this person in, asked for a second factor.

    `signal_kwargs` is what allauth carries through a sign-in. The provider says so (claim `amr`), or the setting
    SCRUTINY_OIDC_HAS_SECOND_FACTOR says that it always does.
    """
    sociallogin = (signal_kwargs or {}).get("sociallogin")
    if sociallogin is None:
        return False
    ways = getattr(sociallogin, "claims", {}).get("id_token", {}).get("amr")
    return settings.OIDC_HAS_SECOND_FACTOR or (isinstance(ways, list) and SEVERAL_FACTORS in ways)


def record_factor(request, person, kind):
    """A factor of `kind` counts as used in this session: one just set up, since that proves it; or the PROVIDER's."""
    record_authentication(request, person, MFA, type=kind)


class SecondFactorStage(AuthenticateStage):
    """Asks for the second factor of whoever has one, unless the council's provider has just asked for its own."""

    def handle(self):
        if provider_had_one(self.login.signal_kwargs):
            return None, True
        answer, goes_on = super().handle()
        if answer is not None:
            # In the address as well: it outlasts a second step that comes too late.
            answer = redirect(addresses.with_next(self.urlname, self.login.redirect_url))
        return answer, goes_on
