"""`manage.py import_tracker FILE --as EMAIL [--matching JSON] [--dry-run]`: see docs/tracker-import.md."""

import hashlib
import io
import json
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inquiries.actions.tracker_import import (
    TrackerChoices,
    choose_sheet,
    give_meanings,
    keep_tracker,
    match_columns,
    plan_of,
    proposed_matching,
    record_tracker,
    remembered,
    sheet_of,
    sheets_of,
)
from inquiries.actions.tracker_plan import ROUNDS, counted
from inquiries.actions.tracker_values import PEOPLE, KnownValues
from inquiries.choices import Decision, Stage
from inquiries.documents.typst_runner import PdfFailed
from inquiries.imports import Unreadable
from inquiries.imports.spreadsheet import SIZE_LIMIT, read_workbook
from inquiries.imports.tracker_columns import (
    ADD,
    FIELDS,
    KINDS,
    LAST_REPORT,
    LEAVE,
    MEANINGS,
    Additions,
    count_values,
    find_heading_row,
    heading_text,
    headings_of,
)
from inquiries.imports.tracker_rows import read_tracker
from inquiries.management.commands.import_progress_report import clerk_who_imports, read_file
from inquiries.models import Committee, Person
from inquiries.rules import Refused
from inquiries.text import fold_text


class Command(BaseCommand):
    help = (
        "Import a council's own tracker from Excel or CSV: says what is doubtful and what is recorded, all of it or "
        "nothing. What is recorded already is left alone."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="the tracker (.xlsx or .csv)")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="the clerk who imports")
        parser.add_argument(
            "--matching",
            metavar="JSON",
            help="a JSON file with sheet, heading_row, columns, inquiry, decision, fill_down, meanings, rounds, "
            "signer, months, responded_on, reason, leave_updates",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be recorded")

    @transaction.atomic
    def handle(self, *args, **options):
        clerk = clerk_who_imports(options["email"])
        self.by = {"by": clerk, "now": timezone.now()}
        data = read_file(options["file"], SIZE_LIMIT)
        try:
            sheets = read_workbook(io.BytesIO(data))
        except Unreadable as unreadable:
            raise CommandError(f"{options['file']}: {unreadable}") from unreadable
        given = read_matching(options["matching"])
        kept = keep_tracker(
            sheets, file_name=Path(options["file"]).name, checksum=hashlib.sha256(data).hexdigest(), **self.by
        )
        self.decide(kept, given)
        kept.refresh_from_db()
        plan = plan_of(kept, timezone.localdate())
        for doubt in plan.doubts:
            where = f"Row {doubt.row}" if doubt.row else "The file"
            what = {"row": "left out: ", "part": "partly left out: "}.get(doubt.kind, "")
            self.stdout.write(f"{where}: {what}{doubt.message}")
        for what, (new, recorded) in plan.counts.items():
            if new or recorded:
                self.stdout.write(f"{counted(what, new)} new, {recorded:,} recorded already")
        if options["dry_run"]:
            transaction.set_rollback(True)
            self.stdout.write("Nothing was changed.")
            return
        try:
            record_tracker(kept, **self.by)
        except (Refused, PdfFailed) as refused:
            raise CommandError(f"Nothing was changed. {refused}") from refused
        except ValidationError as error:
            raise CommandError(f"Nothing was changed. {' '.join(error.messages)}") from error
        self.stdout.write("Recorded.")

    def decide(self, kept, given):
        """Take every step as the file of the matching says it, and where it does not, as it is proposed."""
        self.choose_sheet(kept, given)
        kept.refresh_from_db()
        match_columns(kept, self.matching(kept, given), **self.by)
        kept.refresh_from_db()
        meanings, missing = self.meanings(kept, given.get("meanings", {}))
        if missing:
            raise CommandError(
                "Say in the file of --matching what these values mean, below “meanings”:\n" + "\n".join(missing)
            )
        rounds = given.get("rounds", Stage.SIGNED_OFF.value)
        if rounds not in ROUNDS:
            raise CommandError(f"“rounds” is one of {', '.join(ROUNDS)}.")
        signer = self.person(given["signer"]) if given.get("signer") else None
        additions = read_additions(given)
        choices = TrackerChoices.of(kept)
        sheet, today = sheet_of(kept, choices), timezone.localdate()
        undated = read_tracker(
            sheet, choices.heading_row, choices.matching, meanings, today=today, additions=additions
        ).undated
        if undated and not additions.leave_updates:
            titles = "\n".join(f"  {title} ({counted('updates', count)})" for title, count in undated.items())
            raise CommandError(
                "Say in the file of --matching to which report updates belong, with “months” or “responded_on”, or "
                f"leave them out with “leave_updates”:\n{titles}"
            )
        give_meanings(kept, meanings, rounds=rounds, signer=signer, additions=additions, **self.by)

    def choose_sheet(self, kept, given):
        sheets, choices = sheets_of(kept), TrackerChoices.of(kept)
        names = [sheet.name for sheet in sheets]
        if "sheet" in given:
            if given["sheet"] not in names:
                raise CommandError(f"There is no sheet “{given['sheet']}”. There are: {', '.join(names)}.")
            place = names.index(given["sheet"])
        elif choices.sheet is None and len(sheets) > 1:
            raise CommandError(f"Say which sheet holds the tracker: {', '.join(names)}.")
        else:
            place = choices.sheet or 0
        heading_row = given.get("heading_row") or find_heading_row(sheets[place])
        if sheets[place].problem or not 0 < heading_row < len(sheets[place].rows):
            raise CommandError(sheets[place].problem or "Say in which row the headings are (“heading_row”).")
        choose_sheet(kept, sheet=place, heading_row=heading_row, **self.by)

    def matching(self, kept, given):
        choices = TrackerChoices.of(kept)
        matching, _ = proposed_matching(kept)
        titles = [fold_text(heading_text(*one)) for one in headings_of(sheet_of(kept, choices), choices.heading_row)]
        for title, held in given.get("columns", {}).items():
            name, months = held if isinstance(held, list) else (held, None)
            if fold_text(title) not in titles or (name and name not in FIELDS):
                raise CommandError(f"“{title}: {held}” names no column, or none of: {', '.join(FIELDS)}.")
            matching.columns[titles.index(fold_text(title))] = (name, months)
        for option in ("inquiry", "decision", "fill_down", "without_hidden"):
            setattr(matching, option, given.get(option, getattr(matching, option)))
        if matching.decision and matching.decision not in Decision:
            raise CommandError(f"“decision” is one of {', '.join(Decision.values)}.")
        return matching

    def meanings(self, kept, given):
        """The meanings of all values, and what is missing as lines for the person at the command."""
        choices = TrackerChoices.of(kept)
        values = count_values(sheet_of(kept, choices), choices.heading_row, choices.matching)
        earlier = remembered(kept)
        known = KnownValues(
            values, meanings=earlier.meanings if earlier else {}, signer=None, today=timezone.localdate()
        )
        meanings, missing = {kind: {} for kind in KINDS}, []
        for kind, found in values.items():
            said = {fold_text(text): meaning for text, meaning in given.get(kind, {}).items()}
            for key, text, count in found:
                meaning = self.meaning(kind, said[key]) if key in said else known.proposal(kind, key, text)
                if not meaning:
                    options = ", ".join([value for value, _ in MEANINGS.get(kind, ())] or [ADD, "a name"])
                    missing.append(f"  {kind}: “{text}” ({count:,} rows): {options} or {LEAVE}")
                meanings[kind][key] = meaning
        return meanings, missing

    def meaning(self, kind, said):
        if said in (ADD, LEAVE):
            return said
        if kind == "committee":
            found = Committee.objects.filter(Q(name__iexact=said) | Q(slug=said)).first()
            if found is None:
                raise CommandError(f"No committee is called “{said}”.")
            return str(found.pk)
        if kind in PEOPLE:
            return str(self.person(said).pk)
        if kind in MEANINGS and said not in {value for value, _ in MEANINGS[kind]}:
            raise CommandError(f"“{said}” is no {kind}.")
        return str(said)

    def person(self, said):
        found = list(Person.objects.present().filter(Q(email__iexact=said)) or Person.objects.present().named(said)[:2])
        if len(found) != 1:
            raise CommandError(f"“{said}” is not the e-mail address or the name of one recorded person.")
        return found[0]


def read_additions(given):
    """The Additions of the file of --matching: `months` and `responded_on` for all, or by inquiry."""
    by_inquiry = {}
    for name in ("months", "responded_on"):
        value = given.get(name) or {}
        values = value if isinstance(value, dict) else {"": value}
        by_inquiry[name] = {fold_text(title): one for title, one in values.items()}
    if not all(isinstance(one, int) and 1 <= one <= LAST_REPORT for one in by_inquiry["months"].values()):
        raise CommandError(f"“months” are numbers from 1 to {LAST_REPORT}.")
    try:
        days = [date.fromisoformat(one) for one in by_inquiry["responded_on"].values()]
    except (TypeError, ValueError) as error:
        raise CommandError("“responded_on” is a date such as 2024-03-31.") from error
    if any(day > timezone.localdate() for day in days):
        raise CommandError("“responded_on” is still to come.")
    return Additions(
        **by_inquiry, reason=str(given.get("reason", "")), leave_updates=bool(given.get("leave_updates", False))
    )


def read_matching(path):
    if not path:
        return {}
    try:
        given = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(given, dict):
        raise CommandError(f"{path} does not hold an object.")
    return given
