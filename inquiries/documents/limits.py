"""What a process of ours may take of the machine."""

import resource


def limit(memory, seconds):
    """Never take more than this many bytes and seconds of computing, nor more than whoever started this may."""
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        _, allowed = resource.getrlimit(kind)
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (most, most))
