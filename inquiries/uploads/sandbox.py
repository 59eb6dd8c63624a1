"""The one way in which a program is run on content that a person sent or wrote: limits on memory, computing time,
running time and file size, nothing of our environment, and without network where the system allows to cut it off.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType

PROJECT = Path(__file__).parents[2]
HANDED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # of our environment: these programs need no secrets
LIMITS = Path(__file__).with_name("sandbox_limits.py")


def run(command, *, memory, seconds, folder=None, data=b"", variables=MappingProxyType({})):
    """Run `command` (a list of strings) in the sandbox; it is ended with all it started after `seconds`.

    `memory` in bytes; `folder` is its own folder for files; `data` is its standard input;
    `variables` are added to its environment. Returns the subprocess.CompletedProcess with bytes. Raises
    subprocess.TimeoutExpired.
    """
    process = start(command, memory=memory, seconds=seconds, folder=folder, stderr=subprocess.PIPE, variables=variables)
    with process:
        try:
            out, complaint = process.communicate(data, timeout=seconds)
        except BaseException:
            kill(process)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, complaint)


def start(command, *, memory, seconds, stderr, folder=None, variables=MappingProxyType({})):
    """The subprocess.Popen of `command` in the sandbox, with pipes for its input and output.

    `seconds` limits its computing only: the caller watches the clock and ends it with `kill`.
    """
    passed = {name: os.environ[name] for name in HANDED_ON if name in os.environ} | {"LANG": "C.UTF-8"}
    passed["RAYON_NUM_THREADS"] = "1"  # each thread of the typesetter takes memory
    passed |= variables
    if folder is not None:
        passed |= {"HOME": str(folder), "TMPDIR": str(folder)}
    return subprocess.Popen(  # noqa: S603
        [*network_cut(), sys.executable, "-I", "-S", str(LIMITS), str(memory), str(seconds), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        cwd=PROJECT,
        env=passed,
        start_new_session=True,
    )


def kill(process):
    """End a process of `start` with everything that it started itself."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@cache
def network_cut():
    """The beginning of a command that cuts the rest of it off from the network; () where the system forbids it."""
    unshare = shutil.which("unshare")
    # Root keeps its rights outside a user namespace; everybody else, and root in most containers, needs one.
    for command in ((unshare, "--net", "--"), (unshare, "--map-root-user", "--net", "--")) if unshare else ():
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:  # noqa: S603
            return command
    return ()
