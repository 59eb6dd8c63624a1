"""A Word document as PDF, made by the converter that the settings name: LibreOffice, or what takes the same words."""

import json
import logging
import shutil
import subprocess

from django.conf import settings

from inquiries.uploads.jobs import run_confined
from inquiries.uploads.received import Rejected
from scrutiny.logging import redact_traceback

logger = logging.getLogger(__name__)

MEMORY = 4_000_000_000
SECONDS = 90
# Tagged for reading aloud, with bookmarks from the headings, and without the comments in the margin.
WAYS = {"PDFUACompliance": True, "ExportBookmarks": True, "ExportNotes": False, "ExportNotesInMargin": False}
ASK_FOR_PDF = "This is a Word document. Save it as PDF (in Word: File, Save As, PDF) and upload that."
NOT_CONVERTED = "This Word document could not be made into a PDF. Open it in Word, save it as PDF and upload that."
TOO_LONG = "Making this Word document into a PDF took too long. Open it in Word, save it as PDF and upload that."


def converter():
    """The path of the program that the settings name, or None."""
    return shutil.which(settings.WORD_CONVERTER) if settings.WORD_CONVERTER else None


def pdf_of_word(source, job):
    """The path of the PDF that the converter makes, in the folder `job`, of the .docx at `source`. Raises Rejected."""
    program = converter()
    if program is None:
        raise Rejected(ASK_FOR_PDF)
    made = job / "converted"
    try:
        done = run_confined(_command(program, source, made, job), job, memory=MEMORY, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise Rejected(TOO_LONG) from None
    found = list(made.glob("*.pdf"))
    if done.returncode or len(found) != 1:
        # Not what it printed: that may quote the paper.
        logger.warning("%s: %s %s", program, done.returncode, redact_traceback(done.stderr.decode(errors="replace")))
        raise Rejected(NOT_CONVERTED)
    return found[0]


def _command(program, source, made, job):
    ways = {name: {"type": "boolean", "value": str(value).lower()} for name, value in WAYS.items()}
    return [
        program,
        # A profile of its own: two conversions at once would wait for each other, or share macros and templates.
        f"-env:UserInstallation={(job / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        f"pdf:writer_pdf_Export:{json.dumps(ways)}",
        "--outdir",
        str(made),
        str(source),
    ]
