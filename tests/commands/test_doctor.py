"""`manage.py doctor`: each part, well and broken."""

import json
import shutil
import socket
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from inquiries.management.commands import doctor
from inquiries.management.commands.doctor import Level
from setup.stack import MailServer, free_port
from tests.test_health import add_job


def run(*arguments):
    """(exit code, {subject: [(level, sentence and advice)]})"""
    written = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", *arguments, stdout=written)
    found = json.loads(written.getvalue())
    by_subject = {}
    for one in found["findings"]:
        by_subject.setdefault(one["subject"], []).append((one["level"], f"{one['sentence']} {one['advice']}".strip()))
    assert ("ok", "warning", "fault")[ended.value.code] == found["level"]
    return ended.value.code, by_subject


@pytest.fixture
def mail_server(settings):
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield server
    server.stop()


@pytest.fixture
def backups(tmp_path):
    """A folder with a backup of an hour ago, and one that has just been broken off."""
    for made in (timezone.now() - timedelta(days=9), timezone.now() - timedelta(hours=1)):
        (tmp_path / "backups" / f"scrutiny-{made:%Y%m%dT%H%M%SZ}").mkdir(parents=True)
    (tmp_path / "backups" / f".scrutiny-{timezone.now():%Y%m%dT%H%M%SZ}").mkdir()
    return tmp_path / "backups"


@pytest.fixture
def heads(tmp_path):
    path = tmp_path / "heads"
    path.write_text(f"{timezone.now().isoformat(timespec='seconds')} 3 {'0' * 64}\n")
    return path


@pytest.fixture
def worker(db):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


def test_all_parts(db, worker, mail_server, backups, heads):
    code, found = run("--send-test", "ann@council.example", "--backups", str(backups), "--heads", str(heads))
    assert list(found) == [
        *("configuration", "database", "migrations", "roles", "worker", "clock"),
        *("storage", "disk space", "mail", "backups", "history"),
    ]
    # The tests sign in as the owner of the tables, and disks differ.
    well = {"database", "migrations", "worker", "clock", "storage", "mail", "backups", "history"}
    assert {level for subject in well for level, _ in found[subject]} == {"ok"}, found
    assert {level for level, _ in found["roles"]} == {"warning"}
    assert found["mail"][0][1].endswith("Look whether it arrives at ann@council.example, and not as spam.")
    assert [mail["To"] for mail in mail_server.received] == ["ann@council.example"]
    assert code >= 1


def test_text(db, worker):
    written = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=written)
    assert "\nOK      worker: A worker reported 0 seconds ago; 0 jobs due.\n" in written.getvalue()
    assert (
        "\nWARNING mail: There is no mail server: e-mails are printed.\n        Set SCRUTINY_EMAIL_HOST.\n"
        in written.getvalue()
    )


def test_mail_server_that_refuses(db, mail_server):
    mail_server.refusal = "550 5.7.1 ann@council.example: relaying denied"
    assert run()[1]["mail"][0][0] == "ok"
    ((level, said),) = run("--send-test", "ann@council.example")[1]["mail"]
    assert (level, said.partition(" does not ")[2].partition(". ")[0]) == (
        "fault",
        "take an e-mail: SMTPRecipientsRefused (550 5.7.1)",
    )
    assert "relaying" not in said


def test_mail_server_that_is_not_there(db, settings, mail_server):
    settings.EMAIL_PORT = free_port()
    ((level, said),) = run()[1]["mail"]
    assert level == "fault"
    assert "ConnectionRefusedError (ECONNREFUSED). Look at SCRUTINY_EMAIL_HOST" in said


def test_mail_server_that_hangs(db, mail_server, monkeypatch):
    monkeypatch.setattr(doctor, "PATIENCE", 1)
    mail_server.hangs.set()
    ((level, said),) = run()[1]["mail"]
    mail_server.hangs.clear()
    assert level == "fault"
    assert "TimeoutError" in said


def test_mail_server_without_tls(db, settings, mail_server):
    settings.EMAIL_USE_TLS = True
    ((level, said),) = run()[1]["mail"]
    assert level == "fault"
    assert "Look at SCRUTINY_EMAIL_SECURITY" in said


def test_worker_that_is_dead(db):
    add_job(at=timezone.now() - timedelta(hours=2))
    add_job(at=timezone.now(), status="failed")
    code, found = run()
    assert code == Level.FAULT
    (dead, late, failed) = found["worker"]
    assert dead[0] == "fault"
    assert "Start it: systemctl start scrutiny-worker" in dead[1]
    assert (late[0], late[1].startswith("1 job due, the oldest since ")) == ("warning", True)
    assert failed[1].startswith("1 job failed for good within the last 30 days.")


def test_trigger_and_cache_table_that_are_missing(db):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS scrutiny_cache")
        cursor.execute("ALTER TABLE inquiries_entry DISABLE TRIGGER USER")
    found = run()[1]
    assert found["migrations"] == [
        ("fault", "The database lacks the table of the cache. Run manage.py prepare_database.")
    ]
    assert found["roles"][0][0] == "fault"
    assert " is switched off. docs/history.md says " in found["roles"][0][1]


@pytest.mark.parametrize(("seconds", "level"), [(0, "ok"), (8, "warning"), (40, "fault"), (-40, "fault")])
def test_clock_of_this_machine(db, monkeypatch, seconds, level):
    now = timezone.now
    monkeypatch.setattr(doctor.timezone, "now", lambda: now() + timedelta(seconds=seconds))
    assert next(iter(doctor.check_clock()))[0].name.lower() == level


def test_storage_and_room(db, settings, monkeypatch, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert run()[1]["storage"] == [("ok", f"A file was written to {tmp_path}, read and deleted.")]
    assert list(tmp_path.iterdir()) == []
    free = settings.LARGEST_UPLOAD_MB * 1024 * 1024
    for papers, level in ((3, "fault"), (19, "warning"), (21, "ok")):
        usage = shutil._ntuple_diskusage(0, 0, papers * free)
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path, usage=usage: usage)
        assert {finding[0].name.lower() for finding in doctor.check_room()} == {level}


def test_backups_and_heads_that_are_old_or_missing(db, tmp_path, backups, heads):
    newest = sorted(backups.glob("scrutiny-*"))[-1]
    newest.rename(backups / f"scrutiny-{timezone.now() - timedelta(hours=37):%Y%m%dT%H%M%SZ}")
    found = run("--backups", str(backups))[1]
    assert found["backups"][0][0] == "fault"
    assert found["backups"][0][1].startswith("The newest backup is 37 hours old. Make one: manage.py backup DIR")
    assert found["history"] == [("warning", "Not checked. Name the file of heads with --heads FILE (docs/history.md).")]
    empty, missing = tmp_path / "empty", tmp_path / "missing"
    empty.mkdir()
    old = datetime.fromisoformat("2026-01-02T03:04:05+00:00")
    heads.write_text(f"{old.isoformat()} 3 {'0' * 64}\n")
    found = run("--backups", str(empty), "--heads", str(heads))[1]
    assert found["backups"][0][1].startswith(f"There is no complete backup in {empty}.")
    assert found["history"][0][0] == "warning"
    found = run("--backups", str(missing), "--heads", str(missing))[1]
    assert found["backups"][0][1].startswith(f"{missing} cannot be read: FileNotFoundError (ENOENT).")
    assert found["history"][0][1].startswith(
        f"{missing} cannot be read as a file of heads: FileNotFoundError (ENOENT)."
    )


def test_name_of_a_mail_server_that_does_not_exist(db, settings, mail_server, monkeypatch):
    def no_such_name(*arguments, **more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    settings.EMAIL_HOST = "mail.council.invalid"
    assert "There is no such machine: look at SCRUTINY_EMAIL_HOST." in run()[1]["mail"][0][1]
