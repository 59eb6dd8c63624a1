"""How many e-mails are lost or doubled when the worker is killed in the middle of them.

    python -m bench.killed_worker

200 notifications, a mail server that takes them, and a worker that is killed (-9) after 20, 60, 100, 140 and 180 of
them and started again each time. Takes about two minutes: the jobs of a killed worker are done again after its last
sign of life is 30 seconds old. Exits with 1 where one was lost.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from scrutiny import local_postgres
from setup.stack import MailServer

ROOT = Path(__file__).resolve().parent.parent
MAILS = 200
KILL_AFTER = (20, 60, 100, 140, 180)
PATIENCE = 300


def prepare():
    """Tables and 200 notifications with their jobs."""
    # Settings are read from the environment, which is set by now.
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from inquiries.models import Person  # noqa: PLC0415
    from inquiries.notifications import notify  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    people = [Person.objects.create(email=f"{n}@bench.example", name=f"Person {n}") for n in range(MAILS)]
    with transaction.atomic():
        notify(people, "sessions_ended", "bench", now=timezone.now(), by=people[0])
    connections.close_all()


def unsent():
    from inquiries.models import Notification  # noqa: PLC0415

    return Notification.objects.filter(sent_on=None).count()


def start_worker():
    command = [sys.executable, "manage.py", "procrastinate", "worker"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def main():
    with tempfile.TemporaryDirectory(prefix="scrutiny-bench-") as folder, MailServer() as mail_server:
        mail_server.start()
        database = local_postgres.Server(Path(folder, "postgresql"), database="bench")
        database.use()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "scrutiny.settings",
            "DATABASE_URL": database.url("bench"),
            "SCRUTINY_SECRET_KEY": secrets.token_urlsafe(50),
            "SCRUTINY_EMAIL_HOST": "127.0.0.1",
            "SCRUTINY_EMAIL_PORT": str(mail_server.server_address[1]),
            "SCRUTINY_EMAIL_SECURITY": "none",
        }
        prepare()
        began = time.monotonic()
        worker = start_worker()
        for count in KILL_AFTER:
            while len(mail_server.received) < count and time.monotonic() < began + PATIENCE:
                time.sleep(0.001)
            worker.kill()
            worker.wait()
            worker = start_worker()
        while unsent() and time.monotonic() < began + PATIENCE:
            time.sleep(0.5)
        worker.terminate()
        worker.wait()
        counts = Counter(mail["Message-ID"] for mail in mail_server.received)
        lost = MAILS - len(counts)
        print(f"notifications: {MAILS}, workers killed: {len(KILL_AFTER)}")
        print(f"e-mails received: {len(mail_server.received)}, different Message-IDs: {len(counts)}")
        print(f"lost: {lost}, doubled: {sum(count - 1 for count in counts.values())}, not noted as sent: {unsent()}")
        print(f"seconds until the last: {time.monotonic() - began:.0f}")
        mail_server.shutdown()
        database.release()
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
