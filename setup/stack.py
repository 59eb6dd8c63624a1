"""The whole service on this machine, to be broken: PostgreSQL, gunicorn, worker, mail server; with the demonstration.

For `tests/test_outages.py` and `bench/soak.py`. Everything is on loopback and in one folder, and ends with it.
"""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from email import message_from_bytes
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import psutil

from scrutiny import local_postgres

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60
DISK_MEGABYTES = 100
# What a folder with a prepared demonstration holds: its database as pg_dump writes it, and its files.
DUMP, FILES = "database.dump", "files"


def take_over(prepared, url, files):
    """Have the demonstration of the folder `prepared` in an empty database and in the folder `files`, not there yet."""
    shutil.copytree(prepared / FILES, files)
    restore = [local_postgres.programs() / "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}"]
    subprocess.run([*restore, prepared / DUMP], check=True)  # noqa: S603


class Stack:
    """`settings` are added to the environment of its processes; `server_options` to those of PostgreSQL. The
    demonstration is that of the folder `prepared`, else it is made.

    Files are on a small disk of their own (a tmpfs), where this account may mount one.
    """

    def __init__(self, folder, *, server_options=None, prepared=None, **settings):
        self.folder, self.prepared = Path(folder), prepared
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "scrutiny", str(self.disk)]
        self.has_disk = subprocess.run(mount, check=False, capture_output=True).returncode == 0  # noqa: S603
        self.database = local_postgres.Server(
            self.folder / "postgresql", database="demonstration", options=server_options
        )
        self.mail = MailServer()
        self.port = free_port()
        self.files, self.temporary = self.disk / "files", self.disk / "temporary"
        self.temporary.mkdir()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SCRUTINY_")}
        self.environment = inherited | {
            "DJANGO_SETTINGS_MODULE": "scrutiny.settings",
            "DATABASE_URL": self.database.url("demonstration"),
            "SCRUTINY_DEMONSTRATION": "true",
            "SCRUTINY_SECRET_KEY": secrets.token_urlsafe(50),
            "SCRUTINY_BIND": f"127.0.0.1:{self.port}",
            "SCRUTINY_WORKERS": "2",
            "SCRUTINY_FILES": str(self.files),
            "SCRUTINY_EMAIL_HOST": "127.0.0.1",
            "SCRUTINY_EMAIL_PORT": str(self.mail.server_address[1]),
            "SCRUTINY_EMAIL_SECURITY": "none",
            "TMPDIR": str(self.temporary),
            **settings,
        }
        self.processes = {}

    def __enter__(self):
        self.mail.start()
        self.database.use()
        if self.prepared:
            take_over(self.prepared, self.database.url("demonstration"), self.files)
        else:
            self.run("demo", "--prepare-only")
        return self

    def __exit__(self, *_):
        for name in list(self.processes):
            self.kill(name)
        self.mail.stop()
        self.thaw_database()
        self.database.release()
        if self.has_disk:
            subprocess.run(["umount", str(self.disk)], check=True)  # noqa: S603, S607

    @contextlib.contextmanager
    def full_disk(self):
        """Meanwhile there is no room for files; where there is no disk of our own, for none of more than some kB."""
        if not self.has_disk:
            limits = [(process, process.rlimit(psutil.RLIMIT_FSIZE)) for process in self.web_processes()]
            # The log is one of their files: begun anew, it does not raise the limit above the files that must not fit.
            os.truncate(self.folder / "web.log", 0)
            for process, (_, most) in limits:
                process.rlimit(psutil.RLIMIT_FSIZE, (20_000, most))
            yield
            for process, limit in limits:
                process.rlimit(psutil.RLIMIT_FSIZE, limit)
            return
        filler = self.disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        yield
        filler.unlink()

    def stored_files(self):
        return sorted(path for path in self.files.rglob("*") if path.is_file())

    def run(self, *command, **more):
        """Run a command of manage.py; returns what it printed. Raises subprocess.CalledProcessError."""
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment | more,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    # Processes

    def start(self, name):
        command = {
            "web": [str(Path(sys.executable).with_name("gunicorn"))],
            "worker": [sys.executable, "manage.py", "procrastinate", "worker"],
        }[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(  # noqa: S603
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        if name == "web":
            self.wait_for(lambda: self.client().get("/").status == 200)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def kill(self, name):
        """kill -9, with all that it started."""
        process = self.processes.pop(name)
        # The parent first, which would start others in their place.
        for one in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()

    def web_processes(self):
        """Those that answer requests; gunicorn starts others in their place."""
        return psutil.Process(self.processes["web"].pid).children()

    # The database server

    def server_processes(self):
        pid = self.database.running_pid()
        return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)] if pid else []

    def stop_database(self):
        self.database.stop()

    def kill_database(self):
        for process in self.server_processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        self.database.process.wait()

    def freeze_database(self):
        """It goes on accepting connections, and answers nothing."""
        for process in self.server_processes():
            process.suspend()

    def thaw_database(self):
        for process in self.server_processes():
            process.resume()

    def start_database(self):
        self.database.ensure_running()

    def query(self, statement, *parameters):
        import psycopg  # noqa: PLC0415

        with psycopg.connect(self.database.url("demonstration"), autocommit=True) as connection:
            return connection.execute(statement, parameters or None).fetchall()

    def client(self, timeout=PATIENCE):
        return Client(self.port, timeout)

    def sign_in(self, email):
        """A Client that is signed in as a person of the demonstration."""
        ((person,),) = self.query("SELECT id FROM inquiries_person WHERE email = %s", email)
        client = self.client()
        page = client.get("/accounts/login/")
        client.post("/demonstration/sign-in/", {**form_with(page.text, "csrfmiddlewaretoken"), "person": person})
        return client

    @staticmethod
    def wait_for(condition, seconds=PATIENCE):
        """Wait until `condition()` is true; returns after how many seconds. Raises AssertionError where it is not."""
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if condition():
                    return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"It did not happen within {seconds} seconds.")


class Answer:
    def __init__(self, response, body, seconds):
        self.status, self.headers, self.seconds = response.status, response.headers, seconds
        self.body, self.text = body, body.decode(errors="replace")


class Client:
    """A browser of one person, with its cookies; follows no redirects."""

    def __init__(self, port, timeout=PATIENCE):
        self.port, self.timeout, self.cookies = port, timeout, {}

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, fields, **headers):
        body = urlencode(fields, doseq=True)
        return self.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})

    def post_file(self, path, fields, name, file_name, content):
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
        body = b"".join([*parts, f"--{mark}--\r\n".encode()])
        return self.request("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={mark}"})

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        began = time.monotonic()
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Cookie": cookies, **(headers or {})})
            response = connection.getresponse()
            answer = Answer(response, response.read(), time.monotonic() - began)
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


class FormReader(HTMLParser):
    """Collects the forms of a page: `forms` is a list of (action, {field: value}), as a browser would send them."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.text_of, self.choice_of = [], None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        name, value = found.get("name"), found.get("value") or ""
        if tag == "form":
            self.forms.append((found.get("action") or "", {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "textarea" and name:
            self.text_of, fields[name] = name, ""
        elif tag == "select":
            self.choice_of = name
        elif tag == "option" and self.choice_of and ("selected" in found or self.choice_of not in fields):
            fields[self.choice_of] = value
        elif tag == "input" and name and found.get("type") not in ("file", "submit"):
            is_chosen = found.get("type") not in ("radio", "checkbox") or "checked" in found
            fields |= {name: value} if is_chosen else {}

    def handle_data(self, data):
        if self.text_of:
            self.forms[-1][1][self.text_of] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.text_of:
            fields = self.forms[-1][1]
            # As a browser does: the first line break is none of the text.
            fields[self.text_of] = fields[self.text_of].removeprefix("\n")
            self.text_of = None
        elif tag == "select":
            self.choice_of = None


def form_with(page, field):
    """The fields of the first form of a page that has the field."""
    return next(fields for _, fields in FormReader(page).forms if field in fields)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class MailServer(socketserver.ThreadingTCPServer):
    """Counts e-mails in the moment in which it answers for them. `refusal` is what it says instead, if anything;
    while `hangs` is set it says nothing at all."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received, self.refusal, self.hangs = [], "", threading.Event()
        self.connections = 0

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.connections += 1
        # A client that is killed hangs up.
        with contextlib.suppress(ConnectionError, TimeoutError):
            while self.server.hangs.is_set():
                time.sleep(0.2)
            self.converse()

    def converse(self):
        self.answer("220 stack")
        for line in self.rfile:
            command = line[:4].strip().upper()
            if command == b"RCPT" and self.server.refusal:
                self.answer(self.server.refusal)
            elif command == b"DATA":
                self.answer("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.received.append(message_from_bytes(text))
                self.answer("250 taken")
            elif command == b"QUIT":
                self.answer("221 bye")
                return
            else:
                self.answer("250 yes")

    def answer(self, text):
        self.wfile.write(f"{text}\r\n".encode())
