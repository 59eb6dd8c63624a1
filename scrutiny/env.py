"""Strict readers of environment variables.

A value that cannot be understood stops the start with one plain sentence saying which variable it
is, what it holds and what it may hold. Every reader raises SettingError and nothing else.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
# A name, a name with everything below it (.example.org), an IPv4 or an IPv6 address; no port, no scheme.
HOST = re.compile(r"\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")


class SettingError(ImproperlyConfigured):
    """An environment variable is missing or cannot be understood."""


def text(name, default=""):
    """The value of the variable `name` without surrounding blanks, or `default` where it is unset or blank."""
    return os.environ.get(name, "").strip() or default


def secret(name, default=""):
    """Like `text`, but also read from the file that the variable `<name>_FILE` points to.

    Raises SettingError when both are set, or when the file cannot be read or is empty.
    """
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


def boolean(name, default):
    """True or False. Only the words true and false are understood."""
    value = text(name)
    if not value:
        return default
    if value not in ("true", "false"):
        raise SettingError(f"{name} is {value!r}. Write true or false.")
    return value == "true"


def number(name, default, *, least=0):
    """A whole number of at least `least`."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) < least:
        raise SettingError(f"{name} is {value!r}. Write a whole number of {least} or more.")
    return int(value)


def numbers(name, default):
    """A rising list of whole numbers of at least 1, written with commas between: 6,12."""
    value = text(name)
    if not value:
        return list(default)
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise SettingError(f"{name} is {value!r}. Write whole numbers with commas between them, such as 6,12.")
    found = [int(part) for part in parts]
    if found != sorted(set(found)):
        raise SettingError(f"{name} is {value!r}. Write each number once, the smallest first, such as 6,12.")
    return found


def names(name, default=()):
    """A list of words, written with commas between; blanks around them are dropped."""
    value = text(name)
    if not value:
        return list(default)
    return [part.strip() for part in value.split(",") if part.strip()]


def hosts(name, default):
    """A list of host names, each written out: `*` would let whoever asks choose what links begin with."""
    value = names(name, default)
    for host in value:
        if not HOST.fullmatch(host):
            raise SettingError(f"{name} holds {host!r}. Write host names only, such as scrutiny.example.org.")
    return value


def origins(name, *, https):
    """A list of addresses of other sites, with scheme and without path."""
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
    if "@" in parts.netloc or not _is_one_of(f"[{host}]" if ":" in host else host, hosts):
        raise SettingError(
            f"{name} is {value!r}, whose host is not in SCRUTINY_HOSTS. Links in mails would lead people elsewhere."
        )
    return value


def _is_one_of(host, hosts):
    """As Django compares a host name with ALLOWED_HOSTS."""
    return any(
        host == known.lower() or (known.startswith(".") and f".{host}".endswith(known.lower())) for known in hosts
    )


def one_of(name, choices, default):
    """One of the words in `choices`."""
    value = text(name, default)
    if value not in choices:
        raise SettingError(f"{name} is {value!r}. Write one of: {', '.join(choices)}.")
    return value


def all_loopback(hosts):
    """Whether every one of the host names in `hosts` is this machine speaking to itself."""
    return all(host in LOOPBACK_NAMES for host in hosts)
