"""The drill: a council is backed up while people write, and restored elsewhere with two roles; then what can go wrong.

Each command is a process of its own, on databases of its own, as an administrator runs it.
"""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.database import PREFIX, maintenance_connection, make_template

ROOT = settings.BASE_DIR
NAME = f"{PREFIX}{os.getpid()}_backup"
OWNER, ROLE, SECRET = f"{NAME}_owner", f"{NAME}_web", "made-for-this-test"
LOAD = "from django.utils import timezone; from inquiries.demonstration.load import load; load(timezone.localdate())"


def address(database, role=None):
    server = conninfo_to_dict(settings.DATABASE_URL)
    user = f"{role}:{SECRET}" if role else server["user"]
    where = server.get("host", "localhost")
    if where.startswith("/"):
        return f"postgresql://{user}@/{database}?host={where}"
    return f"postgresql://{user}@{where}:{server.get('port', 5432)}/{database}"


def manage(*arguments, **variables):
    """One command in a process that knows nothing but these variables."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def server(django_db_setup):
    with maintenance_connection() as found:
        names = []

        def create(name, *, owner=None, template=None):
            statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
            if template:
                statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
            if owner:
                statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
            found.execute(statement)
            names.append(name)
            return name

        create.execute = found.execute
        create.template = make_template(found)
        owner = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}")
        found.execute(owner.format(sql.Identifier(OWNER), sql.Literal(SECRET)))
        yield create
        for name in names:
            found.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        for role in (ROLE, OWNER):
            found.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.fixture(scope="module")
def council(server, tmp_path_factory):
    """The variables of a council with the demonstration's records."""
    name = server(f"{NAME}_council", template=server.template)
    folder = tmp_path_factory.mktemp("council")
    variables = {"DATABASE_URL": address(name), "SCRUTINY_FILES": str(folder / "files")}
    loaded = manage("shell", "-c", LOAD, SCRUTINY_DEMONSTRATION="true", **variables)
    assert loaded.returncode == 0, loaded.stderr
    return variables


def test_drill(council, server, tmp_path):
    done = manage("backup", tmp_path / "backups", **council)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    name = server(f"{NAME}_new", owner=OWNER)
    new = {
        "DATABASE_URL": address(name, ROLE),
        "DATABASE_OWNER_URL": address(name, OWNER),
        "SCRUTINY_FILES": str(tmp_path / "files"),
    }
    done = manage("restore", tmp_path / "backups", **new)
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    done = manage("verify_backup", tmp_path / "backups", **new)
    print(done.stdout, done.stderr)
    assert done.returncode == 0
