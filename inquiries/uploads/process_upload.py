"""Takes a file that a person uploads: checked by its content, converted from Word, cleaned, measured, read."""

import fcntl
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from django.conf import settings

from inquiries.choices import Tagging
from inquiries.uploads import sandbox
from inquiries.uploads.paper import PDF, PageFacts, ReceivedPaper, Rejected, identify_file_type
from inquiries.uploads.pdfua_check import CRITERION
from inquiries.uploads.sanitize import TOO_MUCH
from scrutiny.faults import check_room
from scrutiny.logging import redact_traceback

logger = logging.getLogger(__name__)

MEMORY = 2_000_000_000
SECONDS = 90
TAGGING_SECONDS = 30
WORD_MEMORY = 4_000_000_000
WORD_SECONDS = 60
# Tagged for reading aloud, with bookmarks from the headings, and without the comments in the margin.
PDF_OPTIONS = {"PDFUACompliance": True, "ExportBookmarks": True, "ExportNotes": False, "ExportNotesInMargin": False}
ASK_FOR_PDF = "This is a Word document. Save it as PDF (in Word: File, Save As, PDF) and upload that."
NOT_CONVERTED = "This Word document could not be converted to PDF. Open it in Word, save it as PDF and upload that."
CONVERSION_TOO_LONG = (
    "Converting this Word document to PDF took too long. Open it in Word, save it as PDF and upload that."
)
# Each may take all of a processor and gigabytes of memory.
MOST_AT_ONCE = 2
WAIT_SECONDS = 60
BUSY = "Other papers are being checked just now. Wait a minute, then upload it again."
PIECE = 1 << 20
LONGEST_NAME = 300
UNFIT_FOR_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@contextmanager
def checking():
    """A block of which at most MOST_AT_ONCE run on this machine. Raises Rejected after WAIT_SECONDS in the queue."""
    end = time.monotonic() + WAIT_SECONDS
    with ExitStack() as opened:
        slots = [
            opened.enter_context(open(Path(gettempdir()) / f"scrutiny-check-{os.getuid()}-{number}.lock", "ab"))
            for number in range(MOST_AT_ONCE)
        ]
        while not any(is_locked(slot) for slot in slots):
            if time.monotonic() >= end:
                raise Rejected(BUSY)
            time.sleep(0.2)
        # Closing the file gives the slot back, also where the process ends.
        yield


def is_locked(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@checking()
def process_paper(upload, name):
    """A paper as it is kept, of `upload`, an UploadedFile or binary file, whose sender calls it `name`.

    Returns a ReceivedPaper. Raises Rejected, whose message a clerk understands.
    """
    with TemporaryDirectory(prefix="scrutiny-upload-") as folder:
        job = Path(folder)
        source, messages = job / "upload", []
        store_upload(upload, source)
        if identify_file_type(source) != PDF:
            word = job / "document.docx"
            messages = [
                *run_worker("unpack" if converter() else "look", source, word, job)["cleaned"],
                "The Word document was converted to PDF: check its pages.",
            ]
            source = convert_word(word, job)
        cleaned = job / "cleaned.pdf"
        found = run_worker("clean", source, cleaned, job)
        pdf = cleaned.read_bytes()
        return ReceivedPaper(
            pdf=pdf,
            checksum=hashlib.sha256(pdf).hexdigest(),
            original_name=clean_file_name(name),
            pages=tuple(PageFacts(**page) for page in found["pages"]),
            page_texts=tuple(found["page_texts"]),
            tagging=check_tagging(cleaned, job) if found["is_tagged"] else Tagging.UNTAGGED,
            title=found["title"],
            language=found["language"],
            cleaned=tuple(messages + found["cleaned"]),
        )


@checking()
def check_pdf(upload):
    with TemporaryDirectory(prefix="scrutiny-upload-") as folder:
        job = Path(folder)
        source = job / "upload"
        store_upload(upload, source)
        if identify_file_type(source) != PDF:
            raise Rejected("This file is not a PDF. Save it as PDF and upload it again.")
        run_worker("check", source, source, job)


def run_worker(action, source, target, job):
    """What the worker answers (see `worker`). Raises Rejected, also where it took too much memory or time."""
    command = [sys.executable, "-m", "inquiries.uploads.worker", action, str(source), str(target)]
    try:
        result = sandbox.run([*command, str(settings.MOST_PAGES)], folder=job, memory=MEMORY, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise Rejected(TOO_MUCH) from None
    if result.stderr or result.returncode:
        # Not what it printed: that may quote the paper.
        kinds = redact_traceback(result.stderr.decode(errors="replace"))
        logger.warning("uploads.worker %s: %s %s", action, result.returncode, kinds)
    if result.returncode:
        check_room(job)
        raise Rejected(TOO_MUCH)
    answer = json.loads(result.stdout)
    if "rejected" in answer:
        raise Rejected(answer["rejected"])
    return answer


def store_upload(upload, path):
    limit = settings.LARGEST_UPLOAD_MB * 1024 * 1024
    size = 0
    upload.seek(0)
    with open(path, "wb") as file:
        while piece := upload.read(PIECE):
            size += len(piece)
            if size > limit:
                raise Rejected(
                    f"The file is larger than {settings.LARGEST_UPLOAD_MB} MB. "
                    "Save it with smaller pictures, or cut it in parts."
                )
            file.write(piece)
    upload.seek(0)


def tagging_check(checksum):
    """What `AgendaDocument.tagging_check` says of a file that the validator of this version has read."""
    return f"page-validation {version('page-validation')}, {CRITERION}: {checksum}"


def check_stored_tagging(file):
    """What `check_tagging` says of a file in storage, an open binary file. Raises Rejected where it has to wait."""
    with checking(), TemporaryDirectory(prefix="tags-") as folder:
        copy = Path(folder) / "paper.pdf"
        with copy.open("wb") as target:
            shutil.copyfileobj(file, target)
        return check_tagging(copy, Path(folder))


def check_tagging(path, job):
    command = [sys.executable, "-m", "inquiries.uploads.pdfua_check"]
    question = json.dumps({"path": str(path), "is_paper": True}).encode()
    try:
        result = sandbox.run(command, folder=job, memory=MEMORY, seconds=TAGGING_SECONDS, data=question)
    except subprocess.TimeoutExpired:
        return Tagging.FAULTY
    is_valid = result.returncode == 0 and json.loads(result.stdout) == {"fault": ""}
    return Tagging.VALID if is_valid else Tagging.FAULTY


def clean_file_name(name):
    return UNFIT_FOR_NAMES.sub("", name.replace("\\", "/").rpartition("/")[2]).strip()[:LONGEST_NAME]


def converter():
    return shutil.which(settings.WORD_CONVERTER) if settings.WORD_CONVERTER else None


def convert_word(source, job):
    """The path of the PDF that the converter makes, in the folder `job`, of the .docx at `source`. Raises Rejected."""
    program = converter()
    if program is None:
        raise Rejected(ASK_FOR_PDF)
    output = job / "converted"
    try:
        result = sandbox.run(
            converter_command(program, source, output, job), folder=job, memory=WORD_MEMORY, seconds=WORD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Rejected(CONVERSION_TOO_LONG) from None
    found = list(output.glob("*.pdf"))
    if result.returncode or len(found) != 1:
        # Not what it printed: that may quote the paper.
        logger.warning(
            "%s: %s %s", program, result.returncode, redact_traceback(result.stderr.decode(errors="replace"))
        )
        check_room(job)
        raise Rejected(NOT_CONVERTED)
    return found[0]


def converter_command(program, source, output, job):
    options = {name: {"type": "boolean", "value": str(value).lower()} for name, value in PDF_OPTIONS.items()}
    return [
        program,
        # A profile of its own: two conversions at once would wait for each other, or share macros and templates.
        f"-env:UserInstallation={(job / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        f"pdf:writer_pdf_Export:{json.dumps(options)}",
        "--outdir",
        str(output),
        str(source),
    ]
