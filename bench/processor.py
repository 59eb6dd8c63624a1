"""How long processors have worked: other work on the machine changes that less than the time on the wall."""

from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage


def processor_seconds():
    """Of this process and of those that it started and that have ended."""
    used = map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
