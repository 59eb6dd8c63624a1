"""`manage.py delete_orphan_files [--dry-run]`: what the worker does every night with files that belong to nothing."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from inquiries.actions.orphan_files import delete_orphans, find_orphans
from scrutiny.temporary_files import delete_left_behind, find_left_behind


class Command(BaseCommand):
    help = (
        "Delete files in storage that no record names, and temporary files of this machine that processes left "
        "behind; only those older than a day."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say which they are, and delete nothing")

    def handle(self, *args, dry_run, **options):
        now = timezone.now()
        stored = find_orphans(now=now) if dry_run else delete_orphans(now=now)
        temporary = find_left_behind() if dry_run else delete_left_behind()
        for name in [*(name for _, name in stored), *map(str, temporary)]:
            self.stdout.write(name)
        done = "found" if dry_run else "deleted"
        self.stdout.write(f"{done}: {len(stored)} in storage, {len(temporary)} temporary")
