"""`manage.py export_progress_report INQUIRY_SLUG MONTHS --format pdf|docx|csv|json --output FILE`."""

import os
import secrets
import shutil
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from inquiries.documents.data_formats import RENDERERS
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import Inquiry


class Command(BaseCommand):
    help = (
        "Write a progress report as it is now to a file, or to standard output. All rows are in it, exempt "
        "words are not; the committee's ratings are in it once they are confirmed."
    )

    def add_arguments(self, parser):
        parser.add_argument("inquiry", metavar="INQUIRY_SLUG", help="the inquiry's name in web addresses")
        parser.add_argument("months", metavar="MONTHS", type=int, help="how many months on: 6, 12 ...")
        parser.add_argument("--format", required=True, choices=tuple(RENDERERS))
        parser.add_argument(
            "--output", required=True, metavar="FILE", help="the file to write, or - for standard output"
        )

    def handle(self, *args, **options):
        output = options["output"]
        content = progress_report_content(find_report(options["inquiry"], options["months"]))
        try:
            data = RENDERERS[options["format"]](content)
        except PdfFailed as failure:
            raise CommandError(str(failure)) from failure
        if output == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        try:
            write(Path(output), data)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        if options["verbosity"] > 0:
            self.stdout.write(f"Wrote {output}: {content.title}.")


def write(path, data):
    """Write `data` to `path`, whole or not at all: a reader meanwhile gets the old file. Raises OSError."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        # A device or a pipe cannot be replaced; a folder refuses by itself.
        path.write_bytes(data)
        return
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    try:
        part.write_bytes(data)
        if path.exists():
            shutil.copymode(path, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def find_report(slug, months):
    inquiry = Inquiry.objects.filter(slug=slug).first()
    if inquiry is None:
        raise CommandError(f"There is no inquiry “{slug}”. Its name is the part of its web address after /inquiries/.")
    report = for_content().filter(inquiry=inquiry, months_on=months).first()
    if report is None:
        there = ", ".join(str(number) for number in inquiry.progress_reports.values_list("months_on", flat=True))
        known = f"There are reports for these months: {there}." if there else "It has no progress report yet."
        raise CommandError(f"“{inquiry}” has no progress report {months} months on. {known}")
    return report
