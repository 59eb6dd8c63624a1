"""`manage.py import_archive DIR`: what a council before this one has left, kept apart from our own records."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inquiries.actions.former_councils import import_archive, read_archive
from inquiries.permissions import Refused


class Command(BaseCommand):
    help = "Import an archive that export_archive has written. docs/archive.md"

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path, help="the folder of the archive")
        parser.add_argument("--restricted", action="store_true", help="also its restricted part, for clerks")
        parser.add_argument(
            "--replace", action="store_true", help="put it in the place of an earlier archive of the same council"
        )

    def handle(self, *args, folder, restricted, replace, **options):
        try:
            councils = read_archive(folder, restricted=restricted)
            done = import_archive(councils, now=timezone.now(), replaces=replace)
        except Refused as reason:
            raise CommandError(str(reason)) from reason
        except OSError as error:
            raise CommandError(f"{error.filename or folder}: {error.strerror}. Nothing was imported.") from error
        for council, count in done:
            said = f"{count} files have been imported" if count else "it has been imported already, nothing was done"
            self.stdout.write(f"{council}: {said}. {council.get_absolute_url()}")
