"""The council's own provider of identities (OpenID Connect), as the settings name it."""

import re
from urllib.parse import urlsplit

from scrutiny.env import LOOPBACK_NAMES, SettingError

# What stands in the addresses of signing in, and in the redirect address that the provider is told.
KEY = "council"
# Entra's addresses at which everybody's organisation signs in: an e-mail claim from there proves nothing.
MULTI_TENANT = re.compile(r"/(common|organizations|consumers)(/|$)", re.IGNORECASE)


def providers(*, server, client_id, client_secret, name):
    """The setting SOCIALACCOUNT_PROVIDERS: one provider, or none where nothing is given.

    Raises SettingError where only a part is given, or where the server cannot be trusted with an e-mail address.
    """
    given = {
        "SCRUTINY_OIDC_SERVER": server,
        "SCRUTINY_OIDC_CLIENT_ID": client_id,
        "SCRUTINY_OIDC_CLIENT_SECRET": client_secret,
        "SCRUTINY_OIDC_NAME": name,
    }
    missing = [variable for variable, value in given.items() if not value]
    if len(missing) == len(given):
        return {}
    if missing:
        raise SettingError(f"{' and '.join(missing)} missing: signing in with the council's provider needs all four.")
    check_server(server)
    app = {
        "provider_id": KEY,
        "name": name,
        "client_id": client_id,
        "secret": client_secret,
        "settings": {
            "server_url": server.rstrip("/"),
            # Whatever its own description says: tokens of any other issuer are refused.
            "openid_configuration_overrides": {"issuer": server},
            "oauth_pkce_enabled": True,
        },
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def check_server(server):
    """Raise SettingError unless `server` is an issuer whose e-mail addresses may be believed."""
    parts = urlsplit(server)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if not host or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingError(
            f"SCRUTINY_OIDC_SERVER is {server!r}. Write the issuer's address, such as "
            "https://login.microsoftonline.com/<tenant id>/v2.0."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK_NAMES):
        raise SettingError(f"SCRUTINY_OIDC_SERVER is {server!r}. It must begin with https://.")
    if MULTI_TENANT.search(parts.path):
        raise SettingError(
            f"SCRUTINY_OIDC_SERVER is {server!r}, where every organisation signs in. "
            "Write your own tenant's id in its place."
        )


def origin(server):
    """What the content security policy must allow forms to lead to: scheme, host and port of the server."""
    parts = urlsplit(server)
    return f"{parts.scheme}://{parts.netloc}"
