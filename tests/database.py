"""The database of a run: a copy of a template that is migrated once, not for every run and every worker.

The template's name holds a digest of what makes it. PostgreSQL copies a database in a twentieth of the time that the
migrations take.
"""

import contextlib
import hashlib
import os
from pathlib import Path

import psutil
import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

PREFIX = "test_scrutiny_"
TEMPLATE_PREFIX = f"{PREFIX}template_"
SOURCES = ("inquiries/migrations/*.py", "inquiries/models/*.py", "inquiries/*_database.py", "requirements.lock")
# One run at a time makes the template: a number that means this to PostgreSQL's advisory locks.
TEMPLATE_LOCK = 7_461_203


def template_name():
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(Path(settings.BASE_DIR).glob(pattern)):
            digest.update(path.read_bytes())
    return f"{TEMPLATE_PREFIX}{digest.hexdigest()[:16]}"


def maintenance_connection():
    parameters = connection.get_connection_params()
    parameters = {name: value for name, value in parameters.items() if name in ("host", "port", "user", "password")}
    return psycopg.connect(**parameters, dbname="postgres", autocommit=True)


def url_of(database, user=None):
    """The address of a database on the server of the tests, for a process of its own; `user` may be name:password."""
    server = conninfo_to_dict(settings.DATABASE_URL)
    user = user or server["user"]
    where = server.get("host", "localhost")
    if where.startswith("/"):
        return f"postgresql://{user}@/{database}?host={where}"
    return f"postgresql://{user}@{where}:{server.get('port', 5432)}/{database}"


def use_database(name):
    """Have every new connection of this process go to the database `name`."""
    connections.close_all()
    for alias in connections:
        connections[alias].settings_dict["NAME"] = name


def existing_databases(maintenance):
    found = maintenance.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
    return {name for (name,) in found}


def drop_database(maintenance, name):
    maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def make_template(maintenance):
    """Make the template where there is none yet, and drop those of earlier migrations and of runs that were killed."""
    template = template_name()
    maintenance.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
    try:
        for name in existing_databases(maintenance) - {template}:
            number = name.removeprefix(PREFIX).split("_")[0]
            if name.startswith(TEMPLATE_PREFIX) or (number.isdigit() and not psutil.pid_exists(int(number))):
                # Another checkout may be copying it at this moment.
                with contextlib.suppress(psycopg.errors.ObjectInUse):
                    drop_database(maintenance, name)
        if template not in existing_databases(maintenance):
            unfinished = f"{TEMPLATE_PREFIX}unfinished"
            connection.settings_dict["TEST"]["NAME"] = unfinished
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connections.close_all()
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            maintenance.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(template)))
    finally:
        maintenance.execute("SELECT pg_advisory_unlock(%s)", [TEMPLATE_LOCK])
    return template


@contextlib.contextmanager
def run_database():
    """A database of its own for this process, copied from the template; dropped at the end."""
    with maintenance_connection() as maintenance:
        template, name = make_template(maintenance), f"{PREFIX}{os.getpid()}"
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        maintenance.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
        use_database(name)
        try:
            yield
        finally:
            connections.close_all()
            drop_database(maintenance, name)
