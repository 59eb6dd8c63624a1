"""How people sign in: sessions ended, second factors allowed, added, removed and reset, a council account connected.

The sessions of a person hang on their password, which nobody knows or uses: a new one ends them all, however they
were begun (see `AbstractBaseUser.get_session_auth_hash`).
"""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.models import Entry, Person
from inquiries.notifications import notify
from inquiries.permissions import Refused, check_can
from scrutiny.logging import log_security_event

SET_UP_WITHIN = timedelta(hours=1)
FACTORS = {
    Authenticator.Type.TOTP: "an authenticator app",
    Authenticator.Type.WEBAUTHN: "a passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


@transaction.atomic
def end_sessions(person, *, by, now):
    """Sign `person` out everywhere, half-finished sign-ins included. Their own to do, and a clerk's.

    Raises Refused for everybody else.
    """
    if by.pk != person.pk:
        check_can("administer", by, person, timezone.localdate(now))
    sign_out(person)
    whose = "their own sessions" if by.pk == person.pk else f"the sessions of {person.name}"
    history.write("end_sessions", person, f"ended {whose}", by=by, now=now)
    log_security_event("sessions_ended", person, by=by.pk)
    if by.pk != person.pk:
        notify([person], "sessions_ended", f"{person.pk}:{now.isoformat()}", now=now, reply_to=by, by=by)


def sign_out(person):
    """Sign `person` out everywhere. For actions that check permission, write the history and notify."""
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    locked.set_unusable_password()
    locked.save(update_fields=["password"])
    person.password = locked.password


@transaction.atomic
def reset_second_factor(person, *, by, now):
    """Take away all second factors of `person` and their connection with the council's provider; end their sessions.

    For a person who lost their device. A clerk does it for others, never for themselves: with a clerk's open session
    an intruder could otherwise add a factor of their own. Raises Refused.
    """
    check_can("administer", by, person, timezone.localdate(now))
    if by.pk == person.pk:
        raise Refused("Ask another clerk to reset how you sign in, or the people who run this installation.")
    delete_factors(person, by=by, now=now, sentence=f"reset how {person.name} signs in")


@transaction.atomic
def allow_second_factor(person, *, by, now):
    """Let `person` set up a second factor after a code by e-mail alone, within SET_UP_WITHIN.

    Where there is a provider, whoever reads their mailbox could otherwise set up one of their own. Raises Refused.
    """
    check_can("administer", by, person, timezone.localdate(now))
    if by.pk == person.pk:
        raise Refused("Ask another clerk to let you set up a second step.")
    sentence = f"let {person.name} set up a second step for signing in"
    history.write("allow_second_factor", person, sentence, by=by, now=now)
    log_security_event("second_factor_allowed", person, by=by.pk)
    notify([person], "second_factor_allowed", f"{person.pk}:{now.isoformat()}", now=now, reply_to=by, by=by)


def second_factor_was_allowed(person, now):
    """Whether another clerk has allowed it a moment ago, or has reset how they sign in: they made sure who asked."""
    allowed = Entry.objects.about(person).filter(verb__in=("allow_second_factor", "reset_second_factor"))
    return allowed.filter(at__gt=now - SET_UP_WITHIN).exists()


@transaction.atomic
def reset_as_operator(person, *, now):
    delete_factors(
        person, by=person, now=now, sentence="had their second factor reset when this installation was looked after"
    )


def delete_factors(person, *, by, now, sentence):
    factors, _ = Authenticator.objects.filter(user_id=person.pk).delete()
    connections, _ = SocialAccount.objects.filter(user_id=person.pk).delete()
    sign_out(person)
    changes = {"second factors": (factors, 0), "connections": (connections, 0)}
    history.write("reset_second_factor", person, sentence, by=by, now=now, changes=changes)
    log_security_event("second_factor_reset", person, by=by.pk)
    notify([person], "second_factor_reset", f"{person.pk}:{now.isoformat()}", now=now, reply_to=by)


@transaction.atomic
def record_factor_added(person, kind, *, now):
    history.write("add_second_factor", person, f"added {FACTORS[kind]} for signing in", by=person, now=now)
    key = f"{person.pk}:{kind}:{now.isoformat()}"
    notify([person], "second_factor_added", key, now=now, factor=FACTORS[kind])


@transaction.atomic
def record_factor_removed(person, kind, *, now):
    history.write("remove_second_factor", person, f"removed {FACTORS[kind]} for signing in", by=person, now=now)
    key = f"{person.pk}:{kind}:{now.isoformat()}"
    notify([person], "second_factor_removed", key, now=now, factor=FACTORS[kind])


@transaction.atomic
def record_connection(person, provider_name, *, now):
    history.write("connect_provider", person, f"connected {provider_name} for signing in", by=person, now=now)
    key = f"{person.pk}:{now.isoformat()}"
    notify([person], "provider_connected", key, now=now, provider_name=provider_name)
