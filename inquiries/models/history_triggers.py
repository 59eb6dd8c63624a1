"""The database's own refusal to change or delete what is history, on PostgreSQL and on SQLite.

The statements live here because the migrations put them in place, the tests take them away to clean up, and
`check_history` looks whether they are still there, word for word. On SQLite a migration that alters a table
makes it anew and loses its triggers: it has to call `install` afterwards.
"""

from dataclasses import dataclass

PACK = "inquiries_agendapack"
# What a published pack is: all but the facts of its withdrawal.
KEPT = (
    "meeting_id, edition, supplement, number, file, checksum, fingerprint, content, first_page, last_page, "
    "last_exempt_page, is_accessible, built_at, built_by_id, published_at, published_by_id"
)
PARTS_OF_PACKS = ("inquiries_packentry", "inquiries_packpaper")
FIRST_KEPT = ("inquiries_entry", "inquiries_targetdatechange", "inquiries_reportedition")
SEALS = "inquiries_seal"
APPEND_ONLY = (*FIRST_KEPT, SEALS)

# Each is (table, event, columns, when).
HISTORY = tuple((table, event, "", "") for table in FIRST_KEPT for event in ("update", "delete"))
PACKS = (
    (PACK, "update", KEPT, "OLD.published_at IS NOT NULL"),
    (PACK, "delete", "", "OLD.published_at IS NOT NULL"),
    *(
        (table, event, "", f"EXISTS (SELECT 1 FROM {PACK} WHERE id = OLD.pack_id AND published_at IS NOT NULL)")  # noqa: S608
        for table in PARTS_OF_PACKS
        for event in ("update", "delete")
    ),
)
OF_SEALS = tuple((SEALS, event, "", "") for event in ("update", "delete"))
# SQLite has no TRUNCATE.
TRUNCATION = tuple((table, "truncate", "", "") for table in APPEND_ONLY)
REFUSALS = (*HISTORY, *PACKS, *OF_SEALS, *TRUNCATION)

# How PostgreSQL keeps the kind of a trigger, in pg_trigger.tgtype.
ROW, BEFORE, INSERT, DELETE, UPDATE, TRUNCATE = 1, 2, 4, 8, 16, 32
EVENTS = {"insert": INSERT, "update": UPDATE, "delete": DELETE, "truncate": TRUNCATE}


@dataclass(frozen=True)
class Expected:
    """A trigger as it must be: on PostgreSQL the source of its function and its kind, on SQLite its statement."""

    name: str
    table: str
    source: str
    kind: int = 0
    columns: int = 0


def install(connection, refusals=REFUSALS):
    """Refuse UPDATE, DELETE and TRUNCATE on the append-only tables, and changes of packs that are published."""
    with connection.cursor() as cursor:
        for refusal in _possible(connection.vendor, refusals):
            for statement in _statements(connection.vendor, *refusal, pinned(cursor)):
                cursor.execute(statement)


def remove(connection, refusals=REFUSALS):
    """Take the refusal away again."""
    with connection.cursor() as cursor:
        for table, event, _, _ in _possible(connection.vendor, refusals):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{on}")


def expected(vendor, refusals=REFUSALS):
    """The triggers that `install` puts in place, as a list of Expected."""
    return [_expected(vendor, *refusal) for refusal in _possible(vendor, refusals)]


def pinned(cursor):
    """The clause by which a function finds our tables and no temporary ones of the same name; "" on SQLite.

    Without it a role that may make temporary tables could have a trigger look into one of its own.
    """
    if cursor.db.vendor != "postgresql":
        return ""
    cursor.execute("SELECT quote_ident(current_schema())")
    return f"SET search_path = pg_catalog, {cursor.fetchone()[0]}, pg_temp"


def _possible(vendor, refusals):
    return [refusal for refusal in refusals if vendor == "postgresql" or refusal[1] != "truncate"]


def _expected(vendor, table, event, columns, when):
    if vendor == "postgresql":
        kind = TRUNCATE | BEFORE if event == "truncate" else EVENTS[event] | BEFORE | ROW
        count = len(columns.split(",")) if columns else 0
        return Expected(f"{table}_no_{event}", table, _body(table, event, when), kind, count)
    return Expected(f"{table}_no_{event}", table, _sqlite(table, event, columns, when))


def _statements(vendor, table, event, columns, when, pin):
    name, of = f"{table}_no_{event}", f" OF {columns}" if columns else ""
    if vendor != "postgresql":
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield _sqlite(table, event, columns, when)
        return
    each = "STATEMENT" if event == "truncate" else "ROW"
    body = _body(table, event, when)
    yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {pin} AS $${body}$$"
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield f"CREATE TRIGGER {name} BEFORE {event.upper()}{of} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()"


def _body(table, event, when):
    # A condition of a trigger cannot ask another table there: the function asks it.
    answer = {"update": "NEW", "delete": "OLD"}.get(event, "NULL")
    return (
        f" BEGIN IF {when or 'TRUE'} THEN RAISE EXCEPTION 'history cannot be changed: {table}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {answer}; END "
    )


def _sqlite(table, event, columns, when):
    of, condition = f" OF {columns}" if columns else "", f" WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()}{of} ON {table}{condition} "
        f"BEGIN SELECT RAISE(ABORT, 'history cannot be changed: {table}'); END"
    )
