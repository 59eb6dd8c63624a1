"""What /healthz and /readyz say: what is worked out of the database, and real faults of a real service."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inquiries import health
from inquiries.actions import meetings, packs
from inquiries.health import SharedCheck, Work, find_work, missing_migrations, warnings_of
from inquiries.models import Notification, Restoration
from inquiries.models.notifications import SIGN_IN_CODE
from inquiries.views import site
from setup.stack import ROOT, Stack
from tests.cast import NOW
from tests.factories import make_meeting
from tests.test_metrics import TOKEN, samples

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
IDLE = "no e-mail is sent and nothing is published at its time."
WELL = Work(now=NINE, worker_seen=NINE - timedelta(seconds=12))


@pytest.mark.django_db
def test_finds_held_work_and_undelivered_codes(officer, clerk):
    assert (find_work().has_held_work, find_work().has_undelivered_codes) == (False, False)
    restoration = Restoration.objects.create(restored_on=NOW, backup_made_on=NOW)
    code = add_notification(officer, "code", occasion=SIGN_IN_CODE, queued_on=find_work().now - timedelta(days=6))
    assert (find_work().has_held_work, find_work().has_undelivered_codes) == (True, True)
    Restoration.objects.filter(pk=restoration.pk).update(closed_at=NOW, closed_by=clerk)
    Notification.objects.filter(pk=code.pk).update(queued_on=find_work().now - timedelta(days=8))
    assert (find_work().has_held_work, find_work().has_undelivered_codes) == (False, False)


def test_nothing_is_wrong():
    assert list(warnings_of(WELL)) == []


@pytest.mark.parametrize(
    ("work", "warning"),
    [
        (
            {"worker_seen": None},
            "No worker has reported so far: no e-mail is sent and nothing is published at its time.",
        ),
        (
            {"worker_seen": NINE - timedelta(seconds=61)},
            f"No worker has reported since 2026-11-23 08:58 UTC: {IDLE}",
        ),
        (
            {"jobs_due": 3, "oldest_job_due": NINE - timedelta(minutes=11)},
            "3 jobs due, the oldest since 2026-11-23 08:49 UTC.",
        ),
        ({"jobs_due": 3, "oldest_job_due": NINE - timedelta(minutes=10)}, None),
        (
            {"publication_due": NINE - timedelta(minutes=6)},
            "An agenda pack was to be published at 2026-11-23 08:54 UTC and is not.",
        ),
        ({"publication_due": NINE - timedelta(minutes=5)}, None),
        (
            {"emails_failing": 1, "oldest_failing_email": NINE - timedelta(hours=2)},
            "The mail server does not take 1 e-mail; the oldest waits since 2026-11-23 07:00 UTC.",
        ),
    ],
)
def test_warnings(work, warning):
    assert list(warnings_of(Work(**{"now": NINE, "worker_seen": NINE, **work}))) == ([warning] if warning else [])


def test_work_of_an_empty_database(db):
    work = find_work()
    assert work == Work(now=work.now)
    assert abs(work.now - timezone.now()) < timedelta(minutes=1)


def test_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        find_work()


def test_worker_was_seen(db):
    with connection.cursor() as cursor:
        # A worker that ended in good order has no row, but each minute leaves a mark.
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES ('t', %s)",
            [int(NINE.timestamp())],
        )
        assert find_work().worker_seen == NINE
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [NINE + timedelta(seconds=9)])
    assert find_work().worker_seen == NINE + timedelta(seconds=9)


def add_job(*, at, scheduled_at=None, status="todo"):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at, status) "
            "VALUES ('default', 't', %s, %s) RETURNING id",
            [scheduled_at, status],
        )
        (pk,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [at, pk])


def test_jobs_that_are_due(db):
    add_job(at=NINE, status="doing")
    add_job(at=NINE, status="failed")
    add_job(at=NINE, scheduled_at=timezone.now() + timedelta(days=1))
    assert (find_work().jobs_due, find_work().oldest_job_due, find_work().jobs_failed) == (0, None, 1)
    add_job(at=NINE + timedelta(minutes=2))
    add_job(at=NINE, scheduled_at=NINE + timedelta(minutes=1))
    assert (find_work().jobs_due, find_work().oldest_job_due) == (2, NINE + timedelta(minutes=1))


def add_notification(recipient, key, **fields):
    return Notification.objects.create(
        recipient=recipient, key=key, subject="S", body="B", **{"occasion": "test", "queued_on": NINE, **fields}
    )


def test_emails_that_fail(officer, other_officer):
    add_notification(officer, "sent", sent_on=NINE)
    add_notification(officer, "waits")
    add_notification(officer, "greylisted", failures=1, last_failure="SMTPRecipientsRefused 450 4.7.1")
    add_notification(officer, "refused", failures=12, refused_on=NINE)
    work = find_work()
    assert (work.emails_waiting, work.emails_failing, work.emails_given_up) == (2, 0, 0)
    add_notification(officer, "fails", failures=1, last_failure="ConnectionRefusedError", queued_on=NOW)
    add_notification(officer, "fails often", failures=3, last_failure="SMTPRecipientsRefused 450 4.7.1")
    add_notification(officer, "given up", failures=12, last_failure="TimeoutError")
    other_officer.is_active = False
    other_officer.save()
    add_notification(other_officer, "left", failures=1, last_failure="TimeoutError")
    work = find_work()
    assert (work.emails_waiting, work.emails_failing, work.emails_given_up) == (4, 2, 1)
    assert work.oldest_failing_email == NINE


def test_publication_that_is_due(committee, clerk):
    meeting = make_meeting(committee)
    meetings.add_item(meeting, title="Apologies for absence", by=clerk, now=NOW)
    plan = packs.plan_publication(meeting, 0, publish_on=NOW + timedelta(days=1), by=clerk, now=NOW)
    plan.publish_on = timezone.now() + timedelta(minutes=1)
    plan.save()
    assert find_work().publication_due is None
    plan.publish_on = NINE - timedelta(days=365)
    plan.save()
    assert find_work().publication_due == NINE - timedelta(days=365)


def test_migration_that_is_missing(db):
    assert missing_migrations() == []
    recorder = MigrationRecorder(connection)
    with transaction.atomic():
        recorder.record_unapplied("inquiries", "0002_history")
        assert missing_migrations() == ["inquiries.0002_history"]
        transaction.set_rollback(True)
    # A web server goes on while the next release migrates.
    recorder.record_applied("inquiries", "9999_of_the_next_release")
    assert missing_migrations() == []


def test_check_that_does_not_end_is_run_once(monkeypatch):
    runs, end = [], health.threading.Event()

    def check():
        runs.append(1)
        end.wait(20)
        return ["done"], []

    shared = SharedCheck(check, "late")
    assert shared.answer(shared.start(), time.monotonic()) == (["late"], [])
    assert shared.answer(shared.start(), time.monotonic()) == (["late"], [])
    end.set()
    assert shared.answer(shared.start(), time.monotonic() + 20) == (["done"], [])
    assert shared.answer(shared.start(), time.monotonic() + 20) == (["done"], [])
    assert runs == [1]


def test_answer_is_not_asked_for_again_while_another_check_is_waited_for(monkeypatch):
    end = health.threading.Event()
    slow, quick = SharedCheck(lambda: end.wait(20), "late"), SharedCheck(lambda: ([], ["found"]), "late")
    monkeypatch.setattr(health, "CHECKS", (slow, quick))
    monkeypatch.setattr(health, "PATIENCE", 1.5)
    assert health.find_faults() == (["late"], ["found"])
    end.set()


# The banner for clerks


@pytest.fixture
def fresh_work(monkeypatch):
    monkeypatch.setattr(health, "recent_work", health.RecentWork())
    monkeypatch.setattr(site, "recent_work", health.recent_work)


def signed_in(person):
    browser = Client()
    if person:
        browser.force_login(person)
    return browser


BANNER = "E-mails are not going out"


def test_clerks_are_told_that_the_worker_is_dead(clerk, officer, fresh_work):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [NINE - timedelta(days=300)])
    for path in ("/", "/inquiries/", "/admin/", "/no-such-page/"):
        page = signed_in(clerk).get(path).text
        assert 'role="region" aria-labelledby="service-trouble"' in page, path
        assert f'id="service-trouble">{BANNER}</h2>' in page
        assert "background, has not run since 27 January 2026 at 09:00." in page
        assert "start the worker" in page
        assert "mail server" not in page
        for person in (officer, None):
            assert BANNER not in signed_in(person).get(path).text


def test_clerks_are_told_that_mail_fails(clerk, officer, fresh_work):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    add_notification(officer, "fails", failures=1, last_failure="ConnectionRefusedError ECONNREFUSED")
    page = signed_in(clerk).get("/").text
    assert "does not take 1 e-mail, the oldest since 23 November 2026 at 09:00." in page
    assert "has not run" not in page


def test_the_banner_asks_once_in_half_a_minute(clerk, fresh_work):
    browser = signed_in(clerk)
    with CaptureQueriesContext(connection) as first:
        assert BANNER in browser.get("/inquiries/").text
    with CaptureQueriesContext(connection) as second:
        assert BANNER in browser.get("/inquiries/").text
    assert len(first) - len(second) == 1
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    health.recent_work.until = 0
    assert BANNER not in browser.get("/inquiries/").text


# Storage: real file systems, in a mount namespace of their own

UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]

PROGRAM = """
import django
django.setup()
from inquiries import health
from inquiries.management.commands import doctor
print(health.check_files())
print(*[f"{finding[0].name} {finding[1]}" for finding in doctor.check_storage()])
"""


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ("ro", (["Files cannot be stored (EROFS)."], [])),
        ("size=4k,nr_inodes=2", ([], ["The storage of files is full."])),
        ("size=1m", ([], [])),
    ],
    ids=["read-only", "full", "well"],
)
def test_storage(tmp_path, options, answer):
    fill = 'head -c 8192 /dev/zero > "$1"/full 2> /dev/null || true; ' if "4k" in options else ""
    script = f'mount -t tmpfs -o {options} none "$1" && {fill}exec "$2" -c "$3"'
    if subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let a process mount a file system of its own")
    command = [*UNSHARE, "sh", "-c", script, "-", str(tmp_path)]
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "SCRUTINY_FILES": str(tmp_path)}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "scrutiny.settings",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    done = subprocess.run(
        [*command, sys.executable, PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    readiness, examined = done.stdout.splitlines()
    assert readiness == str(answer), done.stderr
    code = {"ro": "EROFS", "size=1m": ""}.get(options, "ENOSPC")
    if code:
        assert examined.startswith(f"FAULT Files cannot be stored in {tmp_path}: OSError ({code})")
    else:
        assert examined == f"OK A file was written to {tmp_path}, read and deleted."
    if answer[0] or answer[1]:
        assert "Files cannot be stored: OSError (E" in done.stderr


def test_storage_that_is_no_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "file" / "files"
    (tmp_path / "file").write_text("not a folder")
    assert health.check_files() == (["Files cannot be stored (ENOTDIR)."], [])


# A real service


@pytest.fixture(scope="module")
def stack(prepared_demonstration, tmp_path_factory):
    asked = {"SCRUTINY_LOG_FORMAT": "json", "SCRUTINY_METRICS_TOKEN": TOKEN}
    with Stack(tmp_path_factory.mktemp("stack"), prepared=prepared_demonstration, **asked) as started:
        started.start("web")
        yield started


def readiness(stack, *lines):
    return lambda: (stack.client(timeout=5).get("/readyz").text.splitlines() == list(lines)) or None


def test_any_host_name_and_no_https(client, db):
    for path in ("/healthz", "/readyz"):
        answer = client.get(path, HTTP_HOST="10.1.2.3")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain"), answer.text


def test_dead_worker_is_a_warning(stack):
    answer = stack.client().get("/readyz")
    assert answer.status == 200
    assert answer.text.startswith("ready\nWarning: No worker has reported so far")
    stack.start("worker")
    stack.wait_for(readiness(stack, "ready"))
    stack.kill("worker")
    # Two minutes later:
    stack.query("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '2 minutes' RETURNING 1")
    stack.query("UPDATE procrastinate_periodic_defers SET defer_timestamp = defer_timestamp - 120 RETURNING 1")
    stack.wait_for(lambda: "Warning: No worker has reported since 20" in stack.client().get("/readyz").text)
    assert stack.client().get("/readyz").status == 200


def test_database_that_hangs(stack):
    stack.wait_for(lambda: stack.client().get("/readyz").status == 200)
    stack.freeze_database()
    try:
        stack.wait_for(lambda: stack.client().get("/readyz").status == 503, seconds=10)
        answers = [stack.client(timeout=5).get("/readyz") for _ in range(3)]
        alive = stack.client(timeout=2).get("/healthz")
    finally:
        stack.thaw_database()
    assert {(answer.status, answer.text) for answer in answers} == {(503, "not ready\nThe database does not answer.\n")}
    assert (alive.status, alive.text) == (200, "ok\n")
    stack.wait_for(lambda: stack.client().get("/readyz").status == 200)


def test_database_that_is_stopped(stack):
    stack.stop_database()
    try:
        stack.wait_for(readiness(stack, "not ready", "The database does not answer."), seconds=10)
        assert stack.client(timeout=2).get("/healthz").status == 200
        command = [sys.executable, "manage.py", "doctor"]
        examined = subprocess.run(command, cwd=ROOT, env=stack.environment, capture_output=True, text=True, check=False)
    finally:
        stack.start_database()
    assert "The database is not ready: OperationalError" in stack.log("web")
    assert examined.returncode == 2, examined.stderr
    assert "FAULT   database: PostgreSQL does not answer: OperationalError" in examined.stdout
    assert "WARNING worker: Not checked: OperationalError" in examined.stdout
    # It goes on with the rest.
    assert f"OK      storage: A file was written to {stack.files}, read and deleted." in examined.stdout
    assert "OK      mail: The mail server 127.0.0.1:" in examined.stdout
    stack.wait_for(lambda: stack.client().get("/readyz").status == 200)


def test_metrics_of_all_processes(stack):
    def asked():
        answer = stack.client().request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status == 200
        return samples(answer.text)

    for _ in range(10):
        stack.client().get("/committees/")
    before = asked()
    counted = ("scrutiny_requests_total", ("status", "200"), ("view", "public:committees"))
    assert (before[counted], before["scrutiny_database_up",]) == (10, 1)
    assert before["scrutiny_pool_connections",] >= 2
    # What a process has counted is there after its end.
    ended = stack.web_processes()[0]
    ended.terminate()
    ended.wait()
    stack.wait_for(lambda: len(stack.web_processes()) == 2)
    stack.client().get("/committees/")
    assert asked()[counted] == 11
    stack.freeze_database()
    try:
        stack.wait_for(lambda: asked()["scrutiny_database_up",] == 0, seconds=10)
    finally:
        stack.thaw_database()
    stack.wait_for(lambda: stack.client().get("/readyz").status == 200)
    assert TOKEN not in stack.log("web")


def test_every_line_of_the_service_is_json(stack):
    client = stack.client()
    missing = client.get("/no-such-page/")
    forged = client.get("/x%0A%7B%22level%22:%22INFO%22%7D")
    stack.start("worker")
    stack.wait_for(readiness(stack, "ready"))
    # What the worker prints when it starts is none of the log.
    written = (stack.log("web") + stack.log("worker")).replace("Launching a worker on all queues\n", "")
    lines = [json.loads(line) for line in written.splitlines()]
    ids = [answer.headers["X-Request-ID"] for answer in (missing, forged)]
    found = [line for line in lines if line.get("request") in ids]
    assert [line["message"] for line in found] == ["Not Found: /no-such-page/", r"Not Found: /x\n{'...':'...'}"]
    assert f"quote <strong>{ids[0]}</strong>" in missing.text
