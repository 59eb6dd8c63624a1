"""Readable text in bytes of any kind, as the Unix tool `strings` finds it."""

import re

ASCII = re.compile(rb"[\x20-\x7e\t\r\n]{12,}")
WIDE = re.compile(rb"(?:[\x20-\x7e\t\r\n]\x00){6,}")
WIDE_BIG = re.compile(rb"(?:\x00[\x20-\x7e\t\r\n]){6,}")


def printable(data):
    """The readable pieces of some bytes, in UTF-8 or UTF-16, one on each line."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pieces = [match.decode("ascii") for match in ASCII.findall(data)]
        pieces += [match.decode("utf-16-le") for match in WIDE.findall(data)]
        pieces += [match.decode("utf-16-be") for match in WIDE_BIG.findall(data)]
        return "\n".join(pieces)
