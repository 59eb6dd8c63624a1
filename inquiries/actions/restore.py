"""A backup restored, or compared with what it should hold (`inquiries/backup.py` makes them).

All of the database is read within one transaction, compared with the manifest, and only then committed: a restore that
breaks off has changed nothing but files that no record names, and can be run again.
"""

import hashlib
import json
import tarfile
import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from inquiries.actions.held_work import hold_waiting_work
from inquiries.backup import (
    ARCHIVE,
    DUMP,
    FORMAT,
    MANIFEST,
    PIECE,
    SCHEMA,
    SUMS,
    BackupError,
    HashingFile,
    Part,
    files_named,
    find_program,
    output_of,
    owner_connection,
    read_erased_people,
    secret_key_marks,
    server_major,
    tables_now,
)
from inquiries.check_history import Chain, changed_records, read_heads
from inquiries.history_database import TRIGGERS, create_role, limit_role, trigger_findings
from inquiries.models import Person
from inquiries.tracker_database import TRIGGERS as TRACKER_TRIGGERS
from scrutiny import local_postgres
from scrutiny.version import application_version

# ruff: noqa: S608 (every name in a statement is ours)

# Of the script: what is for psql alone, what other versions of the server do not know, what is there already.
SKIPPED = (b"\\restrict ", b"\\unrestrict ", b"SET transaction_timeout ", f"CREATE SCHEMA {SCHEMA};".encode())
EXTENSIONS = ("pg_trgm", "unaccent")


# Reading a backup


def check_sums(path):
    """Compare each part with its SHA-256. Raises BackupError; needs no key."""
    try:
        lines = (path / SUMS).read_text(encoding="utf-8").splitlines()
        sums = dict(reversed(line.split("  ", 1)) for line in lines)
        for name in (DUMP, ARCHIVE, MANIFEST):
            part = Part(path, name).path
            with part.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if sums.get(part.name) != digest:
                raise BackupError(f"{part} is damaged: its SHA-256 is not the one noted in {SUMS}. Use another backup.")
    except FileNotFoundError as error:
        raise BackupError(f"{path} is not a whole backup: {Path(error.filename).name} is missing.") from error
    except (OSError, ValueError) as error:
        raise BackupError(f"{path} cannot be read: {error}.") from error


def read_manifest(path, identities):
    with Part(path, MANIFEST).reader(identities) as stream:
        manifest = json.loads(stream.read())
    if manifest["format"] != FORMAT:
        raise BackupError("This backup has another format: it was made by another version of Scrutiny.")
    return manifest


def check_version(manifest):
    """Raise BackupError unless this is the version that made the backup: migrations change what is in the tables."""
    made_by, here = manifest["version"], application_version()
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    applied = set(manifest["migrations"])
    advice = f"Install version {made_by}, restore with it, then upgrade."
    if new := sorted(applied - known):
        raise BackupError(f"This backup was made by a newer version, {made_by} (here is {here}): {new[-1]}. {advice}")
    if sorted(known - applied) or differing_tables(manifest):
        raise BackupError(f"This backup was made by another version, {made_by} (here is {here}). {advice}")


def differing_tables(manifest):
    found = {name: set(table["columns"]) for name, table in manifest["tables"].items()}
    models = [model for model in apps.get_app_config("inquiries").get_models() if model._meta.managed]
    return [
        model._meta.db_table
        for model in models
        if found.get(model._meta.db_table) != {field.column for field in model._meta.concrete_fields}
    ]


# Into a database


def load_database(path, manifest, identities):
    """Read the dump into the database of this connection, within its transaction, and compare every row."""
    program = find_program("pg_restore", least=int(manifest["pg_dump"].partition(".")[0]))
    command = [program.path, "--no-owner", "--no-privileges", "--no-comments", "--file=-"]
    with connection.cursor() as cursor:
        for name in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {SCHEMA}")
        with (
            Part(path, DUMP).reader(identities) as stream,
            output_of(command, f"{DUMP} could not be read", stdin=stream, env={}) as script,
        ):
            run_script(cursor.connection, script)
        # The script has changed settings of the connection, its search path among them.
        cursor.execute("RESET ALL; SET LOCAL statement_timeout = 0")
        connection.ensure_timezone()
        compare_tables(manifest["tables"], tables_now(cursor))


def run_script(live, script):
    """Run a script of pg_restore: statements, and rows after each COPY up to a line with a backslash and a dot."""
    statements = []
    with live.cursor() as cursor:
        for line in script:
            if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
                cursor.execute(b"".join(statements))
                statements = []
                with cursor.copy(line) as copy:
                    for row in iter(script.readline, b"\\.\n"):
                        if not row:
                            raise BackupError(f"{DUMP} ends in the middle of a table.")
                        copy.write(row)
            elif not line.startswith(SKIPPED):
                statements.append(line)
        cursor.execute(b"".join(statements))


def compare_tables(wanted, found):
    for name in sorted({*wanted, *found}):
        before, after = wanted.get(name), found.get(name)
        if before is None or after is None:
            raise BackupError(f"The table {name} is {'missing' if after is None else 'not in the manifest'}.")
        if before["rows"] != after["rows"]:
            raise BackupError(f"The table {name} has {after['rows']:,} rows; the backup says {before['rows']:,}.")
        if before != after:
            raise BackupError(f"The rows of the table {name} are not those that were backed up.")


def drop_everything(cursor):
    """Drop what is in the schema, but for what belongs to extensions."""
    ours = (
        f"= '{SCHEMA}'::regnamespace AND NOT EXISTS "
        "(SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')"
    )
    for kind, found in (
        ("TABLE", f"SELECT o.oid::regclass::text FROM pg_class o WHERE relkind IN ('r', 'p') AND relnamespace {ours}"),
        ("VIEW", f"SELECT o.oid::regclass::text FROM pg_class o WHERE relkind = 'v' AND relnamespace {ours}"),
        ("SEQUENCE", f"SELECT o.oid::regclass::text FROM pg_class o WHERE relkind = 'S' AND relnamespace {ours}"),
        ("ROUTINE", f"SELECT o.oid::regprocedure::text FROM pg_proc o WHERE pronamespace {ours}"),
        (
            "TYPE",
            f"SELECT o.oid::regtype::text FROM pg_type o WHERE typtype IN ('e', 'c', 'd') AND typnamespace {ours}",
        ),
    ):
        cursor.execute(found)
        if names := ", ".join(name for (name,) in cursor.fetchall()):
            cursor.execute(f"DROP {kind} {names} CASCADE")


# Files


def check_files(path, manifest, identities, use=None):
    """Compare each file of the archive with the manifest; `use(name, stream, facts)` reads it meanwhile."""
    wanted, found = manifest["files"], {}
    try:
        with Part(path, ARCHIVE).reader(identities) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for entry in tar:
                if entry.name not in wanted:
                    continue  # its record was deleted while the backup was made
                hashing = HashingFile(tar.extractfile(entry))
                if use:
                    use(entry.name, hashing, wanted[entry.name])
                while hashing.read(PIECE):
                    pass
                # Of a file that is there twice the last is that of the record.
                found[entry.name] = hashing.digest.hexdigest()
    except tarfile.TarError as error:
        raise BackupError(f"{ARCHIVE} is damaged: {error}.") from error
    for name, facts in wanted.items():
        if name not in found:
            raise BackupError(f"The file {name} is missing from {ARCHIVE}.")
        if found[name] != facts["sha256"]:
            raise BackupError(f"The file {name} is not the one that was backed up.")


def store_file(name, stream, facts):
    if is_stored(name, facts):
        return
    default_storage.delete(name)
    stored = default_storage.save(name, File(stream))
    if stored != name:
        default_storage.delete(stored)
        raise BackupError(f"The storage took the file {name} under another name, {stored}.")


def is_stored(name, facts):
    try:
        with default_storage.open(name, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == facts["sha256"]
    except FileNotFoundError:
        return False


# Restoring


def restore(path, *, identities, now, replace_records=False):
    """Restore a backup into this system; returns its manifest. Raises BackupError, and has then changed nothing.

    With `replace_records` what is recorded here is deleted with it. Files that no record names stay where they are.
    """
    check_sums(path)
    manifest = read_manifest(path, identities)
    check_version(manifest)
    with owner_connection():
        check_target(manifest, replace_records)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = 0")
                drop_everything(cursor)
            load_database(path, manifest, identities)
            made_on = datetime.fromisoformat(manifest["made_on"])
            hold_waiting_work(
                backup_made_on=made_on, people_to_erase=people_erased_after(made_on, path.parent), now=now
            )
            limit_application_role()
            # Once the rows are known to be right: in a storage that is in use nothing is written in vain.
            check_files(path, manifest, identities, use=store_file)
    return manifest


def check_target(manifest, replace_records):
    if server_major() < int(manifest["server"]):
        raise BackupError(
            f"This backup is of PostgreSQL {manifest['server']}, and here is {server_major()}. Use that or a newer one."
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND usename = ANY(%s)",
            [[connections.settings[alias].get("USER") or "" for alias in settings.DATABASES]],
        )
        if others := cursor.fetchone()[0]:
            raise BackupError(
                f"Others are connected to this database ({others}). Stop the web processes and the worker first."
            )
        if not replace_records and (counts := count_records(cursor)):
            raise BackupError(
                f"There are records here ({', '.join(counts)}). Restore into an empty database; "
                "or, to delete them all and put those of the backup in their place, add --replace-records."
            )


def count_records(cursor):
    """What is recorded here already, as "3 people", the most first."""
    counts = []
    for model in apps.get_app_config("inquiries").get_models():
        table = model._meta.db_table
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{SCHEMA}.{table}"])
        if cursor.fetchone()[0]:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(SCHEMA, table)).as_string())
            if count := cursor.fetchone()[0]:
                names = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
                counts.append((count, f"{count:,} {names}"))
    return [words for _, words in sorted(counts, reverse=True)[:3]]


def people_erased_after(moment, folder):
    """The numbers of people of this database who were erased after the backup was made."""
    later = {pk for pk, erased_on in read_erased_people(folder) if datetime.fromisoformat(erased_on) > moment}
    return sorted(Person.objects.filter(pk__in=later, erased_at=None).values_list("pk", flat=True))


def limit_application_role():
    if "owner" in settings.DATABASES:
        application = settings.DATABASES["default"]
        with connection.cursor() as cursor:
            create_role(cursor, application.get("USER", ""), application.get("PASSWORD", ""))
            limit_role(cursor, application.get("USER", ""))


def restore_warnings(manifest):
    """What a person has to know or do after a restore, in sentences."""
    warnings = [f"The file {name} was missing when the backup was made." for name in manifest["missing"]]
    if manifest["secret_key"] not in secret_key_marks():
        warnings.append(
            "SCRUTINY_SECRET_KEY is not that of the backup: links in e-mails that were sent no longer count as "
            "followed, and people must set up their second step again. Name the former key in SCRUTINY_OLD_SECRET_KEYS."
        )
    return warnings


# Comparing


@contextmanager
def scratch_database():
    """Have every query go to an empty database on a server of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scrutiny-verify-") as folder:
        server = local_postgres.Server(folder)
        server.use()
        connections.settings["scratch"] = {
            **connections.settings["default"],
            "ENGINE": "django.db.backends.postgresql",
            "NAME": local_postgres.ADMINISTRATOR,
            "USER": local_postgres.ADMINISTRATOR,
            "PASSWORD": "",
            "HOST": str(server.socket),
            "PORT": "",
            "OPTIONS": {"options": settings.SEARCH_PATH},
        }
        before = connections["default"]
        connections["default"] = connections["scratch"]
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = before
            server.release()


def verify(path, *, identities):
    """Restore a backup into a database of its own and compare every row and file. Raises BackupError.

    Returns its manifest, and what `check_history` would find in it, in sentences.
    """
    check_sums(path)
    manifest = read_manifest(path, identities)
    check_files(path, manifest, identities)
    with scratch_database():
        with transaction.atomic():
            load_database(path, manifest, identities)
        try:
            check_version(manifest)
        except BackupError as error:
            return manifest, [str(error)]
        recorded = files_named()
        files = {name: facts["sha256"] for name, facts in manifest["files"].items()}
        findings = [
            *trigger_findings(connection, (*TRIGGERS, *TRACKER_TRIGGERS)),
            *Chain().findings(read_heads(manifest["heads"])),
            *(f"The file {name} is not in the backup." for name in sorted(set(recorded) - set(files))),
            *(f"The file {name} is not the one of its record." for name in files if recorded.get(name) != files[name]),
            *changed_records(),
        ]
    return manifest, findings
