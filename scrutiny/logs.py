"""What is written to the log: when, which part, what kind of thing happened; never what somebody wrote or is called.

Logs are read by more people than the records are, are kept elsewhere, and are erased by nobody. So:

- a line of ours ("scrutiny", "inquiries") holds words and numbers of ours: that is the duty of whoever writes it;
- a line of somebody else's (Django, gunicorn, the mail library) loses whatever it quotes;
- every line loses e-mail addresses, query strings and line breaks, which could forge further lines;
- an exception is its type, where it was raised, and, of a database, which constraint: its words quote values.
"""

import logging
import re
import time
import traceback

OURS = ("scrutiny", "inquiries")

ADDRESS = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:]+")
QUERY = re.compile(r"\?[^\s\"'<>]*")
# A word in quotation marks; an apostrophe inside a word is none.
QUOTED = re.compile(r"(?<!\w)(?:'(?:[^'\\]|\\.)*'(?!\w)|\"(?:[^\"\\]|\\.)*\")")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LONGEST = 1000
MOST_FRAMES = 40


class LineFormatter(logging.Formatter):
    """One line for each thing that happened; below it, indented, where an exception came from."""

    def format(self, record):
        """The record as text: the time is UTC."""
        words = without_words(record.getMessage(), ours=is_ours(record.name))
        lines = [f"{self.formatTime(record)} {record.levelname} {record.name}: {words}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines += [f"    {line}" for line in origin_of(record.exc_info[1])]
        return "\n".join(lines)

    def formatTime(self, record, datefmt=None):
        """2026-11-23T09:30:00.123Z"""
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{record.msecs:03.0f}Z"


def is_ours(name):
    """Whether a logger of this name is one of the application's own."""
    return name.partition(".")[0] in OURS


def without_words(message, *, ours):
    """The message in one line, without what somebody typed: see above."""
    if not ours:
        message = QUOTED.sub("'...'", message)
    message = ADDRESS.sub("[address]", QUERY.sub("?...", message))
    message = CONTROLS.sub(" ", message).strip()
    return message if len(message) <= LONGEST else f"{message[:LONGEST]} ..."


def origin_of(error):
    """Where an exception and those behind it were raised, as lines: the innermost place last. No words of theirs."""
    lines = []
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
        lines.append(f"{'caused by ' if len(seen) > 1 else ''}{_kind_of(error)}")
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


def _kind_of(error):
    """The type, and what a database says of its own: a code and the name of a constraint, no values."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    told = getattr(error, "diag", None)
    facts = [getattr(error, "sqlstate", None), getattr(told, "constraint_name", None)]
    named = " ".join(str(fact) for fact in facts if fact)
    return f"{kind} ({named})" if named else kind


def kinds_in(printed):
    """What is safe of a traceback that another process printed: its places, and the types of its exceptions."""
    kept = []
    for line in printed.splitlines():
        if place := re.match(r'\s*File "([^"]+)", line (\d+)', line):
            kept.append(f"{place[1]}:{place[2]}")
        elif kind := re.match(r"([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Failed|Rejected))\b", line):
            kept.append(kind[1])
    return " ".join(kept[-MOST_FRAMES:]) or f"{len(printed)} characters"
