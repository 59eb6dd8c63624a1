"""`manage.py demo`: prepare the demonstration and run it on this machine: web server, worker, and a database server
where DATABASE_URL names none. `make demo` calls it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from inquiries.demonstration.load import load

WELCOME = """
Scrutiny is at  {address}

To sign in, open {address}accounts/login/ and click on a person:
no password is needed, since this is a demonstration and answers this computer only.
To play a meeting, sign in as Councillor Harold Penrose: the committee waits to assess the report of Youth Clubs.
The e-mails it would send are printed here.
Press Ctrl+C to stop. What you change is kept until you delete the folder var.
"""
EARLIER_DATABASE = (
    "{file} is the database of an earlier version, which this one does not read: "
    "delete it, and go on in the demonstration that is made now."
)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 30


class Command(BaseCommand):
    help = "Prepares the demonstration (database, people, an inquiry) and runs it on 127.0.0.1."
    # Django's own checks would speak of tables before they are made.
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--port", default="8000", help="the port to serve on (default: 8000)")
        parser.add_argument("--prepare-only", action="store_true", help="do everything but serve")

    def handle(self, *args, port, prepare_only, **options):
        if not settings.DEMONSTRATION:
            raise CommandError("This is not the demonstration. Run 'make demo', which sets everything it needs.")
        port = checked_port(port)
        if not prepare_only:
            check_free(port)
        settings.VAR.mkdir(exist_ok=True)
        # Before PostgreSQL, the database was a file here.
        for file in settings.VAR.glob("demonstration.s*3"):
            self.stderr.write(EARLIER_DATABASE.format(file=file.relative_to(settings.BASE_DIR)))
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        loaded = load(timezone.localdate())
        self.stdout.write("The demonstration has been loaded." if loaded else "The demonstration is already there.")
        call_command("collectstatic", interactive=False, verbosity=0)
        if prepare_only:
            return
        connections.close_all()
        os.chdir(settings.BASE_DIR)
        self.stdout.write(WELCOME.format(address=f"http://127.0.0.1:{port}/"))
        self.stdout.flush()
        sys.exit(
            run(
                web=[str(Path(sys.executable).with_name("gunicorn")), "--bind", f"127.0.0.1:{port}"],
                worker=[sys.executable, "manage.py", "procrastinate", "worker"],
            )
        )


def run(*, web, worker):
    """Run both commands until the first ends, Ctrl+C or SIGTERM. Returns the exit code of the first.

    The worker ends with the database's connections, successfully, and is started again; so is the database server,
    where it is ours.
    """
    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    processes = [start(web), start(worker)]
    try:
        while processes[0].poll() is None:
            if settings.LOCAL_SERVER:
                settings.LOCAL_SERVER.ensure_running()
            if processes[1].poll() is not None:
                processes[1] = start(worker)
            time.sleep(1)
        return processes[0].returncode
    except KeyboardInterrupt:
        return 0
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(STOP_SECONDS)


def stop(number, frame):
    raise KeyboardInterrupt


def start(command):
    return subprocess.Popen(command, preexec_fn=end_with_parent)  # noqa: S603


def end_with_parent():
    """Have Linux end this process when its parent is killed: otherwise the port stays in use."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def checked_port(value):
    if not (value.isascii() and value.isdecimal() and 0 < int(value) < 65536):
        raise CommandError(f"PORT is {value!r}. Write a number between 1 and 65535.")
    return int(value)


def check_free(port):
    with socket.socket() as probe:
        # As gunicorn does: a port whose last user has just stopped is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise CommandError(f"Port {port} may only be used by root. Choose another: make demo PORT=8001") from error
        except OSError as error:
            raise CommandError(
                f"Port {port} is already in use, perhaps by another demonstration. "
                f"Stop that one, or choose another port: make demo PORT={port % 65535 + 1}"
            ) from error
