"""Setting up, and the demonstration: for this machine only, with one click to sign in and no other way round it."""

import os
import shutil
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.test import Client
from django.urls import NoReverseMatch, reverse

from inquiries.management.commands.runserver import Command as Runserver
from inquiries.models import Person
from setup import browser

ROOT = settings.BASE_DIR
ASK_FOR_THE_ADDRESS = "from django.urls import reverse; print(reverse('demonstration_sign_in'))"
THIS_MACHINE_ONLY = "in demonstration mode anybody can sign in as anybody. Use 127.0.0.1."


@pytest.fixture
def visitor(db):
    return Person.objects.create(email="chair@demonstration.example", name="Chair", job_title="Chair of the committee")


# Making the environment


@pytest.fixture
def checkout(tmp_path):
    """A folder with what `setup/environment` reads, and a PATH on which only the fixture's programs are."""
    for name in ("setup", "requirements.lock", "requirements-dev.lock"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "env", "dirname", "cat", "sha256sum", "cut"):
        (programs / name).symlink_to(shutil.which(name))
    return tmp_path


def make_environment(checkout):
    return subprocess.run(
        [checkout / "setup" / "environment", "run"],
        env={"PATH": str(checkout / "programs")},
        capture_output=True,
        text=True,
        check=False,
    )


def program(checkout, name, script):
    path = checkout / "programs" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_setup_requires_python(checkout):
    done = make_environment(checkout)
    assert done.returncode == 1
    assert done.stderr == (
        "Scrutiny needs Python 3.11 or newer: on Debian, run 'apt-get install python3 python3-venv' as root "
        "and try again.\n"
    )


def test_setup_rejects_old_python(checkout):
    program(checkout, "python3", "exit 1")
    assert make_environment(checkout).stderr.startswith("Scrutiny needs Python 3.11 or newer")


def test_setup_requires_venv(checkout):
    program(checkout, "python3", 'case "$*" in *ensurepip*) exit 1;; esac')
    done = make_environment(checkout)
    assert done.returncode == 1
    assert done.stderr == (
        "python3 cannot make environments: on Debian, run 'apt-get install python3-venv' as root and try again.\n"
    )


def test_setup_skips_unchanged_locks(checkout):
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    fingerprint = subprocess.run(
        "cat setup/uv.lock requirements.lock | cat - <(pwd) | sha256sum | cut -d' ' -f1",
        shell=True,
        executable="/bin/bash",
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (checkout / ".venv" / "installed").write_text(fingerprint)
    done = make_environment(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_locks_have_hashes():
    for name in ("requirements.lock", "requirements-dev.lock", "setup/uv.lock"):
        lines = (ROOT / name).read_text().splitlines()
        packages = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert packages
        assert [line for line in packages if "==" not in line] == []
        assert [line for line in lines if "://" in line or line.startswith("-")] == []
        assert len([line for line in lines if line.startswith("    --hash=sha256:")]) >= len(packages)


def test_locked_versions_are_installed():
    def pinned(name):
        lines = (ROOT / name).read_text().splitlines()
        return dict(line.split(" ")[0].split("==") for line in lines if "==" in line and not line.startswith(" "))

    run, dev = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert {name: dev[name] for name in run.keys() & dev.keys()} == {
        name: run[name] for name in run.keys() & dev.keys()
    }


# Finding a browser


def test_named_browser_comes_first(monkeypatch):
    monkeypatch.setenv("SCRUTINY_CHROMIUM", sys.executable)
    assert browser.find() == sys.executable


def test_missing_browser_is_reported(monkeypatch):
    monkeypatch.setenv("SCRUTINY_CHROMIUM", "/nowhere/chromium")
    assert browser.find() is None


def test_installed_browser_comes_second(monkeypatch, tmp_path):
    monkeypatch.delenv("SCRUTINY_CHROMIUM", raising=False)
    shell = "chrome-headless-shell"
    own = tmp_path / "playwright" / "chromium_headless_shell-1200" / f"{shell}-linux64" / shell
    own.parent.mkdir(parents=True)
    own.touch()
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert browser.find() == str(own)

    (tmp_path / "bin").mkdir()
    # The last is the quickest.
    for name in ("chromium", "chromium-headless-shell"):
        installed = tmp_path / "bin" / name
        installed.touch(mode=0o755)
        assert browser.find() == str(installed)


def test_sandbox_off_for_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert browser.sandbox_arguments() == ["--no-sandbox"]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert browser.sandbox_arguments() == []


# The demonstration answers this machine only


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.0.0.2", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("2001:db8::7", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ("127.0.0.1", {"HTTP_FORWARDED": "for=127.0.0.1"}, 403),
        ("127.0.0.1", {"HTTP_X_REAL_IP": "127.0.0.1"}, 403),
        ("127.0.0.1", {"HTTP_VIA": "1.1 proxy"}, 403),
    ],
)
def test_demonstration_is_local_only(client, demonstration, db, address, headers, status):
    response = client.get("/accounts/login/", REMOTE_ADDR=address, **headers)
    assert response.status_code == status
    if status == 403:
        assert response.text == (
            "Scrutiny only answers the computer it runs on, without a proxy in between: "
            "in demonstration mode anybody can sign in as anybody.\n"
        )


def test_real_service_answers_everybody(client, db):
    assert client.get("/accounts/login/", REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.parametrize("address", ["0.0.0.0:8001", "10.0.0.5:8001", "[::]:8001", "unix:/tmp/scrutiny.sock"])
def test_gunicorn_refuses_public_demonstration(address):
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:8002", "--bind", address],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SCRUTINY_DEMONSTRATION": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Scrutiny does not start on ")
    assert THIS_MACHINE_ONLY in done.stderr


def test_runserver_refuses_public_demonstration(demonstration):
    command = Runserver()
    command.addr = "0.0.0.0"
    with pytest.raises(CommandError) as refused:
        command.run()
    assert str(refused.value) == f"Scrutiny does not start on 0.0.0.0: {THIS_MACHINE_ONLY}"


def test_uses_own_runserver():
    assert get_commands()["runserver"] == "inquiries"


def test_demo_requires_demonstration_mode():
    with pytest.raises(CommandError, match=r"^This is not the demonstration\. Run 'make demo'"):
        call_command("demo")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", ""])
def test_demo_rejects_wrong_port(demonstration, port):
    with pytest.raises(CommandError) as refused:
        call_command("demo", port=port)
    assert str(refused.value) == f"PORT is {port!r}. Write a number between 1 and 65535."


def test_demo_rejects_port_in_use(demonstration):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError) as refused:
            call_command("demo", port=str(port))
    assert str(refused.value) == (
        f"Port {port} is already in use, perhaps by another demonstration. "
        f"Stop that one, or choose another port: make demo PORT={port + 1}"
    )


# One click signs in, in demonstration mode only


def test_one_click_requires_demonstration(client, visitor):
    with pytest.raises(NoReverseMatch):
        reverse("demonstration_sign_in")
    assert client.post("/demonstration/sign-in/", {"person": visitor.pk}).status_code == 404
    assert "demonstration/sign-in" not in client.get("/accounts/login/").text


def test_one_click_url():
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", ASK_FOR_THE_ADDRESS],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SCRUTINY_DEMONSTRATION": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "/demonstration/sign-in/\n"


def test_lists_demonstration_people(client, demonstration, visitor):
    Person.objects.create(email="somebody@example.org", name="Somebody else")
    page = client.get("/accounts/login/")
    assert [(person.name, person.what) for person in page.context["demonstration_people"]] == [
        ("Chair", "Chair of the committee")
    ]


def test_one_click_signs_in(client, demonstration, visitor):
    response = client.post("/demonstration/sign-in/", {"person": visitor.pk, "next": "/accounts/logout/"})
    assert (response.status_code, response.url) == (302, "/accounts/logout/")
    assert client.session["_auth_user_id"] == str(visitor.pk)


@pytest.mark.parametrize("elsewhere", ["", "https://example.org/", "//example.org", "javascript:alert(1)"])
def test_one_click_rejects_external_next(client, demonstration, visitor, elsewhere):
    assert client.post("/demonstration/sign-in/", {"person": visitor.pk, "next": elsewhere}).url == "/"


def test_one_click_rejects_real_person(client, demonstration, db):
    somebody = Person.objects.create(email="clerk@example.org", name="Real clerk", is_clerk=True)
    assert client.post("/demonstration/sign-in/", {"person": somebody.pk}).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("person", ["", "x", "-1", "²", "9" * 30])
def test_one_click_rejects_wrong_number(client, demonstration, db, person):
    assert client.post("/demonstration/sign-in/", {"person": person}).status_code == 404


def test_one_click_requires_csrf_token(demonstration, visitor):
    client = Client(enforce_csrf_checks=True)
    assert client.get("/demonstration/sign-in/").status_code == 405
    assert client.post("/demonstration/sign-in/", {"person": visitor.pk}).status_code == 403


# What does not work is said in plain words


def test_csrf_failure_shows_the_text(visitor):
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        "/accounts/login/",
        {
            "text": "We have opened <three> hubs.",
            "note": ["first", " "],
            "links-0-url": "https://example.org",
            "exempt_text": "Mr Moss is ill.",
            "links-TOTAL_FORMS": "3",
            "contributor_1_key": "17",
            "version": "4",
            "password": "secret",
            "csrfmiddlewaretoken": "x",
        },
    )
    assert response.status_code == 403
    assert response.context["posted_text"] == [
        ("Text", "We have opened <three> hubs."),
        ("Note", "first"),
        ("Links 1: url", "https://example.org"),
        ("Exempt text", "Mr Moss is ill."),
    ]
    assert "We have opened &lt;three&gt; hubs." in response.text


@pytest.mark.parametrize(
    ("program", "timeout"), [("from scrutiny import wsgi", "15s"), ("import django; django.setup()", "0")]
)
def test_pages_do_not_wait_for_a_query_without_end(program, timeout):
    """Commands and the worker may."""
    shown = "print(connection.cursor().execute('SHOW statement_timeout').fetchone()[0])"
    asked = f"{program}\nfrom django.db import connection\n{shown}"
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": settings.DATABASE_URL}
    environment["DJANGO_SETTINGS_MODULE"] = "scrutiny.settings"
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{timeout}\n"
