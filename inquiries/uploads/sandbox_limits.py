"""`python sandbox_limits.py MEMORY SECONDS PROGRAM ARGUMENT ...` sets limits and becomes the program.

Apart from `sandbox.py`, and run by its path, because the imports of that would take longer than a short document.
"""

import os
import resource
import sys

LARGEST_FILE = 500_000_000


def set_limits(memory, seconds):
    """Limit this process and what it starts; a lower limit that it was started with stays."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: LARGEST_FILE,
        resource.RLIMIT_CORE: 0,
    }
    for kind, wanted in limits.items():
        _, allowed = resource.getrlimit(kind)
        limit = wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)
        resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    set_limits(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606
