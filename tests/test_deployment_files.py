"""The files that a real service starts from agree with each other, with the settings and with the published schema.

tests/data/compose_spec.json is the schema of the Compose Specification
as Docker Compose 1.29 carries it, under the Apache License 2.0.
"""

import json
import os
import re
import signal
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


APPLICATION = ("prepare", "web", "worker", "backup", "check-history")


def test_compose_services(compose):
    assert sorted(compose["services"]) == sorted([*APPLICATION, "database", "mail", "proxy"])


# What compose decides itself, reads from the folder secrets, or needs to start; and what never is for a real service.
NOT_PASSED = {
    *("DATABASE_URL", "DATABASE_URL_FILE", "DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE"),
    *("SCRUTINY_SECRET_KEY", "SCRUTINY_SECRET_KEY_FILE", "SCRUTINY_BIND", "SCRUTINY_FILES"),
    *("SCRUTINY_IMAGE_TARGET", "SCRUTINY_HTTP_PORT", "SCRUTINY_HTTPS_PORT"),
    *("SCRUTINY_DEMONSTRATION", "SCRUTINY_DEBUG"),
}


@pytest.mark.parametrize("service", APPLICATION)
def test_compose_passes_every_setting(service, compose):
    environment = compose["services"][service]["environment"]
    assert set(environment) <= variables_explained()
    passed = {name for name, value in environment.items() if value.startswith(f"${{{name}:")}
    assert passed == variables_explained() - NOT_PASSED
    # The application's own defaults hold, so that there is one place for them; but there is one proxy.
    ways = {name: value.partition(":")[2].partition(" ")[0] for name, value in environment.items() if name in passed}
    assert ways.pop("SCRUTINY_PROXIES") == "-1}"
    assert set(ways.values()) == {"-}", "?Set"}


def test_compose_stores_files_in_volume(compose):
    for name in APPLICATION[1:]:
        service = compose["services"][name]
        way = ":ro" if name in ("backup", "check-history") else ""
        assert f"files:{service['environment']['SCRUTINY_FILES']}{way}" in service["volumes"]


def test_compose_asks_for_a_mail_server(compose):
    """Without one it does not start, rather than send codes in plain text to a mail catcher."""
    for name in ("SCRUTINY_EMAIL_HOST", "SCRUTINY_EMAIL_FROM"):
        assert compose["services"]["web"]["environment"][name] == f"${{{name}:?Set {name} in the file .env}}"
    assert [name for name, service in compose["services"].items() if "profiles" in service] == ["mail"]
    assert compose["services"]["mail"]["profiles"] == ["trial"]


def test_owner_password_for_few(compose):
    knows = {name for name, service in compose["services"].items() if "secrets/owner" in str(service)}
    assert knows == {"prepare", "backup", "database"}
    assert compose["services"]["web"]["command"] == ["gunicorn"]


def test_image_forgets_owner_url(dockerfile):
    command = json.loads(dict(dockerfile)["CMD"])[2]
    assert command.startswith("python manage.py prepare_database && ")
    assert command.endswith(" env -u DATABASE_OWNER_URL -u DATABASE_OWNER_URL_FILE gunicorn")


def test_compose_variables_are_explained():
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked <= variables_explained()
    assert asked >= {"SCRUTINY_HOSTS", "SCRUTINY_IMAGE_TARGET"}


def test_compose_holds_no_secret(compose):
    """Passwords and keys are in files, of which each container has those that it needs; git and the image have none."""
    assert not re.search(r"(?i)password: (?!\$)", (ROOT / "docker-compose.yml").read_text())
    for name, service in compose["services"].items():
        folders = {volume.split(":")[0] for volume in service.get("volumes", []) if "secrets" in volume}
        assert all(volume.endswith(":ro") for volume in service.get("volumes", []) if "secrets" in volume)
        assert ("./secrets/application" in folders) == (name in APPLICATION)
        assert ("./secrets/tls" in folders) == (name == "proxy")
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert image_steps.ignored(Path("secrets/owner/password"), (ROOT / ".dockerignore").read_text().splitlines())


def test_compose_runs_no_demonstration(compose):
    for service in APPLICATION:
        assert not {"SCRUTINY_DEMONSTRATION", "SCRUTINY_DEBUG"} & set(compose["services"][service]["environment"])


def test_only_the_proxy_is_reached_from_outside(compose):
    for name, service in compose["services"].items():
        ports = service.get("ports", [])
        if name != "proxy":
            assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert compose["services"]["database"]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_web_can_be_scaled(compose):
    assert not {"ports", "container_name", "hostname"} & set(compose["services"]["web"])
    # The proxy asks for the addresses of all of them, again and again.
    assert "resolver 127.0.0.11 valid=" in (ROOT / "deploy" / "nginx" / "container.conf").read_text()


def test_every_container_is_limited(compose):
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["user"].split(":")[0] not in ("0", "root")
        assert service["mem_limit"]
        assert service["tmpfs"]
        # `prepare` ends by itself.
        assert ("healthcheck" in service) == (name != "prepare")


def test_containers_have_time_to_stop(compose):
    """Longer than what the programs take themselves to end what they are doing."""
    graceful = re.search(r"^graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text(), re.MULTILINE)[1]
    worker = settings.PROCRASTINATE_WORKER_DEFAULTS["shutdown_graceful_timeout"]
    assert int(compose["services"]["web"]["stop_grace_period"].removesuffix("s")) > int(graceful)
    assert int(compose["services"]["worker"]["stop_grace_period"].removesuffix("s")) > worker


def test_images_are_pinned(compose, dockerfile):
    images = [service["image"] for service in compose["services"].values() if "build" not in service]
    bases = [rest.split()[0] for name, rest in dockerfile if name == "FROM" and "python:" in rest]
    assert len(bases) == 2
    unpinned = [image for image in (*images, *bases) if not re.search(r"@sha256:[0-9a-f]{64}$", image)]
    assert unpinned == ["axllent/mailpit:v1.27"]


def test_who_waits_for_whom(compose):
    prepared = {"prepare": {"condition": "service_completed_successfully"}}
    for name in APPLICATION[1:]:
        assert compose["services"][name]["depends_on"] == prepared
    assert compose["services"]["prepare"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "pg_isready" in compose["services"]["database"]["healthcheck"]["test"][1]
    assert "/healthz" in compose["services"]["web"]["healthcheck"]["test"][3]


def test_commands_exist(compose):
    for name in ("prepare", "worker"):
        assert compose["services"][name]["command"][:2] == ["python", "manage.py"]
        assert compose["services"][name]["command"][2] in get_commands()
    for name in ("backup", "check-history"):
        command = compose["services"][name]["command"]
        assert (ROOT / command[0]).is_file()
        assert command[3:5] == ["python", "manage.py"]
        assert command[5] in get_commands()
        # Its mark is where its health is looked for.
        assert f"find {command[2]} " in compose["services"][name]["healthcheck"]["test"][1]


def test_volumes_are_declared(compose):
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert {name for name in used if not name.startswith("./")} == set(compose["volumes"])


def test_every_night(tmp_path):
    """At once where it has not succeeded for a day, and not again after that; it ends when it is asked to."""
    script, mark, count = ROOT / "deploy" / "every-night", tmp_path / "mark", tmp_path / "count"
    for _ in range(2):
        command = ["sh", "-c", f"echo done >> {count}"]
        process = subprocess.Popen([script, "01:00", mark, *command])
        while not mark.exists():
            assert process.poll() is None
        process.terminate()
        # Before it listens to the signal, that itself ends it.
        assert process.wait(timeout=20) in (0, -signal.SIGTERM)
    assert count.read_text() == "done\n"


# Dockerfile


def test_image_is_not_root(dockerfile):
    names = [name for name, _ in dockerfile]
    users = [rest for name, rest in dockerfile if name == "USER"]
    assert users == ["10001:10001", "root", "10001:10001"]
    assert names.index("USER") < names.index("CMD")


def test_image_has_oldest_python(dockerfile):
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())[1]
    bases = {rest.split("@")[0] for name, rest in dockerfile if name == "FROM" and "@" in rest}
    assert bases == {f"python:{oldest}-slim-bookworm"}


def test_libreoffice_is_a_target_of_its_own(dockerfile):
    needed = image_steps.needed_instructions(dockerfile)
    assert [rest.split()[-1] for name, rest in dockerfile if name == "FROM"][-2:] == ["word", "scrutiny"]
    assert "libreoffice" in str(dockerfile)
    assert "libreoffice" not in str(needed)


def test_image_installs_with_hashes(dockerfile):
    installs = [rest for name, rest in dockerfile if name == "RUN" and "pip install" in rest]
    assert installs == ["/opt/venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock"]


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
