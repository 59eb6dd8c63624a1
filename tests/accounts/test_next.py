"""Links in mails lead to their page after signing in; no link leads anywhere else."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.utils.http import urlencode

from inquiries.accounts.login_state import is_own_url
from inquiries.actions.sessions import end_sessions
from inquiries.models import Person
from tests.accounts.sign_in import CONFIRM, LOGIN, ask_for_code, code_in, enter_code, sign_in_by_code
from tests.accounts.test_second_factor import ENTER, SLOW_APP, USE, code_of
from tests.cast import NOW

pytestmark = pytest.mark.django_db

PAGE = "/inquiries/?q=homes"
EVIL = [
    "//evil.example/",
    "///evil.example/",
    "https:evil.example",
    "https://evil.example/",
    "http:///evil.example/",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\x00/evil.example",
    "evil.example",
    "@evil.example",
]


def test_next_after_code(client, officer, mailoutbox):
    link = f"{LOGIN}?{urlencode({'next': PAGE})}"
    page = client.get(link)
    assert f'name="next" value="{PAGE}"' in page.text
    answer = ask_for_code(client, officer.email, next=PAGE)
    assert answer.url == f"{CONFIRM}?{urlencode({'next': PAGE})}"
    assert f'name="next" value="{PAGE}"' in client.get(answer.url).text
    assert enter_code(client, code_in(mailoutbox[0]), next=PAGE).url == PAGE


def test_next_with_pending_code(client, officer, mailoutbox):
    ask_for_code(client, officer.email)
    answer = client.get(LOGIN, {"next": PAGE})
    assert answer.url == f"{CONFIRM}?next=/inquiries/%3Fq%3Dhomes"


def test_next_survives_restart(client, officer, mailoutbox):
    start = "/accounts/login/code/?next=/inquiries/%3Fq%3Dhomes"
    ask_for_code(client, officer.email, next=PAGE)
    answers = [enter_code(client, "BBBB-BBBB", next=PAGE) for _ in range(3)]
    assert f'name="next" value="{PAGE}"' in answers[-1].text
    # Nothing under way any more, or in another browser.
    assert enter_code(client, "BBBB-BBBB", next=PAGE).url == start
    assert client.get(CONFIRM, {"next": PAGE}).url == start
    assert client.get(CONFIRM, {"next": "//evil.example/"}).url == "/accounts/login/code/"
    ask_for_code(client, officer.email, next=PAGE)
    end_sessions(officer, by=officer, now=NOW)
    answer = enter_code(client, code_in(mailoutbox[-1]), next=PAGE)
    assert answer.url == f"{LOGIN}?next=/inquiries/%3Fq%3Dhomes"


def test_next_survives_late_second_step(client, officer, mailoutbox):
    TOTP.activate(officer, generate_totp_secret())
    step = sign_in_by_code(client, officer, mailoutbox, next=PAGE).url
    assert step == f"{ENTER}?next=/inquiries/%3Fq%3Dhomes"
    assert f'name="next" value="{PAGE}"' in client.get(step).text
    session = client.session
    session["account_login"]["initiated_at"] -= 15 * 60 + 1
    session.save()
    start = f"{LOGIN}?next=/inquiries/%3Fq%3Dhomes"
    assert client.get(step).url == start
    assert client.post(ENTER, {"code": "000000", "next": PAGE}).url == start
    assert client.post(ENTER, {"code": "000000", "next": "//evil.example/"}).url == LOGIN


def test_next_survives_wrong_passkey(client, officer):
    Authenticator.objects.create(user=officer, type=Authenticator.Type.WEBAUTHN, data={"name": "Laptop"})
    client.force_login(officer)
    here = f"{USE}passkey/"
    for wanted, back in ((PAGE, f"{here}?next=/inquiries/%3Fq%3Dhomes"), ("//evil.example/", here), ("", here)):
        assert client.post(here, {"credential": "{}", "next": wanted}).url == back


def test_next_to_admin(client, clerk, mailoutbox):
    answer = client.get("/admin/inquiries/person/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{LOGIN}?{urlencode({'next': '/admin/inquiries/person/'})}"
    assert sign_in_by_code(client, clerk, mailoutbox, next="/admin/inquiries/person/").url == "/admin/inquiries/person/"


@pytest.mark.parametrize("url", EVIL)
def test_rejects_external_next(client, officer, clerk, mailoutbox, url):
    assert not is_own_url(url)
    answer = ask_for_code(client, officer.email, next=url)
    assert answer.url.startswith(CONFIRM)
    assert enter_code(client, code_in(mailoutbox[0]), next=url).url == "/"
    # Signed in already, and signing out.
    assert client.get(LOGIN, {"next": url}).url == "/"
    assert client.post("/accounts/logout/", {"next": url}).url == "/"


@pytest.mark.parametrize("url", ["/", "/inquiries/", PAGE, "/inquiries/a%20b/#row-1", "/inquiries/ŵ/"])
def test_own_urls(url):
    assert is_own_url(url)


@pytest.mark.parametrize("known", [True, False])
def test_stranger_cannot_fill_the_database(client, officer, known):
    address = officer.email if known else "nobody-here@wealdshire.example"
    ask_for_code(client, address, next=f"/{'x' * 100_000}", text="x" * 100_000)
    client.get(LOGIN, {"next": f"/{'x' * 3000}"})
    enter_code(client, "BBBB-BBBB", next=f"/{'x' * 100_000}")
    (session,) = Session.objects.all()
    assert len(session.session_data) < 3000


def test_passkey_rejects_external_next(client):
    for url in EVIL:
        assert client.post("/accounts/login/passkey/", {"credential": "{}", "next": url}).url == LOGIN


@pytest.mark.parametrize("url", EVIL[::4])
def test_second_step_rejects_external_next(client, officer, mailoutbox, settings, url):
    settings.MFA_TOTP_PERIOD = SLOW_APP
    secret = generate_totp_secret()
    TOTP.activate(officer, secret)
    sign_in_by_code(client, officer, mailoutbox, next=url)
    assert client.post(ENTER, {"code": code_of(secret), "next": url}).url == "/"
    code = RecoveryCodes.activate(officer).generate_codes()[0]
    assert client.post(f"{USE}?{urlencode({'next': url})}", {"code": code, "next": url}).url == "/"


def test_demonstration_rejects_external_next(client, demonstration, officer):
    Person.objects.filter(pk=officer.pk).update(email="sian@demonstration.example")
    for url in EVIL:
        assert client.post("/demonstration/sign-in/", {"person": officer.pk, "next": url}).url == "/"
