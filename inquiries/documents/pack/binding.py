"""Has the parts of a pack bound by a process of its own, and the file checked by another, within limits of memory and
time. Both start before there is work for them: what they import takes as long as binding a hundred pages."""

import json
import logging
import sys
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Timer

from inquiries.documents.typst_runner import PdfFailed
from inquiries.uploads import sandbox
from scrutiny.logging import redact_traceback

logger = logging.getLogger(__name__)

MEMORY = 1_000_000_000
SECONDS = 300
TOO_LONG = "The pack took too long to bind and was given up. It may have too many pages: split off a supplement."
TOO_LARGE = "The pack could not be bound: it needs more memory than is allowed. Split off a supplement."
FAILED = "The pack could not be bound. The reason is in the log."
NOT_VALID = "The bound pack does not pass the checks for PDF/UA-1, although each of its papers does: {}"
NOT_CHECKED = "the check did not come to an end."


@dataclass(frozen=True)
class Bound:
    """What there is to say of a bound file."""

    page_count: int
    warnings: tuple[str, ...]
    is_accessible: bool


class _Process:
    """One of our modules as a process: a line of JSON in, lines of JSON out."""

    def __init__(self, module):
        self.complaints = TemporaryFile()  # noqa: SIM115 - open as long as the process; a pipe would fill
        command = [sys.executable, "-m", f"inquiries.documents.pack.{module}"]
        self.process = sandbox.start(command, memory=MEMORY, seconds=SECONDS, stderr=self.complaints)

    def send(self, work):
        try:
            self.process.stdin.write(json.dumps(work).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            logger.warning("A process ended before it had read its work.")

    def answers(self):
        return map(json.loads, self.process.stdout)

    def complaint(self):
        """The end of what it wrote to standard error."""
        self.complaints.seek(0)
        return self.complaints.read().decode(errors="replace")[-2000:]

    def end(self):
        sandbox.kill(self.process)
        with suppress(BrokenPipeError), self.process:  # closes its pipes, with what it had not read
            pass
        self.complaints.close()


class Binder:
    """Binds one pack. A context: what it started has ended when it is left."""

    def __enter__(self):
        self.worker, self.checker, self.timer = _Process("worker"), None, None
        return self

    def __exit__(self, *_):
        if self.timer:
            self.timer.cancel()
        for process in filter(None, (self.worker, self.checker)):
            process.end()

    def sizes(self, path):
        """Width and height in points of each page of a PDF of ours. Raises PdfFailed."""
        return self._answer({"measure": str(path)}, "sizes")

    def bind(self, parts, output, *, title, language, accessible, say):
        """Bind the `Part`s into one PDF at the path `output`. Raises PdfFailed.

        `accessible` says that every part keeps the rules of PDF/UA-1; the finished file is then checked again, which
        goes on until `settle` is called. `say(step, done)` hears how many parts are bound.
        """
        self.work = {
            "parts": [vars(part) | {"pages": list(map(vars, part.pages))} for part in parts],
            "output": str(output),
            "title": title,
            "language": language,
            "accessible": accessible,
        }
        self.timer = Timer(SECONDS, self._kill)
        self.timer.start()
        if accessible:
            self.checker = _Process("validity")
        self.bound = self._answer(self.work, "bound", say)
        if self.checker:
            self.checker.send(str(output))
        else:
            self.worker.end()  # and gives its memory back; after a check it may have to bind again

    def settle(self):
        """The Bound of what was bound. What a file claims of itself must be true: where the check finds a fault, the
        pack is bound again without the claim. Raises PdfFailed."""
        accessible, warnings = self.work["accessible"], self.bound["warnings"]
        if accessible and (fault := next(self.checker.answers(), {"fault": NOT_CHECKED})["fault"]):
            if not self.timer.is_alive():
                raise PdfFailed(TOO_LONG)
            logger.error("The checks of a bound pack failed: %s %s", fault, redact_traceback(self.checker.complaint()))
            self.work["accessible"] = accessible = False
            self.bound = self._answer(self.work, "bound")
            warnings = [*self.bound["warnings"], NOT_VALID.format(fault)]
        self.timer.cancel()
        return Bound(self.bound["page_count"], tuple(warnings), accessible)

    def _answer(self, work, wanted, say=None):
        self.worker.send(work)
        for said in self.worker.answers():
            if wanted in said:
                return said[wanted]
            if "failed" in said:
                raise PdfFailed(said["failed"])
            if say:
                say(said["step"], said["done"])
        code, complaint = self.worker.process.wait(), self.worker.complaint()
        logger.error("The binding worker ended with %s: %s", code, redact_traceback(complaint))
        if self.timer and not self.timer.is_alive():
            raise PdfFailed(TOO_LONG)
        raise PdfFailed(TOO_LARGE if code < 0 or "MemoryError" in complaint else FAILED)

    def _kill(self):
        for process in filter(None, (self.worker, self.checker)):
            sandbox.kill(process.process)
