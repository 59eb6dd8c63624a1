"""The folder in which the processes of one web server add up their counts (prometheus_client's multiprocess mode)."""

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psutil

# prometheus_client looks for it when it is first imported, so that must not be before `prepare`.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "scrutiny-metrics-"


def prepare(base):
    """Make the folder, in the process that starts the others, and delete those of servers that were killed."""
    base = Path(base or tempfile.gettempdir())
    for left in base.glob(f"{PREFIX}*"):
        number = int(left.name.removeprefix(PREFIX))
        # In a container every server has the same number.
        is_left_behind = number == os.getpid() or not psutil.pid_exists(number)
        if left.lstat().st_uid == os.getuid() and is_left_behind:
            shutil.rmtree(left, ignore_errors=True)
    folder = base / f"{PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o700)
    os.environ[VARIABLE] = str(folder)


def is_prepared():
    return VARIABLE in os.environ


def remove():
    if folder := os.environ.get(VARIABLE):
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked():
    """Nobody reads while the counts of a process that has ended are in two files, or in none."""
    with (Path(os.environ[VARIABLE]) / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def add_ended(number):
    """Add what the process with this number has counted to what those before it have: a file for each would pile up."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - see VARIABLE
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415

    folder = Path(os.environ[VARIABLE])
    with locked():
        multiprocess.mark_process_dead(number)
        for kind in ("counter", "histogram"):
            path = folder / f"{kind}_{number}.db"
            if not path.exists():
                continue
            ended = MmapedDict(str(folder / f"{kind}_ended.db"))
            for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(path)):
                ended.write_value(key, ended.read_value(key)[0] + value, timestamp)
            ended.close()
            path.unlink()
