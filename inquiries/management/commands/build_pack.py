"""`manage.py build_pack MEETING_ID --edition public|restricted --output FILE [--supplement N] [--single-sided]`."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management.base import BaseCommand, CommandError

from inquiries.actions import packs
from inquiries.actions.packs import paper_files
from inquiries.choices import PackEdition
from inquiries.documents.pack_build import build
from inquiries.documents.typst_runner import PdfFailed
from inquiries.management.commands.export_progress_report import write
from inquiries.models import Meeting
from inquiries.models.packs import issue_name


class Command(BaseCommand):
    help = (
        "Build an agenda pack from what is on the agenda now and write it to a file. It is neither stored nor "
        "published: for that use the meeting's page."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "meeting", metavar="MEETING_ID", type=int, help="the number in the web address of the meeting"
        )
        parser.add_argument("--edition", required=True, choices=PackEdition.values)
        parser.add_argument("--output", required=True, metavar="FILE", help="the file to write")
        parser.add_argument(
            "--supplement", type=int, default=0, metavar="N", help="which supplement; the main agenda if not given"
        )
        parser.add_argument("--single-sided", action="store_true", help="without blank pages for double-sided printing")

    def handle(self, *args, **options):
        edition, output = options["edition"], options["output"]
        contents = pack_content(
            find_meeting(options["meeting"]), options["supplement"], edition, options["single_sided"]
        )
        with TemporaryDirectory(prefix="scrutiny-pack-") as folder:
            try:
                files = paper_files(contents, Path(folder))
                pack = build(contents, files, Path(folder), lambda *said: self.print_progress(options, *said))[edition]
                write(Path(output), pack.path.read_bytes())
            except PdfFailed as failure:
                raise CommandError(str(failure)) from failure
            except OSError as error:
                raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        for warning in pack.warnings:
            self.stderr.write(self.style.WARNING(warning))
        if options["verbosity"] > 0:
            self.print_result(contents[edition], pack, output)

    def print_progress(self, options, step, done, total):
        if options["verbosity"] > 1:
            self.stdout.write(f"{done} of {total}: {step}")

    def print_result(self, content, pack, output):
        self.stdout.write(f"Wrote {output}: {content.title}, pages {pack.first_page} - {pack.last_page}.")
        headings = {item.pk: f"{item.number}. {item.title.upper()}" for item in content.items}
        for item, exempt, first, last in pack.entries:
            series = "E" if exempt else ""
            self.stdout.write(f"{series}{first} - {series}{last}  {headings[item]}")
        if not pack.is_accessible:
            self.stdout.write("Not every paper in it is tagged without faults for screen readers.")


def find_meeting(pk):
    meeting = Meeting.objects.select_related("committee").filter(pk=pk).first()
    if meeting is None:
        raise CommandError(f"There is no meeting {pk}. Its number is the part of its web address after /meetings/.")
    return meeting


def pack_content(meeting, supplement, edition, single_sided):
    known = packs.supplements_of(meeting)
    if supplement not in known:
        there = ", ".join(issue_name(number).lower() for number in known)
        raise CommandError(f"This meeting has no {issue_name(supplement).lower()}. It has: {there}.")
    contents = packs.current_contents(packs.plan_of(meeting, supplement))
    if edition not in contents:
        raise CommandError("Nothing in this pack is exempt, so it has no restricted edition. Ask for the public one.")
    if single_sided:
        contents = {each: replace(content, duplex=False) for each, content in contents.items()}
    return contents
