"""Has the parts of a pack bound by a process of its own, which may take only so much memory and time."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from threading import Timer

from inquiries.documents.pdf import HANDED_ON, PROJECT, PdfFailed
from inquiries.plain import as_plain

logger = logging.getLogger(__name__)

MEMORY = 1_000_000_000
SECONDS = 300
TOO_LONG = "The pack took too long to bind and was given up. It may have too many pages: split off a supplement."
TOO_LARGE = "The pack could not be bound: it needs more memory than is allowed. Split off a supplement."
FAILED = "The pack could not be bound. The reason is in the log."


@dataclass(frozen=True)
class Bound:
    """What the worker says of the file it wrote."""

    page_count: int
    warnings: tuple[str, ...]
    is_accessible: bool


def bind(parts, output, *, title, language, accessible, say):
    """Bind the `Part`s into one PDF at the path `output`. Returns Bound. Raises PdfFailed.

    `accessible` says that every part keeps the rules of PDF/UA-1; the finished file is then checked again.
    `say(step, done)` hears how many parts are bound.
    """
    job = {
        "parts": [as_plain(part) for part in parts],
        "output": str(output),
        "title": title,
        "language": language,
        "accessible": accessible,
        "memory": MEMORY,
        "seconds": SECONDS,
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "inquiries.documents.pack.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=PROJECT,
        env={name: os.environ[name] for name in HANDED_ON if name in os.environ},
    )
    timer = Timer(SECONDS, worker.kill)
    timer.start()
    try:
        with worker:
            return _listen(worker, job, say, timer)
    finally:
        timer.cancel()
        worker.kill()


def _listen(worker, job, say, timer):
    try:
        worker.stdin.write(json.dumps(job).encode())
        worker.stdin.close()
    except BrokenPipeError:
        logger.warning("The binding worker ended before it had read its work.")
    said = {}
    for line in worker.stdout:
        said = json.loads(line)
        if "step" in said:
            say(said["step"], said["done"])
    complaint = worker.stderr.read().decode(errors="replace")
    code = worker.wait()
    if code == 0 and "failed" in said:
        raise PdfFailed(said["failed"])
    if code == 0 and "bound" in said:
        bound = said["bound"]
        return Bound(bound["page_count"], tuple(bound["warnings"]), bound["is_accessible"])
    logger.error("The binding worker ended with %s: %s", code, complaint[-2000:])
    if not timer.is_alive():
        raise PdfFailed(TOO_LONG)
    raise PdfFailed(TOO_LARGE if code < 0 or "MemoryError" in complaint else FAILED)
