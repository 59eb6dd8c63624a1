"""Settings come from the environment alone, are read strictly, and refuse what is dangerous in plain words."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from scrutiny import env

ROOT = settings.BASE_DIR

REAL_SERVICE = {
    "SCRUTINY_HOSTS": "scrutiny.example.org",
    "SCRUTINY_SECRET_KEY": "correct horse battery staple, and then some more words",
    "SCRUTINY_EMAIL_HOST": "mail.example.org",
    "SCRUTINY_EMAIL_FROM": "Scrutiny <scrutiny@example.org>",
    "DATABASE_URL": "postgresql://scrutiny:secret@db.example.org/scrutiny",
}

MAKE_A_SECRET = (
    "SCRUTINY_SECRET_KEY must be a random text of 50 characters or more. Make one with: "
    "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
)
SENDER = "Write whom e-mails come from, such as Scrutiny <scrutiny@example.org>."
ASK = """
import json
from scrutiny import settings as s
print(json.dumps({name: getattr(s, name) for name in dir(s) if name.isupper()}, default=str))
"""


def start_with(**variables):
    """Read the settings in a process of their own, with nothing in its environment but `variables`."""
    return subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def settings_with(**variables):
    done = start_with(**variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal_of(**variables):
    """The sentence with which the start is refused."""
    done = start_with(**variables)
    assert done.returncode == 1
    return done.stderr.strip().splitlines()[-1].removeprefix("scrutiny.env.SettingError: ")


def test_defaults_are_local_only():
    found = settings_with()
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "[::1]", "localhost"]
    assert found["DEBUG"] is False
    assert found["DEMONSTRATION"] is False
    assert found["DATABASES"]["default"]["ENGINE"] == "scrutiny.local_postgres"
    assert found["DATABASES"]["default"]["NAME"] == "scrutiny"
    assert settings_with(SCRUTINY_DEMONSTRATION="true")["DATABASES"]["default"]["NAME"] == "demonstration"
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert found["SECURE_SSL_REDIRECT"] is False
    forged = "without a SCRUTINY_SECRET_KEY of its own anybody can forge what it signs"
    assert found["LOCAL_ONLY_REASON"] == forged
    assert settings_with(SCRUTINY_SECRET_KEY=found["KNOWN_SECRET_KEY"])["LOCAL_ONLY_REASON"] == forged
    assert settings_with(SCRUTINY_SECRET_KEY=REAL_SERVICE["SCRUTINY_SECRET_KEY"])["LOCAL_ONLY_REASON"] == ""
    debugged = settings_with(SCRUTINY_SECRET_KEY="its own", SCRUTINY_DEBUG="true")
    assert debugged["LOCAL_ONLY_REASON"] == "debugging pages show secrets"


def test_real_service_is_secure_by_default():
    found = settings_with(**REAL_SERVICE)
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"], found["EMAIL_PORT"]) == (True, False, 587)
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert found["SITE_ADDRESS"] == "https://scrutiny.example.org"
    assert found["LOCAL_ONLY_REASON"] == ""
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == (
        "__Host-scrutiny_session",
        "__Host-scrutiny_csrf",
    )
    assert (found["SESSION_COOKIE_HTTPONLY"], found["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")


def test_proxy_headers_need_proxies():
    found = settings_with(**REAL_SERVICE, SCRUTINY_PROXIES="1")
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert found["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"SCRUTINY_DEMONSTRATION": "true", "SCRUTINY_HOSTS": "scrutiny.example.org"},
            "SCRUTINY_HOSTS is 'scrutiny.example.org', but in demonstration mode anybody can sign in as anybody, so it "
            "only runs on this machine. Unset SCRUTINY_HOSTS, or set SCRUTINY_DEMONSTRATION to false.",
        ),
        (
            {"SCRUTINY_DEMONSTRATION": "true", "SCRUTINY_HOSTS": "localhost,10.0.0.5"},
            "SCRUTINY_HOSTS is 'localhost,10.0.0.5', but in demonstration mode anybody can sign in as anybody, so it "
            "only runs on this machine. Unset SCRUTINY_HOSTS, or set SCRUTINY_DEMONSTRATION to false.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_DEBUG": "true"},
            "SCRUTINY_HOSTS is 'scrutiny.example.org', but debugging pages show secrets, so it only runs on this "
            "machine. Unset SCRUTINY_HOSTS, or set SCRUTINY_DEBUG to false.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_SECRET_KEY": ""},
            "SCRUTINY_SECRET_KEY must be a random text of 50 characters or more. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_EMAIL_HOST": ""},
            "SCRUTINY_EMAIL_HOST is missing: without a mail server nobody can be sent a sign-in code.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_EMAIL_FROM": ""},
            "SCRUTINY_EMAIL_FROM is 'Scrutiny <scrutiny@localhost>'. " + SENDER,
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_EMAIL_FROM": "scrutiny@mail.localdomain"},
            "SCRUTINY_EMAIL_FROM is 'scrutiny@mail.localdomain'. " + SENDER,
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_EMAIL_FROM": "Scrutiny <scrutiny@[127.0.0.1]>"},
            "SCRUTINY_EMAIL_FROM is 'Scrutiny <scrutiny@[127.0.0.1]>'. " + SENDER,
        ),
        (
            {"SCRUTINY_EMAIL_FROM": "scrutiny@example.org, clerk@example.org"},
            "SCRUTINY_EMAIL_FROM is 'scrutiny@example.org, clerk@example.org'. " + SENDER,
        ),
        ({"SCRUTINY_EMAIL_FROM": "Scrutiny"}, "SCRUTINY_EMAIL_FROM is 'Scrutiny'. " + SENDER),
        (
            {**REAL_SERVICE, "DATABASE_URL": ""},
            "DATABASE_URL is missing: a real service needs a PostgreSQL of its own.",
        ),
        (
            {"DATABASE_URL": "mysql://somebody:secret@localhost/scrutiny"},
            "DATABASE_URL must look like postgresql://user:password@host:5432/name. "
            "Leave it out to have a server started on this machine.",
        ),
        (
            {"DATABASE_URL": "nonsense"},
            "DATABASE_URL must look like postgresql://user:password@host:5432/name. "
            "Leave it out to have a server started on this machine.",
        ),
        ({**REAL_SERVICE, "SCRUTINY_SECRET_KEY": "change-me-" * 6}, MAKE_A_SECRET),
        ({**REAL_SERVICE, "SCRUTINY_SECRET_KEY": "k" * 60}, MAKE_A_SECRET),
        ({**REAL_SERVICE, "SCRUTINY_SECRET_KEY": "insecure: for this machine only"}, MAKE_A_SECRET),
        (
            {**REAL_SERVICE, "SCRUTINY_HTTPS": "false"},
            "SCRUTINY_HTTPS is false: codes for signing in would travel where others can read them. Leave it out, "
            "and let the proxy in front speak HTTPS.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_HOSTS": "*"},
            "SCRUTINY_HOSTS holds '*'. Write host names only, such as scrutiny.example.org.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_HOSTS": "scrutiny.example.org,https://other.example.org"},
            "SCRUTINY_HOSTS holds 'https://other.example.org'. Write host names only, such as scrutiny.example.org.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_SITE_ADDRESS": "http://scrutiny.example.org"},
            "SCRUTINY_SITE_ADDRESS is 'http://scrutiny.example.org'. Write an address such as "
            "https://scrutiny.example.org.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_SITE_ADDRESS": "https://scrutiny.example.org.evil.example"},
            "SCRUTINY_SITE_ADDRESS is 'https://scrutiny.example.org.evil.example', whose host is not in "
            "SCRUTINY_HOSTS. Links in e-mails would lead people elsewhere.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_SITE_ADDRESS": "https://scrutiny.example.org@evil.example"},
            "SCRUTINY_SITE_ADDRESS is 'https://scrutiny.example.org@evil.example', whose host is not in "
            "SCRUTINY_HOSTS. Links in e-mails would lead people elsewhere.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_SITE_ADDRESS": "https://scrutiny.example.org/?next="},
            "SCRUTINY_SITE_ADDRESS is 'https://scrutiny.example.org/?next='. Write an address such as "
            "https://scrutiny.example.org.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_TRUSTED_ORIGINS": "http://other.example.org"},
            "SCRUTINY_TRUSTED_ORIGINS holds 'http://other.example.org'. Write addresses such as "
            "https://other.example.org.",
        ),
        (
            {**REAL_SERVICE, "SCRUTINY_TRUSTED_ORIGINS": "https://*"},
            "SCRUTINY_TRUSTED_ORIGINS holds 'https://*'. Write addresses such as https://other.example.org.",
        ),
        (
            {"SCRUTINY_FILES": str(ROOT / "var" / "static" / "papers")},
            f"SCRUTINY_FILES is '{ROOT}/var/static/papers', which everybody could read: {ROOT}/var/static is for "
            "the public. Choose another folder.",
        ),
        (
            {"SCRUTINY_FILES": str(ROOT / "var")},
            f"SCRUTINY_FILES is '{ROOT}/var', which everybody could read: {ROOT}/var/static is for "
            "the public. Choose another folder.",
        ),
        ({"SCRUTINY_DEBUG": "1"}, "SCRUTINY_DEBUG is '1'. Write true or false."),
        ({"SCRUTINY_PROXIES": "one"}, "SCRUTINY_PROXIES is 'one'. Write a whole number of 0 or more."),
        (
            {"SCRUTINY_EMAIL_SECURITY": "ssl"},
            "SCRUTINY_EMAIL_SECURITY is 'ssl'. Write one of: starttls, tls, none.",
        ),
    ],
)
def test_rejects_wrong_values(variables, sentence):
    assert refusal_of(**variables) == sentence


def test_does_not_repeat_database_url():
    assert "secret" not in start_with(DATABASE_URL="mysql://somebody:secret@localhost/scrutiny").stderr


def test_uses_connection_pool():
    found = settings_with(DATABASE_URL="postgresql://me:p%40ss@db:5433/scrutiny")["DATABASES"]["default"]
    assert (found["ENGINE"], found["NAME"], found["HOST"], found["PORT"], found["PASSWORD"]) == (
        "scrutiny.postgresql",
        "scrutiny",
        "db",
        5433,
        "p@ss",
    )
    assert found["OPTIONS"] == {
        "options": "-c search_path=public,pg_temp -c jit=off -c parallel_setup_cost=3000 -c random_page_cost=1.1",
        "connect_timeout": 2,
        "pool": {"min_size": 2, "max_size": 4, "timeout": 2, "reconnect_timeout": 0},
    }
    assert found["CONN_MAX_AGE"] == 0


def test_secret_from_file(tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    monkeypatch.setenv("SCRUTINY_SOMETHING_FILE", str(file))
    assert env.secret("SCRUTINY_SOMETHING") == "from the file"

    monkeypatch.setenv("SCRUTINY_SOMETHING", "from the variable")
    with pytest.raises(env.SettingError, match=r"are both set\. Keep one of them\."):
        env.secret("SCRUTINY_SOMETHING")


def test_rejects_missing_secret_file(tmp_path, monkeypatch):
    file = tmp_path / "secret"
    monkeypatch.setenv("SCRUTINY_SOMETHING_FILE", str(file))
    with pytest.raises(env.SettingError, match=r"cannot be read: No such file or directory\."):
        env.secret("SCRUTINY_SOMETHING")
    file.write_text(" \n")
    with pytest.raises(env.SettingError, match="which is empty"):
        env.secret("SCRUTINY_SOMETHING")


def variables_read():
    """The names of all variables that the settings and the web server's configuration read."""
    found = set()
    for path in ("scrutiny/settings.py", "gunicorn.conf.py"):
        source = (ROOT / path).read_text()
        for reader, name in re.findall(r'env\.(\w+)\(\s*"([A-Z0-9_]+)"', source):
            found |= {name, f"{name}_FILE"} if reader == "secret" else {name}
    return found


def variables_explained():
    """The names in .env.example, also where they are commented out."""
    return set(re.findall(r"^(?:# )?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def test_env_example_is_complete():
    only_for_compose = {"SCRUTINY_IMAGE_TARGET", "SCRUTINY_HTTP_PORT", "SCRUTINY_HTTPS_PORT"}
    assert variables_explained() - only_for_compose == variables_read()


def test_database_owner_url():
    own, owner = "postgresql://web:a@db/scrutiny", "postgresql://owner:b@db/scrutiny"
    found = settings_with(DATABASE_URL=own, DATABASE_OWNER_URL=owner)["DATABASES"]
    assert (found["default"]["USER"], found["owner"]["USER"], found["owner"]["PASSWORD"]) == ("web", "owner", "b")
    assert list(settings_with(DATABASE_URL=own)["DATABASES"]) == ["default"]
    assert refusal_of(DATABASE_OWNER_URL=owner) == (
        "DATABASE_OWNER_URL is set without DATABASE_URL, by which the application itself signs in."
    )
    said = start_with(DATABASE_URL=own, DATABASE_OWNER_URL="mysql://owner:secret@db/scrutiny").stderr
    assert "DATABASE_OWNER_URL must look like postgresql://" in said
    assert "secret" not in said


def test_uploads_are_not_public():
    found = settings_with()
    assert found["MEDIA_URL"] == ""
    assert not Path(found["MEDIA_ROOT"]).is_relative_to(found["STATIC_ROOT"])


def test_old_secret_keys():
    assert settings_with(**REAL_SERVICE)["SECRET_KEY_FALLBACKS"] == []
    old = settings_with(**REAL_SERVICE, SCRUTINY_OLD_SECRET_KEYS="the-first the-second")
    assert old["SECRET_KEY_FALLBACKS"] == ["the-first", "the-second"]
