"""The engine that sets our documents, run in a process of its own. Imports little, so that workers start at once."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

from scrutiny.logs import kinds_in

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).parents[2]
MEMORY = 2_000_000_000
SECONDS = 60
HANDED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # of our environment: the worker needs no secrets


class PdfFailed(Exception):
    """The PDF could not be made; the message says so in words for the person who asked for it."""


def compile_document(template, data, timestamp, *, tagged=True):
    """The PDF that one of our templates makes of `data`, in a process of its own. Raises PdfFailed.

    `tagged=False` makes a file without tags or claims, to be placed on pages that have their own.
    """
    document = {"template": template, "timestamp": timestamp, "data": data, "tagged": tagged}
    document |= {"memory": MEMORY, "seconds": SECONDS}
    try:
        worker = subprocess.run(
            [sys.executable, "-m", "inquiries.documents.pdf_worker"],
            input=json.dumps(document).encode(),
            capture_output=True,
            cwd=PROJECT,
            env={"RAYON_NUM_THREADS": "1"} | {name: os.environ[name] for name in HANDED_ON if name in os.environ},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PdfFailed("The PDF took too long to make and was given up. The report may be too long.") from error
    if worker.returncode or not worker.stdout.startswith(b"%PDF"):
        # Not what it printed: that may quote the report.
        kinds = kinds_in(worker.stderr.decode(errors="replace"))
        logger.error("pdf_worker with %s ended with %s: %s", template, worker.returncode, kinds)
        if worker.returncode < 0:
            raise PdfFailed("The PDF could not be made: the report needs more memory or time than is allowed.")
        raise PdfFailed("The PDF could not be made. The reason is in the log.")
    return worker.stdout
