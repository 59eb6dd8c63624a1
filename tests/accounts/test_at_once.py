"""Several requests in the same moment, on connections of their own: what counts once counts once."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from tests.accounts.sign_in import ask_for_code, code_in, enter_code
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def same_browser(client):
    """Another window of the browser of `client`."""
    other = Client()
    other.cookies.load(client.cookies.output(header="", attrs=[]))
    return other


def signed_in_sessions():
    return [session for session in Session.objects.all() if SESSION_KEY in session.get_decoded()]


def test_code_signs_in_once(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    code, windows = code_in(mailoutbox[0]), [same_browser(client) for _ in range(5)]
    answers = at_once(*(lambda window=window: enter_code(window, code) for window in windows))
    assert sorted(answer.url for answer in answers) == ["/", *["/accounts/login/code/"] * 4]
    assert len(signed_in_sessions()) == 1


def test_wrong_codes_are_all_counted(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    windows = [same_browser(client) for _ in range(3)]
    at_once(*(lambda window=window: enter_code(window, "BBBB-BBBB") for window in windows))
    enter_code(client, code_in(mailoutbox[0]))
    assert signed_in_sessions() == []
