"""Which faults of the machine are behind an error: the database does not answer, or there is no room left."""

import errno
import shutil

from django.db import InterfaceError, OperationalError

from scrutiny.error_codes import causes, sqlstate

NO_ROOM = (
    "The service has no room left for files, so nothing was stored. Try again later; "
    "the people who run this system must make room first."
)
# The last is what a limit on the size of files says.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# PostgreSQL's disk_full.
DATABASE_FULL = "53100"
# Less than this is needed for nothing that we write.
LEAST_ROOM = 64 * 1024


def is_disk_full(error):
    return any(
        (isinstance(cause, OSError) and cause.errno in FULL) or sqlstate(cause) == DATABASE_FULL
        for cause in causes(error)
    )


def is_database_outage(error):
    """Also a statement that took too long, or that two requests would have waited for each other."""
    return any(isinstance(cause, OperationalError | InterfaceError) for cause in causes(error))


def check_room(folder):
    """Raise the OSError of a full disk where it is that: a program that failed may not have said why."""
    if shutil.disk_usage(folder).free < LEAST_ROOM:
        raise OSError(errno.ENOSPC, "No space left on device")
