"""Keeps the database of a release, so that every later version is tried on it: `tests/test_releases.py`.

    python -m setup.release_database 0.4.0

Loads the demonstration into a new database on a server of this machine, and writes it into tests/data/releases/0.4.0,
with the checksums of the migrations and the number of rows. To be run, and committed, when a release is made.
"""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from scrutiny import local_postgres

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ROOT / "tests" / "data" / "releases"
MIGRATIONS = ROOT / "inquiries" / "migrations"
LOAD = "from datetime import date; from inquiries.demonstration.load import load; load(date(2026, 11, 23))"
# Who is signed in, what is counted for a while, and jobs.
WITHOUT_ROWS = (
    "django_session",
    "scrutiny_cache",
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_workers",
)
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def checksums():
    """{file name: checksum} of the migrations."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(MIGRATIONS.glob("0*.py"))}


def count_rows(connection):
    """{table: number of rows}, without those that come and go."""
    tables = [table for (table,) in connection.execute(TABLES).fetchall() if table not in WITHOUT_ROWS]
    counting = sql.SQL("SELECT count(*) FROM {}")
    return {table: connection.execute(counting.format(sql.Identifier(table))).fetchone()[0] for table in tables}


def manage(*arguments, **variables):
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), **variables}
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)  # noqa: S603


def write_statements(url):
    """The database as SQL that psycopg understands, too: without commands of psql and what only new servers know."""
    program = local_postgres.programs() / "pg_dump"
    tables = [f"--exclude-table-data=public.{table}" for table in WITHOUT_ROWS]
    options = ["--no-owner", "--no-privileges", "--no-comments", "--rows-per-insert=500", *tables]
    done = subprocess.run([program, *options, f"--dbname={url}"], check=True, capture_output=True, text=True)  # noqa: S603
    return re.sub(r"^(\\|SET transaction_timeout).*\n", "", done.stdout, flags=re.MULTILINE)


def main(version):
    with tempfile.TemporaryDirectory(prefix="scrutiny-release-") as folder:
        server = local_postgres.Server(Path(folder) / "postgresql", database="release")
        server.use()
        url = server.url(server.database)
        manage("prepare_database", "--verbosity=0", DATABASE_URL=url)
        files = str(Path(folder) / "files")
        manage("shell", "-c", LOAD, DATABASE_URL=url, SCRUTINY_FILES=files, SCRUTINY_DEMONSTRATION="true")
        with psycopg.connect(url) as connection:
            rows = count_rows(connection)
        statements = write_statements(url)
        server.release()
    target = RELEASES / version
    target.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(target / "database.sql.gz", "wb", mtime=0) as file:
        file.write(statements.encode())
    contents = {"migrations": checksums(), "rows": rows}
    (target / "release.json").write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")
    print(f"{target} is written.")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not re.fullmatch(r"\d+\.\d+\.\d+", sys.argv[1]):
        sys.exit("Name the release: python -m setup.release_database 0.4.0")
    main(sys.argv[1])
