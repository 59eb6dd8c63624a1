"""How the database seals each history entry: a chain of SHA-256 digests that it writes by itself.

    digest = sha256(digest of the seal before || the entry as text)

On PostgreSQL entries are sealed when their transaction commits, one transaction after the other. Two rounds of
deferred triggers make sure that nothing is locked any more after the one lock that the chain needs: in the first
round, among the deferred checks of foreign keys, an entry is put on a list; what stands on the list is sealed in
the second, when all those checks are through. So two transactions can never wait for each other. The functions
run with the rights of the owner of the tables, so that the application's own role need not, and cannot, write
seals. On SQLite there is one writer at a time, and a plain trigger does.
"""

import hashlib

from inquiries.models.history_triggers import INSERT, ROW, SEALS, Expected, pinned

ENTRIES = "inquiries_entry"
WAITING = "inquiries_unsealed"
LISTED, SEALED = f"{ENTRIES}_listed", f"{WAITING}_sealed"
COLUMNS = (
    "id", "at", "by_id", "by_name", "on_behalf_of", "verb", "sentence", "subject_type", "subject_id",
    "subject_label", "inquiry_id", "changes", "note",
)  # fmt: skip


def text_of(vendor, row):
    """The SQL of an entry as one text, as a JSON list so that no field runs into the next. `row` names the row."""
    if vendor == "postgresql":
        # As seconds: written out, a time would depend on the time zone of whoever asks.
        columns = [f"extract(epoch FROM {row}.at)" if name == "at" else f"{row}.{name}" for name in COLUMNS]
        return f"jsonb_build_array({', '.join(columns)})::text"
    return f"json_array({', '.join(f'{row}.{name}' for name in COLUMNS)})"


def digest_of(digest_before, text):
    """The digest that seals an entry (as the text that `text_of` gives) after the seal with `digest_before`."""
    return hashlib.sha256((digest_before + text).encode()).hexdigest()


def install(connection):
    """Have the database seal every entry that comes."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {LISTED}")
            cursor.execute(_sqlite())
            return
        cursor.execute(f"CREATE UNLOGGED TABLE IF NOT EXISTS {WAITING} (entry_id bigint NOT NULL)")
        for name, table, body in ((LISTED, ENTRIES, _listed()), (SEALED, WAITING, _sealed())):
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
                f"{pinned(cursor)} AS $${body}$$"
            )
            cursor.execute(f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC")
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            cursor.execute(
                f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table} "
                f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {name}()"
            )


def remove(connection):
    """Take the sealing away again; what has been sealed stays."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {LISTED}")
            return
        cursor.execute(f"DROP TRIGGER IF EXISTS {LISTED} ON {ENTRIES}")
        cursor.execute(f"DROP TABLE IF EXISTS {WAITING}")


def expected(vendor):
    """The triggers that `install` puts in place, as a list of Expected."""
    if vendor == "postgresql":
        kind = INSERT | ROW
        return [Expected(LISTED, ENTRIES, _listed(), kind), Expected(SEALED, WAITING, _sealed(), kind)]
    return [Expected(LISTED, ENTRIES, _sqlite())]


def seal_what_is_there(connection):
    """Seal the entries that were written before there were seals, in the order of their keys."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Nothing may be written between the last of these seals and the first by the trigger.
            cursor.execute(f"LOCK TABLE {ENTRIES} IN SHARE ROW EXCLUSIVE MODE")
        digest = ""
        with connection.chunked_cursor() as entries:
            entries.execute(f"SELECT e.id, {text_of(connection.vendor, 'e')} FROM {ENTRIES} e ORDER BY e.id")  # noqa: S608
            for position, (key, text) in enumerate(entries, start=1):
                digest = digest_of(digest, text)
                cursor.execute(
                    f"INSERT INTO {SEALS} (position, entry_id, digest) VALUES (%s, %s, %s)",  # noqa: S608
                    [position, key, digest],
                )


def _listed():
    return f" BEGIN INSERT INTO {WAITING} (entry_id) VALUES (NEW.id); RETURN NULL; END "  # noqa: S608


def _sealed():
    # A function that is volatile sees, once it has the lock, what others have committed while it waited.
    return (
        f" DECLARE last {SEALS}%ROWTYPE; BEGIN "  # noqa: S608
        f"PERFORM pg_advisory_xact_lock('{SEALS}'::regclass::oid::bigint); "
        f"SELECT * INTO last FROM {SEALS} ORDER BY position DESC LIMIT 1; "
        f"INSERT INTO {SEALS} (position, entry_id, digest) SELECT coalesce(last.position, 0) + 1, e.id, "
        f"encode(sha256(convert_to(coalesce(last.digest, '') || {text_of('postgresql', 'e')}, 'UTF8')), 'hex') "
        f"FROM {ENTRIES} e WHERE e.id = NEW.entry_id; "
        f"DELETE FROM {WAITING} WHERE entry_id = NEW.entry_id; "
        "RETURN NULL; END "
    )


def _sqlite():
    # SHA256 is a function that Django gives to every connection it opens: another program cannot add entries.
    last = f"(SELECT digest FROM {SEALS} ORDER BY position DESC LIMIT 1)"  # noqa: S608
    return (
        f"CREATE TRIGGER {LISTED} AFTER INSERT ON {ENTRIES} BEGIN "  # noqa: S608
        f"INSERT INTO {SEALS} (position, entry_id, digest) "
        f"SELECT coalesce(max(position), 0) + 1, NEW.id, "
        f"SHA256(coalesce({last}, '') || {text_of('sqlite', 'NEW')}) FROM {SEALS}; END"
    )
