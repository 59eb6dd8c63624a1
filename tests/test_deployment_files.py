"""The files that a real service starts from agree with each other, with the settings and with the published schema.

tests/data/compose_spec.json is the schema of the Compose Specification
as Docker Compose 1.29 carries it, under the Apache License 2.0.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.db import connection

from setup import image_steps
from tests.test_settings import variables_explained

ROOT = settings.BASE_DIR
DATA = ROOT / "tests" / "data"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def dockerfile():
    return image_steps.instructions((ROOT / "Dockerfile").read_text())


# docker-compose.yml


def faults_of(compose):
    schema = json.loads((DATA / "compose_spec.json").read_text())
    return [fault.message for fault in jsonschema.Draft201909Validator(schema).iter_errors(compose)]


def test_compose_follows_the_schema(compose):
    assert faults_of(compose) == []


def test_schema_finds_faults(compose):
    assert len(faults_of({**compose, "services": {"web": {"images": "scrutiny"}}})) == 1


def test_compose_services(compose):
    assert sorted(compose["services"]) == ["database", "mail", "prepare", "web", "worker"]


# What compose decides itself, and what never is for a real service.
NOT_PASSED = {
    *("DATABASE_URL", "DATABASE_URL_FILE", "DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE"),
    *("SCRUTINY_DATABASE_PASSWORD", "SCRUTINY_DATABASE_OWNER_PASSWORD", "SCRUTINY_BIND", "SCRUTINY_FILES"),
    *("SCRUTINY_DEMONSTRATION", "SCRUTINY_DEBUG"),
}


@pytest.mark.parametrize("service", ["prepare", "web", "worker"])
def test_compose_passes_every_setting(service, compose):
    environment = compose["services"][service]["environment"]
    assert set(environment) <= variables_explained()
    passed = {name for name, value in environment.items() if value.startswith(f"${{{name}:")}
    assert passed == variables_explained() - NOT_PASSED
    # The application's own defaults hold, so that there is one place for them.
    assert {value.partition(":")[2].partition(" ")[0] for name, value in environment.items() if name in passed} == {
        "-}",
        "?Set",
    }


def test_compose_stores_files_in_volume(compose):
    for service in ("web", "worker"):
        folder = compose["services"][service]["environment"]["SCRUTINY_FILES"]
        assert compose["services"][service]["volumes"] == [f"files:{folder}"]


def test_compose_asks_for_a_mail_server(compose):
    """Without one it does not start, rather than send codes in plain text to a mail catcher."""
    for name in ("SCRUTINY_EMAIL_HOST", "SCRUTINY_EMAIL_FROM"):
        assert compose["services"]["web"]["environment"][name] == f"${{{name}:?Set {name} in the file .env}}"
    assert compose["services"]["mail"]["profiles"] == ["mail-catcher"]


def test_owner_url_for_preparing_only(compose):
    knows = {name for name, service in compose["services"].items() if "OWNER" in str(service)}
    assert knows == {"prepare", "database"}
    assert compose["services"]["web"]["command"] == ["gunicorn"]


def test_image_forgets_owner_url(dockerfile):
    command = json.loads(dict(dockerfile)["CMD"])[2]
    assert command.startswith("python manage.py prepare_database && ")
    assert command.endswith(" env -u DATABASE_OWNER_URL -u DATABASE_OWNER_URL_FILE gunicorn")


def test_compose_variables_are_explained(compose):
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked <= variables_explained()
    assert asked >= {"SCRUTINY_SECRET_KEY", "SCRUTINY_DATABASE_PASSWORD", "SCRUTINY_HOSTS"}


def test_compose_holds_no_secret():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SCRUTINY_DATABASE_PASSWORD", "SCRUTINY_DATABASE_OWNER_PASSWORD"):
        assert set(re.findall(rf"\$\{{{name}(..)", text)) == {":?"}
    # It may come from a file instead; without either the web process does not start.
    assert set(re.findall(r"\$\{SCRUTINY_SECRET_KEY(:.)", text)) == {":-"}


def test_compose_runs_no_demonstration(compose):
    for service in ("web", "worker"):
        assert not {"SCRUTINY_DEMONSTRATION", "SCRUTINY_DEBUG"} & set(compose["services"][service]["environment"])


def test_compose_publishes_no_port(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_web_waits_for_database(compose):
    assert compose["services"]["web"]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    assert compose["services"]["prepare"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "pg_isready" in compose["services"]["database"]["healthcheck"]["test"][1]
    assert "/healthz" in compose["services"]["web"]["healthcheck"]["test"][3]


def test_worker_command_exists(compose):
    assert compose["services"]["worker"]["command"][:2] == ["python", "manage.py"]
    assert compose["services"]["worker"]["command"][2] in get_commands()
    assert compose["services"]["prepare"]["command"][2] in get_commands()


def test_volumes_are_declared(compose):
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])


# Dockerfile


def test_image_is_not_root(dockerfile):
    names = [name for name, _ in dockerfile]
    assert ("USER", "scrutiny") in dockerfile
    assert names.index("USER") < names.index("CMD")


def test_image_has_oldest_python(dockerfile):
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())[1]
    assert dockerfile[0] == ("FROM", f"python:{oldest}-slim-bookworm")


def test_image_installs_with_hashes(dockerfile):
    installs = [rest for name, rest in dockerfile if name == "RUN" and "pip install" in rest]
    assert installs == ["python -m pip install --no-cache-dir --require-hashes -r requirements.lock"]


@pytest.mark.parametrize(
    "path", [".env", ".git/config", "var/demonstration.key", ".venv/bin/python", "a/__pycache__/b"]
)
def test_image_has_no_leftovers(path):
    patterns = (ROOT / ".dockerignore").read_text().splitlines()
    assert image_steps.ignored(Path(path), patterns)


@pytest.mark.parametrize(
    "path",
    ["manage.py", "inquiries/models/people.py", ".env.example", "templates/base.html", "docs/agenda-pack.schema.json"],
)
def test_image_has_application(path):
    patterns = (ROOT / ".dockerignore").read_text().splitlines()
    assert not image_steps.ignored(Path(path), patterns)


@pytest.mark.image
def test_image_steps_give_service(db):
    environment = {**os.environ, "DATABASE_URL": image_database()}
    done = subprocess.run(
        [sys.executable, "-m", "setup.image_steps"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "/healthz: 200" in done.stdout
    assert "one-click sign-in: 404" in done.stdout


def image_database():
    """The address of the test's own database, for a process that does not know this one."""
    url = settings.DATABASE_URL
    tail = url[url.rindex("?") :] if "?" in url else ""
    return re.sub(r"/[^/?]*(\?.*)?$", f"/{connection.settings_dict['NAME']}{tail}", url)
