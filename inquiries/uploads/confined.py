"""Starts a program that may take so much memory, computing time and disk and no more, without network where possible.

    python confined.py MEMORY SECONDS PROGRAM ARGUMENT ...

Run by its path and made of the standard library alone, so that it starts at once.
"""

import os
import resource
import shutil
import subprocess
import sys

LARGEST_FILE = 500_000_000


def limit(memory, seconds):
    """This process and what it starts: never more than this many bytes and seconds of computing."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def without_network():
    """The words before a command that cut it off from the network; none where the system does not allow it."""
    unshare = shutil.which("unshare")
    if not unshare:
        return []
    words = [unshare, "--map-root-user", "--net", "--"]
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)  # noqa: S603
    return words if tried.returncode == 0 else []


def main():
    memory, seconds, *command = sys.argv[1:]
    command = [*without_network(), *command]
    limit(int(memory), int(seconds))
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
