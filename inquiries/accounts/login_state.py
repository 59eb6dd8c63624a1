"""What the session knows about a sign-in: who began it, which factors were used, where it leads afterwards."""

import time
import unicodedata

from allauth.account.authentication import get_authentication_records

# allauth has no public function for this.
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import QueryDict
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from inquiries.actions.sessions import second_factor_was_allowed

# Keys of the session: the page asked for by a person who has to set up a second factor first; when they signed in and
# last asked for a page; why the last session ended ("idle" or "long"); for whom a sign-in was begun.
PAGE_WANTED = "page_wanted"
SIGNED_IN_AT = "signed_in_at"
LAST_SEEN_AT = "last_seen_at"
ENDED = "ended"
STAMP = "sign_in_stamp"

# What allauth calls the use of a second factor in its records of a session.
MFA = "mfa"
# The kind of factor in that record where it was the council's provider that asked for one.
PROVIDER = "provider"


# Characters of an address, which is kept in the session during a sign-in.
LONGEST_URL = 2000


def is_own_url(url):
    """Whether `url` is a path on this service: "//evil", "https:evil", "/\\t/evil" and "\\\\evil" are none."""
    if not url.startswith("/") or len(url) > LONGEST_URL:
        return False
    if any(unicodedata.category(character)[0] == "C" for character in url):
        return False
    return url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def url_with_next(name, url):
    """The address of the page `name`, which leads to `url` afterwards where that is our own."""
    address = resolve_url(name)
    if not url or not is_own_url(url):
        return address
    query = QueryDict(mutable=True)
    query["next"] = url
    return f"{address}?{query.urlencode(safe='/')}"


# A sign-in takes several pages. Ending a person's sessions changes their session hash, so that a sign-in begun before
# is not finished after it.


def stamp_of(person):
    return f"{person.pk}:{person.get_session_auth_hash()}"


def stamp(request, person):
    request.session[STAMP] = stamp_of(person)


def is_outdated(request, person):
    stamped = request.session.get(STAMP, "")
    return stamped.startswith(f"{person.pk}:") and not constant_time_compare(stamped, stamp_of(person))


def forget_stamp(request):
    request.session.pop(STAMP, None)


# The second factor


def needs_second_factor(person):
    return settings.SECOND_FACTOR == "everybody" or (settings.SECOND_FACTOR == "clerks" and person.is_clerk)


def has_second_factor(person):
    """Whether `person` has set up a passkey or an app. Recovery codes alone are none: they only replace one."""
    return is_mfa_enabled(person, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def used_second_factor(request):
    return any(record["method"] == MFA for record in get_authentication_records(request, request.user))


def may_set_up_factor(request):
    """Whether this person, who has no second factor, may set one up here.

    Where they need one and there is a provider, a code by e-mail is not enough: the mailbox alone must not open the
    account. They have come through the provider, or another clerk has just allowed it.
    """
    person = request.user
    if not (settings.OIDC_SERVER and needs_second_factor(person)):
        return True
    ways = {record["method"] for record in get_authentication_records(request, person)}
    return "socialaccount" in ways or second_factor_was_allowed(person, timezone.now())


def provider_used_second_factor(signal_kwargs):
    """Whether the council's provider, if it signed this person in, asked for a second factor.

    `signal_kwargs` is what allauth carries through a sign-in. The provider says so (claim `amr`, RFC 8176), or
    SCRUTINY_OIDC_HAS_SECOND_FACTOR says that it always does.
    """
    sociallogin = (signal_kwargs or {}).get("sociallogin")
    if sociallogin is None:
        return False
    methods = getattr(sociallogin, "claims", {}).get("id_token", {}).get("amr")
    return settings.OIDC_HAS_SECOND_FACTOR or (isinstance(methods, list) and "mfa" in methods)


def record_second_factor(request, person, kind):
    """Count a factor as used in this session: one just set up, since that proves it, or the PROVIDER's."""
    record_authentication(request, person, MFA, type=kind)


def proved_recently(request):
    """Whether this person signed in within the last minutes: with their second factor, where they have one.

    A session that was begun by a code alone, before they set one up, proves too little to take it away again.
    """
    records = get_authentication_records(request, request.user)
    if has_second_factor(request.user):
        records = [record for record in records if record["method"] == MFA]
    times = [record["at"] for record in records]
    return bool(times) and time.time() - max(times) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
