"""A piece of work in a process of its own: how long it took and the most memory it ever held."""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """One piece of work, or the medians of several runs of it."""

    whole: float  # seconds from the start of its process to the end, without loading the application
    work: float  # seconds of it that it counts as its work
    megabytes: float  # the most held by the process, or by the largest that it started
    said: dict


def measure(task, *arguments):
    """Run `python -m bench.<task> <arguments>`, which prints {"work": seconds, ...} as JSON. Returns Measured.

    Raises SystemExit where the task fails.
    """
    # This process stays small: Linux counts what a process held before it became another one.
    command = [sys.executable, "-m", f"bench.{task}", *map(str, arguments)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    with process.stdout as answer:
        said = answer.read()
    _, status, usage = os.wait4(process.pid, 0)
    whole = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[2:])} failed with {process.returncode}.")
    said = json.loads(said)
    whole -= said.get("loading", 0)
    return Measured(whole, said["work"], usage.ru_maxrss / 1024, said)


def medians(tasks, rounds):
    """Measure each of `tasks` (name: arguments of `measure`) `rounds` times, in turn. Returns {name: Measured}.

    In turn, so that a slow minute of the machine falls on all of them.
    """
    runs = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, arguments in tasks.items():
            runs[name].append(measure(*arguments))
    return {
        name: Measured(
            statistics.median(run.whole for run in measured),
            statistics.median(run.work for run in measured),
            statistics.median(run.megabytes for run in measured),
            measured[-1].said,
        )
        for name, measured in runs.items()
    }


def growth(points):
    """How much steeper the last stretch is than the first: 1 where time grows in proportion.

    `points` are three (size, seconds), smallest first. What every run costs, however small, drops out.
    """
    (small, first), (middle, second), (large, third) = points
    return ((third - second) / (large - middle)) / ((second - first) / (middle - small))


def tell(words):
    """Say what is being measured, beside what is printed."""
    print(f"measuring {words} ...", file=sys.stderr, flush=True)
