"""What does not start where others can reach it, and what a new installation is told. Refused values: test_settings."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.test import override_settings

from inquiries.apps import check_settings
from inquiries.management.commands.migrate import FIRST_CLERK
from inquiries.management.commands.runserver import Command as Runserver
from scrutiny.settings import KNOWN_SECRET_KEY

ROOT = settings.BASE_DIR
OWN = "a secret key of its own, which nobody else has ever seen"
FORGED = "without a SCRUTINY_SECRET_KEY of its own anybody can forge what it signs. Use 127.0.0.1."


@pytest.mark.parametrize("address", ["0.0.0.0:8001", "[::]:8001", "unix:/tmp/scrutiny.sock"])
@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, FORGED),
        ({"SCRUTINY_SECRET_KEY": KNOWN_SECRET_KEY}, FORGED),
        ({"SCRUTINY_SECRET_KEY": OWN, "SCRUTINY_DEBUG": "true"}, "debugging pages show secrets. Use 127.0.0.1."),
    ],
    ids=["no secret", "the known secret", "debugging"],
)
def test_gunicorn_refuses_public_address(address, variables, reason):
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", address],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Scrutiny does not start on ")
    assert done.stderr.endswith(f": {reason}\n")


def test_runserver_refuses_public_address(settings):
    settings.LOCAL_ONLY_REASON = "debugging pages show secrets"
    command = Runserver()
    command.addr = "0.0.0.0"
    with pytest.raises(CommandError) as refused:
        command.run()
    assert str(refused.value) == "Scrutiny does not start on 0.0.0.0: debugging pages show secrets. Use 127.0.0.1."


@override_settings(LOCAL_ONLY_REASON="debugging pages show secrets")
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "192.0.2.7"}, 403),
        # The name in a request is whatever the one who asks writes there.
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "localhost"}, 403),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
    ],
)
def test_answers_this_machine_only(client, db, asked, status):
    answer = client.get("/", **asked)
    assert answer.status_code == status
    if status == 403:
        assert answer.text == (
            "Scrutiny only answers the computer it runs on, without a proxy in between: debugging pages show secrets.\n"
        )


# Doubts


def doubts():
    return [doubt.id for doubt in check_settings(None)]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"EMAIL_HOST": "mail.example.org"}, ["scrutiny.W001"]),
        ({"EMAIL_HOST": "mail.example.org", "EMAIL_USE_TLS": True}, []),
        ({"EMAIL_HOST": "localhost"}, []),
        ({"DATABASE_URL": "postgresql://me:secret@database:5432/scrutiny"}, ["scrutiny.W002"]),
        ({"DATABASE_URL": "postgresql://me:secret@database/scrutiny?sslmode=prefer"}, ["scrutiny.W002"]),
        ({"DATABASE_URL": "postgresql://me:secret@database/scrutiny?sslmode=verify-full"}, []),
        ({"DATABASE_URL": "postgresql://me:secret@localhost/scrutiny"}, []),
        ({"DATABASE_URL": "postgresql:///scrutiny?host=/run/postgresql"}, []),
        ({"HTTPS": True, "SECURE_HSTS_SECONDS": 3600}, ["scrutiny.W003"]),
        ({"HTTPS": True, "SECURE_HSTS_SECONDS": 31_536_000}, []),
    ],
)
def test_check_settings_warnings(changes, found):
    plain = {"EMAIL_HOST": "", "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False, "DATABASE_URL": "", "HTTPS": False}
    with override_settings(**{**plain, **changes}):
        assert doubts() == found


def test_deploy_check_includes_own_warnings():
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "SCRUTINY_HOSTS": "scrutiny.example.org",
            "SCRUTINY_SECRET_KEY": OWN,
            "SCRUTINY_EMAIL_HOST": "mail.example.org",
            "SCRUTINY_EMAIL_FROM": "Scrutiny <scrutiny@example.org>",
            "SCRUTINY_EMAIL_SECURITY": "none",
            "DATABASE_URL": "postgresql://me:secret@db.example.org/scrutiny?sslmode=require",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "(scrutiny.W001) Codes for signing in travel to the mail server in plain text." in done.stderr
    assert "1 issue (0 silenced)" in done.stderr


# The first clerk


def said_by_migrate(**options):
    said = StringIO()
    call_command("migrate", stdout=said, **options)
    return said.getvalue()


def test_migrate_asks_for_first_clerk(db):
    assert said_by_migrate().endswith(f"{FIRST_CLERK}\n")
    call_command("create_clerk", "clerk@wealdshire.example", "Carys Whitlock", stdout=StringIO())
    assert FIRST_CLERK not in said_by_migrate()


@pytest.mark.parametrize("options", [{"verbosity": 0}, {"plan": True}, {"app_label": "sessions"}])
def test_migrate_respects_verbosity(db, options):
    assert FIRST_CLERK not in said_by_migrate(**options)


def test_uses_own_migrate():
    assert get_commands()["migrate"] == "inquiries"
