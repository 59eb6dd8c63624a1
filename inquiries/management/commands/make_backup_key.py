"""`manage.py make_backup_key FILE`: a key for backups. The secret part is in FILE, the public part is printed."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from inquiries.backup import BackupError, make_key


class Command(BaseCommand):
    help = "Write a new secret key into FILE and print its public key, for SCRUTINY_BACKUP_KEY."
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="FILE", type=Path)

    def handle(self, *args, path, **options):
        try:
            self.stdout.write(make_key(path))
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(
            f"Keep {path} where the backups are not, and twice: without it nobody can read what it encrypts."
        )
