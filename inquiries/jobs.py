"""What the worker does: e-mail, what is due at a time, and what a worker that was killed left undone.

The worker is `manage.py procrastinate worker`; jobs are rows in the database. A job runs at least once: each of these
may run twice. Arguments are ids only, no personal data. Times of `cron` are UTC.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app

from inquiries import notifications
from inquiries.actions.expiry import expire
from inquiries.actions.imports import CONFIRM_IMPORT, run_import
from inquiries.actions.orphan_files import delete_orphans
from inquiries.actions.packs import publish_planned
from inquiries.actions.tracker_import import RECORD_TRACKER, run_recording
from scrutiny.error_codes import describe_fault
from scrutiny.temporary_files import delete_left_behind

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(days=1)
# Before e-mail, which may have to wait for a slow mail server.
SOON = 10
KEEP_FAILED_JOBS_HOURS = 30 * 24


class GrowingPauses(BaseRetryStrategy):
    """Each pause is twice as long as the one before it: a mail server may be down over the bank holidays."""

    def get_retry_decision(self, *, exception, job):
        if job.attempts + 1 >= notifications.MOST_FAILURES:
            return None
        pause = min(FIRST_PAUSE * 2**job.attempts, LONGEST_PAUSE)
        return RetryDecision(retry_in={"seconds": int(pause.total_seconds())})


@app.task(name=notifications.SEND, retry=GrowingPauses())
def send_notification(*, notification):
    try:
        notifications.send(notification, now=timezone.now())
    except Exception as error:
        # Kinds and codes: what servers answer names addresses.
        logger.warning("Notification %s could not be sent: %s.", notification, describe_fault(error))
        raise


@app.task(name=CONFIRM_IMPORT, priority=SOON)
def confirm_import(*, report_import):
    run_import(report_import, now=timezone.now())


@app.task(name=RECORD_TRACKER, priority=SOON)
def record_tracker(*, tracker_import):
    run_recording(tracker_import, now=timezone.now())


# Nobody wants to be reminded at midnight, when the day begins. Made up for where no worker ran at this hour.
@app.periodic(cron="0 7 * * *")
@app.task(name="queue_reminders", queueing_lock="queue_reminders", priority=SOON)
def queue_reminders(timestamp):
    now = timezone.now()
    notifications.queue_reminders(timezone.localdate(now), now)


@app.periodic(cron="30 6 * * *")
@app.task(name="queue_digests", queueing_lock="queue_digests", priority=SOON)
def queue_digests(timestamp):
    notifications.queue_digests(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="publish_planned_packs", queueing_lock="publish_planned_packs", priority=SOON)
def publish_planned_packs(timestamp):
    publish_planned(timezone.now())


@app.periodic(cron="0 2 * * *")
@app.task(name="delete_expired", queueing_lock="delete_expired")
def delete_expired(timestamp):
    expire(
        now=timezone.now(),
        keep_notifications_days=settings.KEEP_NOTIFICATIONS_DAYS,
        keep_leavers_months=settings.KEEP_LEAVERS_MONTHS,
    )


@app.periodic(cron="30 3 * * *")
@app.task(name="delete_orphan_files", queueing_lock="delete_orphan_files")
def delete_orphan_files(timestamp):
    stored, temporary = delete_orphans(now=timezone.now()), delete_left_behind()
    if stored or temporary:
        logger.warning("Orphans deleted: %s files in storage, %s temporary.", len(stored), len(temporary))


@app.periodic(cron="0 3 * * *")
@app.task(name="delete_failed_jobs", queueing_lock="delete_failed_jobs", pass_context=True)
async def delete_failed_jobs(context, timestamp):
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_FAILED_JOBS_HOURS, include_failed=True)


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", priority=SOON, pass_context=True)
async def retry_stalled_jobs(context, timestamp):
    """Jobs whose worker was killed would be "doing" for ever."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
