"""`manage.py import_progress_report FILE --committee SLUG --inquiry TITLE [--months N]`."""

import hashlib
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions.imports import IMPORT_STAGES, check_import, confirm_import, keep_import
from inquiries.documents.typst_runner import PdfFailed
from inquiries.imports import Unreadable
from inquiries.imports.docx_text import SIZE_LIMIT
from inquiries.imports.draft import recheck
from inquiries.imports.reader import read_progress_report
from inquiries.models import Committee, Person
from inquiries.rules import Refused


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
        parser.add_argument("--by", metavar="EMAIL", help="the clerk who imports; needed where there are several")

    def handle(self, *args, **options):
        file, title = options["file"], options["inquiry"]
        clerk, committee = clerk_who_imports(options["by"]), find_committee(options["committee"])
        data = read_file(file, SIZE_LIMIT)
        try:
            draft = read_progress_report(data, filename=file)
        except Unreadable as unreadable:
            raise CommandError(f"{file}: {unreadable}") from unreadable
        if options["months"] is not None:
            if not 1 <= options["months"] <= 240:
                raise CommandError("--months must be a number between 1 and 240.")
            draft.months_on = options["months"]
        draft.committee, draft.inquiry = committee.name, title
        recheck(draft)
        chosen = {"stage": options["stage"], "published": options["published"]}
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
    "\nGive the months with --months. Correct anything else in the document, or import it in the browser, where "
    "every row can be corrected. Nothing was changed."
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


def doubts_text(heading, draft, doubts):
    return "\n".join([heading, *(f"  {draft.sentence_of(doubt)}" for doubt in doubts)])
