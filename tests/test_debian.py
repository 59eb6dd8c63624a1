"""What runs Scrutiny without containers: the systemd units, nginx, and the instructions that are typed literally."""

import configparser
import http.client
import importlib.machinery
import importlib.util
import os
import re
import shutil
import ssl
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.core.management import get_commands

from setup import debian_steps, image_steps
from tests.test_settings import variables_explained

DEPLOY = settings.BASE_DIR / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("scrutiny-*"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]


def read_unit(path):
    """A unit as {section: {name: [values]}}."""
    found, section = {}, None
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            section.setdefault(name, []).append(value)
    return found


@pytest.fixture(scope="module")
def instructions():
    return debian_steps.commands("running.md", debian_steps.INSTALLING)


# The units


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_services_are_hardened(path):
    service = read_unit(path)["Service"]
    assert service["User"][0] in ("scrutiny", "scrutiny-owner")
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectKernelTunables"):
        assert service[name] == ["yes"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["UMask"] == ["0077"]
    assert service["SystemCallFilter"]
    assert service["CapabilityBoundingSet"] in ([""], ["CAP_DAC_READ_SEARCH"])


@pytest.mark.parametrize("name", ["scrutiny-web", "scrutiny-worker"])
def test_services_restart(name):
    unit = read_unit(DEPLOY / "systemd" / f"{name}.service")
    assert unit["Service"]["Restart"] == ["always"]
    assert unit["Unit"]["StartLimitIntervalSec"] == ["0"]
    assert unit["Service"]["MemoryMax"] and unit["Service"]["OOMPolicy"] == ["continue"]


def test_services_have_time_to_stop():
    """Longer than what the programs take themselves to end what they are doing."""
    web = read_unit(DEPLOY / "systemd" / "scrutiny-web.service")["Service"]
    worker = read_unit(DEPLOY / "systemd" / "scrutiny-worker.service")["Service"]
    graceful = re.search(r"^graceful_timeout = (\d+)", (settings.BASE_DIR / "gunicorn.conf.py").read_text(), re.M)[1]
    assert int(web["TimeoutStopSec"][0]) > int(graceful)
    assert int(worker["TimeoutStopSec"][0]) > settings.PROCRASTINATE_WORKER_DEFAULTS["shutdown_graceful_timeout"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_services_run_what_exists(path):
    command = read_unit(path)["Service"]["ExecStart"][0].split()
    assert command[0].startswith("/opt/scrutiny/current/.venv/bin/")
    assert (settings.BASE_DIR / ".venv/bin" / Path(command[0]).name).exists()
    if command[1:]:
        assert command[1] == "manage.py"
        assert command[2] in get_commands()


def test_owner_settings_for_owner_only():
    """The web processes and the worker run as another user, and never get to know the owner's password."""
    knows = {path.stem for path in SERVICES if "/etc/scrutiny/owner.env" in path.read_text()}
    assert knows == {"scrutiny-prepare", "scrutiny-backup"}
    users = {path.stem: read_unit(path)["Service"]["User"][0] for path in SERVICES}
    assert {name for name, user in users.items() if user == "scrutiny"} == {"scrutiny-web", "scrutiny-worker"}


def test_timers_have_services():
    timers = [path for path in UNITS if path.suffix == ".timer"]
    assert [path.stem for path in timers] == ["scrutiny-backup", "scrutiny-check-history"]
    assert all(path.with_suffix(".service") in SERVICES for path in timers)
    assert all(read_unit(path)["Timer"]["Persistent"] == ["yes"] for path in timers)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_understands_units(tmp_path):
    """systemd's own check, with programs that exist here in place of those of a release."""
    for path in UNITS:
        text = path.read_text().replace("/opt/scrutiny/current/.venv/bin/", f"{Path(sys.executable).parent}/")
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *[str(path) for path in sorted(tmp_path.iterdir())]],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "scrutiny" in line]
    assert ours == []


def test_web_sandbox_is_allowed():
    """Uploads are read in processes that are cut off from the network: `uploads/sandbox.py`."""
    for name in ("scrutiny-web", "scrutiny-worker"):
        service = read_unit(DEPLOY / "systemd" / f"{name}.service")["Service"]
        assert service["RestrictNamespaces"] == ["user net"]
        assert "unshare" in service["SystemCallFilter"][0].split()


def test_journal_has_a_limit():
    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read_string((DEPLOY / "systemd" / "journald.conf").read_text())
    assert set(parser["Journal"]) == {"Storage", "SystemMaxUse", "MaxRetentionSec"}


# The command `scrutiny`


@pytest.fixture(scope="module")
def wrapper():
    loader = importlib.machinery.SourceFileLoader("scrutiny_command", str(DEPLOY / "scrutiny"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("scrutiny_command", loader))
    loader.exec_module(module)
    return module


def test_settings_are_read_as_systemd_does(wrapper, tmp_path):
    path = tmp_path / "scrutiny.env"
    path.write_text('# A comment=1\n\nSCRUTINY_EMAIL_FROM="Scrutiny <a@example.org>"\nKEY=a=b#c $d\nEMPTY=\n')
    assert wrapper.read_settings(path) == {
        "SCRUTINY_EMAIL_FROM": "Scrutiny <a@example.org>",
        "KEY": "a=b#c $d",
        "EMPTY": "",
    }


def test_wrapper_and_units_agree(wrapper):
    """Who runs a command by hand does so as the unit does."""
    for path in SERVICES:
        service = read_unit(path)["Service"]
        command = service["ExecStart"][0].split()[2:]
        if not command or command[0] == "procrastinate":
            continue
        assert (service["User"] == ["scrutiny-owner"]) == (command[0] in wrapper.AS_OWNER)
        assert ("/etc/scrutiny/owner.env" in service["EnvironmentFile"]) == (command[0] in wrapper.OWNER_COMMANDS)
        assert ("AmbientCapabilities" in service) == (command[0] in wrapper.READING_COMMANDS)
    assert set(wrapper.OWNER_COMMANDS + wrapper.READING_COMMANDS) <= {*get_commands(), "restore"}


# nginx


@pytest.fixture
def nginx(tmp_path):
    """A function that starts nginx with our site in front of `port`, and returns its own TLS port and certificate."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        pytest.skip("nginx is not installed")
    started = []

    def start(port):
        secure, plain = image_steps.free_port(), image_steps.free_port()
        certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
        subprocess.run(
            "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=scrutiny.example.org "
            f"-addext subjectAltName=DNS:scrutiny.example.org -keyout {key} -out {certificate}".split(),
            check=True,
            capture_output=True,
        )
        site = (DEPLOY / "nginx" / "site.conf").read_text()
        for found, wanted in (
            ("unix:/run/scrutiny-web.sock", f"127.0.0.1:{port}"),
            ("/etc/scrutiny/tls/", f"{tmp_path}/"),
            ("/opt/scrutiny/current/", f"{settings.BASE_DIR}/"),
            ("/var/log/nginx/", f"{tmp_path}/"),
            ("listen 443 ", f"listen 127.0.0.1:{secure} "),
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ):
            assert found in site
            site = site.replace(found, wanted)
        site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
        folders = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration = tmp_path / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        configuration.write_text(
            f"{user}\npid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
            f"http {{\n{folders}{site}}}\n"
        )
        checked = subprocess.run([program, "-t", "-c", configuration], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        started.append(subprocess.Popen([program, "-c", configuration, "-g", "daemon off;"]))
        image_steps.wait_for_port(secure)
        return secure, certificate

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=20)


class Upstream(BaseHTTPRequestHandler):
    """What stands in for the web processes: it answers with what it was asked."""

    def do_GET(self):
        status = 503 if self.path == "/own-503" else 200
        self.send_response(status)
        self.end_headers()
        names = ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID")
        self.wfile.write("\n".join(f"{name}: {self.headers[name]}" for name in names).encode())

    def log_message(self, *arguments):
        pass


def ask(port, certificate, method="GET", path="/", headers=None):
    connection = http.client.HTTPSConnection(
        "127.0.0.1", port, context=ssl.create_default_context(cafile=certificate), timeout=20
    )
    connection._context.check_hostname = False
    try:
        connection.request(method, path, headers={"Host": "scrutiny.example.org", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers
    finally:
        connection.close()


def test_nginx_in_front(nginx):
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    Thread(target=upstream.serve_forever, daemon=True).start()
    port, certificate = nginx(upstream.server_port)
    try:
        status, text, _ = ask(port, certificate, headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http"})
        assert status == 200
        assert "Host: scrutiny.example.org\n" in text
        # What a visitor claims is followed by what is so, which is what SCRUTINY_PROXIES=1 reads.
        assert "X-Forwarded-For: 192.0.2.1, 127.0.0.1\nX-Forwarded-Proto: https\n" in text
        assert re.search(r"X-Request-ID: [0-9a-f]{32}$", text)
        # The page of Scrutiny itself, with what a person typed on it, passes.
        assert ask(port, certificate, path="/own-503")[:1] == (503,)
        assert "Host: scrutiny.example.org" in ask(port, certificate, path="/own-503")[1]
        status, text, headers = ask(port, certificate, "POST", headers={"Content-Length": str(161 * 1024 * 1024)})
        assert (status, "The file is too large" in text) == (413, True)
        assert headers["Content-Security-Policy"] == "default-src 'none'; style-src 'self'"
        assert ask(port, certificate, path="/metrics")[0] == 404
    finally:
        upstream.shutdown()
        upstream.server_close()
    status, text, _ = ask(port, certificate)
    assert (status, "the service is not available" in text) == (502, True)
    assert ask(port, certificate, path="/error-pages/page.css")[0] == 200


def test_nginx_of_the_container(tmp_path):
    """nginx understands the site in docker-compose.yml, too."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        pytest.skip("nginx is not installed")
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout {tmp_path}/key.pem "
        f"-out {tmp_path}/certificate.pem".split(),
        check=True,
        capture_output=True,
    )
    site = (DEPLOY / "nginx" / "container.conf").read_text()
    for found, wanted in (
        ("/tmp/", f"{tmp_path}/"),
        ("/run/secrets/tls/", f"{tmp_path}/"),
        ("/etc/nginx/scrutiny/", f"{DEPLOY}/nginx/"),
    ):
        assert found in site
        site = site.replace(found, wanted)
    (tmp_path / "container.conf").write_text(site)
    done = subprocess.run(
        [program, "-t", "-c", tmp_path / "container.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_nginx_allows_three_papers():
    limit = re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx" / "proxy.conf").read_text())[1]
    assert int(limit) > 3 * settings.LARGEST_UPLOAD_MB


@pytest.mark.parametrize("path", sorted((DEPLOY / "error-pages").glob("*.html")), ids=lambda path: path.stem)
def test_error_pages(path):
    assert f"error_page {path.stem} /error-pages/{path.name};" in (DEPLOY / "nginx" / "proxy.conf").read_text()
    text = path.read_text()
    assert '<html lang="en-GB">' in text
    assert text.count("<h1>") == 1
    assert not re.search(r"<script|style=|https?://", text)


# The instructions


def test_instructions_name_what_exists(instructions):
    for name in set(re.findall(r"\bdeploy/[a-z./-]+[a-z]", instructions)):
        assert (settings.BASE_DIR / name).exists() or list(settings.BASE_DIR.glob(f"{name}*")), name
    for command in re.findall(r"^scrutiny (\S+)", instructions, re.MULTILINE):
        assert command in get_commands()
    started = set(re.findall(r"\bscrutiny-[a-z]+(?:-[a-z]+)?(?:\.[a-z]+)?", instructions))
    units = {path.name for path in UNITS} | {path.stem for path in SERVICES}
    assert started - units == {"scrutiny-owner"}
    assert {path.name.removesuffix(".service") for path in UNITS if path.suffix != ".service"} <= started


def test_instructions_set_known_settings(instructions):
    assert set(re.findall(r"^((?:SCRUTINY|DATABASE)_[A-Z0-9_]+)=", instructions, re.MULTILINE)) <= variables_explained()


def test_instructions_can_be_read_by_a_shell(instructions):
    for script in (
        instructions,
        debian_steps.commands("upgrading.md", debian_steps.UPGRADING),
        debian_steps.commands("upgrading.md", debian_steps.GOING_BACK),
    ):
        assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


@pytest.mark.skipif(
    os.environ.get("SCRUTINY_DEBIAN") != "true",
    reason="SCRUTINY_DEBIAN=true is not set: the instructions are not followed on an empty Debian (five minutes)",
)
def test_instructions_give_service():
    if reason := debian_steps.missing():
        pytest.skip(reason)
    done = subprocess.run(
        [sys.executable, "-m", "setup.debian_steps"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    assert "back again: ['/opt/scrutiny/0.4.0', '/opt/scrutiny/0.4.0']" in done.stdout
