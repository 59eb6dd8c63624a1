"""Follows docs/running.md ("Without containers") and docs/upgrading.md literally, on an empty Debian 12.

    python -m setup.debian_steps

Needs root, debootstrap, systemd-nspawn and Debian's archive. The empty Debian is made once, in var/debian-12; each run
copies it into a temporary folder and starts a systemd of its own there. It shares this machine's network, so the ports
80, 443 and 5432 must be free. Exits with 1 where a command fails or the result is not as it should be.
"""

import base64
import hmac
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from urllib.parse import urlencode

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent
EMPTY_DEBIAN = ROOT / "var" / "debian-12"
HOST = "scrutiny.example.org"
CLERK = "clerk@example.org"
PORTS = (80, 443, 5432)
PROGRAMS = ("debootstrap", "systemd-nspawn", "nsenter", "git")
PATIENCE = 60
INSTALLING = "Without containers: Debian 12"
UPGRADING = "Without containers"
GOING_BACK = "Back to the release before"


class StepFailed(Exception):
    """A command of the documentation failed, or what it leads to is not as it should be."""


def commands(page, heading):
    """What a page of docs/ says to type below a heading, as one script."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    section = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    if not section:
        raise StepFailed(f"docs/{page} has no heading {heading}.")
    lines = [line[4:] for line in section[2].splitlines() if line.startswith("    ")]
    if not lines:
        raise StepFailed(f"docs/{page} has nothing to type below {heading}.")
    return "\n".join(lines) + "\n"


def filled_in(script, values):
    """The script with the `values` of its own first lines (NAME=value) in place of the examples."""
    for name, value in values.items():
        script, count = re.subn(rf"^{name}=.*$", f"{name}={value}", script, count=1, flags=re.MULTILINE)
        if not count:
            raise StepFailed(f"The documentation does not set {name}.")
    return script


def missing():
    """Why this cannot be done here, in one sentence; "" where it can."""
    if os.geteuid() != 0:
        return "It takes root to start a Debian of its own."
    if absent := [name for name in PROGRAMS if not shutil.which(name)]:
        return f"{', '.join(absent)} is missing: apt-get install debootstrap systemd-container."
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return f"Port {port} is in use."
    return ""


def make_source(folder):
    """A repository with this working tree as two releases, for `git clone`."""
    listed = run("git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git = ("git", "-C", str(folder), "-c", "user.name=Release", "-c", "user.email=release@example.org")
    run("git", "init", "--quiet", str(folder))
    run(*git, "add", "--all", "--force")
    run(*git, "commit", "--quiet", "--message", "Release")
    run(*git, "tag", "v0.4.0")
    run(*git, "tag", "v0.5.0")


def run(*command, **options):
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)  # noqa: S603
    if done.returncode:
        raise StepFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Debian:
    """A Debian with a systemd of its own, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None
        # Where packages come from and which certificates count is this machine's affair.
        self.environment = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        for name in ("PIP_CERT", "SSL_CERT_FILE"):
            if certificates := self.environment.get(name):
                shutil.copy(certificates, folder / "srv" / "certificates.pem")
                self.environment[name] = "/srv/certificates.pem"
        self.environment |= {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.environment |= {"LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}

    @property
    def first_process(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return children.split()[0] if children.split() else None

    def start(self, log):
        self.process = subprocess.Popen(  # noqa: S603
            [
                shutil.which("systemd-nspawn"),
                "--register=no",
                "--keep-unit",
                "--quiet",
                f"--directory={self.folder}",
                "--boot",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        )
        wait_for(lambda: self.first_process and self.state() in ("running", "degraded"), "systemd does not start")

    def state(self):
        return self.type_in("systemctl is-system-running || true").strip()

    def type_in(self, script):
        """Run a script as root types it; what it prints. Raises StepFailed."""
        spaces = ("--mount", "--pid", "--uts", "--ipc", "--root", "--wdns=/")
        done = subprocess.run(  # noqa: S603
            ["nsenter", f"--target={self.first_process}", *spaces, "bash", "-euo", "pipefail", "-s"],  # noqa: S607
            input=script,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StepFailed(f"{script}\nended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout

    def stop(self):
        """At once: nothing of it is needed any longer."""
        if self.process and self.process.poll() is None:
            if leader := self.first_process:
                os.kill(int(leader), signal.SIGKILL)
            self.process.wait(timeout=PATIENCE)


def wait_for(condition, complaint):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise StepFailed(f"{complaint} (waited {PATIENCE} seconds).")
        time.sleep(0.5)


class Mails:
    """An SMTP server's handler that keeps what arrives."""

    def __init__(self):
        self.arrived = []

    async def handle_DATA(self, server, session, envelope):
        self.arrived.append(message_from_bytes(envelope.content))
        return "250 OK"


class Browser:
    """Asks the site over TLS, with cookies; the certificate must be the one that was made for it."""

    def __init__(self, certificate):
        self.context = ssl.create_default_context(cafile=certificate)
        self.cookies = {}

    def ask(self, method, path, fields=None, body=None):
        """The answer to a request, with its text; a form also gets the token of the page it was on."""
        headers = {"Host": HOST, "Referer": f"https://{HOST}{path}"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if fields is not None:
            token = next((value for name, value in self.cookies.items() if name.endswith("_csrf")), "")
            body = urlencode({**fields, "csrfmiddlewaretoken": token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPSConnection(HOST, context=self.context, timeout=PATIENCE)
        connection.sock = self.context.wrap_socket(
            socket.create_connection(("127.0.0.1", 443), timeout=PATIENCE), server_hostname=HOST
        )
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            response.text = response.read().decode()
        finally:
            connection.close()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self.cookies[cookie] = content
        return response

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, fields):
        return self.ask("POST", path, fields)


def six_digits(secret):
    """What an authenticator app shows now for a key."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def expect(what, found, wanted):
    print(f"{what}: {found}", flush=True)
    if found != wanted:
        raise StepFailed(f"{what} should be {wanted}.")


def sign_in(browser, mails):
    """The clerk signs in with the code that arrived, and sets up an authenticator app."""
    expect("sign-in page over TLS", browser.get("/accounts/login/").status, 200)
    expect("a code is asked for", browser.post("/accounts/login/", {"email": CLERK}).status, 302)
    wait_for(lambda: mails.arrived, "No code arrived")
    mail = mails.arrived[-1]
    expect("the code is sent to", mail["To"], CLERK)
    body = (
        next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_payload(decode=True).decode()
    )
    code = re.search(r"^\s*([A-Z]{4}-[A-Z]{4})\s*$", body, re.MULTILINE)[1]
    browser.get("/accounts/login/code/confirm/")
    expect("the code is right", browser.post("/accounts/login/code/confirm/", {"code": code}).status, 302)
    page = browser.get("/accounts/second-factor/app/add/")
    expect("a second step is asked for", page.status, 200)
    secret = re.search(r"data-secret>([A-Z2-7]+)<", page.text)[1]
    done = browser.post("/accounts/second-factor/app/add/", {"code": six_digits(secret)})
    expect("the second step is set up", done.status, 302)
    page = browser.get("/board/")
    expect("what only clerks see", (page.status, "<h1" in page.text), (200, True))


def look_around(debian, browser, mails):
    """Is everything there that the documentation promises?"""
    units = ("scrutiny-web", "scrutiny-worker", "scrutiny-backup.timer", "scrutiny-check-history.timer", "nginx")
    expect("running", debian.type_in(f"systemctl is-active {' '.join(units)}").split(), ["active"] * len(units))
    expect("failed units", debian.type_in("systemctl list-units 'scrutiny-*' --failed --quiet --plain"), "")
    sign_in(browser, mails)
    workers = "runuser -u postgres -- psql -qAt scrutiny -c 'SELECT count(*) FROM procrastinate_workers'"
    expect("workers with a sign of life", debian.type_in(workers).strip(), "1")
    backups = debian.type_in("cd /var/backups/scrutiny; ls -d scrutiny-*Z").split()
    expect("backups", len(backups), 1)
    expect("heads of history", debian.type_in("wc --lines < /var/lib/scrutiny-owner/heads").strip(), "1")
    settings = debian.type_in("stat --format '%U %a' /etc/scrutiny /etc/scrutiny/scrutiny.env /etc/scrutiny/owner.env")
    expect("who reads the settings", settings.split("\n")[:-1], ["root 700", "root 600", "root 600"])
    users = debian.type_in("ps -C gunicorn -o user= | sort -u").split()
    expect("the web processes' user", users, ["scrutiny"])
    plain = http.client.HTTPConnection("127.0.0.1", 80, timeout=PATIENCE)
    plain.request("GET", "/meetings/", headers={"Host": HOST})
    answer = plain.getresponse()
    expect("without TLS", (answer.status, answer.getheader("Location")), (301, f"https://{HOST}/meetings/"))
    large = browser.ask("POST", "/", body=b"x" * (161 * 1024 * 1024))
    expect("a body of 161 MB", (large.status, "The file is too large" in large.text), (413, True))
    sealed = "runuser -u scrutiny -- cat /etc/scrutiny/owner.env 2>&1 || true"
    expect("the owner's password", "Permission denied" in debian.type_in(sealed), True)


def kill_services(debian, browser):
    """What is killed comes back by itself; what is stopped has a page in plain English."""
    for unit in ("scrutiny-worker", "scrutiny-web"):
        main = f"systemctl show --property=MainPID --value {unit}"
        before = debian.type_in(main)
        debian.type_in(f"systemctl kill --kill-whom=all --signal=KILL {unit}")
        wait_for(lambda main=main, before=before: debian.type_in(main) not in (before, "0\n"), f"{unit} stays away")
        wait_for(lambda unit=unit: debian.type_in(f"systemctl is-active {unit} || true") == "active\n", f"{unit} waits")
    expect("after a kill", browser.get("/board/").status, 200)
    debian.type_in("systemctl stop scrutiny-web.socket scrutiny-web")
    page = browser.get("/board/")
    expect("stopped", (page.status, "the service is not available" in page.text), (502, True))
    expect("its style", browser.get("/error-pages/page.css").status, 200)
    debian.type_in("systemctl start scrutiny-web.socket scrutiny-web")
    expect("started again", browser.get("/board/").status, 200)


@contextmanager
def empty_debian():
    """A copy of an empty Debian 12, running."""
    if not EMPTY_DEBIAN.exists():
        making = EMPTY_DEBIAN.with_suffix(".new")
        shutil.rmtree(making, ignore_errors=True)
        making.parent.mkdir(exist_ok=True)
        run("debootstrap", "bookworm", str(making))
        run("chroot", str(making), "apt-get", "clean")
        making.rename(EMPTY_DEBIAN)
    with tempfile.TemporaryDirectory(prefix="scrutiny-debian-") as folder:
        copy = Path(folder, "root")
        run("cp", "--archive", "--reflink=auto", str(EMPTY_DEBIAN), str(copy))
        # As in every Debian that is installed; debootstrap leaves the security updates out.
        (copy / "etc/apt/sources.list").write_text(
            "deb http://deb.debian.org/debian bookworm main\n"
            "deb http://deb.debian.org/debian-security bookworm-security main\n",
            encoding="ascii",
        )
        debian = Debian(copy)
        with Path(folder, "systemd.log").open("wb") as log:
            try:
                debian.start(log)
                yield debian
            finally:
                debian.stop()


def main():
    """Install, look around, break, upgrade, go back."""
    if reason := missing():
        raise StepFailed(reason)
    installing, upgrading = commands("running.md", INSTALLING), commands("upgrading.md", UPGRADING)
    going_back = commands("upgrading.md", GOING_BACK)
    mails = Mails()
    smtp = Controller(mails, hostname="127.0.0.1", port=0, ready_timeout=PATIENCE)
    # aiosmtpd asks its own port whether it listens, and port 0 is none.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        smtp.port = probe.getsockname()[1]
    smtp.start()
    try:
        with empty_debian() as debian:
            make_source(debian.folder / "srv" / "scrutiny")
            values = {"HOST": HOST, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": smtp.port, "MAIL_SECURITY": "none"}
            values |= {"CLERK": CLERK, "SOURCE": "/srv/scrutiny", "RELEASE": "0.4.0"}
            try:
                print(debian.type_in(filled_in(installing, values))[-2000:])
                browser = Browser(debian.folder / "etc/scrutiny/tls/certificate.pem")
                look_around(debian, browser, mails)
                kill_services(debian, browser)
                print(debian.type_in(filled_in(upgrading, {"SOURCE": "/srv/scrutiny", "RELEASE": "0.5.0"}))[-2000:])
                current = "readlink /opt/scrutiny/current; readlink /proc/$(pgrep -o -x gunicorn)/cwd"
                expect("after an upgrade", debian.type_in(current).split(), ["/opt/scrutiny/0.5.0"] * 2)
                expect("still signed in", browser.get("/board/").status, 200)
                print(debian.type_in(filled_in(going_back, {"RELEASE": "0.4.0"}))[-2000:])
                expect("back again", debian.type_in(current).split(), ["/opt/scrutiny/0.4.0"] * 2)
                expect("still signed in", browser.get("/board/").status, 200)
            except StepFailed as failure:
                print(failure)
                print(debian.type_in("journalctl --no-pager --lines 120 | cat; systemctl --failed"))
                raise
    finally:
        smtp.stop()


if __name__ == "__main__":
    try:
        main()
    except StepFailed as failure:
        sys.exit(str(failure))
