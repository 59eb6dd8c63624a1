"""Which faults of the machine are behind an error, and the codes of the system, the database and the mail server."""

import errno
import re
import shutil
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.db import InterfaceError, OperationalError

NO_ROOM = (
    "The service has no room left for files, so nothing was stored. Try again later; "
    "the people who run this system must make room first."
)
# The last is what a limit on the size of files says.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# PostgreSQL's disk_full.
DATABASE_FULL = "53100"
ENHANCED_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
# Less than this is needed for nothing that we write.
LEAST_ROOM = 64 * 1024


def causes(error):
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def is_disk_full(error):
    return any(
        (isinstance(cause, OSError) and cause.errno in FULL) or sqlstate(cause) == DATABASE_FULL
        for cause in causes(error)
    )


def is_database_outage(error):
    """Also a statement that took too long, or that two requests would have waited for each other."""
    return isinstance(error, OperationalError | InterfaceError)


def describe_fault(error):
    """The kinds of an error and of those behind it, with their codes."""
    described = []
    for cause in causes(error):
        codes = " ".join(codes_of(cause))
        described.append(f"{type(cause).__name__}{f' ({codes})' if codes else ''}")
    return ", caused by ".join(described)


def codes_of(error):
    """Those of the mail server, the system or the database: ["550", "5.1.1"], ["ENOSPC"], ["53100"]; or none."""
    other = errno.errorcode.get(getattr(error, "errno", None)) or sqlstate(error)
    return smtp_codes(error) or ([other] if other else [])


def smtp_codes(error):
    """The code and, where there is one, the enhanced status: ["550", "5.1.1"]. The rest may name an address."""
    code, text = None, b""
    if isinstance(error, SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (None, b""))
    elif isinstance(error, SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    found = ENHANCED_STATUS.match(text)
    return [str(code), *([found[0]] if found else [])] if code else []


def sqlstate(error):
    return getattr(error, "sqlstate", None)


def check_room(folder):
    """Raise the OSError of a full disk where it is that: a program that failed may not have said why."""
    if shutil.disk_usage(folder).free < LEAST_ROOM:
        raise OSError(errno.ENOSPC, "No space left on device")
