"""How the service is: what /readyz, /metrics, the clerks' banner and `manage.py doctor` say about it.

Times are those of the database, so that a wrong clock of one machine alarms nobody.
"""

import errno
import logging
import tempfile
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from inquiries.models.notifications import CODE_DAYS, MOST_FAILURES, SIGN_IN_CODE
from inquiries.models.packs import NAME
from scrutiny.error_codes import describe_fault
from scrutiny.faults import FULL

logger = logging.getLogger(__name__)

# A worker reports every 10 seconds.
WORKER_SILENCE = timedelta(seconds=60)
# A job is begun within a second; a long import or a slow mail server keeps the others waiting.
QUEUE_DELAY = timedelta(minutes=10)
# Looked for every minute; a large pack takes a minute or two to be built.
PUBLICATION_DELAY = timedelta(minutes=5)
# One address that is refused for now is no fault of the mail server; after half an hour it is looked into.
MANY_FAILURES = 3
ONE_RECIPIENT = "SMTPRecipientsRefused"


@dataclass(frozen=True)
class Work:
    """What the worker has to do, and how far behind it is. Times are None where there is nothing of the kind."""

    now: datetime
    worker_seen: datetime | None = None
    jobs_due: int = 0
    oldest_job_due: datetime | None = None
    jobs_failed: int = 0
    emails_waiting: int = 0
    emails_failing: int = 0
    oldest_failing_email: datetime | None = None
    emails_given_up: int = 0
    publication_due: datetime | None = None
    packs_being_built: int = 0
    builds_failed: int = 0
    packs_built: int = 0
    has_held_work: bool = False
    has_undelivered_codes: bool = False


# A worker that ends in good order deletes its row; each minute in which one ran has left a mark.
WORK_QUERY = f"""
WITH due AS (
    SELECT coalesce(job.scheduled_at, deferred.at) AS since
    FROM procrastinate_jobs job
    LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id) deferred ON TRUE
    WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= clock_timestamp())
), unsent AS (
    SELECT failures, queued_on, refused_on, last_failure, attempted_on
    FROM inquiries_notification JOIN inquiries_person recipient ON recipient.id = recipient_id
    WHERE sent_on IS NULL AND NOT is_held AND (for_digest = FALSE OR digest_id IS NULL)
    AND recipient.is_active AND recipient.email IS NOT NULL
), failing AS (
    SELECT queued_on FROM unsent WHERE failures BETWEEN 1 AND {MOST_FAILURES - 1}
    AND (failures >= {MANY_FAILURES} OR last_failure NOT LIKE '{ONE_RECIPIENT}%')
)
SELECT clock_timestamp() AS now,
    greatest(
        (SELECT max(last_heartbeat) FROM procrastinate_workers),
        (SELECT to_timestamp(max(defer_timestamp)) FROM procrastinate_periodic_defers)
    ) AS worker_seen,
    (SELECT count(*) FROM due) AS jobs_due,
    (SELECT min(since) FROM due) AS oldest_job_due,
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed') AS jobs_failed,
    (SELECT count(*) FROM unsent WHERE failures < {MOST_FAILURES}) AS emails_waiting,
    (SELECT count(*) FROM failing) AS emails_failing,
    (SELECT min(queued_on) FROM failing) AS oldest_failing_email,
    (SELECT count(*) FROM unsent WHERE failures >= {MOST_FAILURES} AND refused_on IS NULL AND attempted_on IS NULL)
        AS emails_given_up,
    (SELECT min(publish_on) FROM inquiries_packplan WHERE publish_on <= clock_timestamp() AND NOT is_held)
        AS publication_due,
    (SELECT count(*) FROM inquiries_packplan WHERE claimed_by IN (SELECT {NAME} FROM pg_stat_activity))
        AS packs_being_built,
    (SELECT count(*) FROM inquiries_packplan WHERE failure <> '') AS builds_failed,
    (SELECT count(*) FROM inquiries_agendapack) AS packs_built,
    EXISTS (SELECT FROM inquiries_restoration WHERE closed_at IS NULL) AS has_held_work,
    EXISTS (
        SELECT FROM inquiries_notification
        WHERE occasion = '{SIGN_IN_CODE}' AND queued_on > clock_timestamp() - interval '{CODE_DAYS} days'
    ) AS has_undelivered_codes
"""  # noqa: S608 - the values are ours


def find_work():
    """One query; it reads what waits, not what is done."""
    with connection.cursor() as cursor:
        cursor.execute(WORK_QUERY)
        return Work(**dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True)))


class RecentWork:
    """What `find_work` found half a minute ago or less, for every page of a clerk."""

    KEEP_SECONDS = 30

    def __init__(self):
        self.work, self.until = None, 0.0

    def find(self):
        if time.monotonic() > self.until:
            self.work, self.until = find_work(), time.monotonic() + self.KEEP_SECONDS
        return self.work


recent_work = RecentWork()


def is_worker_silent(work):
    return work.worker_seen is None or work.now - work.worker_seen > WORKER_SILENCE


def warnings_of(work):
    """What the people who run the service must see to; pages go on without it. One sentence each."""
    if is_worker_silent(work):
        seen = f"since {clock(work.worker_seen)}" if work.worker_seen else "so far"
        yield f"No worker has reported {seen}: no e-mail is sent and nothing is published at its time."
    if work.oldest_job_due and work.now - work.oldest_job_due > QUEUE_DELAY:
        yield f"{count(work.jobs_due, 'job')} due, the oldest since {clock(work.oldest_job_due)}."
    if work.publication_due and work.now - work.publication_due > PUBLICATION_DELAY:
        yield f"An agenda pack was to be published at {clock(work.publication_due)} and is not."
    if work.emails_failing:
        yield (
            f"The mail server does not take {count(work.emails_failing, 'e-mail')}; "
            f"the oldest waits since {clock(work.oldest_failing_email)}."
        )


def clock(moment):
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


@cache
def known_migrations():
    return MigrationLoader(None).disk_migrations


def missing_migrations():
    """Those of this version that the database has not seen. A database of a later version is no fault."""
    applied = MigrationRecorder(connection).applied_migrations()
    return [
        f"{app}.{name}"
        for (app, name), migration in known_migrations().items()
        if (app, name) not in applied and not (migration.replaces and applied.keys() >= set(migration.replaces))
    ]


def check_storage():
    """Write to the storage of files as an upload would, leaving nothing. Raises what went wrong."""
    if isinstance(default_storage, FileSystemStorage):
        location = default_storage.base_location
        location.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=location) as file:
            file.write(bytes(4096))
            file.flush()
    else:
        default_storage.exists("readyz")


def check_database():
    """(faults, warnings), each a list of sentences."""
    try:
        missing = missing_migrations()
        if missing:
            return [f"{count(len(missing), 'migration')} not applied: run manage.py prepare_database."], []
        return [], list(warnings_of(find_work()))
    except Exception as error:
        logger.warning("The database is not ready: %s.", describe_fault(error))
        return ["The database does not answer."], []
    finally:
        connection.close()


def check_files():
    """A full disk is a warning only: everything can still be read, and all machines would be taken out at once."""
    try:
        check_storage()
    except Exception as error:
        logger.warning("Files cannot be stored: %s.", describe_fault(error))
        if isinstance(error, OSError) and error.errno in FULL:
            return [], ["The storage of files is full."]
        code = errno.errorcode.get(getattr(error, "errno", None))
        return [f"Files cannot be stored{f' ({code})' if code else ''}."], []
    return [], []


class SharedCheck:
    """Runs `check` in a thread of its own. All who ask while it runs, or soon after, get the one answer."""

    KEEP_SECONDS = 1

    def __init__(self, check, late):
        self.check, self.late, self.starting = check, late, threading.Lock()
        self.future, self.until = None, 0.0

    def start(self):
        with self.starting:
            if self.future is None or (self.future.done() and time.monotonic() > self.until):
                self.future = Future()
                threading.Thread(target=self.run, args=[self.future], daemon=True).start()
            return self.future

    def run(self, future):
        try:
            future.set_result(self.check())
        except BaseException as error:
            future.set_exception(error)
        self.until = time.monotonic() + self.KEEP_SECONDS

    def answer(self, future, deadline):
        """What the check says, or `late` as its fault where it says nothing by the `deadline`."""
        try:
            return future.result(max(0, deadline - time.monotonic()))
        except TimeoutError:
            return [self.late], []


# How long anyone who asks whether this process is ready waits, in seconds.
PATIENCE = 2
CHECKS = (
    SharedCheck(check_database, "The database does not answer."),
    SharedCheck(check_files, "The storage of files does not answer."),
)


def find_faults():
    """(faults, warnings): with a fault this process cannot do its work. Takes two seconds at most."""
    deadline = time.monotonic() + PATIENCE
    running = [(check, check.start()) for check in CHECKS]
    answers = [check.answer(future, deadline) for check, future in running]
    return [fault for faults, _ in answers for fault in faults], [one for _, found in answers for one in found]
