"""The second factor: who needs one, that nothing is reached without, and how it is set up, used and lost."""

import re

import html5lib
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.utils.http import urlencode

from inquiries.models import Draft, Entry, Notification, Person
from tests import factories
from tests.accounts.sign_in import LOGIN, YOU, ask_for_code, code_in, enter_code, sign_in_by_code, who

pytestmark = pytest.mark.django_db

SECOND = "/accounts/second-factor/"
ENTER = "/accounts/login/second-factor/"
APP = f"{SECOND}app/add/"
CODES = f"{SECOND}codes/"
USE = f"{SECOND}use/"


# No code of an app changes while a test is under way.
SLOW_APP = 10**9


@pytest.fixture(autouse=True)
def clerks_need_one(settings):
    settings.SECOND_FACTOR = "clerks"
    settings.MFA_TOTP_PERIOD = SLOW_APP


def code_of(secret):
    """The code that an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(counters())))


@pytest.fixture
def app():
    """A function that gives a person an authenticator app; returns its secret."""

    def given(person):
        secret = generate_totp_secret()
        TOTP.activate(person, secret)
        return secret

    return given


def set_up_app(client):
    """Set up an authenticator app as its page says; returns (answer, secret)."""
    secret = re.search(r"data-secret>(\w+)<", client.get(APP).text).group(1)
    return client.post(APP, {"code": code_of(secret)}), secret


# --- Who needs one


@pytest.mark.parametrize(
    ("who_needs_one", "of_clerk", "of_officer"),
    [("nobody", 200, 200), ("clerks", 302, 200), ("everybody", 302, 302)],
)
def test_setting_decides_who_needs_one(client, clerk, officer, settings, who_needs_one, of_clerk, of_officer):
    settings.SECOND_FACTOR = who_needs_one
    client.force_login(clerk)
    assert client.get("/").status_code == of_clerk
    client.force_login(officer)
    assert client.get("/").status_code == of_officer


@pytest.mark.parametrize(
    "address", ["/", "/inquiries/", "/inquiries/no-such/", "/admin/", "/clerk/import/", YOU, f"{SECOND}codes/new/"]
)
def test_redirects_every_page(client, clerk, address):
    client.force_login(clerk)
    answer = client.get(address)
    assert (answer.status_code, answer.url) == (302, f"{SECOND}?next={address}")


def test_can_always_sign_out(client, clerk):
    client.force_login(clerk)
    assert client.post("/accounts/logout/").url == "/"
    assert who(client) is None


def test_keeps_posted_form(client, clerk, inquiry, committee, mailoutbox):
    factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))
    address = "/inquiries/warm-homes-inquiry/progress/6/updates/1a/"
    sign_in_by_code(client, clerk, mailoutbox)
    answer = client.post(address, {"text": "Ten homes.", "writer": clerk.signed_key, "csrfmiddlewaretoken": "secret"})
    assert (answer.status_code, answer.url) == (302, f"{SECOND}?next={address}")
    assert Draft.objects.get(person=clerk, address=address).data == {"text": ["Ten homes."]}
    set_up_app(client)
    assert "You have text that was not saved" in client.get(address).text


def test_script_gets_401(client, clerk):
    client.force_login(clerk)
    page = "/inquiries/a/progress/6/updates/1/"
    headers = {"Accept": "application/json", "Referer": f"http://testserver{page}"}
    answer = client.post(f"{page}autosave/", {"text": "Ten homes."}, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"sign_in": f"{SECOND}?next={page}"})


def test_asks_for_existing_factor(client, clerk, app):
    """Somebody who became a clerk in the middle of a session, say."""
    secret = app(clerk)
    client.force_login(clerk)
    assert client.get("/inquiries/?q=homes").url == f"{USE}?next=/inquiries/%3Fq%3Dhomes"
    assert client.get(SECOND).url == f"{USE}?next={SECOND}"
    assert client.get(APP).url == f"{USE}?next={APP}"
    answer = client.post(
        f"{USE}?next=/inquiries/%3Fq%3Dhomes", {"code": code_of(secret), "next": "/inquiries/?q=homes"}
    )
    assert answer.url == "/inquiries/?q=homes"
    assert client.get("/inquiries/").status_code == 200
    assert "page_wanted" not in client.session


# --- Setting one up


def test_set_up_app_then_next(client, clerk, mailoutbox):
    page = "/inquiries/?q=homes"
    assert sign_in_by_code(client, clerk, mailoutbox, next=page).url == page
    assert client.get(page).url == f"{SECOND}?next=/inquiries/%3Fq%3Dhomes"
    answer, _ = set_up_app(client)
    assert answer.url == CODES
    shown = client.get(CODES)
    assert len(re.findall(r"<code[^>]*>\d{8}</code>", shown.text)) == 10
    assert f'href="{page}"' in shown.text
    assert client.get(page).status_code == 200
    # Having come to it: what they add later does not lead there.
    assert client.post(f"{CODES}new/").url == CODES
    later = client.get(CODES).text
    assert (f'href="{page}"' in later, f'href="{YOU}">I have saved them' in later) == (False, True)


def test_recovery_codes_shown_once(client, clerk, mailoutbox):
    sign_in_by_code(client, clerk, mailoutbox)
    set_up_app(client)
    code = re.search(r"<code[^>]*>(\d{8})</code>", client.get(CODES).text).group(1)
    again = client.get(CODES).text
    assert code not in again
    assert "They have been shown once and are not shown again. You have 10 left." in again


def test_wrong_code_sets_up_nothing(client, clerk, mailoutbox):
    sign_in_by_code(client, clerk, mailoutbox)
    client.get(APP)
    page = client.post(APP, {"code": "000 000"})
    assert "This was not right. Check it, or try another way." in page.text
    assert not Authenticator.objects.exists()


def test_adding_factor_is_recorded(client, clerk, mailoutbox, caplog):
    caplog.set_level("INFO", "scrutiny.security")
    sign_in_by_code(client, clerk, mailoutbox)
    set_up_app(client)
    entry = Entry.objects.get(verb="add_second_factor")
    assert (entry.by_id, entry.sentence) == (clerk.pk, "added an authenticator app for signing in")
    notification = Notification.objects.get()
    assert (notification.recipient, notification.subject) == (
        clerk,
        "You added an authenticator app as a way to sign in",
    )
    assert f"factor_added person={clerk.pk} kind=totp" in caplog.text


def test_removing_factor_is_recorded(client, officer, mailoutbox):
    sign_in_by_code(client, officer, mailoutbox)
    set_up_app(client)
    assert client.post(f"{SECOND}app/remove/").url == SECOND
    assert not Authenticator.objects.exists()
    assert Entry.objects.get(verb="remove_second_factor").sentence == "removed an authenticator app for signing in"
    assert Notification.objects.filter(subject="You removed an authenticator app as a way to sign in").exists()


def test_first_factor_requires_sign_in(client, officer, mailoutbox):
    """To add a first factor, one has signed in within the last quarter of an hour; words and way are kept."""
    sign_in_by_code(client, officer, mailoutbox)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 15 * 60 + 1
    session.save()
    answer = client.get(APP)
    assert answer.url == f"{LOGIN}?next={APP}"
    assert who(client) is None
    assert sign_in_by_code(client, officer, mailoutbox, next=APP).url == APP
    assert client.get(APP).status_code == 200


def test_keeps_posted_form_through_setup(client, officer, inquiry, clerk, committee, mailoutbox):
    """Somebody is made a clerk while they write: they sign in again and set a factor up before it can be saved."""
    factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))
    address = "/inquiries/warm-homes-inquiry/progress/6/updates/1a/"
    sign_in_by_code(client, officer, mailoutbox)
    Person.objects.filter(pk=officer.pk).update(is_clerk=True)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 15 * 60 + 1
    session.save()
    assert client.post(address, {"text": "Ten homes.", "writer": officer.signed_key}).url == f"{SECOND}?next={address}"
    assert client.get(APP).url == f"{LOGIN}?next={APP}"
    sign_in_by_code(client, officer, mailoutbox, next=APP)
    set_up_app(client)
    assert "You have text that was not saved" in client.get(address).text


def test_removing_requires_the_factor(client, officer, mailoutbox):
    """Somebody reads another's mail and signs in; then the other sets up a factor, which the first must not touch."""
    sign_in_by_code(client, officer, mailoutbox)
    owner = client.__class__()
    sign_in_by_code(owner, officer, mailoutbox)
    set_up_app(owner)
    for page in (f"{SECOND}app/remove/", f"{SECOND}passkeys/add/", f"{SECOND}codes/new/"):
        assert client.post(page).url == f"{USE}?{urlencode({'next': page})}"
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    assert owner.get(f"{SECOND}passkeys/add/").status_code == 200


def test_set_up_in_demonstration(client, demonstration, officer):
    Person.objects.filter(pk=officer.pk).update(email="sian@demonstration.example")
    client.post("/demonstration/sign-in/", {"person": officer.pk})
    answer, _ = set_up_app(client)
    assert answer.url == CODES


def test_adding_another_requires_the_first(client, officer, app, mailoutbox):
    secret = app(officer)
    sign_in_by_code(client, officer, mailoutbox)
    client.post(ENTER, {"code": code_of(secret)})
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 15 * 60 + 1
    session.save()
    for page in (f"{SECOND}passkeys/add/", f"{SECOND}app/remove/", f"{SECOND}codes/new/"):
        assert client.get(page).url == f"{USE}?{urlencode({'next': page})}"


def test_secrets_are_encrypted(client, clerk, mailoutbox):
    sign_in_by_code(client, clerk, mailoutbox)
    _, secret = set_up_app(client)
    code = re.search(r"<code[^>]*>(\d{8})</code>", client.get(CODES).text).group(1)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert code not in kept


def test_changed_secret_key_fits_no_code(client, officer, app, mailoutbox, settings):
    secret = app(officer)
    settings.SECRET_KEY = "another key, since the first was seen by somebody who should not have"
    sign_in_by_code(client, officer, mailoutbox)
    assert client.post(ENTER, {"code": code_of(secret)}).status_code == 200
    assert who(client) is None
    settings.SECRET_KEY_FALLBACKS = ["insecure: for this machine only"]
    assert client.post(ENTER, {"code": code_of(secret)}).status_code == 302


# --- Using it


def test_asks_for_factor_after_code(client, officer, app, mailoutbox):
    """Whether they need one or not. The link from the mail is not forgotten."""
    secret = app(officer)
    page = "/inquiries/?q=homes"
    assert sign_in_by_code(client, officer, mailoutbox, next=page).url == f"{ENTER}?next=/inquiries/%3Fq%3Dhomes"
    assert who(client) is None
    assert client.get(ENTER).status_code == 200
    assert client.post(ENTER, {"code": code_of(secret)}).url == page
    assert who(client) == officer


def test_later_next_wins(client, officer, app, mailoutbox):
    secret = app(officer)
    sign_in_by_code(client, officer, mailoutbox)
    assert client.get(LOGIN, {"next": "/meetings/"}).url == f"{ENTER}?next=/meetings/"
    assert client.post(ENTER, {"code": code_of(secret)}).url == "/meetings/"


def test_app_code_works_once(client, officer, app, mailoutbox):
    secret = app(officer)
    code = code_of(secret)
    sign_in_by_code(client, officer, mailoutbox)
    client.post(ENTER, {"code": code})
    other = client.__class__()
    sign_in_by_code(other, officer, mailoutbox)
    assert other.post(ENTER, {"code": code}).status_code == 200
    assert who(other) is None


def test_recovery_code_works_once(client, officer, app, mailoutbox):
    app(officer)
    code = RecoveryCodes.activate(officer).generate_codes()[0]
    for browser, status in ((client, 302), (client.__class__(), 200)):
        sign_in_by_code(browser, officer, mailoutbox)
        assert browser.post(ENTER, {"code": code}).status_code == status


def test_limits_second_factor_guesses(client, officer, app, mailoutbox, caplog):
    caplog.set_level("INFO", "scrutiny.security")
    secret = app(officer)
    sign_in_by_code(client, officer, mailoutbox)
    for _ in range(5):
        assert client.post(ENTER, {"code": "000000"}).status_code == 200
    page = client.post(ENTER, {"code": code_of(secret)})
    assert "There were too many attempts. Wait 15 minutes, then try again." in page.text
    assert who(client) is None
    assert caplog.text.count("second_factor_wrong") == 5


def test_ending_sessions_ends_second_step(client, officer, clerk, app, mailoutbox, settings):
    secret = app(officer)
    sign_in_by_code(client, officer, mailoutbox)
    admin = client.__class__()
    settings.SECOND_FACTOR = "nobody"
    admin.force_login(clerk)
    admin.post(f"/clerk/people/{officer.pk}/end-sessions/")
    assert client.post(ENTER, {"code": code_of(secret)}).url == LOGIN
    assert who(client) is None


HOSTILE = ["", "{", "{}", "[]", "1", '"x"', "null", '{"id": 1}', '{"response": []}']
ANSWER = '{"id":"AA","rawId":"AA","type":"public-key","response":'
PARTS = '{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","attestationObject":"AA","userHandle":'
HOSTILE += [f"{ANSWER}{words}}}" for words in ("{}", "[]", "null", '"x"')]
HOSTILE += [
    f"{ANSWER}{PARTS}{words}}}}}" for words in ('"AA"', "null", '"MQ"', "7", '"OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"')
]


@pytest.mark.parametrize("credential", HOSTILE)
def test_unreadable_passkey_is_wrong(client, officer, app, mailoutbox, credential):
    client.get("/accounts/login/passkey/", headers={"Accept": "application/json"})
    assert client.post("/accounts/login/passkey/", {"credential": credential}).url == LOGIN
    app(officer)
    sign_in_by_code(client, officer, mailoutbox)
    client.get(ENTER)
    assert client.post(ENTER, {"credential": credential}).status_code == 200
    assert who(client) is None


@pytest.mark.parametrize("credential", HOSTILE)
def test_unreadable_passkey_is_not_added(client, officer, mailoutbox, credential):
    sign_in_by_code(client, officer, mailoutbox)
    client.get(f"{SECOND}passkeys/add/")
    assert client.post(f"{SECOND}passkeys/add/", {"credential": credential, "name": "x"}).status_code == 200
    assert not Authenticator.objects.exists()


def test_keeps_next_after_failed_passkey(client):
    answer = client.post("/accounts/login/passkey/", {"credential": "{}", "next": "/meetings/"})
    assert answer.url == f"{LOGIN}?next=/meetings/"


def sound(answer):
    """The page is sound HTML, whichever reader reads it."""
    html5lib.HTMLParser(strict=True).parse(answer.text)
    return answer


def test_pages_are_valid_html(client, officer, clerk, mailoutbox, settings):
    settings.SECOND_FACTOR = "everybody"
    sound(client.get(LOGIN))
    ask_for_code(client, officer.email)
    sound(client.get("/accounts/login/code/confirm/"))
    enter_code(client, code_in(mailoutbox[-1]))
    for address in (SECOND, f"{SECOND}passkeys/add/", APP):
        sound(client.get(address))
    sound(client.post(f"{SECOND}passkeys/add/", {"credential": "{}", "name": "x"}))
    set_up_app(client)
    for address in (CODES, CODES, YOU, SECOND, f"{CODES}new/", f"{SECOND}app/remove/", USE):
        sound(client.get(address))
    client.post("/accounts/logout/")
    sign_in_by_code(client, officer, mailoutbox)
    sound(client.get(ENTER))
    sound(client.post(ENTER, {"code": "000000"}))
    settings.SECOND_FACTOR = "nobody"
    client.force_login(clerk)
    for name in ("end-sessions", "reset-second-factor"):
        sound(client.get(f"/clerk/people/{officer.pk}/{name}/"))


def test_account_page_lists_factors(client, officer, app, mailoutbox):
    secret = app(officer)
    ask_for_code(client, officer.email)
    enter_code(client, code_in(mailoutbox[0]))
    client.post(ENTER, {"code": code_of(secret)})
    page = client.get(YOU).text
    assert "Authenticator app" in page
    assert officer.email in page
    assert "Head of Customer Access" in page
    assert f'href="{YOU}"' in client.get("/").text
