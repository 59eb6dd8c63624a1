"""The database's own refusal to change or delete what is history, on PostgreSQL and on SQLite.

The statements live here because the migrations put them in place and the tests take them away to clean up.
"""

APPEND_ONLY = (
    "inquiries_entry",
    "inquiries_targetdatechange",
    "inquiries_reportedition",
)
PACK = "inquiries_agendapack"
# What a published pack is: all but the facts of its withdrawal.
KEPT = (
    "meeting_id, edition, supplement, number, file, checksum, fingerprint, content, first_page, last_page, "
    "last_exempt_page, is_accessible, built_at, built_by_id, published_at, published_by_id"
)
PARTS_OF_PACKS = ("inquiries_packentry", "inquiries_packpaper")
# Each is (table, event, columns, when).
HISTORY = tuple((table, event, "", "") for table in APPEND_ONLY for event in ("update", "delete"))
REFUSALS = (
    *HISTORY,
    (PACK, "update", KEPT, "OLD.published_at IS NOT NULL"),
    (PACK, "delete", "", "OLD.published_at IS NOT NULL"),
    *(
        (table, event, "", f"EXISTS (SELECT 1 FROM {PACK} WHERE id = OLD.pack_id AND published_at IS NOT NULL)")  # noqa: S608
        for table in PARTS_OF_PACKS
        for event in ("update", "delete")
    ),
)


def install(connection, refusals=REFUSALS):
    """Refuse UPDATE and DELETE on the append-only tables, and on packs that are published."""
    with connection.cursor() as cursor:
        for refusal in refusals:
            for statement in _statements(connection.vendor, *refusal):
                cursor.execute(statement)


def remove(connection, refusals=REFUSALS):
    """Take the refusal away again."""
    with connection.cursor() as cursor:
        for table, event, _, _ in refusals:
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{on}")


def _statements(vendor, table, event, columns, when):
    name, of = f"{table}_no_{event}", f" OF {columns}" if columns else ""
    if vendor == "postgresql":
        # A condition of a trigger cannot ask another table there: the function asks it.
        body = f"IF {when or 'TRUE'} THEN RAISE EXCEPTION 'history cannot be changed: {table}' "
        body += "USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        body += f"RETURN {'NEW' if event == 'update' else 'OLD'};"
        yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
        yield f"CREATE TRIGGER {name} BEFORE {event.upper()}{of} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    else:
        condition = f" WHEN {when}" if when else ""
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield (
            f"CREATE TRIGGER {name} BEFORE {event.upper()}{of} ON {table}{condition} "
            f"BEGIN SELECT RAISE(ABORT, 'history cannot be changed: {table}'); END"
        )
