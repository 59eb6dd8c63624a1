"""`manage.py restore BACKUP`: what `manage.py backup` has made, into an empty system."""

from itertools import chain
from pathlib import Path

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.utils import timezone

from inquiries import tracker_database
from inquiries.actions.restore import restore, restore_warnings
from inquiries.backup import BackupError, find_backup, read_secret_keys
from inquiries.check_history import Chain, changed_files, changed_records, read_heads
from inquiries.history_database import TRIGGERS, trigger_findings
from inquiries.models import Notification, PackPlan, Restoration

UNCHANGED = "Nothing has been changed in the database. When the cause is mended, run the same command again."


class Command(BaseCommand):
    help = "Restore a backup into an empty system, with all that it checks and holds back. docs/backups.md"
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="BACKUP", type=Path, help="a backup, or a folder of backups: its newest")
        parser.add_argument("--key", type=Path, metavar="FILE", help="the secret key of an encrypted backup")
        parser.add_argument(
            "--replace-records",
            action="store_true",
            help="delete what is recorded here, and put the backup in its place",
        )

    def handle(self, *args, path, key, replace_records, **options):
        try:
            backup = find_backup(path)
            self.stdout.write(
                f"Restoring {backup}. If this breaks off, nothing has been changed in the database: run it again."
            )
            identities = read_secret_keys(key)
            manifest = restore(backup, identities=identities, now=timezone.now(), replace_records=replace_records)
        except BackupError as error:
            raise CommandError(f"{error} {UNCHANGED}") from error
        except (DatabaseTrouble, psycopg.Error, OSError) as error:
            raise CommandError(f"{type(error).__name__}: {str(error).strip()}. {UNCHANGED}") from error
        tables, files = manifest["tables"].values(), manifest["files"]
        self.stdout.write(
            f"Restored and compared: {sum(table['rows'] for table in tables):,} rows of {len(tables)} tables, "
            f"{len(files):,} files, as of {manifest['made_on']}. Nobody is signed in."
        )
        for warning in restore_warnings(manifest):
            self.stderr.write(f"Warning: {warning}")
        self.report_held()
        findings = list(
            chain(
                trigger_findings(connection, (*TRIGGERS, *tracker_database.TRIGGERS)),
                Chain().findings(read_heads(manifest["heads"])),
                changed_files(),
                changed_records(),
            )
        )
        for finding in findings:
            self.stdout.write(finding)
        if findings:
            raise CommandError(
                f"The backup is restored, and its history has {len(findings)} findings. See docs/history.md."
            )
        self.stdout.write("The history is sound.")

    def report_held(self):
        messages, plans = Notification.objects.held().count(), PackPlan.objects.filter(is_held=True).count()
        self.stdout.write(
            f"Held back: {messages:,} e-mails, {plans:,} planned publications, and all reminders, until a clerk decides"
            " on the page “After the restore”, or you with manage.py held_work."
        )
        if people := Restoration.objects.first().people_to_erase:
            numbers = ", ".join(str(number) for number in people)
            self.stdout.write(f"Erased after the backup was made, and to be erased again by a clerk: people {numbers}.")
