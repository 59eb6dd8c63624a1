"""What the tests of attacks share: the worlds of the access matrix, and the cast signed in."""

import pytest
from django.test import Client

from tests.test_access import world

__all__ = ["world"]

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def signed_in():
    """A function that gives a browser in which a person is signed in; `how` is passed to it."""

    def browser_of(person, **how):
        browser = Client(**how)
        if person is not None and person.is_authenticated:
            browser.force_login(person, backend=BACKEND)
        return browser

    return browser_of
