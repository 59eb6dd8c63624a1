"""The database's own refusal to change or delete history, on PostgreSQL and on SQLite.

The statements live here because the migration puts them in place and the tests take them away to clean up.
"""

APPEND_ONLY = (
    "inquiries_entry",
    "inquiries_targetdatechange",
    "inquiries_reportedition",
)


def install(connection):
    """Refuse UPDATE and DELETE on the append-only tables."""
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def remove(connection):
    """Take the refusal away again."""
    with connection.cursor() as cursor:
        for table in APPEND_ONLY:
            for event in ("update", "delete"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{on}")


def _statements(vendor):
    if vendor == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION inquiries_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'history cannot be changed: %', TG_TABLE_NAME "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for table in APPEND_ONLY:
        for event in ("update", "delete"):
            if vendor == "postgresql":
                yield f"DROP TRIGGER IF EXISTS {table}_no_{event} ON {table}"
                yield (
                    f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION inquiries_refuse_change()"
                )
            else:
                yield (
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{event} BEFORE {event.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'history cannot be changed: {table}'); END"
                )
