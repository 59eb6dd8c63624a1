"""A backup: the database, the files and the heads of history as they were at one moment, in one folder.

    scrutiny-20261128T171500Z/  made under another name, and renamed when it is complete
        database.dump           by pg_dump, without who is signed in and without jobs
        files.tar               each file that a record names
        manifest.json           versions, heads, and what must be there once it is restored
        SHA256SUMS              of these three as they are stored

With keys each of the three is encrypted in the format of age, and its name ends in .age: only who has a secret key can
read it, not the machine that made it. `actions/restore.py` restores it.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyrage
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.crypto import salted_hmac
from psycopg import sql
from psycopg.conninfo import make_conninfo

from inquiries.check_history import FILES, Head
from inquiries.history_database import owner_of_tables
from inquiries.models import Person, Seal
from scrutiny import local_postgres
from scrutiny.faults import FULL
from scrutiny.version import application_version

FORMAT = 1
DUMP, ARCHIVE, MANIFEST, SUMS = "database.dump", "files.tar", "manifest.json", "SHA256SUMS"
ERASED = "erased-people.json"
NAME = re.compile(r"scrutiny-(\d{8}T\d{6}Z)")
UNFINISHED = ".unfinished"
SCHEMA = "public"
# Who is signed in or half signed in, and what was to be done next: none of it may begin again after a restore.
LEFT_OUT = ("django_session", settings.CACHES["default"]["LOCATION"], "procrastinate_*")
PIECE = 1024 * 1024


class BackupError(Exception):
    """The message says what is wrong and what to do."""


@contextlib.contextmanager
def owner_connection():
    """Have every query go through one connection of the tables' owner, where there is one: one transaction sees all."""
    alias = "owner" if "owner" in settings.DATABASES else "default"
    before = {name: connections[name] for name in ("default", alias)}
    own = connections.create_connection(alias)
    options = {name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"}
    own.settings_dict = {**own.settings_dict, "OPTIONS": options}
    for name in before:
        connections[name] = own
    try:
        yield
    finally:
        own.close()
        for name, known in before.items():
            connections[name] = known


# Which backups there are


def backups_in(folder):
    """The complete backups of a folder, the oldest first."""
    return sorted(path for path in Path(folder).iterdir() if NAME.fullmatch(path.name) and path.is_dir())


def made_on(path):
    return datetime.strptime(NAME.fullmatch(path.name)[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def find_backup(path):
    """The backup at a path; of a folder of backups the newest."""
    path = Path(path).resolve()
    if (path / SUMS).is_file():
        return path
    found = backups_in(path) if path.is_dir() else []
    if not found:
        raise BackupError(f"{path} is no backup and holds none.")
    return found[-1]


@contextlib.contextmanager
def locked(folder):
    """Keep two backups from being made in one folder at once."""
    with open(os.open(folder / ".lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup is being made in {folder} at this moment.") from None
        yield


# Keys


def parse_public_keys(text):
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in text.split()]
    except pyrage.RecipientError:
        raise BackupError(
            "SCRUTINY_BACKUP_KEY holds something that is no public key of age (they begin with age1). "
            "Make one with manage.py make_backup_key FILE."
        ) from None


def read_secret_keys(path):
    """The secret keys in a file as `make_backup_key` and age-keygen write it."""
    if path is None:
        return []
    try:
        lines = [line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"The file of the secret key, {path}, cannot be read: {error}.") from error
    except pyrage.IdentityError:
        raise BackupError(f"{path} holds something that is no secret key of age (AGE-SECRET-KEY-1...).") from None


def make_key(path):
    """Write a new secret key into a file that is not there yet; returns the public key."""
    identity = pyrage.x25519.Identity.generate()
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    except FileExistsError:
        raise BackupError(f"{path} is there already. A key is never written over.") from None
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}.") from error
    return str(identity.to_public())


# Files that are encrypted while they are written, and decrypted while they are read


class HashingFile:
    """A file that notes the SHA-256 of what passes through it, and why writing failed."""

    def __init__(self, file):
        self.file, self.digest, self.failure = file, hashlib.sha256(), None

    def read(self, size=-1):
        piece = self.file.read(size)
        self.digest.update(piece)
        return piece

    def write(self, piece):
        try:
            self.file.write(piece)
        except OSError as error:
            self.failure = error
            raise
        self.digest.update(piece)
        return len(piece)

    def flush(self):
        self.file.flush()


class Part:
    """One file of a backup, which may be encrypted."""

    def __init__(self, folder, name):
        plain = folder / name
        encrypted = folder / f"{name}.age"
        self.path = encrypted if encrypted.exists() else plain
        self.is_encrypted = self.path == encrypted

    @contextlib.contextmanager
    def reader(self, identities):
        """A stream of what it holds. Raises BackupError where the key does not fit, or bytes were changed or lost."""
        if not self.is_encrypted:
            with self.path.open("rb") as file:
                yield file
            return
        if not identities:
            raise BackupError("This backup is encrypted. Name the file of the secret key: --key FILE.")
        receiving, sending = os.pipe()
        failures = []

        def decrypt():
            try:
                with self.path.open("rb") as source, open(sending, "wb") as target:
                    pyrage.decrypt_io(source, target, identities)
            except Exception as error:
                failures.append(error)

        thread = threading.Thread(target=decrypt)
        thread.start()
        broken = None
        try:
            with open(receiving, "rb") as stream:
                yield stream
        except (OSError, tarfile.TarError, ValueError) as error:
            broken = error
        finally:
            thread.join()
        if failures and not isinstance(failures[0], BrokenPipeError):
            raise unreadable(self.path, failures[0]) from failures[0]
        if broken:
            raise broken


def unreadable(path, error):
    if isinstance(error, pyrage.DecryptError) and "matching" in str(error):
        return BackupError(f"This key does not open {path.name}: it was encrypted for another one.")
    return BackupError(f"{path.name} is damaged: it cannot be decrypted ({error}).")


@contextlib.contextmanager
def writer(folder, name, recipients, sums):
    """A stream into a new file of a backup; its SHA-256 is added to `sums`."""
    path = folder / (f"{name}.age" if recipients else name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        target = HashingFile(file)
        if not recipients:
            yield target
        else:
            receiving, sending = os.pipe()
            failures = []

            def encrypt():
                try:
                    with open(receiving, "rb") as source:
                        pyrage.encrypt_io(source, target, recipients)
                except Exception as error:
                    failures.append(target.failure or error)

            thread = threading.Thread(target=encrypt)
            thread.start()
            try:
                with open(sending, "wb") as stream:
                    yield stream
            except BrokenPipeError:
                thread.join()
                if not failures:
                    raise
            finally:
                thread.join()
            if failures:
                raise failures[0]
        file.flush()
        os.fsync(file.fileno())
    sums[path.name] = target.digest.hexdigest()


# The programs of PostgreSQL


@dataclass(frozen=True)
class Program:
    path: Path
    version: str  # 17.2
    has_tls: bool

    @property
    def major(self):
        return int(self.version.partition(".")[0])


def programs(name):
    """Each program of this name on this machine, or that in the folder which the settings name."""
    if settings.POSTGRESQL_PROGRAMS:
        folders = [Path(settings.POSTGRESQL_PROGRAMS)]
    else:
        on_path = shutil.which(name)
        folders = [Path(on_path).parent] if on_path else []
        folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = [Program(path, version_of(path), True) for folder in folders if (path := folder / name).is_file()]
    if not settings.POSTGRESQL_PROGRAMS:
        with contextlib.suppress(OSError):
            path = local_postgres.programs() / name
            found.append(Program(path, version_of(path), False))
    return [program for program in found if program.version]


def version_of(path):
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+(\.\d+)?)", done.stdout)
    return found[1] if found else ""


def find_program(name, *, least, tls=False):
    """The program that is no older than the major version `least`, and the nearest to it."""
    there = programs(name)
    if found := [program for program in there if program.major >= least and (program.has_tls or not tls)]:
        return min(found, key=lambda program: program.major)
    names = ", ".join(f"{one.path} is {one.version}{'' if one.has_tls else ' without TLS'}" for one in there)
    raise BackupError(
        f"This needs {name} of PostgreSQL {least} or newer{' with TLS' if tls else ''}, and there is none here"
        f"{f' ({names})' if names else ''}. Install postgresql-client-{least}, or let "
        "SCRUTINY_POSTGRESQL_PROGRAMS name the folder where it is."
    )


@contextlib.contextmanager
def output_of(command, failure, **how):
    """The stream of what a program prints. Raises BackupError, `failure` and what it said, where it fails."""
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, **how) as process,  # noqa: S603
    ):
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        if process.wait():
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
            raise BackupError(f"{failure}: {said or process.returncode}")


CONNECTION_OPTIONS = frozenset(
    (
        *("host", "hostaddr", "port", "dbname", "user", "options", "connect_timeout"),
        *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"),
    )
)


def server_major():
    return connection.cursor().connection.info.server_version // 10_000


def address_of(live):
    """How a program reaches the database of a connection, without its password.

    Only with what the programs of every version understand: psycopg brings a newer library than Debian's pg_dump.
    """
    found = live.info.get_parameters()
    return make_conninfo(**{name: value for name, value in found.items() if name in CONNECTION_OPTIONS})


def dump_command(snapshot):
    connection.ensure_connection()
    live = connection.connection
    program = find_program("pg_dump", least=live.info.server_version // 10_000, tls=live.pgconn.ssl_in_use)
    command = [
        program.path,
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        f"--schema={SCHEMA}",
        f"--snapshot={snapshot}",
        *(f"--exclude-table-data={SCHEMA}.{table}" for table in LEFT_OUT),
        f"--dbname={address_of(live)}",
    ]
    # Not among the arguments, which everybody on this machine can see.
    return program, command, {"PATH": os.defpath, "PGPASSWORD": live.info.password}


# What a database holds


@contextlib.contextmanager
def snapshot():
    """One moment of the database for all that is read within, and for pg_dump, which is given its name."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def tables_now(cursor):
    """{table: its rows, columns and a digest of all its rows, whatever their order}, of those that are backed up."""
    cursor.execute("SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = ISO; SET LOCAL extra_float_digits = 1")
    cursor.execute(
        "SELECT relname, (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) FROM pg_class c "
        "WHERE relkind IN ('r', 'p') AND relpersistence = 'p' AND relnamespace = %s::regnamespace ORDER BY relname",
        [SCHEMA],
    )
    left_out = re.compile("|".join(name.replace("*", ".*") for name in LEFT_OUT))
    found = {}
    for name, columns in cursor.fetchall():
        if left_out.fullmatch(name):
            continue
        table = sql.Identifier(SCHEMA, name).as_string()
        cursor.execute(
            "SELECT count(*), coalesce(sum(('x' || left(encode(sha256(convert_to("  # noqa: S608
            "whole_row::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint::numeric), 0)::text "
            f"FROM {table} whole_row"
        )
        rows, digest = cursor.fetchone()
        found[name] = {"rows": rows, "digest": digest, "columns": columns}
    return found


def files_named():
    """{name in the storage: the SHA-256 that its record has}."""
    found = {}
    for model, name, checksum, _ in FILES:
        found |= dict(model._base_manager.exclude(**{name: ""}).order_by("pk").values_list(name, checksum))
    return found


def applied_migrations():
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def secret_key_marks():
    """A mark of the secret key and of each earlier one, from which the key cannot be worked out."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac("scrutiny.backup", "", secret=key, algorithm="sha256").hexdigest()[:16] for key in keys]


# Making one


@dataclass
class Done:
    path: Path
    size: int = 0
    problems: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


def make_backup(folder, *, now, heads=None, keep=None):
    """Make a backup in `folder`, and delete the oldest so that `keep` remain. Raises BackupError.

    `heads` are those of `read_heads`, noted elsewhere. Files that records name and that are missing or changed are
    named among the problems: a backup without them is better than none.
    """
    folder = Path(folder).resolve()
    recipients = parse_public_keys(settings.BACKUP_KEY)
    name = f"scrutiny-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with sentences_for_the_disk(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(folder), owner_connection():
            for left in folder.glob(f".scrutiny-*{UNFINISHED}"):
                shutil.rmtree(left)  # of a backup that was killed
            if (folder / name).exists():
                raise BackupError(f"{folder / name} is there already.")
            unfinished = folder / f".{name}{UNFINISHED}"
            unfinished.mkdir(mode=0o700)
            try:
                check_role()
                problems = write_parts(unfinished, recipients, heads or {}, now)
                sync_folder(unfinished)
                unfinished.rename(folder / name)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
            sync_folder(folder)
            note_erased_people(folder)
            found = backups_in(folder)
            outdated = found[: len(found) - keep] if keep else []
            for old in outdated:
                # A part of a backup never looks like one.
                shutil.rmtree(old.rename(folder / f".{old.name}{UNFINISHED}"))
    size = sum(part.stat().st_size for part in (folder / name).iterdir())
    return Done(folder / name, size, problems, [old.name for old in outdated])


def check_role():
    with connection.cursor() as cursor:
        if owner := owner_of_tables(cursor):
            raise BackupError(
                f"The tables belong to the role {owner}, and another may not read all of them. Set DATABASE_OWNER_URL."
            )


@contextlib.contextmanager
def sentences_for_the_disk(folder):
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise BackupError(
                f"There is no room left for a backup in {folder} ({error.strerror}). Nothing was kept of it; the "
                "earlier backups are as they were. Make room, or keep fewer (--keep)."
            ) from error
        if isinstance(error, FileExistsError | PermissionError | NotADirectoryError) or error.errno == errno.EROFS:
            raise BackupError(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
        raise


def write_parts(folder, recipients, heads, now):
    sums, copied, missing = {}, {}, set()
    with contextlib.ExitStack() as whole:
        with writer(folder, ARCHIVE, recipients, sums) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
            # A file may be deleted with its record after the moment that is backed up and before its turn comes:
            # then what is named a moment later is backed up instead, as often as it takes.
            while True:
                moment = whole.enter_context(contextlib.ExitStack())
                name = moment.enter_context(snapshot())
                named, missing_before, missing = files_named(), missing, set()
                for file, checksum in named.items():
                    if copied.get(file, {}).get("sha256") != checksum and not copy_file(tar, file, copied):
                        missing.add(file)
                if missing <= missing_before:
                    break
                moment.close()
        program = write_dump(folder, name, recipients, sums)
        with connection.cursor() as cursor:
            tables = tables_now(cursor)
        last = Seal.objects.order_by("-position").first()
        sealed = [Head(now.isoformat(timespec="seconds"), last.position, last.digest)] if last else []
        noted = [head for position in sorted(heads) if last and position <= last.position for head in heads[position]]
        manifest = {
            "format": FORMAT,
            "made_on": now.astimezone(UTC).isoformat(timespec="seconds"),
            "council": settings.COUNCIL_NAME,
            "version": application_version(),
            "migrations": applied_migrations(),
            "server": str(server_major()),
            "pg_dump": program.version,
            "secret_key": secret_key_marks()[0],
            "heads": [str(head) for head in (*noted, *sealed)],
            "tables": tables,
            "files": {file: copied[file] for file in sorted(named) if file not in missing},
            "missing": sorted(missing),
        }
    with writer(folder, MANIFEST, recipients, sums) as stream:
        stream.write(json.dumps(manifest, indent=1).encode())
    lines = "".join(f"{digest}  {file}\n" for file, digest in sums.items())
    with writer(folder, SUMS, [], {}) as stream:
        stream.write(lines.encode())
    changed = [file for file, entry in manifest["files"].items() if entry["sha256"] != named[file]]
    return [
        *(f"{file} is named by a record, but is missing from the storage." for file in manifest["missing"]),
        *(f"{file} is not the file that its record says." for file in changed),
    ]


def copy_file(tar, name, copied):
    """Add a stored file to the archive; whether it was there."""
    try:
        with default_storage.open(name, "rb") as file:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = file.size, 0o600
            source = HashingFile(file)
            tar.addfile(entry, source)
    except FileNotFoundError:
        return False
    copied[name] = {"size": entry.size, "sha256": source.digest.hexdigest()}
    return True


def write_dump(folder, moment, recipients, sums):
    program, command, environment = dump_command(moment)
    with (
        writer(folder, DUMP, recipients, sums) as stream,
        output_of(command, "pg_dump could not read the database", env=environment) as output,
    ):
        shutil.copyfileobj(output, stream, PIECE)
    return program


def note_erased_people(folder):
    """Keep a list of who was erased and when, by number: an older backup knows nothing of it."""
    known, erased = read_erased_people(folder), Person.objects.filter(erased_at__isnull=False)
    known |= {(pk, moment.isoformat()) for pk, moment in erased.values_list("pk", "erased_at")}
    new = folder / f".{ERASED}"
    rows = [{"person": pk, "erased_on": moment} for pk, moment in sorted(known)]
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.rename(folder / ERASED)


def read_erased_people(folder):
    """{(number of the person, when)} as noted beside backups; empty where nothing was."""
    try:
        rows = json.loads((folder / ERASED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return set()
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder / ERASED} cannot be read: {error}.") from error
    return {(row["person"], row["erased_on"]) for row in rows}


def sync_folder(folder):
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
