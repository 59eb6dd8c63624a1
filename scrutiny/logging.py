r"""What is written to the log: when, which part, what kind of thing happened; never what people wrote or are called.

Logs are read by more people than the records are, are stored elsewhere, and are erased by nobody. So:

- a line of ours ("scrutiny", "inquiries") holds words and numbers of ours: that is the duty of its writer;
- a line of another's (Django, gunicorn, the mail library) loses whatever it quotes;
- every line loses e-mail addresses and query strings; line breaks and other control characters, which could forge
  further lines, are written as \n, \x1b;
- an exception is its type, where it was raised, codes of the system, the database and the mail server, and, of a
  database, which constraint: its message quotes values.

Each line written during a request carries the request's id, which the response and the error page show, too; one
that is written during a job carries the job's.
"""

import json
import logging
import re
import secrets
import time
import traceback
from contextvars import ContextVar

from scrutiny.error_codes import causes, codes_of

# The formatter for each SCRUTINY_LOG_FORMAT.
FORMATTERS = {"line": "scrutiny.logging.LineFormatter", "json": "scrutiny.logging.JsonFormatter"}

request_id: ContextVar[str] = ContextVar("request_id", default="")
job_id: ContextVar[int | None] = ContextVar("job_id", default=None)
# What is taken from a proxy: nothing that could be anything but an id.
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

OURS = ("scrutiny", "inquiries")

ADDRESS = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:]+")
QUERY = re.compile(r"\?[^\s\"'<>]*")
# A text in quotation marks; an apostrophe inside a word is none.
QUOTED = re.compile(r"(?<!\w)(?:'(?:[^'\\]|\\.)*'(?!\w)|\"(?:[^\"\\]|\\.)*\")")
# Also those that hide text or turn it round.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
MOST_CHARACTERS = 1000
MOST_FRAMES = 40

security_logger = logging.getLogger("scrutiny.security")


def log_security_event(event, person=None, *, level=logging.INFO, **facts):
    """Write one line, such as `signed_in person=7 by=code`: people by number, `facts` as words of ours."""
    number = getattr(person, "pk", None) or "nobody"
    security_logger.log(level, " ".join([event, f"person={number}", *(f"{name}={facts[name]}" for name in facts)]))


def make_request_id():
    """Short enough to be read out on the telephone."""
    return secrets.token_hex(8)


async def note_job(call_next, context, worker):
    """A middleware of the worker. Never reset: each job has a context of its own, and more is logged at its end."""
    job_id.set(context.job.id)
    return await call_next()


class LineFormatter(logging.Formatter):
    """One line for each record; below it, indented, where an exception came from."""

    def format(self, record):
        facts = self.facts(record)
        ids = "".join(f" {name}={facts[name]}" for name in ("request", "job") if name in facts)
        lines = [f"{facts['time']} {facts['level']} {facts['logger']}{ids}: {facts['message']}"]
        return "\n".join(lines + [f"    {line}" for line in facts.get("exception", [])])

    def facts(self, record):
        found = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": redact_message(record.getMessage(), ours=record.name.partition(".")[0] in OURS),
        }
        if request := request_id.get():
            found["request"] = request
        # Procrastinate writes of jobs before they begin, too.
        if job := job_id.get() or (getattr(record, "job", None) or {}).get("id"):
            found["job"] = job
        if record.exc_info and record.exc_info[1] is not None:
            found["exception"] = describe_exception(record.exc_info[1])
        return found

    def formatTime(self, record, datefmt=None):
        """In UTC: 2026-11-23T09:30:00.123Z"""
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{record.msecs:03.0f}Z"


class JsonFormatter(LineFormatter):
    """One object in one line for each record, for programs that collect logs."""

    def format(self, record):
        return json.dumps(self.facts(record))


def redact_message(message, *, ours):
    """The message in one line, without what people typed: see above."""
    if not ours:
        message = QUOTED.sub("'...'", message)
    message = ADDRESS.sub("[address]", QUERY.sub("?...", message))
    message = CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode(), message)
    return message if len(message) <= MOST_CHARACTERS else f"{message[:MOST_CHARACTERS]} ..."


def describe_exception(error):
    """Lines with the type of an exception and of those behind it, and where each was raised: the innermost last."""
    lines = []
    for cause in causes(error):
        kind = f"{type(cause).__module__}.{type(cause).__qualname__}".removeprefix("builtins.")
        # What a database says: a code and the name of a constraint, no values.
        constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
        named = " ".join([*codes_of(cause), *([constraint] if constraint else [])])
        lines.append(f"{'caused by ' if lines else ''}{kind}{f' ({named})' if named else ''}")
        frames = traceback.extract_tb(cause.__traceback__)[-MOST_FRAMES:]
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return lines


def redact_traceback(printed):
    """What is safe of a traceback that another process printed: its places, and the types of its exceptions."""
    found = []
    for line in printed.splitlines():
        if place := re.match(r'\s*File "([^"]+)", line (\d+)', line):
            found.append(f"{place[1]}:{place[2]}")
        elif kind := re.match(r"([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Failed|Rejected))\b", line):
            found.append(kind[1])
    return " ".join(found[-MOST_FRAMES:]) or f"{len(printed)} characters"
