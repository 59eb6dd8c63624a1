"""`manage.py verify_backup BACKUP`: restore it into a database of its own, and compare every row and file."""

from pathlib import Path

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseTrouble

from inquiries.actions.restore import verify
from inquiries.backup import BackupError, find_backup, read_secret_keys
from scrutiny.env import SettingError


class Command(BaseCommand):
    help = "Restore a backup into a temporary database on this machine and compare every row and file with it."
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="BACKUP", type=Path, help="a backup, or a folder of backups: its newest")
        parser.add_argument("--key", type=Path, metavar="FILE", help="the secret key of an encrypted backup")

    def handle(self, *args, path, key, **options):
        try:
            backup = find_backup(path)
            manifest, findings = verify(backup, identities=read_secret_keys(key))
        except BackupError as error:
            raise CommandError(str(error)) from error
        except (DatabaseTrouble, psycopg.Error, OSError, SettingError) as error:
            raise CommandError(f"{type(error).__name__}: {str(error).strip()}") from error
        tables = manifest["tables"].values()
        self.stdout.write(
            f"{backup} can be restored: {sum(table['rows'] for table in tables):,} rows of {len(tables)} tables and "
            f"{len(manifest['files']):,} files are as they were on {manifest['made_on']}."
        )
        for finding in findings:
            self.stdout.write(finding)
        if findings:
            raise CommandError(f"{len(findings)} findings about what was backed up. docs/history.md says what to do.")
