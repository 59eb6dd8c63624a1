"""What the settings say about signing in, where they say nothing, and where they cannot be."""

import pytest

from scrutiny import env
from scrutiny.env import SettingError
from tests.test_settings import REAL_SERVICE, refusal_of, settings_with

PROVIDER = {
    "SCRUTINY_OIDC_SERVER": "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
    "SCRUTINY_OIDC_CLIENT_ID": "66666666-7777-8888-9999-000000000000",
    "SCRUTINY_OIDC_NAME": "your council account",
}


def test_defaults():
    found = settings_with(**REAL_SERVICE)
    assert (found["SECOND_FACTOR"], found["IDLE_MINUTES"]) == ("clerks", 60)
    assert found["SOCIALACCOUNT_PROVIDERS"] == {}
    assert found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"] == ["'self'"]
    assert found["SEND_CODES_IN_BACKGROUND"] is True


def test_demonstration_needs_no_second_factor():
    assert settings_with(SCRUTINY_DEMONSTRATION="true")["SECOND_FACTOR"] == "nobody"


def test_provider_secret_from_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a secret\n")
    found = settings_with(**REAL_SERVICE, **PROVIDER, SCRUTINY_OIDC_CLIENT_SECRET_FILE=str(secret))
    (app,) = found["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert (app["secret"], app["name"]) == ("a secret", "your council account")
    policy = found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert policy["form-action"] == ["'self'", "https://login.microsoftonline.com"]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            PROVIDER,
            "SCRUTINY_OIDC_CLIENT_SECRET missing: signing in with the council's provider needs all four.",
        ),
        (
            {"SCRUTINY_SECOND_FACTOR": "members"},
            "SCRUTINY_SECOND_FACTOR is 'members'. Write one of: nobody, clerks, everybody.",
        ),
        (
            {"SCRUTINY_OIDC_REPLACES_CODES": "true"},
            "SCRUTINY_OIDC_REPLACES_CODES is true, but no provider is named: nobody could sign in.",
        ),
        ({"SCRUTINY_IDLE_MINUTES": "0"}, "SCRUTINY_IDLE_MINUTES is '0'. Write a whole number of 1 or more."),
        (
            {"SCRUTINY_OIDC_EMAIL_IS_VERIFIED": "yes"},
            "SCRUTINY_OIDC_EMAIL_IS_VERIFIED is 'yes'. Write true or false.",
        ),
    ],
)
def test_rejects_wrong_variables(variables, sentence):
    assert refusal_of(**REAL_SERVICE, **variables) == sentence


# --- The provider, as the settings build it

FULL = {"server": "https://id.wealdshire.example/", "client_id": "a", "client_secret": "b", "name": "c"}


def test_no_provider_by_default():
    assert env.openid_providers(server="", client_id="", client_secret="", name="") == {}


def test_issuer_is_unchanged():
    (app,) = env.openid_providers(**FULL)["openid_connect"]["APPS"]
    assert app["settings"]["server_url"] == "https://id.wealdshire.example"
    assert app["settings"]["openid_configuration_overrides"] == {"issuer": "https://id.wealdshire.example/"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "SCRUTINY_OIDC_NAME missing: signing in with the council's provider needs all four."),
        (
            {"client_id": "", "client_secret": ""},
            "SCRUTINY_OIDC_CLIENT_ID and SCRUTINY_OIDC_CLIENT_SECRET missing: "
            "signing in with the council's provider needs all four.",
        ),
        (
            {"server": "http://id.wealdshire.example"},
            "SCRUTINY_OIDC_SERVER is 'http://id.wealdshire.example'. It must begin with https://.",
        ),
        (
            {"server": "id.wealdshire.example"},
            "SCRUTINY_OIDC_SERVER is 'id.wealdshire.example'. Write the issuer's address, such as "
            "https://login.microsoftonline.com/<tenant id>/v2.0.",
        ),
        (
            {"server": "https://login.microsoftonline.com/common/v2.0"},
            "SCRUTINY_OIDC_SERVER is 'https://login.microsoftonline.com/common/v2.0', where every organisation "
            "signs in. Write your own tenant's id in its place.",
        ),
    ],
)
def test_rejects_wrong_provider_settings(change, sentence):
    with pytest.raises(SettingError) as refused:
        env.openid_providers(**(FULL | change))
    assert str(refused.value) == sentence


@pytest.mark.parametrize("word", ["organizations", "Consumers", "COMMON"])
def test_rejects_multi_tenant_issuers(word):
    with pytest.raises(SettingError, match="where every organisation signs in"):
        env.check_issuer("SCRUTINY_OIDC_SERVER", f"https://login.microsoftonline.com/{word}")
