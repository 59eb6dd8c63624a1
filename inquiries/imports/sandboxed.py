"""Reading an uploaded file in the sandbox, by a module of ours that is run as a program."""

import json
import logging
import subprocess
import sys

from inquiries.imports import Unreadable
from inquiries.uploads import sandbox
from inquiries.uploads.paper import Rejected
from inquiries.uploads.process_upload import checking
from scrutiny.logging import redact_traceback

logger = logging.getLogger(__name__)

MEMORY = 1_500_000_000
SECONDS = 60


def read_in_sandbox(module, data, *, too_much):
    """The JSON that `python -m module` answers to these bytes. Raises Unreadable: with what it says, or `too_much`.

    The module answers {"unreadable": why} where it is the file that is at fault.
    """
    try:
        with checking():
            result = sandbox.run([sys.executable, "-m", module], memory=MEMORY, seconds=SECONDS, data=data)
    except subprocess.TimeoutExpired:
        raise Unreadable(too_much) from None
    except Rejected as busy:
        raise Unreadable(str(busy)) from None
    if result.returncode:
        # Not what it printed: that may quote the file.
        kinds = redact_traceback(result.stderr.decode(errors="replace"))
        logger.warning("%s: %s %s", module, result.returncode, kinds)
        raise Unreadable(too_much)
    answer = json.loads(result.stdout)
    if isinstance(answer, dict) and "unreadable" in answer:
        raise Unreadable(answer["unreadable"])
    return answer
