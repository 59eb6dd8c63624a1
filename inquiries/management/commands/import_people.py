"""`manage.py import_people FILE [--record]`: what a list of people would do, row by row; then to record it."""

import hashlib
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions.people_import import keep_people, plan_people, record_people
from inquiries.management.commands.import_progress_report import clerk_who_imports, read_file
from inquiries.people_import.reading import SIZE_LIMIT, Unreadable, read_people
from inquiries.rules import Refused

WHO = "meant"


class Command(BaseCommand):
    """Prints the same preview as the page, and records it where that is asked."""

    help = (
        "Say what a list of people (CSV) would do, row by row, and record it with --record: all of it, or nothing. "
        "Nobody is sent anything unless --invite says so."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="the list, as a CSV file")
        parser.add_argument("--record", action="store_true", help="record it; without this, nothing is changed")
        parser.add_argument("--leave-out", action="store_true", help="record the others where rows have errors")
        parser.add_argument("--invite", action="store_true", help="send each new person an invitation")
        parser.add_argument(
            f"--{WHO}",
            action="append",
            default=[],
            metavar="LINE=NUMBER",
            help="who is meant in that line: the number of a recorded person, or add for somebody new",
        )
        parser.add_argument("--by", metavar="EMAIL", help="the clerk who imports; needed where there are several")

    def handle(self, *args, file, record, leave_out, invite, meant, by, **options):
        """Print the preview, and record it. Raises CommandError, with what to do, and then nothing has changed."""
        clerk, data = clerk_who_imports(by), read_file(file, SIZE_LIMIT)
        try:
            read = read_people(data)
        except Unreadable as unreadable:
            raise CommandError(f"{file}: {unreadable}") from unreadable
        answers = _answers(meant)
        self._say(plan_people(read, answers, by=clerk))
        if not record:
            self.stdout.write("Nothing was changed. Record it with --record.")
            return
        plan = _record(read, answers, Path(file).name, data, clerk, leave_out=leave_out, inviting=invite)
        count = sum(one.does_something for one in plan.people)
        self.stdout.write(f"Recorded: {count} {pluralize(count, 'person,people')}.")

    def _say(self, plan):
        if plan.unknown_columns:
            self.stdout.write(f"These columns are not read: {', '.join(plan.unknown_columns)}.")
        for row in plan.rows:
            self.stdout.write(f"Line {row.line}: {row.checked.name or '(no name)'}: {row.word}")
            for sentence in row.problems or row.sentences:
                self.stdout.write(f"  {sentence}")
        for one in plan.undecided:
            self.stdout.write(f"Say who {one.first.name} in line {one.first.line} is:")
            for answer, words in one.options:
                self.stdout.write(f"  --{WHO} {one.first.line}={answer}  {words}")
        self.stdout.write("; ".join(words for _, words in plan.summary()) + ".")


def _answers(meant):
    found = {}
    for one in meant:
        line, _, who = one.partition("=")
        if not line.isdecimal() or not who:
            raise CommandError(f"--{WHO} {one} is not understood. Write --{WHO} 7=12 or --{WHO} 7=add.")
        found[f"person-{int(line)}"] = who
    return found


def _record(read, answers, name, data, clerk, **choices):
    now = timezone.now()
    try:
        with transaction.atomic():
            checksum = hashlib.sha256(data).hexdigest()
            kept = keep_people(read, file_name=name, checksum=checksum, by=clerk, now=now)
            seen = plan_people(read, by=clerk).mark
            return record_people(kept, answers, seen=seen, by=clerk, now=now, **choices)
    except ValidationError as error:
        raise CommandError(f"Nothing was changed. {' '.join(error.messages)}") from error
    except Refused as refused:
        raise CommandError(f"Nothing was changed. {refused}") from refused
