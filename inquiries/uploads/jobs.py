"""Runs a program on a file that somebody sent: its own folder, little environment, a time after which it is ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
CONFINED = Path(__file__).parent / "confined.py"
HANDED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # of our environment: these programs need no secrets


def run_confined(command, folder, *, memory, seconds):
    """Run `command` (a list of words) with `folder` for its files, ended with all it started after `seconds`.

    `memory` in bytes. Returns the subprocess.CompletedProcess with bytes. Raises subprocess.TimeoutExpired.
    """
    environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    environment |= {"HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", str(CONFINED), str(memory), str(seconds), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=PROJECT,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            out, told = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, told)
