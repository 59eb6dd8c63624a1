"""What the owner of the tables could do: take the protection away, change something, put it back as it was."""

from contextlib import contextmanager

from django.db import connection

from inquiries import history_database


@contextmanager
def unprotected():
    """Meanwhile the database refuses nothing and seals nothing."""
    history_database.remove(connection)
    try:
        yield
    finally:
        history_database.install(connection)


def execute(sql, *values):
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def tamper(sql, *values):
    """One statement while nothing is protected."""
    with unprotected():
        execute(sql, *values)
