"""The council of some size in a database of its own, on a server in `var/bench`.

A council that has been filled once is kept as a template, for as long as nothing changes of which it is made.
"""

import hashlib
import os
import secrets
import subprocess
import sys
from datetime import date
from pathlib import Path

import psutil
import psycopg

from scrutiny import local_postgres

ROOT = Path(__file__).resolve().parent.parent
SERVER = local_postgres.Server(ROOT / "var" / "bench", options={"max_connections": "100"})
SOURCES = ("bench/council.py", "inquiries/migrations/*.py", "inquiries/*_database.py")


def use_database(size):
    """Start the server and make a fresh database of the council; sets the environment of the application."""
    SERVER.use()
    template, mine = f"council_{size}_{fingerprint()}", f"bench_{os.getpid()}"
    with connect() as connection:
        names = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for old in sorted(name for name in names if is_left_over(name)):
            connection.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
        if template not in names:
            filling = f"filling_{os.getpid()}"
            connection.execute(f"CREATE DATABASE {filling}")
            set_environment(filling)
            subprocess.run([sys.executable, "-m", "bench.database", str(size)], check=True, stdout=sys.stderr)
            connection.execute(f"ALTER DATABASE {filling} RENAME TO {template}")
        connection.execute(f"CREATE DATABASE {mine} TEMPLATE {template} STRATEGY FILE_COPY")
    set_environment(mine)


def is_left_over(name):
    """Whether a database is of a council as it is made no longer, or of a process that has ended."""
    kind, _, rest = name.partition("_")
    if kind == "council":
        return not name.endswith(fingerprint())
    return kind in ("bench", "filling") and not (rest and psutil.pid_exists(int(rest)))


def fingerprint():
    """Of all that a filled council is made of; its dates count from today."""
    words = b"".join(path.read_bytes() for name in SOURCES for path in sorted(ROOT.glob(name)))
    return hashlib.sha256(words + date.today().isoformat().encode()).hexdigest()[:12]


def connect():
    return psycopg.connect(SERVER.url(), autocommit=True)


def set_environment(database):
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "scrutiny.settings",
        "DATABASE_URL": SERVER.url(database),
        "SCRUTINY_SECRET_KEY": os.environ.get("SCRUTINY_SECRET_KEY") or secrets.token_urlsafe(50),
        "SCRUTINY_SECOND_FACTOR": "nobody",
        "SCRUTINY_FILES": str(SERVER.folder / "files"),
    }


def main():
    """Fill the database that DATABASE_URL names."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    from bench.council import make_council  # noqa: PLC0415

    for command in ("migrate", "createcachetable"):
        call_command(command, verbosity=0)
    make_council(int(sys.argv[1]))
    connections["default"].close()
    connections["default"].close_pool()


if __name__ == "__main__":
    main()
