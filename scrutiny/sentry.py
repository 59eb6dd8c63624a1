"""Errors to Sentry, where a DSN is set: what the log says at the level ERROR, and nothing that the log leaves out.

Of what sentry_sdk gathers, an event keeps only what is named here.
"""

import logging

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.utils import BadDsn

from scrutiny.env import SettingError
from scrutiny.logging import OURS, job_id, redact_message, request_id

# Of a frame: where it is, no line of code and no variable.
FRAME = ("filename", "module", "function", "lineno", "in_app")


def start(dsn, *, release):
    """Raises SettingError where the DSN is none."""
    try:
        initialize(dsn, release)
    except BadDsn as error:
        raise SettingError("SCRUTINY_SENTRY_DSN is no DSN. Sentry shows it: https://key@host/number.") from error


def initialize(dsn, release):
    sentry_sdk.init(
        dsn,
        release=release,
        before_send=reduce_event,
        # Nothing looks into requests, queries and jobs: the log knows what is wrong.
        default_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None),
            ExcepthookIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
    )


def reduce_event(event, hint):
    found = {name: event[name] for name in ("event_id", "timestamp", "level", "platform", "logger") if name in event}
    found |= {name: event[name] for name in ("environment", "release", "sdk") if event.get(name)}
    if entry := event.get("logentry"):
        ours = str(event.get("logger")).partition(".")[0] in OURS
        found["logentry"] = {"message": redact_message(str(entry.get("formatted") or entry["message"]), ours=ours)}
    if errors := event.get("exception", {}).get("values"):
        found["exception"] = {"values": [reduce_error(error) for error in errors]}
    tags = {"request": request_id.get(), "job": job_id.get()}
    found["tags"] = {name: str(value) for name, value in tags.items() if value}
    return found


def reduce_error(error):
    """Its kind and where it was raised: its message quotes values."""
    frames = (error.get("stacktrace") or {}).get("frames", [])
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "stacktrace": {"frames": [{name: frame[name] for name in FRAME if name in frame} for frame in frames]},
    }
