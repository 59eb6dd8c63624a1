"""The database of each release is kept, and every later version must take it over with nothing lost.

`python -m setup.release_database VERSION` keeps one; docs/upgrading.md has the rules for migrations.
"""

import gzip
import importlib
import json
import os
import subprocess
import sys
import tomllib

import psycopg
import pytest
from django.conf import settings
from django.db import migrations, models
from django.db.models.fields import NOT_PROVIDED

from setup import release_database
from tests.database import PREFIX, drop_database, maintenance_connection
from tests.test_backups import address

RELEASES = sorted(path for path in release_database.RELEASES.iterdir() if path.is_dir())
# What a new version may add to by itself.
GROWING = {"django_migrations", "django_content_type", "auth_permission"}


def number(version):
    return [int(part) for part in version.split(".")]


def is_out(release):
    """Whether a release is one that councils may have: the version in pyproject.toml has reached it."""
    version = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
    return number(version) >= number(release.name)


def recorded(release):
    return json.loads((release / "release.json").read_text())


def changed_migrations(release):
    now = release_database.checksums()
    return [name for name, checksum in recorded(release)["migrations"].items() if now.get(name) != checksum]


def skip_while_in_preparation(release):
    if changed_migrations(release) and not is_out(release):
        pytest.skip(
            f"The migrations of {release.name}, which is not out, have changed: python -m setup.release_database "
            f"{release.name} keeps its database again."
        )


@pytest.fixture(scope="module")
def database(django_db_setup):
    name = f"{PREFIX}_release"
    with maintenance_connection() as maintenance:
        drop_database(maintenance, name)
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield name
        drop_database(maintenance, name)


def manage(database, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), "DATABASE_URL": address(database)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_migrations_of_a_release_stay(release):
    """Once a release is out its migrations are never written anew: a change is a migration of its own."""
    skip_while_in_preparation(release)
    assert changed_migrations(release) == []


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_database_of_a_release_is_taken_over(release, database):
    """Its tables are migrated, every row is still there, and its history is sound."""
    skip_while_in_preparation(release)
    statements = gzip.decompress((release / "database.sql.gz").read_bytes()).decode()
    with psycopg.connect(address(database), autocommit=True) as connection:
        connection.execute(statements)
    done = manage(database, "prepare_database", "--verbosity", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    with psycopg.connect(address(database)) as connection:
        found = release_database.count_rows(connection)
    wanted = {table: count for table, count in recorded(release)["rows"].items() if table not in GROWING}
    assert {table: found.get(table) for table in wanted} == wanted
    assert wanted["inquiries_entry"] > 100 and wanted["inquiries_recommendation"] > 10
    checked = manage(database, "check_history", "--one-role", "--skip-files")
    assert checked.returncode == 0, checked.stdout + checked.stderr


# Two versions live at once: what a new migration may not do


def faults_of(operation):
    """Why the release before could not work with the tables after this operation; or nothing."""
    if isinstance(operation, migrations.RemoveField | migrations.DeleteModel):
        return "it still reads and writes what is removed"
    if isinstance(operation, migrations.RenameField | migrations.RenameModel | migrations.AlterModelTable):
        return "it knows the old name only"
    if isinstance(operation, migrations.AddField):
        field = operation.field
        if not (field.many_to_many or field.null or field.db_default is not NOT_PROVIDED):
            return "it writes rows without the new field, which needs null=True or a db_default"
    return ""


def test_new_migrations_let_two_versions_live_at_once():
    """A removal that the release before no longer needs says so: `safe_since = "0.5.0"` in the migration."""
    latest = recorded(RELEASES[-1])["migrations"] if RELEASES else {}
    found = []
    for name in release_database.checksums():
        if name in latest:
            continue
        migration = importlib.import_module(f"inquiries.migrations.{name.removesuffix('.py')}").Migration
        if not getattr(migration, "safe_since", ""):
            found += [
                f"{name}: {operation.describe()}: {fault}"
                for operation in migration.operations
                if (fault := faults_of(operation))
            ]
    assert found == []


@pytest.mark.parametrize(
    ("operation", "is_refused"),
    [
        (migrations.RemoveField("person", "name"), True),
        (migrations.DeleteModel("Person"), True),
        (migrations.RenameField("person", "name", "title"), True),
        (migrations.AddField("person", "note", models.TextField(default="")), True),
        (migrations.AddField("person", "note", models.TextField(db_default="")), False),
        (migrations.AddField("person", "note", models.TextField(null=True)), False),
        (migrations.CreateModel("Note", []), False),
    ],
)
def test_what_is_refused(operation, is_refused):
    assert bool(faults_of(operation)) == is_refused
