"""Where somebody goes after signing in: an address on this service, never another."""

import unicodedata

from django.http import QueryDict
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

# In the session: the page that somebody asked for who has to set up a second factor first.
PAGE_WANTED = "page_wanted"


def is_own(url):
    """Whether `url` is a path on this service: "//evil", "https:evil", "/\\t/evil" and "\\\\evil" are none."""
    if not url.startswith("/") or any(unicodedata.category(character)[0] == "C" for character in url):
        return False
    return url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def with_next(name, url):
    """The address of the page `name`, which leads to `url` afterwards where that is our own."""
    address = resolve_url(name)
    if not url or not is_own(url):
        return address
    query = QueryDict(mutable=True)
    query["next"] = url
    return f"{address}?{query.urlencode(safe='/')}"
