"""The database is prepared by one process at a time, however many start at once."""

import subprocess
import sys

import psycopg
import pytest
from django.conf import settings

from inquiries.management.commands.prepare_database import LOCK
from tests.database import PREFIX, drop_database, maintenance_connection
from tests.test_backups import address

WAITING = "Another process prepares the database. Waiting for it to end.\n"


@pytest.fixture
def empty_database(django_db_setup):
    name = f"{PREFIX}_prepared"
    with maintenance_connection() as maintenance:
        drop_database(maintenance, name)
        maintenance.execute(f"CREATE DATABASE {name}")
        yield name
        drop_database(maintenance, name)


def start(database):
    return subprocess.Popen(
        [sys.executable, "manage.py", "prepare_database"],
        cwd=settings.BASE_DIR,
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": address(database)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_one_after_the_other(empty_database):
    """Two that start at once, as at a release on two machines, wait, touch nothing meanwhile, and both succeed."""
    with psycopg.connect(address(empty_database), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        both = [start(empty_database) for _ in range(2)]
        assert [process.stdout.readline() for process in both] == [WAITING, WAITING]
        assert other.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    applied = [text.count("Applying inquiries.") for text in said]
    assert sorted(applied)[0] == 0 and sorted(applied)[1] > 1
