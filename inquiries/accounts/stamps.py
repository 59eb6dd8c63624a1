"""Signing in takes several pages: what was begun before somebody's sessions were ended is not finished after it."""

from django.utils.crypto import constant_time_compare

SESSION_KEY = "sign_in_stamp"


def stamp(request, person):
    """Remember that `person` begins to sign in here, as they are now."""
    request.session[SESSION_KEY] = _stamp(person)


def is_outdated(request, person):
    """Whether this sign-in of `person` was begun before their sessions were ended."""
    stamped = request.session.get(SESSION_KEY, "")
    return stamped.startswith(f"{person.pk}:") and not constant_time_compare(stamped, _stamp(person))


def forget(request):
    """The sign-in is finished, or given up."""
    request.session.pop(SESSION_KEY, None)


def _stamp(person):
    return f"{person.pk}:{person.get_session_auth_hash()}"
