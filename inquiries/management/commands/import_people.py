"""`manage.py import_people FILE [--record]`: what a list of people would do, row by row; then to record it."""

import hashlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions.people_import import (
    CHANGED,
    NEW,
    QUESTION,
    keep_people,
    mark_of,
    people_of_kind,
    preview_people,
    record_people,
)
from inquiries.imports import Unreadable
from inquiries.imports.people_csv import SIZE_LIMIT, read_people
from inquiries.management.commands.import_progress_report import clerk_who_imports, read_file
from inquiries.rules import Refused


class Command(BaseCommand):
    help = (
        "Say what a list of people (CSV) would do, row by row, and record it with --record: all of it, or nothing. "
        "Nobody is sent anything unless --invite says so."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="the list, as a CSV file")
        parser.add_argument("--record", action="store_true", help="record it; without this, nothing is changed")
        parser.add_argument("--invite", action="store_true", help="send each new person an invitation")
        parser.add_argument(
            "--meant",
            action="append",
            default=[],
            metavar="LINE=NUMBER",
            help="who is meant in that line: the number of a recorded person, or add for a person new",
        )
        parser.add_argument("--by", metavar="EMAIL", help="the clerk who imports; needed where there are several")

    @transaction.atomic
    def handle(self, *args, **options):
        file = options["file"]
        data = read_file(file, SIZE_LIMIT)
        by_clerk = {"by": clerk_who_imports(options["by"]), "now": timezone.now()}
        choices = dict(choice_of(text) for text in options["meant"])
        try:
            rows, unknown_columns = read_people(data)
        except Unreadable as unreadable:
            raise CommandError(f"{file}: {unreadable}") from unreadable
        kept = keep_people(
            rows, unknown_columns, file_name=Path(file).name, checksum=hashlib.sha256(data).hexdigest(), **by_clerk
        )
        if choices:
            kept = preview_people(kept, choices, **by_clerk)
        self.print_preview(kept)
        if not options["record"]:
            kept.delete()
            self.stdout.write("Nothing was changed. Record it with --record.")
            return
        try:
            rows = record_people(kept, choices, seen=mark_of(kept), inviting=options["invite"], **by_clerk)
        except Refused as refused:
            raise CommandError(f"Nothing was changed. {refused}") from refused
        count = len(people_of_kind(rows, NEW, CHANGED))
        self.stdout.write(f"Recorded: {count} {pluralize(count, 'person,people')}.")

    def print_preview(self, kept):
        if unknown := kept.rows["unknown_columns"]:
            self.stdout.write(f"These columns are not read: {', '.join(unknown)}.")
        for row in kept.rows["rows"]:
            self.stdout.write(f"Line {row['line']}: {row['values'].get('name', '(no name)')}: {row['kind']}")
            for message in row["messages"]:
                self.stdout.write(f"  {message}")
            if row["kind"] == QUESTION and row["options"]:
                self.stdout.write("  Say who is meant:")
                for choice, label in row["options"]:
                    self.stdout.write(f"  --meant {row['line']}={choice}  {label}")


def choice_of(text):
    line, _, choice = text.partition("=")
    if not line.isdecimal() or not choice:
        raise CommandError(f"--meant {text} is not understood. Write --meant 7=12 or --meant 7=add.")
    return int(line), choice
