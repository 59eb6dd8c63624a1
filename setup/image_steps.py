"""Runs the steps of the Dockerfile without a container engine, and asks the result a few questions.

    python -m setup.image_steps

A temporary folder stands in for the image of all stages and an environment made by this Python for its base. Steps
that only an image can take (a user of its own) are left out, and named, and so are stages that the last does not need.
The application then runs in production settings, on the PostgreSQL in DATABASE_URL or else on one of this machine,
until it has answered. Exits with 1 on a wrong answer.
"""

import contextlib
import fnmatch
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scrutiny import local_postgres

ROOT = Path(__file__).resolve().parent.parent
HOST = "scrutiny.example.org"
ONLY_IN_AN_IMAGE = ("groupadd", "useradd", "chown")
BASE_FOLDER = "/opt/"
PATIENCE = 90


class StepFailed(Exception):
    """A step of the Dockerfile ended with an error, or the application did not answer as it should."""


def instructions(text):
    """The instructions of a Dockerfile as pairs (name, rest), continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.strip().split(None, 1)) for line in text.splitlines() if line.strip()]


def needed_instructions(found):
    """Those of the stages that the last stage is made from."""
    stages = {}
    for name, rest in found:
        if name == "FROM":
            stage = stages.setdefault(rest.split()[-1], [])
        stage.append((name, rest))
    needed, wanted = [], [list(stages)[-1]]
    while wanted:
        stage = wanted.pop()
        if stage in stages and stage not in needed:
            needed.append(stage)
            wanted += [rest.split()[0] for name, rest in stages[stage] if name == "FROM"]
            wanted += re.findall(r"--from=(\S+)", " ".join(rest for name, rest in stages[stage] if name == "COPY"))
    return [step for stage, steps in stages.items() if stage in needed for step in steps]


def ignored(path, patterns):
    """Whether .dockerignore keeps the relative `path` out of the image."""
    parts = path.parts
    for pattern in patterns:
        if pattern.startswith("**/"):
            if any(fnmatch.fnmatch(part, pattern[3:]) for part in parts):
                return True
        elif any(fnmatch.fnmatch("/".join(parts[: count + 1]), pattern) for count in range(len(parts))):
            return True
    return False


def copy_context(target):
    """Copy what the image would get from this folder."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]

    def left_out(folder, names):
        here = Path(folder).relative_to(ROOT)
        return [name for name in names if ignored(here / name, patterns)]

    shutil.copytree(ROOT, target, ignore=left_out, dirs_exist_ok=True)


class Image:
    """A folder that stands in for the image while its steps run."""

    def __init__(self, folder):
        self.folder = folder
        self.app = folder / "app"
        self.app.mkdir()
        self.environment = {
            "PATH": f"{folder / 'python' / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            # Where packages come from and which certificates count is this machine's affair.
            **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HTTPS_PROXY"))},
        }
        self.python = folder / "python"
        self.command = None

    def take(self, name, rest):
        """Run one instruction. Raises StepFailed."""
        print(f"{name} {rest}", flush=True)
        rest = re.sub(rf"(?<![\w.]){BASE_FOLDER}", f"{self.folder}{BASE_FOLDER}", rest)
        if name == "FROM":
            if not self.python.exists():
                run([sys.executable, "-m", "venv", "--without-pip", str(self.python)], self)
        elif name == "ENV":
            self.environment.update(pair.split("=", 1) for pair in rest.split())
        elif name == "COPY" and rest.startswith("--from="):
            print("  (there already: all stages share a folder)")
        elif name == "COPY" and rest == ". .":
            copy_context(self.app)
        elif name == "COPY":
            *sources, target = rest.split()
            for source in sources:
                shutil.copy(ROOT / source, self.app / target)
        elif name == "RUN" and rest.split()[0] not in ONLY_IN_AN_IMAGE:
            run(["sh", "-c", rest], self)
        elif name == "CMD":
            self.command = json.loads(rest)
        elif name in ("RUN", "USER"):
            print("  (left out: only an image can do this)")
        elif name not in ("WORKDIR", "EXPOSE"):
            raise StepFailed(f"This script does not know the instruction {name}.")


def run(command, image):
    done = subprocess.run(  # noqa: S603
        command, cwd=image.app, env=image.environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise StepFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    """Until something listens there. Raises StepFailed when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        time.sleep(0.05)
    raise StepFailed(f"Nothing listens on port {port}.")


def production_settings(port):
    """What a real service sets, as the compose file does; a proxy with HTTPS in front."""
    return {
        "SCRUTINY_HOSTS": HOST,
        "SCRUTINY_SITE_ADDRESS": f"https://{HOST}",
        "SCRUTINY_SECRET_KEY": secrets.token_urlsafe(50),
        "SCRUTINY_EMAIL_HOST": "mail.example.org",
        "SCRUTINY_EMAIL_FROM": "Scrutiny <scrutiny@example.org>",
        "SCRUTINY_PROXIES": "1",
        "SCRUTINY_BIND": f"127.0.0.1:{port}",
        "SCRUTINY_WORKERS": "1",
        "DATABASE_URL": os.environ.get("DATABASE_URL") or database_of_this_machine(),
    }


def database_of_this_machine():
    server = local_postgres.Server(ROOT / "var" / "postgresql", database="scrutiny")
    server.use()
    return server.url(server.database)


def ask(port, path, **headers):
    """The response to GET `path`, with the body read into it as `text`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        response.text = response.read().decode()
        return response
    finally:
        connection.close()


def wait_until_healthy(port, process):
    """Ask for /healthz until it answers. Raises StepFailed when the process ends or patience does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StepFailed(f"The application ended with {process.returncode}.")
        try:
            return ask(port, "/healthz")
        except OSError:
            time.sleep(0.2)
    raise StepFailed(f"The application did not answer within {PATIENCE} seconds.")


def expect(what, found, wanted):
    print(f"{what}: {found}")
    if found != wanted:
        raise StepFailed(f"{what} should be {wanted}.")


def question(port, process):
    """Ask what shows that production settings are in force. Raises StepFailed on a wrong answer."""
    expect("/healthz", wait_until_healthy(port, process).status, 200)
    plain = ask(port, "/accounts/login/", Host=HOST)
    expect("without HTTPS", (plain.status, plain.getheader("Location")), (301, f"https://{HOST}/accounts/login/"))
    through_proxy = {"Host": HOST, "X_Forwarded_Proto": "https", "X_Forwarded_For": "192.0.2.7"}
    page = ask(port, "/accounts/login/", **through_proxy)
    expect("sign-in page", page.status, 200)
    expect("says HSTS", "max-age=" in (page.getheader("Strict-Transport-Security") or ""), True)
    expect("says CSP", "default-src 'none'" in (page.getheader("Content-Security-Policy") or ""), True)
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', page.text)
    expect("its stylesheet", stylesheet and ask(port, stylesheet[1], **through_proxy).status, 200)
    expect("one-click sign-in", ask(port, "/demonstration/sign-in/", **through_proxy).status, 404)
    expect("under another name", ask(port, "/", Host="elsewhere.example.org", X_Forwarded_Proto="https").status, 400)


def main():
    """Build, start, ask, stop."""
    with tempfile.TemporaryDirectory(prefix="scrutiny-image-") as folder:
        image = Image(Path(folder))
        for name, rest in needed_instructions(instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))):
            image.take(name, rest)
        port = free_port()
        process = subprocess.Popen(  # noqa: S603
            image.command,
            cwd=image.app,
            env={**image.environment, **production_settings(port)},
            start_new_session=True,
        )
        try:
            question(port, process)
        finally:
            # Nothing is left of it whatever happened; it may already have ended by itself.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


if __name__ == "__main__":
    try:
        main()
    except StepFailed as failure:
        sys.exit(str(failure))
