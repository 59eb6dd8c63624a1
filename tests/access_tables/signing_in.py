"""Signing in, second factors and the own account: what every role gets (columns as in tests/access_table.py)."""

from tests.access_table import CLERKS_ONLY, NO_SUCH_METHOD, NOT_FOUND

# Led to the sign-in page and back to the page; everybody has an account of their own.
OWN_PAGE = "302 200 200 200 200 200 200 200 200 200"
EVERYBODY_LED_AWAY = " ".join(["302"] * 10)
# Nobody has a factor in these worlds: it is not there to be removed or used.
NO_FACTOR = "302 404 404 404 404 404 404 404 404 404"
NOTHING_TO_USE = "302 403 403 403 403 403 403 403 403 403"


def always(get, post):
    """The same in both worlds."""
    return {"collecting get": get, "collecting post": post, "published get": get, "published post": post}


TABLE: dict[str, dict[str, str]] = {
    # No provider is configured.
    "openid_connect_login": always(NOT_FOUND, NOT_FOUND),
    "openid_connect_callback": always(NOT_FOUND, NO_SUCH_METHOD),
    "mfa_login_webauthn": always(EVERYBODY_LED_AWAY, EVERYBODY_LED_AWAY),
    "mfa_authenticate": always(EVERYBODY_LED_AWAY, EVERYBODY_LED_AWAY),
    "account_you": always(OWN_PAGE, NO_SUCH_METHOD),
    # A form that came empty is shown again.
    "account_emails": always(OWN_PAGE, OWN_PAGE),
    "account_sign_out_everywhere": always(NO_SUCH_METHOD, EVERYBODY_LED_AWAY),
    "mfa_index": always(OWN_PAGE, "302 405 405 405 405 405 405 405 405 405"),
    # Whoever has not signed in a moment ago signs in again first.
    "mfa_add_webauthn": always(EVERYBODY_LED_AWAY, EVERYBODY_LED_AWAY),
    "mfa_activate_totp": always(EVERYBODY_LED_AWAY, EVERYBODY_LED_AWAY),
    "mfa_deactivate_totp": always(NO_FACTOR, NO_FACTOR),
    "mfa_remove_webauthn": always(NO_FACTOR, NO_FACTOR),
    "mfa_view_recovery_codes": always(NO_FACTOR, "302 405 405 405 405 405 405 405 405 405"),
    "mfa_generate_recovery_codes": always(OWN_PAGE, OWN_PAGE),
    "mfa_reauthenticate": always(NOTHING_TO_USE, NOTHING_TO_USE),
    "mfa_reauthenticate_webauthn": always(NOTHING_TO_USE, NOTHING_TO_USE),
    "clerk:end_sessions": always(CLERKS_ONLY, "302 404 404 404 404 404 404 404 404 302"),
    "clerk:reset_second_factor": always(CLERKS_ONLY, "302 404 404 404 404 404 404 404 404 302"),
    "clerk:allow_second_factor": always(CLERKS_ONLY, "302 404 404 404 404 404 404 404 404 302"),
}

# What stands for the parts of an address where their name alone does not say it (see tests/test_access.py).
OWN: dict[str, dict[str, str]] = {
    "openid_connect_login": {"provider_id": "provider"},
    "openid_connect_callback": {"provider_id": "provider"},
    "mfa_remove_webauthn": {"pk": "passkey"},
    "clerk:end_sessions": {"pk": "person"},
    "clerk:reset_second_factor": {"pk": "person"},
    "clerk:allow_second_factor": {"pk": "person"},
}
