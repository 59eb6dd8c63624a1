"""Guesses are counted for each account and each network address, over sessions, codes and processes."""

import html5lib
import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache

from tests.accounts.sign_in import CONFIRM, LOGIN, ask_for_code, code_in, enter_code, sign_in_by_code, who

pytestmark = pytest.mark.django_db

WRONG = "BBBB-BBBB"
WAIT = "There were too many attempts. Wait 15 minutes, then try again."


def test_limits_codes_per_address(client, officer, mailoutbox):
    for _ in range(5):
        assert ask_for_code(client.__class__(), officer.email).url == CONFIRM
    page = ask_for_code(client.__class__(), officer.email.upper())
    assert page.status_code == 200
    assert WAIT in page.text
    assert len(mailoutbox) == 5


def test_limits_unknown_address(client, officer):
    pages = {}
    for address in (officer.email, "nobody-here@wealdshire.example"):
        for _ in range(6):
            answer = ask_for_code(client.__class__(), address)
        pages[address] = (answer.status_code, WAIT in answer.text)
    assert set(pages.values()) == {(200, True)}


def test_limits_guesses(client, officer, mailoutbox, settings):
    """Whoever asks for code after code, each in a browser of its own and from an address of its own."""
    taken = 0
    for number in range(30):
        robot = client.__class__(REMOTE_ADDR=f"192.0.2.{number}")
        if ask_for_code(robot, officer.email).status_code != 302:
            continue
        for _ in range(3):
            taken += enter_code(robot, WRONG).status_code != 429
    assert (len(mailoutbox), taken) == (5, 10)
    # A day long, at that pace: 40 guesses of 25,600,000,000.
    assert "40/d/key" in settings.ACCOUNT_RATE_LIMITS["enter_login_code"]


def test_limits_simultaneous_guesses(client, officer, mailoutbox):
    """Each of these requests has a session in which nothing has failed yet, as requests at the same time do."""
    ask_for_code(client, officer.email)
    fresh, taken = client.session["account_login"], 0
    for _ in range(20):
        session = client.session
        session["account_login"] = fresh
        session.save()
        taken += enter_code(client, WRONG).status_code != 429
    assert taken == 10
    assert enter_code(client, code_in(mailoutbox[0])).status_code == 429


def test_limit_page_says_what_to_do(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    fresh = client.session["account_login"]
    for _ in range(11):
        session = client.session
        session["account_login"] = fresh
        session.save()
        answer = enter_code(client, WRONG)
    assert (answer.status_code, "Wait 15 minutes, then try again." in answer.text) == (429, True)
    html5lib.HTMLParser(strict=True).parse(answer.text)


def test_limits_network_address(client):
    answers = [
        ask_for_code(client.__class__(REMOTE_ADDR="192.0.2.1"), f"person{number}@wealdshire.example")
        for number in range(31)
    ]
    assert [answer.status_code for answer in answers] == [302] * 30 + [200]
    assert ask_for_code(client.__class__(REMOTE_ADDR="192.0.2.2"), "person@wealdshire.example").status_code == 302


def test_ignores_forwarded_address(client):
    """Without a proxy the header X-Forwarded-For says nothing."""
    for number in range(31):
        answer = client.__class__(HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").post(
            LOGIN, {"email": f"person{number}@wealdshire.example"}
        )
    assert answer.status_code == 200


def test_uses_forwarded_address_behind_proxy(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(31):
        answer = client.__class__(HTTP_X_FORWARDED_FOR=f"203.0.113.9, 198.51.100.{number}").post(
            LOGIN, {"email": f"person{number}@wealdshire.example"}
        )
    assert answer.status_code == 302


def test_limits_passkeys_by_network_address(client):
    answers = [client.post("/accounts/login/passkey/", {"credential": "{}"}) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [302] * 30 + [429]


def test_cache_keeps_all_counts(client, officer):
    """Django's cache in the database throws entries away when there are more than 300."""
    for _ in range(5):
        ask_for_code(client.__class__(), officer.email)
    for number in range(400):
        cache.set(f"another-{number}", 1, 900)
    assert ask_for_code(client.__class__(), officer.email).status_code == 200


def test_logs_the_limit(client, officer, caplog):
    caplog.set_level("INFO", "scrutiny.security")
    for _ in range(6):
        ask_for_code(client.__class__(), officer.email)
    assert [record.getMessage() for record in caplog.records if record.name == "scrutiny.security"] == [
        "limit_reached person=nobody"
    ]


def test_does_not_stop_correct_codes(client, officer, mailoutbox):
    for _ in range(4):
        sign_in_by_code(client, officer, mailoutbox)
        assert who(client) == officer
        client.post("/accounts/logout/")


def test_correct_factor_keeps_daily_count(client, officer, mailoutbox):
    """Somebody reads another's mail and guesses the second step; the owner signs in again and again meanwhile."""
    TOTP.activate(officer, generate_totp_secret())
    codes = RecoveryCodes.activate(officer).generate_codes()
    sign_in_by_code(client, officer, mailoutbox)
    step, entered = client.session["account_login"], []
    for number in range(8):
        for code in ["000000"] * 4 + [codes[number]]:
            browser = client.__class__(REMOTE_ADDR=f"192.0.2.{number}")
            session = browser.session
            session["account_login"] = step
            session.save()
            entered.append(browser.post("/accounts/login/second-factor/", {"code": code}).status_code)
    assert entered == ([200] * 4 + [302]) * 6 + [429] * 10


def test_correct_factor_keeps_network_count(client, officer, other_officer, mailoutbox):
    """Somebody with a factor of their own guesses those of others, and uses their own now and then."""
    people = [officer, other_officer]
    for person in people:
        TOTP.activate(person, generate_totp_secret())
    codes = RecoveryCodes.activate(officer).generate_codes()
    steps = []
    for person in people:
        browser = client.__class__(REMOTE_ADDR="192.0.2.1")
        sign_in_by_code(browser, person, mailoutbox)
        steps.append(browser.session["account_login"])
    answers = []
    for number in range(31):
        browser = client.__class__(REMOTE_ADDR="192.0.2.9")
        session = browser.session
        session["account_login"] = steps[number % 2]
        session.save()
        code = codes[number // 4] if number % 4 == 0 else "000000"
        answers.append(browser.post("/accounts/login/second-factor/", {"code": code}).status_code)
    assert answers == [*([302, 200, 200, 200] * 8)[:30], 429]


def test_limits_reauthentication(client, officer, mailoutbox):
    TOTP.activate(officer, generate_totp_secret())
    client.force_login(officer)
    answers = [client.post("/accounts/second-factor/use/", {"code": "000000"}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
