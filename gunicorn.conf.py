"""How gunicorn serves the application. Gunicorn reads this file from the folder it is started in."""

import multiprocessing
import os
import sys

import psycopg
from django.conf import settings

from scrutiny import connection_limit, env, metrics_files, temporary_files
from scrutiny.logging import FORMATTERS
from scrutiny.middleware import refuse_to_listen

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutiny.settings")
wsgi_app = "scrutiny.wsgi:application"
bind = [env.text("SCRUTINY_BIND", "127.0.0.1:8000")]
worker_class = "gthread"
workers = env.number("SCRUTINY_WORKERS", 2 * multiprocessing.cpu_count(), least=1)
timeout = 60
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
# In memory, so that a worker's sign of life never waits for a slow disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# Who may set the headers of a proxy is decided in the settings (SCRUTINY_PROXIES), not here.
forwarded_allow_ips = ""
# Neither who asked nor what was searched for.
access_log_format = "%(m)s %(U)s %(s)s %(B)s %(L)s"
_terminal = {"handlers": ["terminal"], "level": "WARNING", "propagate": False}
# Every logger has the one formatter, so that nobody can forge a line (scrutiny/logging.py).
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {"handlers": ["terminal"], "level": "WARNING"},
    "formatters": {"ours": {"()": FORMATTERS[env.one_of("SCRUTINY_LOG_FORMAT", tuple(FORMATTERS), "line")]}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "ours"}},
    "loggers": {
        "gunicorn.error": _terminal,
        # Each request is a line at the level INFO.
        "gunicorn.access": {**_terminal, "level": "INFO" if env.boolean("SCRUTINY_ACCESS_LOG", False) else "WARNING"},
    },
}


def on_starting(server):
    """Before anything listens: stop where it must stay on this machine and an address is not this machine's own, or
    where it could use up the connections of the database."""
    for address in server.cfg.address:
        # A socket in the file system, or handed over open, is for a proxy in front, and a proxy is for other machines.
        try:
            refusal = refuse_to_listen(str(address[0] if isinstance(address, tuple) else address))
        except env.SettingError as error:
            sys.exit(str(error))
        if refusal:
            sys.exit(refusal)
    server.cfg.set("threads", settings.WEB_THREADS)
    # The worker, which does this every night, may be on another machine.
    temporary_files.delete_left_behind()
    if settings.METRICS_TOKEN:
        metrics_files.prepare(worker_tmp_dir)
    # A server of a trial is there for this application alone, and may not run yet.
    if settings.DATABASE_URL:
        try:
            refusal = connection_limit.refusal(server.cfg.workers, connection_limit.find_allowed())
        except psycopg.OperationalError:
            server.log.warning("The database does not answer yet: whether it allows enough connections is not known.")
        else:
            if refusal:
                sys.exit(refusal)


def child_exit(server, worker):
    if settings.METRICS_TOKEN:
        metrics_files.add_ended(worker.pid)


def on_exit(server):
    metrics_files.remove()
