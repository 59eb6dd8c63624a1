"""`manage.py import_progress_report FILE --committee SLUG --inquiry TITLE [--months N]`."""

import hashlib
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries import rules
from inquiries.actions.imports import (
    DOCUMENT,
    IMPORT_STAGES,
    RECORDED,
    check_import,
    confirm_import,
    keep_import,
    read_import,
)
from inquiries.choices import Decision
from inquiries.documents.typst_runner import PdfFailed
from inquiries.imports import Unreadable
from inquiries.imports.docx_text import SIZE_LIMIT
from inquiries.imports.draft import DraftDate, recheck
from inquiries.imports.reader import MEANINGS, apply_column
from inquiries.models import Committee, Person
from inquiries.rules import Refused

PAST_DATES = {
    "updated": "the date of the update",
    "signed": "when it was signed off",
    "publication": "when it was published",
    "meeting": "when the committee considered it",
}


class Command(BaseCommand):
    help = "Import a progress report from a Word file. Says what was doubtful, and what was recorded."

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="the Word document (.docx)")
        parser.add_argument("--committee", required=True, metavar="SLUG", help="the committee's name in web addresses")
        parser.add_argument("--inquiry", required=True, metavar="TITLE", help="the title; a new inquiry is made for it")
        parser.add_argument(
            "--months", type=int, metavar="N", help="where the heading leaves “Interim/Final” undecided"
        )
        parser.add_argument(
            "--stage",
            choices=[stage.value for stage in IMPORT_STAGES],
            help="the stage of the report; without it, signed off where the document names who signed",
        )
        parser.add_argument("--published", action="store_true", help="publish it too; it must be signed off")
        for name, what in PAST_DATES.items():
            parser.add_argument(
                f"--{name}", type=known_date, metavar="DATE", help=f"{what}, as 2026-03-10 or 2026-03; never today's"
            )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="TITLE=MEANING",
            help=f"what a column holds whose title does not say it: {', '.join(MEANINGS)}; may be repeated",
        )
        parser.add_argument(
            "--decision",
            action="append",
            default=[],
            metavar="NUMBER=DECISION",
            help=f"Cabinet's decision where the document gives none plainly: {', '.join(Decision.values)}",
        )
        parser.add_argument(
            "--settled",
            action="append",
            default=[],
            metavar="KEY",
            help="what was asked under this key is right as it was read; may be repeated",
        )
        parser.add_argument(
            "--difference",
            action="append",
            default=[],
            metavar="KEY=recorded|document",
            help="what differs from what is recorded: keep that, or take the document's; KEY may be “all”",
        )
        parser.add_argument("--by", metavar="EMAIL", help="the clerk who imports; needed where there are several")

    def handle(self, *args, **options):
        file, title = options["file"], options["inquiry"]
        clerk, committee = clerk_who_imports(options["by"]), find_committee(options["committee"])
        data = read_file(file, SIZE_LIMIT)
        try:
            draft = read_import(data, filename=file)
        except Unreadable as unreadable:
            raise CommandError(f"{file}: {unreadable}") from unreadable
        if options["months"] is not None:
            if not 1 <= options["months"] <= 240:
                raise CommandError("--months must be a number between 1 and 240.")
            draft.months_on = options["months"]
        draft.committee, draft.inquiry = committee.name, title
        if updated := options["updated"]:
            draft.update_date, draft.update_precision = updated.day, updated.precision
        for option, name in (("signed", "signed_on"), ("publication", "published_on"), ("meeting", "assessed_on")):
            setattr(draft, name, options[option])
        apply_answers(draft, options)
        recheck(draft)
        chosen = {name: options[name] for name in ("stage", "published", "settled")}
        chosen["differences"] = chosen_differences(options["difference"])
        check = check_import(draft, committee, **chosen)
        if check.to_settle:
            heading = "This has to be decided before anything can be imported:"
            raise CommandError(doubts_text(heading, draft, check.to_settle) + ADVICE)
        target = {"committee": committee, "title": title, **chosen}
        by_clerk = {"by": clerk, "now": timezone.now()}
        try:
            with transaction.atomic():
                checksum = hashlib.sha256(data).hexdigest()
                kept = keep_import(draft, file_name=Path(file).name, checksum=checksum, **by_clerk)
                report = confirm_import(kept, draft, **target, **by_clerk)
        except ValidationError as error:
            raise CommandError(f"Nothing was changed. {' '.join(error.messages)}") from error
        except (Refused, PdfFailed) as refused:
            raise CommandError(f"Nothing was changed. {refused}") from refused
        if check.doubts:
            self.stdout.write(doubts_text(f"Doubtful ({len(check.doubts)}):", draft, check.doubts))
        self.print_result(report, draft, check.new_people)

    def print_result(self, report, draft, new):
        updates, numbers = report.updates.count(), report.inquiry.recommendations.count()
        self.stdout.write(
            f"Recorded: {report} ({report.stage.label.lower()}), {updates} update{pluralize(updates)} from "
            f"{len(draft.rows)} row{pluralize(len(draft.rows))}; the inquiry has {numbers} "
            f"recommendation{pluralize(numbers)}."
        )
        if new:
            self.stdout.write(f"New people, without e-mail address: {', '.join(new)}.")
        self.stdout.write(f"Its page: {report.get_absolute_url()}")


ADVICE = (
    "\nGive the months with --months, what a column holds with --column TITLE=MEANING, a decision with --decision "
    "NUMBER=DECISION; choose what differs from the record with --difference KEY=recorded or KEY=document; confirm what "
    "is right as it was read with --settled KEY. Correct anything else in the document, or import it in the browser, "
    "where every row can be corrected. Nothing was changed."
)


def clerk_who_imports(email):
    clerks = Person.objects.clerks()
    if email:
        clerk = clerks.filter(email__iexact=email).first()
        if clerk is None:
            raise CommandError(f"No clerk has the e-mail address {email}.")
        return clerk
    found = list(clerks.order_by("email")[:20])
    if not found:
        raise CommandError("There is no clerk yet. Make one first: manage.py create_clerk EMAIL NAME")
    if len(found) > 1:
        known = ", ".join(clerk.email or clerk.name for clerk in found)
        raise CommandError(f"There are several clerks. Say who imports with --by: {known}")
    return found[0]


def find_committee(slug):
    committee = Committee.objects.filter(slug=slug).first()
    if committee is None:
        known = ", ".join(Committee.objects.order_by("slug").values_list("slug", flat=True))
        there = f"Those there are: {known}." if known else "There is none yet."
        raise CommandError(f"There is no committee “{slug}”. {there} A clerk adds committees in the admin.")
    return committee


def read_file(file, most):
    try:
        path = Path(file)
        if path.stat().st_size > most:
            raise CommandError(f"{file} is too large: it can have at most {most // 1024 // 1024} MB.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def known_date(text):
    """A date typed as 2026-03-10, or 2026-03 where only the month is known."""
    try:
        return (
            DraftDate(date.fromisoformat(text), "day")
            if len(text) > 7
            else DraftDate(date.fromisoformat(f"{text}-01"), "month")
        )
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no date such as 2026-03-10 or 2026-03") from None


def apply_answers(draft, options):
    """Decide what the options of the command decide. Raises CommandError for what is not in the document."""
    for number, value in pairs_of(options["decision"], "--decision"):
        key = rules.natural_key(number)
        row = next((row for row in draft.rows if key in map(rules.natural_key, row.references)), None)
        if row is None or value not in Decision.values:
            raise CommandError(f"--decision {number}={value}: there is no such recommendation or decision.")
        draft.doubts = [d for d in draft.doubts if (d.row, d.field) != (draft.rows.index(row), "decision")]
        row.decision = value
        if rules.needs_reason(value):
            row.reason = row.reason or row.response
    for title, meaning in pairs_of(options["column"], "--column"):
        column = next((column for column in draft.columns if column.title.lower() == title.lower()), None)
        if column is None or meaning not in MEANINGS:
            open_columns = ", ".join(f"“{column.title}”" for column in draft.columns) or "none"
            raise CommandError(
                f"--column {title}={meaning}: columns to decide are {open_columns}; they hold {', '.join(MEANINGS)}."
            )
        apply_column(draft, column, meaning)


def pairs_of(given, option):
    for text in given:
        name, equals, value = text.rpartition("=")
        if not equals:
            raise CommandError(f"{option} {text}: write it as NAME=VALUE.")
        yield name.strip(), value.strip()


def doubts_text(heading, draft, doubts):
    return "\n".join([heading, *(f"  {draft.sentence_of(d)}{key_of(d)}" for d in doubts)])


def key_of(doubt):
    """What names it on the command line: a key for --settled, or for --difference."""
    key = doubt.key if doubt.can_confirm else doubt.field.removeprefix("difference_")
    return f" [{key}]" if doubt.can_confirm or key != doubt.field else ""


def chosen_differences(given):
    chosen = dict(pairs_of(given, "--difference"))
    if wrong := sorted(set(chosen.values()) - {RECORDED, DOCUMENT}):
        raise CommandError(f"--difference: {wrong[0]} is neither {RECORDED} nor {DOCUMENT}.")
    return chosen
