"""`manage.py backup DIR`: the database, the files and the heads of history, as they are now, in a new folder in DIR."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from inquiries.backup import BackupError, make_backup
from inquiries.management.commands.check_history import read_noted_heads


class Command(BaseCommand):
    help = "Make a backup in DIR. Ends with 0 if it is complete; with 1 and a sentence if not. docs/backups.md"
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path, help="the folder of backups; made where it is missing")
        parser.add_argument("--keep", type=int, metavar="N", help="delete the oldest, so that N remain")
        parser.add_argument("--heads", type=Path, metavar="FILE", help="the heads that check_history has noted")

    def handle(self, *args, folder, keep, heads, **options):
        if keep is not None and keep < 1:
            raise CommandError("--keep must be 1 or more.")
        try:
            done = make_backup(folder, now=timezone.now(), heads=read_noted_heads(heads), keep=keep)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.path} is complete ({filesizeformat(done.size)}).")
        for name in done.deleted:
            self.stdout.write(f"{name} has been deleted.")
        if done.problems:
            for problem in done.problems:
                self.stderr.write(problem)
            raise CommandError(
                f"The backup is kept, but {len(done.problems)} of its files are missing or changed in the storage."
            )
