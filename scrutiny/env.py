"""Strict readers of environment variables, each as `reader(name, default)`.

A value that cannot be understood stops the start with one plain sentence saying which variable it
is, what it holds and what it may hold. Every reader raises SettingError and nothing else.
"""

import os
import re
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
# A name, a name with everything below it (.example.org), an IPv4 or an IPv6 address; no port, no scheme.
HOST = re.compile(r"\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
# Entra's addresses at which everybody's organisation signs in: an e-mail claim from there proves nothing.
MULTI_TENANT = re.compile(r"/(common|organizations|consumers)(/|$)", re.IGNORECASE)
# The end of an e-mail address that other machines cannot answer.
NOBODY_ELSES = re.compile(r"(@|\.)(localhost|localdomain|local|invalid)$|\]$", re.IGNORECASE)


class SettingError(ImproperlyConfigured):
    pass


def text(name, default=""):
    return os.environ.get(name, "").strip() or default


def secret(name, default=""):
    """Like `text`, but also read from the file that the variable `<name>_FILE` points to."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name, default)
    if text(name):
        raise SettingError(f"{name} and {name}_FILE are both set. Keep one of them.")
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    if not value:
        raise SettingError(f"{name}_FILE names {path}, which is empty.")
    return value


def one_of(name, choices, default):
    value = text(name, default)
    if value not in choices:
        raise SettingError(f"{name} is {value!r}. Write one of: {', '.join(choices)}.")
    return value


def boolean(name, default):
    value = text(name, str(default).lower())
    if value not in ("true", "false"):
        raise SettingError(f"{name} is {value!r}. Write true or false.")
    return value == "true"


def number(name, default, *, least=0):
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise SettingError(f"{name} is {value!r}. Write a whole number of {least} or more.")
    return int(value)


def names(name, default=()):
    return [part.strip() for part in text(name).split(",") if part.strip()] or list(default)


def hosts(name, default):
    """A list of host names, each written out: with `*` a request could choose what links begin with."""
    value = names(name, default)
    for host in value:
        if not HOST.fullmatch(host):
            raise SettingError(f"{name} holds {host!r}. Write host names only, such as scrutiny.example.org.")
    return value


def origins(name, *, https):
    value = names(name)
    for origin in value:
        parts = urlsplit(origin)
        wildcard = parts.netloc.removeprefix("*.")
        schemes = ("https",) if https else ("https", "http")
        if parts.scheme not in schemes or not wildcard or "*" in wildcard or parts.path or parts.query:
            raise SettingError(f"{name} holds {origin!r}. Write addresses such as https://other.example.org.")
    return value


def site_address(name, default, hosts, *, https):
    """The address under which people reach the application: scheme, one of its `hosts`, perhaps a port."""
    value = text(name, default).rstrip("/")
    scheme = "https" if https else "http"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in {"https", scheme} or not host or value != f"{parts.scheme}://{parts.netloc}":
        raise SettingError(f"{name} is {value!r}. Write an address such as {scheme}://{hosts[0].lstrip('.')}.")
    host = f"[{host}]" if ":" in host else host
    # As Django compares a host name with ALLOWED_HOSTS.
    is_known = any(
        host == known.lower() or (known.startswith(".") and f".{host}".endswith(known.lower())) for known in hosts
    )
    if "@" in parts.netloc or not is_known:
        raise SettingError(
            f"{name} is {value!r}, whose host is not in SCRUTINY_HOSTS. Links in e-mails would lead people elsewhere."
        )
    return value


def http_address(name):
    """The address of a server, with its scheme and nothing behind the port."""
    value = text(name).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query):
        raise SettingError(f"{name} is {value!r}. Write an address such as https://storage.example.org.")
    return value


def sender(name, default, *, real):
    """The sender of e-mails, such as Scrutiny <scrutiny@example.org>; where `real`, of a domain that others know."""
    value = text(name, default)
    addresses = [address for _, address in getaddresses([value])]
    try:
        for address in addresses:
            validate_email(address)
    except ValidationError:
        addresses = []
    if len(addresses) != 1 or (real and NOBODY_ELSES.search(addresses[0])):
        raise SettingError(
            f"{name} is {value!r}. Write whom e-mails come from, such as Scrutiny <scrutiny@example.org>."
        )
    return value


def openid_providers(*, server, client_id, client_secret, name):
    values = {
        "SCRUTINY_OIDC_SERVER": server,
        "SCRUTINY_OIDC_CLIENT_ID": client_id,
        "SCRUTINY_OIDC_CLIENT_SECRET": client_secret,
        "SCRUTINY_OIDC_NAME": name,
    }
    missing = [variable for variable, value in values.items() if not value]
    if len(missing) == len(values):
        return {}
    if missing:
        raise SettingError(f"{' and '.join(missing)} missing: signing in with the council's provider needs all four.")
    check_issuer("SCRUTINY_OIDC_SERVER", server)
    app = {
        # In the addresses of signing in, and in the redirect address that the provider is given.
        "provider_id": "council",
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


def check_issuer(name, server):
    parts = urlsplit(server)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if not host or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingError(
            f"{name} is {server!r}. Write the issuer's address, such as "
            "https://login.microsoftonline.com/<tenant id>/v2.0."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK_NAMES):
        raise SettingError(f"{name} is {server!r}. It must begin with https://.")
    if MULTI_TENANT.search(parts.path):
        raise SettingError(
            f"{name} is {server!r}, where every organisation signs in. Write your own tenant's id in its place."
        )
