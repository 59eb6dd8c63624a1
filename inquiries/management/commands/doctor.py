"""`manage.py doctor`: looks at all that the service needs, and says what to do about what is wrong.

It changes nothing, and goes on where something does not answer.
"""

import json
import logging
import secrets
import shutil
import socket
import ssl
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path
from smtplib import SMTPAuthenticationError, SMTPException, SMTPNotSupportedError

from django.conf import settings
from django.core import checks
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.mail import EmailMessage, get_connection
from django.core.management.base import BaseCommand
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from inquiries import tracker_database
from inquiries.backup import BackupError, backups_in, find_program, made_on, server_major
from inquiries.check_history import read_heads
from inquiries.health import count, find_work, is_worker_silent, missing_migrations, warnings_of
from inquiries.history_database import OWN_ROLE_ADVICE, TRIGGERS, role_findings, trigger_findings
from scrutiny import connection_limit
from scrutiny.error_codes import describe_fault
from scrutiny.postgresql.base import Connection

# In seconds: how long the database and the mail server are waited for.
PATIENCE = 10
# Both are made each night.
NIGHTLY = timedelta(hours=36)
# Codes of an authenticator app are good for 30 seconds.
CLOCK_FAULT, CLOCK_WARNING = timedelta(seconds=30), timedelta(seconds=5)
# An upload, what is worked out of it and a pack need a few of the largest papers.
ROOM_WARNING, ROOM_FAULT = 20, 4


class Level(IntEnum):
    """Also the exit code."""

    OK = 0
    WARNING = 1
    FAULT = 2


@dataclass(frozen=True)
class Finding:
    subject: str
    level: Level
    sentence: str
    advice: str = ""


class Command(BaseCommand):
    help = "Look at all that the service needs. Ends with 0 if all is well, 1 with a warning, 2 with a fault."
    # What they find is among the findings.
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument("--send-test", metavar="ADDRESS", help="send a test e-mail to this address")
        parser.add_argument("--backups", type=Path, metavar="DIR", help="the folder of backups: how old is the newest?")
        parser.add_argument("--heads", type=Path, metavar="FILE", help="the heads of history: how old is the last?")
        parser.add_argument("--json", action="store_true", help="write an object for programs")

    def handle(self, *args, send_test, backups, heads, **options):
        # What the pool says of a database that does not answer is among the findings.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        Connection.patience = PATIENCE
        parts = {
            "configuration": check_configuration(),
            "database": check_database(),
            "migrations": of_the_database(check_migrations),
            "roles": of_the_database(check_roles),
            "worker": of_the_database(check_worker),
            "clock": of_the_database(check_clock),
            "storage": check_storage(),
            "disk space": check_room(),
            "mail": check_mail(send_test),
            "backups": check_backups(backups),
            "history": check_heads(heads),
        }
        found = [Finding(subject, *finding) for subject, part in parts.items() for finding in part]
        worst = max(finding.level for finding in found)
        if options["json"]:
            findings = [asdict(finding) | {"level": finding.level.name.lower()} for finding in found]
            self.stdout.write(json.dumps({"level": worst.name.lower(), "findings": findings}, indent=2))
        else:
            for finding in found:
                self.stdout.write(f"{finding.level.name:7} {finding.subject}: {finding.sentence}")
                if finding.advice:
                    self.stdout.write(f"        {finding.advice}")
        sys.exit(worst)


def check_configuration():
    """What `manage.py check --deploy` says. A setting that cannot be understood has stopped this command before."""
    found = [message for message in checks.run_checks(include_deployment_checks=True) if not message.is_silenced()]
    for message in found:
        level = Level.FAULT if message.is_serious() else Level.WARNING
        yield level, f"{message.msg} ({message.id})", message.hint or ""
    if settings.LOCAL_ONLY_REASON:
        yield (
            Level.WARNING,
            f"It answers this machine only: {settings.LOCAL_ONLY_REASON}.",
            "For a real service set SCRUTINY_HOSTS and what it asks for; .env.example explains every setting.",
        )
    elif not found:
        yield Level.OK, f"Nothing is wrong with the settings. It answers to {', '.join(settings.ALLOWED_HOSTS)}."


def check_database():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), current_user")
            version, role = cursor.fetchone()
        allowed = connection_limit.find_allowed()
    except Exception as error:
        yield (
            Level.FAULT,
            f"PostgreSQL does not answer: {describe_fault(error)}.",
            "Look whether it runs, and whether DATABASE_URL names the right server, role, password and database.",
        )
        return
    yield Level.OK, f"PostgreSQL {version} answers the role {role}, and allows {count(allowed, 'connection')}."


def of_the_database(check):
    """The findings of a check that needs the database, or that it does not answer."""
    try:
        yield from check()
    except Exception as error:
        yield Level.WARNING, f"Not checked: {describe_fault(error)}.", "Mend the database first, then ask again."
        connection.close()


def check_migrations():
    missing = missing_migrations()
    if settings.CACHES["default"]["LOCATION"] not in connection.introspection.table_names():
        missing.append("the table of the cache")
    if missing:
        yield Level.FAULT, f"The database lacks {', '.join(missing)}.", "Run manage.py prepare_database."
    else:
        yield Level.OK, "The database is as this version needs it."


def check_roles():
    triggers = list(trigger_findings(connection, (*TRIGGERS, *tracker_database.TRIGGERS)))
    for sentence in triggers:
        yield Level.FAULT, sentence, "docs/history.md says what it may mean and what to do."
    roles = role_findings(connection)
    for sentence in roles:
        yield Level.WARNING, sentence, OWN_ROLE_ADVICE
    if not triggers and not roles:
        yield Level.OK, "The application's role cannot change history, and the triggers that protect it are there."


def check_worker():
    work = find_work()
    warnings = list(warnings_of(work))
    if is_worker_silent(work):
        advice = "Start it: systemctl start scrutiny-worker, or docker compose up -d worker."
        yield Level.FAULT, warnings.pop(0), advice
    for sentence in warnings:
        advice = "Read the worker's log (journalctl -u scrutiny-worker, or docker compose logs worker)."
        yield Level.WARNING, sentence, advice
    if work.jobs_failed:
        yield (
            Level.WARNING,
            f"{count(work.jobs_failed, 'job')} failed for good within the last 30 days.",
            "The worker's log says why, in the lines with the job's number (manage.py procrastinate shell lists them).",
        )
    if work.emails_given_up:
        yield (
            Level.WARNING,
            f"{count(work.emails_given_up, 'e-mail')} given up after twelve attempts.",
            "The admin shows them, and why (“Notifications”).",
        )
    if not is_worker_silent(work):
        seconds = max(0, round((work.now - work.worker_seen).total_seconds()))
        yield Level.OK, f"A worker reported {count(seconds, 'second')} ago; {count(work.jobs_due, 'job')} due."


def check_clock():
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    # Halfway between asking and the answer.
    difference = abs(theirs - (before + (timezone.now() - before) / 2))
    sentence = f"The clocks of this machine and of the database differ by {difference.total_seconds():.1f} seconds."
    advice = "Have both set by NTP (timedatectl set-ntp true): codes of authenticator apps are good for 30 seconds."
    if difference > CLOCK_WARNING:
        yield Level.FAULT if difference > CLOCK_FAULT else Level.WARNING, sentence, advice
    else:
        yield Level.OK, sentence


def check_storage():
    """Write, read and delete a file, as an upload does."""
    name = f"doctor-{secrets.token_hex(8)}.txt"
    where = settings.MEDIA_ROOT if isinstance(default_storage, FileSystemStorage) else "the storage"
    try:
        name = default_storage.save(name, ContentFile(b"Written by manage.py doctor."))
        with default_storage.open(name) as file:
            file.read()
        default_storage.delete(name)
    except Exception as error:
        yield (
            Level.FAULT,
            f"Files cannot be stored in {where}: {describe_fault(error)}.",
            "Look whether it is mounted, has room, and may be written by the user that runs the service.",
        )
        return
    yield Level.OK, f"A file was written to {where}, read and deleted."


def check_room():
    folders = {Path(tempfile.gettempdir()): "TMPDIR"}
    if isinstance(default_storage, FileSystemStorage):
        folders[Path(settings.MEDIA_ROOT)] = "SCRUTINY_FILES"
    for folder, setting in folders.items():
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
        sentence = f"{filesizeformat(free)} free in {folder} ({setting})."
        papers = free / (settings.LARGEST_UPLOAD_MB * 1024 * 1024)
        if papers < ROOM_WARNING:
            level = Level.FAULT if papers < ROOM_FAULT else Level.WARNING
            yield level, sentence, f"Make room: {ROOM_WARNING} times the largest upload should be free."
        else:
            yield Level.OK, sentence


MAIL_ADVICE = (
    (SMTPAuthenticationError, "Look at SCRUTINY_EMAIL_USER and SCRUTINY_EMAIL_PASSWORD."),
    ((ssl.SSLError, SMTPNotSupportedError), "Look at SCRUTINY_EMAIL_SECURITY and SCRUTINY_EMAIL_PORT."),
    (socket.gaierror, "There is no such machine: look at SCRUTINY_EMAIL_HOST."),
    (SMTPException, "The code is the mail server's: ask those who run it to let this machine send from that address."),
    (OSError, "Look at SCRUTINY_EMAIL_HOST and SCRUTINY_EMAIL_PORT, and at the firewall between."),
)


def check_mail(address):
    if not settings.EMAIL_HOST:
        yield Level.WARNING, "There is no mail server: e-mails are printed.", "Set SCRUTINY_EMAIL_HOST."
        return
    server = f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    mail = get_connection(timeout=PATIENCE)
    try:
        mail.open()
        if address:
            text = f"manage.py doctor sent this from {settings.SITE_ADDRESS}. Nothing needs to be done.\n"
            EmailMessage("Test e-mail from Scrutiny", text, to=[address], connection=mail).send()
    except (OSError, SMTPException, ValueError) as error:
        advice = next((advice for kinds, advice in MAIL_ADVICE if isinstance(error, kinds)), "")
        yield Level.FAULT, f"{server} does not take an e-mail: {describe_fault(error)}.", advice
        return
    finally:
        with suppress(OSError, SMTPException):
            mail.close()
    if address:
        yield Level.OK, f"{server} took a test e-mail.", f"Look whether it arrives at {address}, and not as spam."
    else:
        yield Level.OK, f"{server} lets us in. Whether it sends, --send-test ADDRESS tries."


def check_backups(folder):
    if folder is None:
        yield Level.WARNING, "Not checked.", "Name their folder with --backups DIR (docs/backups.md)."
        return
    advice = "Make one: manage.py backup DIR, every night from a timer (docs/backups.md). Read why the last failed."
    try:
        made = [made_on(path) for path in backups_in(folder)]
    except OSError as error:
        yield Level.FAULT, f"{folder} cannot be read: {describe_fault(error)}.", advice
        return
    if not made:
        yield Level.FAULT, f"There is no complete backup in {folder}.", advice
    else:
        yield age_of("The newest backup", made[-1], advice, too_old=Level.FAULT)
    try:
        program = find_program("pg_dump", least=server_major())
        yield Level.OK, f"pg_dump {program.version} suits the server."
    except BackupError as error:
        yield Level.FAULT, str(error), "Until then no backup can be made."
    except Exception as error:
        yield Level.WARNING, f"Whether pg_dump suits the server is not known: {describe_fault(error)}."


def check_heads(path):
    if path is None:
        yield Level.WARNING, "Not checked.", "Name the file of heads with --heads FILE (docs/history.md)."
        return
    advice = f"Run manage.py check_history --heads {path} every night from a timer, and read what it finds."
    try:
        with path.open(encoding="utf-8") as lines:
            heads = [head for heads in read_heads(lines).values() for head in heads]
    except (OSError, ValueError) as error:
        yield Level.FAULT, f"{path} cannot be read as a file of heads: {describe_fault(error)}.", advice
        return
    if not heads:
        yield Level.WARNING, f"There is no head in {path}.", advice
    else:
        noted = max(datetime.fromisoformat(head.noted) for head in heads)
        yield age_of("The last head of history", noted, advice, too_old=Level.WARNING)


def age_of(what, moment, advice, *, too_old):
    age = timezone.now() - moment
    sentence = f"{what} is {count(int(age.total_seconds() // 3600), 'hour')} old."
    return (too_old, sentence, advice) if age > NIGHTLY else (Level.OK, sentence)
