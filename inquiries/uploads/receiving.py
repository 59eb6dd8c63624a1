"""Takes a file that somebody uploads: checked by its content, converted from Word, cleaned, measured, read."""

import hashlib
import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from inquiries.choices import Tagging
from inquiries.uploads.jobs import run_confined
from inquiries.uploads.kinds import PDF, kind_of
from inquiries.uploads.opening import TOO_MUCH
from inquiries.uploads.received import PageFacts, ReceivedPaper, Rejected
from inquiries.uploads.word import converter, pdf_of_word
from scrutiny.logging import redact_traceback

logger = logging.getLogger(__name__)

MEMORY = 2_000_000_000
SECONDS = 120
TAGGING_SECONDS = 30
PIECE = 1 << 20
LONGEST_NAME = 300
UNFIT_FOR_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def receive(upload, name):
    """A paper as it is kept, of `upload`, an UploadedFile or binary file, whose sender calls it `name`.

    Returns a ReceivedPaper. Raises Rejected, whose message a clerk understands.
    """
    with TemporaryDirectory(prefix="upload-") as folder:
        job = Path(folder)
        source, said = job / "upload", []
        _store(upload, source)
        if kind_of(source) != PDF:
            word = job / "document.docx"
            said = [
                *run_worker("unpack" if converter() else "look", source, word, job)["cleaned"],
                "The Word document was made into a PDF: look through its pages.",
            ]
            source = pdf_of_word(word, job)
        cleaned = job / "cleaned.pdf"
        found = run_worker("clean", source, cleaned, job)
        pdf = cleaned.read_bytes()
        return ReceivedPaper(
            pdf=pdf,
            checksum=hashlib.sha256(pdf).hexdigest(),
            original_name=_plain_name(name),
            pages=tuple(PageFacts(**page) for page in found["pages"]),
            words=tuple(found["words"]),
            tagging=_tagging(cleaned, job) if found["is_tagged"] else Tagging.UNTAGGED,
            title=found["title"],
            language=found["language"],
            cleaned=tuple(said + found["cleaned"]),
        )


def check(upload):
    """Raise Rejected unless `upload` is a PDF of bearable size that opens without a password. It is not changed."""
    with TemporaryDirectory(prefix="upload-") as folder:
        job = Path(folder)
        source = job / "upload"
        _store(upload, source)
        if kind_of(source) != PDF:
            raise Rejected("This file is not a PDF. Save it as PDF and upload it again.")
        run_worker("check", source, source, job)


def run_worker(deed, source, target, job):
    """What the worker answers (see `worker`). Raises Rejected, also where it took too much memory or time."""
    command = [sys.executable, "-m", "inquiries.uploads.worker", deed, str(source), str(target)]
    try:
        done = run_confined([*command, str(settings.MOST_PAGES)], job, memory=MEMORY, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise Rejected(TOO_MUCH) from None
    if done.stderr or done.returncode:
        # Not what it printed: that may quote the paper.
        kinds = redact_traceback(done.stderr.decode(errors="replace"))
        logger.warning("uploads.worker %s: %s %s", deed, done.returncode, kinds)
    if done.returncode:
        raise Rejected(TOO_MUCH)
    answer = json.loads(done.stdout)
    if "rejected" in answer:
        raise Rejected(answer["rejected"])
    return answer


def _store(upload, path):
    """Write the upload to `path`, a piece at a time, and no more of it than is taken."""
    most = settings.LARGEST_UPLOAD_MB * 1024 * 1024
    size = 0
    upload.seek(0)
    with open(path, "wb") as file:
        while piece := upload.read(PIECE):
            size += len(piece)
            if size > most:
                raise Rejected(
                    f"The file is larger than {settings.LARGEST_UPLOAD_MB} MB. "
                    "Save it with smaller pictures, or cut it in parts."
                )
            file.write(piece)
    upload.seek(0)


def _tagging(path, job):
    command = [sys.executable, "-m", "inquiries.uploads.tagging", str(path)]
    try:
        done = run_confined(command, job, memory=MEMORY, seconds=TAGGING_SECONDS)
    except subprocess.TimeoutExpired:
        return Tagging.FAULTY
    answer = done.stdout.decode().strip()
    return Tagging(answer) if done.returncode == 0 and answer in Tagging.values else Tagging.FAULTY


def _plain_name(name):
    """The file's own name, without folders and without characters that hide or turn round others."""
    return UNFIT_FOR_NAMES.sub("", name.replace("\\", "/").rpartition("/")[2]).strip()[:LONGEST_NAME]
