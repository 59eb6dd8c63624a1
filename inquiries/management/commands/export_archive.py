"""`manage.py export_archive DIR`: what scrutiny has left, as plain files for anyone who comes after."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inquiries.archive.export import ArchiveError, export_archive


class Command(BaseCommand):
    help = "Write an archive to DIR, which must not exist yet. docs/archive.md"
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path, help="the folder of the archive")
        parser.add_argument(
            "--restricted",
            action="store_true",
            help="also what is kept for the record and not public: exempt papers, people, history",
        )

    def handle(self, *args, folder, restricted, **options):
        try:
            missing = export_archive(folder, now=timezone.now(), restricted=restricted)
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{folder} is complete.")
        for sentence in missing:
            self.stderr.write(sentence)
        if missing:
            raise CommandError(f"The archive is kept, but without {len(missing)} of its files. README.txt names them.")
