"""`manage.py demo`: prepare the demonstration and serve it on this machine. `make demo` calls it."""

import os
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

WELCOME = """
Scrutiny is at  {address}

To sign in, open {address}accounts/login/ and click on a person:
no password is needed, since this is a demonstration and answers this computer only.
Press Ctrl+C to stop. What you change is kept until you delete the folder var.
"""


class Command(BaseCommand):
    help = "Prepares the demonstration (database, people, an inquiry) and serves it on 127.0.0.1."
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
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("load_demonstration")
        call_command("collectstatic", interactive=False, verbosity=0)
        if prepare_only:
            return
        self.stdout.write(WELCOME.format(address=f"http://127.0.0.1:{port}/"))
        self.stdout.flush()
        gunicorn = Path(sys.executable).with_name("gunicorn")
        os.chdir(settings.BASE_DIR)
        os.execv(gunicorn, [str(gunicorn), "--bind", f"127.0.0.1:{port}"])  # noqa: S606


def checked_port(value):
    """The port as a number. Raises CommandError when it is none."""
    if not (value.isascii() and value.isdecimal() and 0 < int(value) < 65536):
        raise CommandError(f"PORT is {value!r}. Write a number between 1 and 65535.")
    return int(value)


def check_free(port):
    """Raises CommandError when the port cannot be listened on."""
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
