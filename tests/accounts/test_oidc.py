"""Signing in with the council's own provider, a real one, over HTTP: who gets in, who does not, and what they read."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import html5lib
import jwt
import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from inquiries.accounts.oidc import uid_at_provider, verified_address
from inquiries.actions.people import change_person
from inquiries.models import Entry, Notification, Person
from tests.accounts import provider as a_provider
from tests.accounts.sign_in import CONFIRM, LOGIN, YOU, ask_for_code, sign_in_by_code, who
from tests.accounts.test_second_factor import CODES, ENTER, SECOND, SLOW_APP, code_of, set_up_app
from tests.cast import NOW, person

pytestmark = pytest.mark.django_db

BUTTON = "/accounts/oidc/council/login/"
BACK = a_provider.CALLBACK


@pytest.fixture(scope="module")
def running_provider():
    with a_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(running_provider, settings):
    """The provider, which our settings name."""
    provider = running_provider
    provider.people.clear()
    provider.spoil.clear()
    provider.asked.clear()
    provider.serves("http://testserver")
    provider.allow(settings)
    return provider


def press(client, **fields):
    """Press the button on the sign-in page; returns the address at the provider."""
    answer = client.post(BUTTON, fields)
    assert answer.status_code == 302, answer.text
    return answer.url


def go_on(address, choice="go"):
    """Go on, or cancel, at the provider; returns the address that leads back to us."""
    answer = requests.get(f"{address}&choice={choice}", allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].removeprefix("http://testserver")


def walk(client, **fields):
    """All the way there and back; returns our last answer."""
    return client.get(go_on(press(client, **fields)))


def reads(answer):
    """The words of a page of ours that says why somebody is not signed in."""
    html5lib.HTMLParser(strict=True).parse(answer.text)
    text = " ".join(answer.text.split())
    return text[text.index("<h1") : text.index("</main>")]


STRANGER = "Ask the clerk of the committee to add you"
MISFIT = "did not belong to your sign-in"
DOWN = "does not answer at the moment"


# --- Who gets in


def test_finds_person(client, provider, officer, caplog):
    caplog.set_level("INFO", "scrutiny.security")
    provider.knows("sian", email="SIAN@Wealdshire.example", email_verified=True, name="Siân")
    answer = walk(client, next="/inquiries/?q=homes")
    assert (answer.status_code, answer.url) == (302, "/inquiries/?q=homes")
    assert who(client) == officer
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.extra_data) == (officer, "council", {})
    assert Entry.objects.get().sentence == "connected your council account for signing in"
    assert Notification.objects.get().subject == "You can now sign in with your council account"
    assert "Connected since" in client.get(YOU).text
    assert f"signed_in person={officer.pk} by=socialaccount" in caplog.text
    # Another day, with another address there and here: still the same person.
    provider.people["sian"]["email"] = "sian.new@wealdshire.example"
    Person.objects.filter(pk=officer.pk).update(email="someday@wealdshire.example")
    other = client.__class__()
    assert walk(other).url == "/"
    assert who(other) == officer
    assert SocialAccount.objects.count() == Notification.objects.count() == 1


def test_authorization_request(client, provider, officer):
    address = press(client)
    query = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider.address}/authorization?")
    assert query["redirect_uri"] == [f"http://testserver{BACK}"]
    assert query["code_challenge_method"] == ["S256"]
    assert sorted(query["scope"][0].split()) == ["email", "openid", "profile"]


def test_reassigned_address(client, provider, officer, caplog):
    provider.knows("sian", email=officer.email, email_verified=True)
    walk(client)
    provider.knows("her successor", email=officer.email, email_verified=True)
    successor = client.__class__()
    caplog.set_level("INFO", "scrutiny.security")
    answer = walk(successor)
    assert answer.status_code == 403
    assert STRANGER in reads(answer)
    assert who(successor) is None
    assert f"provider_sent_another_subject person={officer.pk}" in caplog.text


def test_same_subject_at_another_issuer(client, running_provider, settings, officer):
    """A council changes its provider: numbers are given out anew."""
    with a_provider.running() as former:
        former.serves("http://testserver")
        former.allow(settings)
        former.knows("sian", email=officer.email, email_verified=True)
        walk(client)
        assert who(client) == officer
    running_provider.people.clear()
    running_provider.serves("http://testserver")
    running_provider.allow(settings)
    running_provider.knows("sian", email="somebody-else@wealdshire.example", email_verified=True)
    other = client.__class__()
    assert STRANGER in reads(walk(other))
    assert who(other) is None


def test_rejects_too_long_subject(settings):
    settings.OIDC_SERVER = "https://id.wealdshire.example"
    assert uid_at_provider("7") == "7 at https://id.wealdshire.example"
    with pytest.raises(ValueError, match=r"^the issuer and its number for a person are too long to be kept$"):
        uid_at_provider("7" * 191)


def test_rejects_person_without_address(client, provider, officer, clerk):
    """The clerk's form says: leave it empty for a person who never signs in."""
    provider.knows("sian", email=officer.email, email_verified=True)
    walk(client)
    change_person(
        officer, name=officer.name, email="", job_title="", organisation="", is_clerk=False, by=clerk, now=NOW
    )
    assert who(client) is None
    assert walk(client).url == "/accounts/inactive/"
    assert who(client) is None


def test_does_not_create_people(client, provider, officer):
    provider.knows("new", email="new@wealdshire.example", email_verified=True)
    answer = walk(client)
    assert answer.status_code == 403
    assert STRANGER in reads(answer)
    assert Person.objects.count() == 1


@pytest.mark.parametrize("verified", [False, None, "false", 0, 1, "yes", [], {}])
def test_rejects_unverified_address(client, provider, officer, verified):
    claims = {} if verified is None else {"email_verified": verified}
    assert verified_address({"id_token": {"email": officer.email, **claims}}) is None
    if verified in (False, None):
        provider.knows("sian", email=officer.email, **claims)
        assert STRANGER in reads(walk(client))


def test_setting_vouches_for_addresses(client, provider, officer, settings):
    settings.OIDC_EMAIL_IS_VERIFIED = True
    provider.knows("sian", email=officer.email)
    assert walk(client).url == "/"
    assert who(client) == officer


def test_setting_keeps_unverified(settings):
    settings.OIDC_EMAIL_IS_VERIFIED = True
    said = {"email": "a@wealdshire.example", "email_verified": False}
    assert verified_address({"id_token": said}) is None
    assert verified_address({"id_token": {}, "userinfo": said}) is None


def test_rejects_inactive_person(client, provider, officer):
    provider.knows("sian", email=officer.email, email_verified=True)
    walk(client)
    Person.objects.filter(pk=officer.pk).update(is_active=False, left_at=NOW, left_by=officer)
    other = client.__class__()
    assert walk(other).url == "/accounts/inactive/"
    assert who(other) is None
    # Never connected, and closed: no more than anybody is told whom the provider sends.
    SocialAccount.objects.all().delete()
    assert STRANGER in reads(walk(client.__class__()))
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("url", ["//evil.example", "https:evil.example", "/\\evil.example", "/\t/evil.example"])
def test_rejects_external_next(client, provider, officer, url):
    provider.knows("sian", email=officer.email, email_verified=True)
    assert walk(client, next=url).url == "/"


def test_keeps_next_through_second_step(client, provider, clerk, settings):
    settings.SECOND_FACTOR, settings.MFA_TOTP_PERIOD = "clerks", SLOW_APP
    provider.knows("carys", email=clerk.email, email_verified=True, amr=["pwd"])
    assert walk(client, next="/clerk/import/").url == "/clerk/import/"
    assert client.get("/clerk/import/").url == f"{SECOND}?next=/clerk/import/"
    set_up_app(client)
    assert 'href="/clerk/import/"' in client.get(CODES).text


def test_asks_for_own_second_factor(client, provider, officer, settings):
    settings.MFA_TOTP_PERIOD = SLOW_APP
    secret = generate_totp_secret()
    TOTP.activate(officer, secret)
    provider.knows("sian", email=officer.email, email_verified=True, amr=["pwd"])
    assert walk(client, next="/meetings/").url == f"{ENTER}?next=/meetings/"
    assert who(client) is None
    assert client.post(ENTER, {"code": code_of(secret)}).url == "/meetings/"
    assert who(client) == officer
    # The provider has asked already: nobody is asked twice.
    provider.people["sian"]["amr"] = ["pwd", "mfa"]
    assert walk(client.__class__(), next="/meetings/").url == "/meetings/"


def test_signs_out_another_person_first(client, provider, officer, clerk):
    client.force_login(clerk)
    provider.knows("sian", email=officer.email, email_verified=True)
    walk(client)
    assert who(client) == officer


# --- The second factor


@pytest.mark.parametrize(
    ("ways", "always", "gets"),
    [(["pwd"], False, 302), (["pwd", "mfa"], False, 200), (None, False, 302), (None, True, 200), ("mfa", False, 302)],
)
def test_provider_second_factor_counts(client, provider, clerk, settings, ways, always, gets):
    settings.SECOND_FACTOR = "clerks"
    settings.OIDC_HAS_SECOND_FACTOR = always
    provider.knows("carys", email=clerk.email, email_verified=True, **({"amr": ways} if ways else {}))
    walk(client)
    assert client.get("/").status_code == gets


# --- What goes wrong


# --- The mailbox alone


@pytest.fixture
def connected(client, provider, clerk, settings):
    """A clerk who signs in through the provider, which asks for a second factor of its own, and has signed out."""
    settings.SECOND_FACTOR = "clerks"
    settings.MFA_TOTP_PERIOD = SLOW_APP
    provider.knows("carys", email=clerk.email, email_verified=True, amr=["pwd", "mfa"])
    walk(client)
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    return clerk


def test_mailbox_alone_sets_up_no_factor(client, connected, mailoutbox):
    sign_in_by_code(client, connected, mailoutbox)
    for address in ("/", "/admin/", f"/clerk/people/{connected.pk}/"):
        assert client.get(address).url.startswith(f"{SECOND}?")
    page = client.get(SECOND)
    html5lib.HTMLParser(strict=True).parse(page.text)
    assert f'action="{BUTTON}"' in page.text
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert reverse(name) not in page.text
        assert client.get(reverse(name)).url == SECOND
        assert client.post(reverse(name), {"code": "123456"}).url == SECOND
    assert not Authenticator.objects.exists()


def test_mailbox_and_provider_go_on(client, connected, mailoutbox):
    sign_in_by_code(client, connected, mailoutbox)
    client.get("/clerk/people/")
    walk(client)
    assert client.get("/clerk/people/").status_code == 200


def test_provider_without_second_factor_sets_one_up(client, connected, provider):
    provider.people["carys"]["amr"] = ["pwd"]
    walk(client)
    assert set_up_app(client)[0].status_code == 302
    assert client.get("/clerk/people/").status_code == 200


@pytest.mark.parametrize(
    ("minutes", "way"), [(59, "allow-second-factor"), (61, "allow-second-factor"), (59, "reset-second-factor")]
)
def test_another_clerk_allows_it_for_an_hour(client, connected, mailoutbox, minutes, way, settings, monkeypatch):
    colleague, then = person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True), timezone.now()
    other = Client()
    other.force_login(colleague)
    settings.SECOND_FACTOR = "nobody"
    assert other.post(f"/clerk/people/{connected.pk}/{way}/").url == f"/clerk/people/{connected.pk}/"
    settings.SECOND_FACTOR = "clerks"
    connected.refresh_from_db()
    sign_in_by_code(client, connected, mailoutbox)
    with monkeypatch.context() as later:
        later.setattr(timezone, "now", lambda: then + timedelta(minutes=minutes))
        assert client.get(reverse("mfa_activate_totp")).status_code == (200 if minutes < 60 else 302)


def test_clerk_allows_not_themselves(client, connected, settings):
    settings.SECOND_FACTOR = "nobody"
    client.force_login(connected)
    page = client.post(f"/clerk/people/{connected.pk}/allow-second-factor/")
    assert "Ask another clerk to let you set up a second step." in page.text
    assert not Entry.objects.filter(verb="allow_second_factor").exists()


def test_codes_can_be_switched_off(client, connected, officer, mailoutbox, settings):
    settings.OIDC_REPLACES_CODES = True
    answers = [ask_for_code(Client(), person.email) for person in (connected, officer)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, CONFIRM)] * 2
    assert [sent.to for sent in mailoutbox] == [[officer.email]]


def test_no_urls_without_provider(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert {client.get(BUTTON).status_code, client.post(BUTTON).status_code, client.get(BACK).status_code} == {404}
    assert "council account" not in client.get(LOGIN).text


def test_unknown_provider(client, provider):
    assert client.post("/accounts/oidc/another/login/").status_code == 404
    assert client.get("/accounts/oidc/another/login/callback/?code=x&state=y").status_code == 404


def test_get_redirects_to_sign_in(client, provider):
    assert client.get(BUTTON, {"next": "/meetings/"}).url == f"{LOGIN}?next=/meetings/"
    assert "Sign in with your council account" in client.get(LOGIN).text


@pytest.mark.parametrize("field", ["process", "scope", "auth_params", "action"])
def test_rejects_foreign_parameters(client, provider, field):
    """allauth takes these from whoever sends the form: to connect another account to one's own, say."""
    assert client.post(f"{BUTTON}?{urlencode({field: 'connect'})}").status_code == 404
    assert client.post(BUTTON, {field: "connect"}).status_code == 404


def test_cancelled_at_the_provider(client, provider, officer):
    provider.knows("sian", email=officer.email, email_verified=True)
    answer = client.get(go_on(press(client, next="/meetings/"), "cancel"))
    assert answer.status_code == 401
    assert "You stopped signing in with your council account." in reads(answer)
    assert f'href="{LOGIN}?next=/meetings/"' in answer.text


def test_callback_works_once(client, provider, officer):
    provider.knows("sian", email=officer.email, email_verified=True)
    way_back = go_on(press(client))
    assert client.get(way_back).status_code == 302
    client.post("/accounts/logout/")
    answer = client.get(way_back)
    assert answer.status_code == 401
    assert MISFIT in reads(answer)
    assert who(client) is None


def test_callback_requires_same_browser(client, provider, officer):
    """Login CSRF: an attacker's own way back, sent to somebody else."""
    provider.knows("sian", email=officer.email, email_verified=True)
    way_back = go_on(press(client))
    victim = client.__class__()
    assert MISFIT in reads(victim.get(way_back))
    press(victim)
    assert MISFIT in reads(victim.get(way_back))
    assert who(victim) is None


def test_rejects_other_code(client, provider, officer):
    """Code injection: the challenge (PKCE) binds a code to the browser that set out."""
    provider.knows("sian", email=officer.email, email_verified=True)
    stolen = parse_qs(urlsplit(go_on(press(client))).query)["code"][0]
    thief = client.__class__()
    state = parse_qs(urlsplit(press(thief)).query)["state"][0]
    assert MISFIT in reads(thief.get(BACK, {"code": stolen, "state": state}))
    assert who(thief) is None


@pytest.mark.parametrize("query", [{}, {"state": "wrong", "code": "x"}, {"code": "x"}, {"error": "access_denied"}])
def test_rejects_callback_without_state(client, provider, query):
    press(client)
    answer = client.get(BACK, query)
    assert answer.status_code == 401
    assert MISFIT in reads(answer)


def spoilt_token(provider, sign_with=None, **claims):
    """Have the provider's id token say something else, signed by its own key or another one."""
    own = provider.server.keyjar.get_signing_key("RSA", "")[0]

    def spoil(status, headers, text):
        said = json.loads(text)
        token = said["id_token"]
        payload = jwt.decode(token, options={"verify_signature": False}) | claims
        key = sign_with or own.private_key()
        said["id_token"] = jwt.encode(payload, key, algorithm="RS256", headers={"kid": own.kid})
        return status, [("Content-Type", "application/json")], json.dumps(said)

    provider.spoil["token"] = spoil


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": ["another application"]},
        {"exp": 1_700_000_000},
        {"sub": "somebody else than the userinfo is about"},
    ],
)
def test_rejects_wrong_token(client, provider, officer, claims):
    provider.knows("sian", email=officer.email, email_verified=True)
    spoilt_token(provider, **claims)
    assert MISFIT in reads(walk(client))
    assert who(client) is None


def test_checks_token_signature(client, provider, officer):
    provider.knows("sian", email=officer.email, email_verified=True)
    spoilt_token(provider)
    assert walk(client).url == "/"
    spoilt_token(provider, rsa.generate_private_key(65537, 2048))
    assert MISFIT in reads(walk(client.__class__()))


def test_rejects_wrong_issuer(client, provider, officer):
    """Its description is fetched, its issuer is in our settings."""
    provider.knows("sian", email=officer.email, email_verified=True)

    def spoil(status, headers, text):
        return status, headers, json.dumps(json.loads(text) | {"issuer": "https://evil.example"})

    provider.spoil["openid-configuration"] = spoil
    assert walk(client).url == "/"
    spoilt_token(provider, iss="https://evil.example")
    assert MISFIT in reads(walk(client.__class__()))


BROKEN = [
    lambda status, headers, text: (500, [], "out of order"),
    lambda status, headers, text: (200, [("Content-Type", "application/json")], "{"),
    lambda status, headers, text: (200, [("Content-Type", "application/json")], "[]"),
    lambda status, headers, text: (200, [("Content-Type", "application/json")], "{}"),
    lambda status, headers, text: (200, [("Content-Type", "text/html")], "<p>out of order</p>"),
]


@pytest.mark.parametrize("part", ["openid-configuration", "token", "jwks.json", "userinfo"])
@pytest.mark.parametrize("broken", BROKEN)
def test_broken_provider_page(client, provider, officer, part, broken):
    provider.knows("sian", email=officer.email, email_verified=True)
    if part == "openid-configuration":
        provider.spoil[part] = broken
        answer = client.post(BUTTON)
    else:
        way_back = go_on(press(client))
        provider.spoil[part] = broken
        answer = client.get(way_back)
    assert answer.status_code in (401, 502, 503)
    assert DOWN in reads(answer) or MISFIT in reads(answer)
    assert who(client) is None


def test_logs_failure(client, provider, officer, caplog):
    """A wrong secret, say: whoever runs the installation has to find it."""
    provider.knows("sian", email=officer.email, email_verified=True)
    provider.server.context.cdb[a_provider.CLIENT]["client_secret"] = "another secret, of another application"
    walk(client)
    client.get(BACK, {"error": "server_error", "error_description": "sian@wealdshire.example"})
    written = [record.getMessage() for record in caplog.records if record.name.endswith("oidc")]
    assert written == [
        "Signing in with the council's provider failed: OAuth2Error, invalid_client",
        "Signing in with the council's provider failed: no exception, server_error",
    ]


def test_unreachable_provider_page(client, settings):
    with a_provider.running() as provider:
        provider.serves("http://testserver")
        provider.allow(settings)
        provider.knows("sian")
        way_back = go_on(press(client))
    answers = [client.post(BUTTON), client.get(way_back)]
    assert [(answer.status_code, DOWN in reads(answer)) for answer in answers] == [(503, True), (503, True)]


def test_policy_allows_form_to_provider(client, provider):
    assert f"form-action 'self' {provider.address};" in f"{client.get(LOGIN)['Content-Security-Policy']};"
