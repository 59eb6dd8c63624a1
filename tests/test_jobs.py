"""What the worker does, by hand and by a worker."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from inquiries import jobs
from inquiries.actions import imports, meetings, packs
from inquiries.imports.draft import DraftRecommendation, DraftReport, DraftRow
from inquiries.models import AgendaPack, Notification, PackPlan, ReportImport
from inquiries.notifications import MOST_FAILURES, notify
from tests.cast import NOW
from tests.factories import make_meeting
from tests.pack_building import build_quickly
from tests.test_notifications import Broken

DAY = timedelta(days=1)


@pytest.fixture
def clock(monkeypatch):
    """A function that sets the time."""

    def show(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    show(NOW)
    return show


@pytest.fixture
def meeting(committee, clerk, chair, monkeypatch, settings, tmp_path, clock):
    """Its agenda is to be published tomorrow at this time."""
    settings.MEDIA_ROOT = tmp_path
    build_quickly(monkeypatch)
    meeting = make_meeting(committee)
    meetings.add_item(meeting, title="Apologies for absence", by=clerk, now=NOW)
    packs.plan_publication(meeting, 0, publish_on=NOW + DAY, by=clerk, now=NOW)
    return meeting


def run_worker():
    """Do all the jobs that wait, as the worker does them, without those that are due when a minute ends meanwhile."""

    def work():
        registry = app.periodic_registry
        with app.replace_connector(app.connector.get_worker_connector()), patch.object(registry, "periodic_tasks", {}):
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    # In a thread of its own: where a browser was started before, this one has an event loop that runs.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def test_publishes_planned_packs_once(meeting, clerk, chair, clock):
    jobs.publish_planned_packs(0)
    assert not AgendaPack.objects.published().exists()
    clock(NOW + DAY)
    jobs.publish_planned_packs(0)
    jobs.publish_planned_packs(0)
    pack = AgendaPack.objects.public().get()
    assert (pack.published_at, pack.published_by) == (NOW + DAY, clerk)
    assert [n.recipient for n in Notification.objects.filter(occasion="agenda_published")] == [chair]


def test_does_not_publish_what_was_changed_since(meeting, clerk, clock):
    meetings.add_item(meeting, title="Work programme", by=clerk, now=NOW)
    clock(NOW + DAY)
    jobs.publish_planned_packs(0)
    assert not AgendaPack.objects.published().exists()
    assert "Something on the agenda has just been changed" in PackPlan.objects.get().refusal
    assert [n.recipient for n in Notification.objects.filter(occasion="pack_not_published")] == [clerk]


def test_deletes_what_has_expired(officer, clock, settings):
    settings.KEEP_NOTIFICATIONS_DAYS = 10
    Session.objects.create(session_key="ended", session_data="", expire_date=NOW - DAY)
    for age in (9, 11):
        day = NOW - timedelta(days=age)
        Notification.objects.create(
            recipient=officer, occasion="test", key=str(age), subject="S", body="B", queued_on=day, sent_on=day
        )
    jobs.delete_expired(0)
    assert not Session.objects.exists()
    assert sorted(Notification.objects.values_list("body", flat=True)) == ["", "B"]


def test_pauses_grow_until_the_notification_is_given_up():
    def pause(attempts):
        job = Job(id=1, lock=None, queueing_lock=None, task_name="t", queue="q", attempts=attempts)
        decision = jobs.GrowingPauses().get_retry_decision(exception=OSError(), job=job)
        return decision and decision.retry_at and round((decision.retry_at - now()).total_seconds() / 60)

    def now():
        return jobs.timezone.now()

    pauses = [pause(attempts) for attempts in range(MOST_FAILURES)]
    assert pauses == [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440, None]
    # A server that is down over the bank holidays loses nobody a notification.
    assert sum(pauses[:-1]) > 4 * 24 * 60


def test_what_is_due_once_a_day_is_deferred_once_a_day():
    schedule = {key[0]: task.cron for key, task in app.periodic_registry.periodic_tasks.items()}
    assert schedule == {
        "queue_reminders": "0 7 * * *",
        "queue_digests": "30 6 * * *",
        "publish_planned_packs": "* * * * *",
        "delete_expired": "0 2 * * *",
        "delete_failed_jobs": "0 3 * * *",
        "delete_orphan_files": "30 3 * * *",
        "retry_stalled_jobs": "* * * * *",
    }


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_was_deferred(officer, clerk, mailoutbox):
    notify([officer, clerk], "sessions_ended", "a key", now=NOW, by=clerk)
    run_worker()
    assert sorted(mail.to for mail in mailoutbox) == [[clerk.email], [officer.email]]
    assert not Notification.objects.filter(sent_on=None).exists()
    # Those that succeed leave no row.
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failed_job_waits_and_its_row_says_why(officer, clerk, settings, monkeypatch, caplog):
    settings.EMAIL_BACKEND = "tests.test_notifications.Broken"
    monkeypatch.setattr(Broken, "error", ConnectionRefusedError())
    notify([officer], "sessions_ended", "a key", now=NOW, by=clerk)
    run_worker()
    stored = Notification.objects.get()
    assert (stored.sent_on, stored.failures, stored.last_failure) == (None, 1, "ConnectionRefusedError")
    job = ProcrastinateJob.objects.get()
    assert (job.status, job.attempts, job.scheduled_at is not None) == ("todo", 1, True)
    assert f"Notification {stored.pk} could not be sent: ConnectionRefusedError." in caplog.messages
    assert officer.email not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_a_job_notifies_is_deferred_in_its_own_transaction(meeting, chair, clock, mailoutbox):
    """The worker's own connection is in no transaction: a job deferred by it could run before its row is there."""
    clock(NOW + DAY)
    jobs.publish_planned_packs.defer(timestamp=0)
    run_worker()
    run_worker()
    assert [mail.subject for mail in mailoutbox] == ["Agenda published: Communities Select Committee, 15 December 2026"]


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_killed_worker_is_done_again(officer, clerk, mailoutbox):
    notify([officer], "sessions_ended", "a key", now=NOW, by=clerk)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '31 seconds') RETURNING id"
        )
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", cursor.fetchone())
    run_worker()
    assert mailoutbox == []
    jobs.retry_stalled_jobs.defer(timestamp=0)
    run_worker()
    run_worker()
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_worker_records_a_long_report_and_counts_its_rows(committee, clerk, monkeypatch):
    rows = [
        DraftRow([DraftRecommendation(str(n), f"That {n}.")], decision="accepted", response="Yes.", update="Done.")
        for n in (1, 2, 3)
    ]
    draft = DraftReport(committee=committee.name, inquiry="Home", months_on=6, rows=rows)
    kept = imports.keep_import(draft, file_name="report.docx", checksum="0" * 64, by=clerk, now=NOW)
    imports.start_import(kept, by=clerk, now=NOW)
    counted = []
    record = imports.ReportImporter.import_row

    def look_from_outside(importer, row):
        with ThreadPoolExecutor(1) as pool:
            counted.append(pool.submit(rows_done, kept.pk).result())
        record(importer, row)

    monkeypatch.setattr(imports.ReportImporter, "import_row", look_from_outside)
    run_worker()
    kept.refresh_from_db()
    assert (counted, kept.rows_done, kept.report.updates.count()) == ([0, 1, 2], 3, 3)
    assert kept.confirmed_by == clerk


def rows_done(pk):
    try:
        return ReportImport.objects.get(pk=pk).rows_done
    finally:
        connection.close()
