"""Whether the processes together may open more connections than PostgreSQL allows."""

import psycopg
from django.conf import settings
from django.db import connection

# Besides those of its jobs' own: of the queue, of LISTEN.
WORKER_CONNECTIONS = 5
# For migrations, backups and other commands.
COMMAND_CONNECTIONS = 5
ALLOWED = """
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    )
"""


def find_allowed():
    """How many connections the server lets us have. Raises psycopg.OperationalError where it does not answer."""
    with psycopg.connect(**connection.get_connection_params()) as asking:
        return asking.execute(ALLOWED).fetchone()[0]


def refusal(processes, allowed):
    """Why a web server of so many processes must not start; nothing where the connections are enough."""
    web = processes * settings.DATABASE_CONNECTIONS * settings.WEB_SERVERS
    worker = settings.DATABASE_CONNECTIONS + WORKER_CONNECTIONS
    needed = web + worker + COMMAND_CONNECTIONS
    if needed <= allowed:
        return ""
    return (
        f"Scrutiny does not start: it may need {needed} connections to PostgreSQL, which allows {allowed} "
        "(max_connections without those reserved, or the limit of the role or the database). "
        f"Web processes need {web}: SCRUTINY_WORKERS ({processes}) times SCRUTINY_DATABASE_CONNECTIONS "
        f"({settings.DATABASE_CONNECTIONS}) times SCRUTINY_WEB_SERVERS ({settings.WEB_SERVERS}); the worker {worker}, "
        f"commands {COMMAND_CONNECTIONS}. Lower one of these settings, or raise max_connections."
    )
