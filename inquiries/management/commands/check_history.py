"""`manage.py check_history [--heads FILE]`: has anybody tampered with the history?"""

from itertools import chain
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from inquiries import tracker_database
from inquiries.check_history import Chain, Head, changed_files, changed_records, read_heads
from inquiries.history_database import TRIGGERS, role_findings, trigger_findings

ADVICE = "docs/history.md says what each may mean and what to do."


class Command(BaseCommand):
    help = (
        "Recompute the seals of the history, look whether the database still protects it, and compare records "
        "and files with what was recorded. docs/history.md says what this finds and what it cannot."
    )
    # It is asked about the database; what else is wrong with the settings is not its business.
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--heads", type=Path, metavar="FILE", help="heads noted earlier, in a file kept elsewhere; adds the present"
        )
        parser.add_argument(
            "--skip-files", action="store_true", help="do not read the stored files, which takes longest"
        )
        parser.add_argument(
            "--one-role", action="store_true", help="accept that the application's own role could change history"
        )

    def handle(self, *args, heads, skip_files, one_role, **options):
        seals = Chain()
        found = 0
        for sentence in chain(
            [] if one_role else role_findings(connection),
            trigger_findings(connection, (*TRIGGERS, *tracker_database.TRIGGERS)),
            seals.findings(read_noted_heads(heads)),
            [] if skip_files else changed_files(),
            changed_records(),
        ):
            self.stdout.write(sentence)
            found += 1
        if found:
            noted = " The head was not noted." if heads else ""
            raise CommandError(f"{found} finding{'s' if found > 1 else ''}. {ADVICE}{noted}")
        head = Head(timezone.now().isoformat(timespec="seconds"), seals.position, seals.digest)
        if heads and seals.position:
            append_head(head, heads)
        entries = "1 entry" if seals.position == 1 else f"{seals.position:,} entries"
        self.stdout.write(f"The history is sound: {entries}. Its head is {head}")


def append_head(head, path):
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{head}\n")
    except OSError as error:
        raise CommandError(f"The history is sound, but its head could not be noted: {error}. Head: {head}") from error


def read_noted_heads(path):
    if path is None:
        return {}
    try:
        if not path.exists():
            return {}
        with path.open(encoding="utf-8") as lines:
            return read_heads(lines)
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as a file of heads: {error}.") from error
