"""The demonstration as `manage.py demo` prepares it in an empty database: once in a run, for all its processes."""

import fcntl
import os
import subprocess
import sys

import pytest
from django.conf import settings
from psycopg import sql

from inquiries.backup import find_program
from setup.stack import DUMP, FILES
from tests.database import PREFIX, drop_database, maintenance_connection, url_of


@pytest.fixture(scope="session")
def prepared_demonstration(django_db_setup, tmp_path_factory):
    """The folder with its database and its files, for `setup.stack.take_over`."""
    return made_once_in_a_run(tmp_path_factory, "demonstration", prepare)


def made_once_in_a_run(tmp_path_factory, name, make):
    """The folder of this name, which the first process that asks has filled: by `make`, with its path at first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        # The lock ends with its process, however that ends; what it had begun is under another name.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            new = tmp_path_factory.mktemp(f"{name}_begun")
            make(new)
            new.rename(folder)
    return folder


def prepare(folder):
    name = f"{PREFIX}{os.getpid()}_demonstration"
    with maintenance_connection() as maintenance:
        program = find_program("pg_dump", least=maintenance.info.server_version // 10_000).path
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            own = {
                "DATABASE_URL": url_of(name),
                "SCRUTINY_FILES": str(folder / FILES),
                "SCRUTINY_DEMONSTRATION": "true",
            }
            environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), **own}
            command = [sys.executable, "manage.py", "demo", "--prepare-only"]
            done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
            assert (done.returncode, done.stdout) == (0, "The demonstration has been loaded.\n"), done.stderr
            subprocess.run([program, "--format=custom", f"--file={folder / DUMP}", url_of(name)], check=True)
        finally:
            drop_database(maintenance, name)
