"""The drill: a council is backed up while people write, and restored elsewhere with two roles; then what can go wrong.

Each command is a process of its own, on databases of its own, as an administrator runs it.
"""

import hashlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections
from psycopg import sql

from inquiries import backup
from inquiries.actions import restore
from inquiries.actions.expiry import delete_removed_files
from inquiries.backup import BackupError, find_program, read_secret_keys
from inquiries.models import ColumnMatching, Draft, PeopleImport, TrackerImport
from scrutiny import local_postgres
from setup import stack
from tests.database import PREFIX, maintenance_connection, make_template, url_of
from tests.history.conftest import make_everything

ROOT = settings.BASE_DIR
NAME = f"{PREFIX}{os.getpid()}_backup"
OWNER, ROLE, SECRET = f"{NAME}_owner", f"{NAME}_web", "made-for-this-test"
NOW = datetime(2026, 11, 28, 17, 15, tzinfo=UTC)

# Something of everything that must not begin again: an e-mail and a publication on their way, somebody signed in, an
# import begun.
BEGIN = """
from datetime import timedelta
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from inquiries.models import Meeting, Notification, PackPlan, Person, ReportImport
from inquiries.notifications import notify
now = timezone.now()
clerk = Person.objects.clerks().first()
notify([clerk], "sessions_ended", "before the backup", now=now, by=clerk)
plan, _ = PackPlan.objects.get_or_create(meeting=Meeting.objects.order_by("-start").first(), supplement=0)
plan.publish_on, plan.planned_at, plan.planned_by = now - timedelta(minutes=5), now, clerk
plan.save()
ReportImport.objects.create(
    file_name="a.docx", draft={}, uploaded_at=now, uploaded_by=clerk, started_at=now, started_by=clerk
)
session = SessionStore()
session[SESSION_KEY] = str(clerk.pk)
session.save()
"""
# Packs built again and again: each deletes the files of the one before.
WRITE = """
import sys
from django.utils import timezone
from inquiries.actions import packs, records
from inquiries.models import Committee, Meeting, Person
clerk = Person.objects.clerks().first()
meeting = Meeting.objects.filter(start__gt=timezone.now(), cancelled_at=None).order_by("start").first()
for number in range(1000):
    item = meeting.items.on_agenda().first()
    item.title = f"Apologies {number}"
    records.save_record(item, by=clerk, now=timezone.now())
    packs.build_packs(meeting, 0, by=clerk, now=timezone.now())
    print(number, flush=True)
"""
# What the worker does at its times, and something new.
DUE = """
from django.utils import timezone
from inquiries import jobs, notifications
from inquiries.models import Person
from inquiries.notifications import notify
now = timezone.now()
jobs.publish_planned(now)
notifications.queue_digests(now)
notifications.queue_reminders(timezone.localdate(now), now)
clerk = Person.objects.clerks().first()
notify([clerk], "sessions_ended", "after the restore", now=timezone.now(), by=clerk)
"""


def address(database, role=None):
    return url_of(database, f"{role}:{SECRET}" if role else None)


def start(*arguments, prefix=(), **variables):
    """One command in a process that knows nothing but these variables."""
    return subprocess.Popen(
        [*prefix, sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def manage(*arguments, prefix=(), **variables):
    process = start(*arguments, prefix=prefix, **variables)
    output, errors = process.communicate()
    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)


def done(*arguments, **variables):
    """The output of a command that succeeds."""
    process = manage(*arguments, **variables)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


class DatabaseServer:
    def __init__(self, connection):
        self.connection, self.names = connection, []
        self.template = make_template(connection)

    def execute(self, statement, *names):
        self.connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))

    def copy_template(self, name):
        self.names.append(name)
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, self.template)
        return name

    def take_over(self, prepared, name, files):
        """A database that holds the prepared demonstration; its files are in the folder `files`, not there yet."""
        self.names.append(name)
        self.execute("CREATE DATABASE {}", name)
        stack.take_over(prepared, address(name), files)
        return name

    def empty(self, name):
        """The variables of a new installation with two roles, whose database is empty."""
        self.names.append(name)
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self.execute("CREATE DATABASE {} OWNER {}", name, OWNER)
        return {"DATABASE_URL": address(name, ROLE), "DATABASE_OWNER_URL": address(name, OWNER)}


@pytest.fixture(scope="module")
def server(django_db_setup):
    with maintenance_connection() as connection:
        found = DatabaseServer(connection)
        statement = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(OWNER), sql.Literal(SECRET)))
        yield found
        for name in found.names:
            found.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        for role in (ROLE, OWNER):
            found.execute("DROP ROLE IF EXISTS {}", role)


@pytest.fixture(scope="module")
def council(server, prepared_demonstration, tmp_path_factory):
    """The variables of a council with records, in a database with one role."""
    files = tmp_path_factory.mktemp("council") / "files"
    variables = {
        "DATABASE_URL": address(server.take_over(prepared_demonstration, f"{NAME}_council", files)),
        "SCRUTINY_FILES": str(files),
        "SCRUTINY_SECRET_KEY": "one that the council keeps",
    }
    done("shell", "-c", BEGIN, **variables)
    return variables


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("backups") / "kept"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A secret key in a file; `public` is its other half."""
    path = tmp_path_factory.mktemp("key") / "backup.key"
    public = backup.make_key(path)
    return path, public


@pytest.fixture(scope="module")
def made(council, folder, key):
    """The encrypted backup of the council, made while somebody builds packs."""
    writer = start("shell", "--verbosity", "0", "-c", WRITE, **council)
    try:
        assert writer.stdout.readline() == "0\n"
        said = done("backup", folder, "--keep", 2, SCRUTINY_BACKUP_KEY=key[1], **council)
        assert writer.stdout.readline()
    finally:
        kill(writer)
    [path] = backup.backups_in(folder)
    assert re.fullmatch(rf"{path} is complete \([\d.]+.MB\)\.\n", said)
    return path


@pytest.fixture(scope="module")
def manifest(made, key):
    return restore.read_manifest(made, read_secret_keys(key[0]))


@pytest.fixture(scope="module")
def restored(made, key, server, council, tmp_path_factory):
    """The variables of another machine with two roles, on which the backup has been restored; what the command said."""
    files = tmp_path_factory.mktemp("restored") / "files"
    variables = {**council, **server.empty(f"{NAME}_restored"), "SCRUTINY_FILES": str(files)}
    return variables, done("restore", made.parent, "--key", key[0], **variables)


def rows_of(url):
    """{table: its rows as text, in order}: not worked out as the manifest does."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'p' "
            "AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        found = {}
        for (name,) in tables.fetchall():
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
            found[name] = sorted(row for (row,) in rows.fetchall())
        return found


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


# The drill


def test_the_backup_is_closed_to_others(made, folder):
    assert [path.name for path in sorted(made.iterdir())] == [
        "SHA256SUMS", "database.dump.age", "files.tar.age", "manifest.json.age",
    ]  # fmt: skip
    assert {path.stat().st_mode & 0o777 for path in made.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (made, folder)} == {0o700}
    assert b"Help in a Crisis" not in b"".join(path.read_bytes() for path in made.iterdir())
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=made, capture_output=True, check=False)
    assert checked.returncode == 0


def test_the_backup_is_whole_while_people_write(made, manifest):
    """Each file that a record names is in it, and is that of its record."""
    assert manifest["missing"] == []
    assert len(manifest["files"]) >= 15
    assert manifest["tables"]["inquiries_entry"]["rows"] == manifest["tables"]["inquiries_seal"]["rows"]
    assert int(manifest["heads"][-1].split()[1]) == manifest["tables"]["inquiries_seal"]["rows"]
    left_out = {"django_session", "scrutiny_cache", "procrastinate_jobs", "inquiries_unsealed"}
    assert not left_out & set(manifest["tables"])


def test_verifies(made, key):
    said = done("verify_backup", made.parent, "--key", key[0])
    assert re.fullmatch(
        rf"{made} can be restored: [\d,]+ rows of \d+ tables and \d+ files are as they were on .*\n", said
    )


def test_restores_every_row_and_file(restored, manifest, council):
    variables, said = restored
    assert f"{len(manifest['files'])} files, as of {manifest['made_on']}. Nobody is signed in." in said
    assert said.endswith("The history is sound.\n")
    assert files_of(variables["SCRUTINY_FILES"]) == {name: facts["sha256"] for name, facts in manifest["files"].items()}
    before, after = rows_of(council["DATABASE_URL"]), rows_of(variables["DATABASE_OWNER_URL"])
    # What the writer went on to change after the backup, and what the restore itself records.
    changing = {"inquiries_agendaitem", "inquiries_agendapack", "inquiries_packentry", "inquiries_packpaper"}
    changing |= {"inquiries_entry", "inquiries_seal", "inquiries_packplan"}
    recorded = {"inquiries_restoration", "inquiries_notification", "inquiries_reportimport"}
    left_out = {name for name in before if name.startswith("procrastinate_")} | {"django_session", "scrutiny_cache"}
    assert before.keys() == after.keys()
    different = {name for name in before if before[name] != after[name]}
    assert different <= changing | recorded | left_out
    assert {name for name in left_out if after[name]} == set()
    assert len(before["django_session"]) == 1
    # Entries are only added: the first are the same.
    assert set(before["inquiries_entry"]) - set(after["inquiries_entry"]) != set(before["inquiries_entry"])
    entries = [row for row in after["inquiries_entry"] if row not in before["inquiries_entry"]]
    assert len(entries) == 1
    assert "restored the records from the backup of" in entries[0]


def test_restores_the_roles(restored):
    variables, _ = restored
    with psycopg.connect(variables["DATABASE_URL"], autocommit=True) as application:
        assert application.execute("SELECT count(*) FROM inquiries_person").fetchone()[0] > 5
        for statement in (
            "UPDATE inquiries_entry SET sentence = 'nothing'",
            "INSERT INTO inquiries_seal VALUES (9999, 9999, 'x')",
            "CREATE TABLE another (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(statement)
        # Numbers go on where they were.
        application.execute("INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b')")
    assert manage("prepare_database", "--verbosity", "0", **variables).returncode == 0


def test_nothing_old_begins_again(restored):
    """A real worker, a real mail server: of all that waited nothing is sent or published; what is new is sent."""
    variables, said = restored
    assert "Held back: 1 e-mails, 1 planned publications, and all reminders" in said
    received = []

    class Keep(Message):
        def handle_message(self, message):
            received.append(message["Subject"])

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mail = Controller(Keep(), hostname="127.0.0.1", port=port)
    mail.start()
    try:
        with psycopg.connect(variables["DATABASE_URL"], autocommit=True) as application:
            before = application.execute("SELECT count(*) FROM inquiries_agendapack WHERE published_at IS NOT NULL")
            published = before.fetchone()
            server = {
                "SCRUTINY_EMAIL_HOST": "127.0.0.1",
                "SCRUTINY_EMAIL_PORT": str(port),
                "SCRUTINY_EMAIL_SECURITY": "none",
            }
            worker = {**variables, **server}
            worker.pop("DATABASE_OWNER_URL")
            done("shell", "-c", DUE, **worker)
            done("procrastinate", "worker", "--one-shot", **worker)
            assert received == ["You have been signed out everywhere"]
            after = application.execute("SELECT count(*) FROM inquiries_agendapack WHERE published_at IS NOT NULL")
            assert after.fetchone() == published
            plan = application.execute("SELECT is_held, refusal FROM inquiries_packplan WHERE publish_on IS NOT NULL")
            assert plan.fetchall() == [(True, "")]
            begun = application.execute("SELECT started_at, failure FROM inquiries_reportimport").fetchone()
            assert (begun[0], begun[1][:21]) == (None, "A backup was restored")
            listed = done("held_work", **worker)
            assert re.findall(r"^[EP]\d+", listed, re.MULTILINE) != []
            assert done("held_work", "--release", **worker) == "Released: 1 e-mail, 1 planned publication.\n"
            done("procrastinate", "worker", "--one-shot", **worker)
            assert received == ["You have been signed out everywhere"] * 2
            assert done("held_work", "--drop", "--start-reminders", **worker) == (
                "Dropped: 0 e-mails, 0 planned publications.\nPeople are reminded again from tomorrow on.\n"
            )
    finally:
        mail.stop()


def test_a_restored_system_is_backed_up(restored, tmp_path):
    variables, _ = restored
    application = {name: value for name, value in variables.items() if name != "DATABASE_OWNER_URL"}
    refused = manage("backup", tmp_path / "b", **application)
    assert refused.returncode == 1
    assert f"The tables belong to the role {OWNER}, and another may not read all of them." in refused.stderr
    assert backup.backups_in(tmp_path / "b") == []
    heads = tmp_path / "heads.txt"
    done("check_history", "--heads", heads, **application)
    done("backup", tmp_path / "b", "--heads", heads, **variables)
    [path] = backup.backups_in(tmp_path / "b")
    assert restore.read_manifest(path, [])["heads"][0] == heads.read_text().strip()


# Refused before anything is changed


@pytest.fixture
def copied(made, tmp_path):
    """A copy of the backup that a test may damage."""
    return Path(shutil.copytree(made, tmp_path / made.name))


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink])
@pytest.mark.parametrize("name", ["database.dump.age", "files.tar.age", "manifest.json.age", "SHA256SUMS"])
def test_refuses_what_is_damaged(damage, name, copied):
    damage(copied / name)
    with pytest.raises(BackupError, match=r"damaged|not a whole backup|cannot be read"):
        restore.check_sums(copied)


def write_sums(path):
    parts = [part for part in path.iterdir() if part.name != "SHA256SUMS"]
    sums = [f"{hashlib.sha256(part.read_bytes()).hexdigest()}  {part.name}\n" for part in parts]
    (path / "SHA256SUMS").write_text("".join(sums))


@pytest.mark.parametrize("damage", [flip, cut])
def test_refuses_what_does_not_decrypt(damage, copied, key):
    """Even where the sums were made to fit: each piece is authenticated."""
    damage(copied / "files.tar.age")
    write_sums(copied)
    restore.check_sums(copied)
    identities = read_secret_keys(key[0])
    with pytest.raises(BackupError, match=r"files\.tar\.age is damaged"):
        restore.check_files(copied, restore.read_manifest(copied, identities), identities)


def test_asks_for_the_right_key(made, tmp_path):
    with pytest.raises(BackupError, match="This backup is encrypted"):
        restore.read_manifest(made, [])
    backup.make_key(tmp_path / "another.key")
    with pytest.raises(BackupError, match="This key does not open manifest"):
        restore.read_manifest(made, read_secret_keys(tmp_path / "another.key"))
    (tmp_path / "no.key").write_text("secret")
    with pytest.raises(BackupError, match="holds something that is no secret key"):
        read_secret_keys(tmp_path / "no.key")


def test_refuses_other_versions(manifest):
    restore.check_version(manifest)
    newer = {**manifest, "version": "9.0", "migrations": [*manifest["migrations"], "inquiries.0099_more"]}
    with pytest.raises(BackupError, match=r"made by a newer version, 9\.0 .*0099_more"):
        restore.check_version(newer)
    with pytest.raises(BackupError, match="made by another version"):
        restore.check_version({**manifest, "migrations": manifest["migrations"][1:]})
    tables = {**manifest["tables"], "inquiries_person": {"columns": ["id", "name"]}}
    with pytest.raises(BackupError, match="made by another version"):
        restore.check_version({**manifest, "tables": tables})


@pytest.fixture(scope="module")
def not_encrypted(council, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    done("backup", folder, **council)
    return folder


@pytest.fixture
def plain(not_encrypted, tmp_path):
    """A backup that a test may rewrite."""
    return backup.backups_in(shutil.copytree(not_encrypted, tmp_path / "plain"))[0]


def is_empty(url):
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        return found.fetchone() == (0,)


def test_changes_nothing_where_a_row_differs(plain, server, tmp_path):
    new = {**server.empty(f"{NAME}_new"), "SCRUTINY_FILES": str(tmp_path / "files")}
    manifest = json.loads((plain / "manifest.json").read_text())
    manifest["tables"]["inquiries_person"]["digest"] = "1"
    (plain / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match="is damaged: its SHA-256 is not the one noted"):
        restore.check_sums(plain)
    write_sums(plain)
    refused = manage("restore", plain, **new)
    assert refused.returncode == 1
    assert "The rows of the table inquiries_person are not those that were backed up." in refused.stderr
    assert "Nothing has been changed in the database." in refused.stderr
    assert is_empty(new["DATABASE_OWNER_URL"])
    assert not (tmp_path / "files").exists()


def test_replaces_records_only_when_asked(plain, server, council, tmp_path):
    name = server.copy_template(f"{NAME}_used")
    new = {"DATABASE_URL": address(name), "SCRUTINY_FILES": str(tmp_path / "files")}
    done("create_clerk", "clerk@wealdshire.example", "A Clerk", **new)
    with psycopg.connect(new["DATABASE_URL"]) as connection:
        refused = manage("restore", plain, **new)
        assert "Others are connected to this database (1). Stop the web processes and the worker" in refused.stderr
        connection.close()
    refused = manage("restore", plain, **new)
    assert refused.returncode == 1
    assert re.search(r"There are records here \(.*1 person.*\)", refused.stderr)
    assert "add --replace-records." in refused.stderr
    # An erasure after the backup, of which the list beside the backups tells.
    with psycopg.connect(council["DATABASE_URL"]) as connection:
        pk = connection.execute("SELECT max(id) FROM inquiries_person").fetchone()[0]
    erased = [
        {"person": pk, "erased_on": "2099-01-01T00:00:00+00:00"},
        {"person": 1, "erased_on": "2000-01-01T00:00+00:00"},
    ]
    (plain.parent / "erased-people.json").write_text(json.dumps(erased))
    said = manage("restore", plain, "--replace-records", **new)
    assert said.returncode == 0, said.stderr
    assert f"to be erased again by a clerk: people {pk}.\n" in said.stdout
    assert "SCRUTINY_SECRET_KEY is not that of the backup" in said.stderr
    before, after = rows_of(council["DATABASE_URL"]), rows_of(new["DATABASE_URL"])
    assert before["inquiries_person"] == after["inquiries_person"]


# Killed in the middle


@pytest.fixture
def slow(tmp_path):
    """A function that makes pg_dump or pg_restore stop in the middle; returns variables, and what waits for that."""

    def slow_program(name):
        programs, begun = tmp_path / "programs", tmp_path / "begun"
        shutil.copytree(local_postgres.programs(), programs, symlinks=True, ignore=lambda *_: set())
        real = local_postgres.programs() / name
        os.mkfifo(begun)
        (programs / name).unlink()
        (programs / name).write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && exec {real} --version\n'
            f'{real} "$@" | head -c 60000\necho begun >{begun}\ncat >/dev/null\n'
        )
        (programs / name).chmod(0o755)
        # Opened like this, it does not wait for a program that may never begin.
        reading = os.open(begun, os.O_RDONLY | os.O_NONBLOCK)

        def wait():
            select.select([reading], [], [], 60)
            return os.read(reading, 100)

        return {"SCRUTINY_POSTGRESQL_PROGRAMS": str(programs)}, wait

    return slow_program


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_backup_that_is_killed_leaves_none(slow, council, tmp_path):
    programs, wait = slow("pg_dump")
    process = start("backup", tmp_path / "b", **council, **programs)
    assert wait() == b"begun\n"
    kill(process)
    [left] = (tmp_path / "b").glob(".scrutiny-*")
    assert backup.backups_in(tmp_path / "b") == []
    with pytest.raises(BackupError, match="is no backup and holds none"):
        backup.find_backup(tmp_path / "b")
    done("backup", tmp_path / "b", **council)
    assert not left.exists()
    assert len(backup.backups_in(tmp_path / "b")) == 1


def test_a_restore_that_is_killed_can_be_run_again(slow, plain, server, tmp_path):
    programs, wait = slow("pg_restore")
    new = {**server.empty(f"{NAME}_killed"), "SCRUTINY_FILES": str(tmp_path / "files")}
    process = start("restore", plain, **new, **programs)
    assert process.stdout.readline().endswith("nothing has been changed in the database: run it again.\n")
    assert wait() == b"begun\n"
    kill(process)
    assert is_empty(new["DATABASE_OWNER_URL"])
    # The server may still be taking leave of the one that was killed.
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
        f"'{NAME}_killed'"
    )
    assert done("restore", plain, **new).endswith("The history is sound.\n")


# What an administrator gets wrong


def test_says_when_the_disk_is_full(council, tmp_path):
    """A file system of a megabyte where the system lets us make one, else a limit on the size of files."""
    full = tmp_path / "full"
    full.mkdir()
    command = f"mount -t tmpfs -o size=800k tmpfs {full} && "
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    probe = subprocess.run([*namespace, "sh", "-c", f"{command} true"], capture_output=True, check=False)
    limit, namespace = (command, namespace) if probe.returncode == 0 else ("ulimit -f 400; ", [])
    script = f'{limit}"$@"; code=$?; ls -A {full}; exit $code'
    process = manage("backup", full, prefix=[*namespace, "sh", "-c", script, "sh"], **council)
    assert process.returncode == 1
    assert f"There is no room left for a backup in {full}" in process.stderr
    assert process.stdout == ".lock\n"


def test_keeps_as_many_as_asked(council, folder, tmp_path):
    for day in (1, 2, 3):
        path = tmp_path / f"scrutiny-2026110{day}T020000Z"
        path.mkdir()
        (path / "SHA256SUMS").touch()
    (tmp_path / "notes.txt").touch()
    said = done("backup", tmp_path, "--keep", 2, **council)
    assert "scrutiny-20261101T020000Z has been deleted." in said
    assert [path.name for path in backup.backups_in(tmp_path)][:-1] == ["scrutiny-20261103T020000Z"]
    assert (tmp_path / "notes.txt").exists()
    assert backup.find_backup(tmp_path) == backup.backups_in(tmp_path)[-1]


def test_refuses_an_old_pg_dump(settings, tmp_path):
    (tmp_path / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 14.11'\n")
    (tmp_path / "pg_dump").chmod(0o755)
    settings.POSTGRESQL_PROGRAMS = str(tmp_path)
    assert find_program("pg_dump", least=14).version == "14.11"
    with pytest.raises(BackupError, match=r"needs pg_dump of PostgreSQL 17 or newer, .*pg_dump is 14\.11.*client-17"):
        find_program("pg_dump", least=17)


def test_finds_a_pg_dump_with_tls(monkeypatch):
    monkeypatch.setattr(backup.shutil, "which", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: [])
    assert find_program("pg_dump", least=18).has_tls is False
    with pytest.raises(BackupError, match=r"or newer with TLS.* without TLS"):
        find_program("pg_dump", least=18, tls=True)


def test_refuses_a_wrong_public_key(settings):
    assert backup.parse_public_keys("") == []
    with pytest.raises(BackupError, match="SCRUTINY_BACKUP_KEY holds something that is no public key"):
        backup.parse_public_keys("age1nonsense")


def test_writes_no_key_over(tmp_path):
    public = backup.make_key(tmp_path / "a.key")
    assert public.startswith("age1")
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="is there already"):
        backup.make_key(tmp_path / "a.key")


# One council with one of everything, in this process


@pytest.fixture
def whole(transactional_db, inquiry, committee, clerk, officer, contributor, chair, member, tmp_path, settings):
    """One of everything, committed."""
    settings.MEDIA_ROOT = tmp_path / "files"
    make_everything(inquiry, committee, clerk, officer, contributor, chair, member)
    by = {"uploaded_at": NOW, "uploaded_by": clerk}
    PeopleImport.objects.create(file_name="a.csv", checksum="0" * 64, rows=[], **by)
    TrackerImport.objects.create(file_name="a.xlsx", checksum="0" * 64, sheets=[], **by)
    ColumnMatching.objects.create(headings="0" * 64, matching={}, saved_at=NOW, saved_by=clerk)
    Draft.objects.create(person=officer, address="/", data={"text": ["Ø\t\\ \n\\."]}, updated_at=NOW)


def test_backs_up_and_verifies_one_of_everything(whole, tmp_path):
    made = backup.make_backup(tmp_path / "b", now=NOW)
    assert made.problems == []
    manifest = restore.read_manifest(made.path, [])
    # By hand, as docs/disasters.md says.
    (tmp_path / "by-hand").mkdir()
    subprocess.run(
        ["tar", "--extract", "--file", made.path / "files.tar", "--directory", tmp_path / "by-hand"], check=True
    )
    assert files_of(tmp_path / "by-hand") == {name: facts["sha256"] for name, facts in manifest["files"].items()}
    tables = {name: table for name, table in manifest["tables"].items() if name.startswith("inquiries_")}
    assert {name for name, table in tables.items() if not table["rows"]} == set()
    fields = [field for model in apps.get_models() for field in model._meta.fields]
    folders = {field.upload_to for field in fields if hasattr(field, "upload_to")}
    assert {f"{name.partition('/')[0]}/" for name in manifest["files"]} == folders
    assert manifest["files"].keys() == backup.files_named().keys()
    assert "can be restored" in done("verify_backup", made.path)
    with pytest.raises(BackupError, match="is there already"):
        backup.make_backup(tmp_path / "b", now=NOW)


def test_follows_a_file_that_is_deleted_meanwhile(whole, tmp_path, monkeypatch):
    """A removed file is deleted after the moment that is backed up: a later moment is backed up instead."""
    copy_file, moments = backup.copy_file, []

    def delete():
        # In a thread, and so on a connection of its own.
        moments.append(len(backup.files_named()))
        assert delete_removed_files(NOW.replace(year=2099), now=NOW) == 1
        connections.close_all()

    def copy_and_delete(*arguments):
        if not moments:
            thread = threading.Thread(target=delete)
            thread.start()
            thread.join()
        return copy_file(*arguments)

    monkeypatch.setattr(backup, "copy_file", copy_and_delete)
    made = backup.make_backup(tmp_path / "b", now=NOW)
    assert made.problems == []
    assert len(restore.read_manifest(made.path, [])["files"]) == moments[0] - 1


def test_names_files_that_are_missing_or_changed(whole, tmp_path):
    missing, changed = list(backup.files_named())[:2]
    default_storage.delete(missing)
    default_storage.delete(changed)
    default_storage.save(changed, ContentFile(b"something else"))
    made = backup.make_backup(tmp_path / "b", now=NOW)
    assert made.problems == [
        f"{missing} is named by a record, but is missing from the storage.",
        f"{changed} is not the file that its record says.",
    ]
    assert restore.read_manifest(made.path, [])["missing"] == [missing]
    verified = manage("verify_backup", made.path)
    assert verified.returncode == 1
    assert f"The file {missing} is not in the backup." in verified.stdout
    assert f"The file {changed} is not the one of its record." in verified.stdout
