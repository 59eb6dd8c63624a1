"""How the database protects history: triggers that refuse changes, seals on every entry, and a second role.

It is all here because the migrations install it, `check_history` looks whether it is still there, word for word,
`prepare_database` limits the application's role, and tests take it away to tamper.
"""

import hashlib
from dataclasses import dataclass

from django.core import checks
from django.db import ProgrammingError, connections

ENTRIES = "inquiries_entry"
SEALS = "inquiries_seal"
UNSEALED = "inquiries_unsealed"
PACKS = "inquiries_agendapack"
APPEND_ONLY = (ENTRIES, "inquiries_targetdatechange", "inquiries_reportedition", SEALS)
# Django's list of migrations is written by the owner alone.
READ_ONLY = (SEALS, "django_migrations")
# All of a published pack but its withdrawal.
PACK_COLUMNS = (
    "meeting_id, edition, supplement, number, file, checksum, fingerprint, content, first_page, last_page, "
    "last_exempt_page, is_accessible, built_at, built_by_id, published_at, published_by_id, "
    "screen_end, screen_pages, screen_checksum"
)
MINUTES = "inquiries_minutesedition"
MINUTES_COLUMNS = "meeting_id, number, content, reason, published_at, published_by_id"
# The columns that a seal covers.
ENTRY_COLUMNS = (
    "id", "at", "by_id", "by_name", "on_behalf_of", "verb", "sentence", "subject_type", "subject_id",
    "subject_label", "inquiry_id", "changes", "states", "note",
)  # fmt: skip
OWN_ROLE_ADVICE = "docs/history.md says how to give the application a role of its own (DATABASE_OWNER_URL)."


# Triggers


@dataclass(frozen=True)
class Trigger:
    name: str
    table: str
    timing: str
    body: str
    per: str = "ROW"
    is_deferred: bool = False
    referencing: str = ""

    @property
    def definition(self):
        kind, deferred = (
            ("CONSTRAINT TRIGGER", " DEFERRABLE INITIALLY DEFERRED") if self.is_deferred else ("TRIGGER", "")
        )
        return (
            f"CREATE {kind} {self.name} {self.timing} ON {self.table}{deferred} {self.referencing}"
            f"FOR EACH {self.per} EXECUTE FUNCTION {self.name}()"
        )


def refuse(table, event, columns="", condition="TRUE"):
    returned = {"UPDATE": "NEW", "DELETE": "OLD"}.get(event, "NULL")
    return Trigger(
        name=f"{table}_no_{event.lower()}",
        table=table,
        timing=f"BEFORE {event} OF {columns}" if columns else f"BEFORE {event}",
        body=f" BEGIN IF {condition} THEN RAISE EXCEPTION 'history cannot be changed: {table}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {returned}; END ",
        per="STATEMENT" if event == "TRUNCATE" else "ROW",
    )


def entry_as_text(row):
    """The SQL of an entry as one text: a JSON list, so that no field runs into the next. `row` is the table's alias."""
    # Seconds: a time written out would depend on the time zone of the connection.
    columns = [f"extract(epoch FROM {row}.at)" if name == "at" else f"{row}.{name}" for name in ENTRY_COLUMNS]
    return f"jsonb_build_array({', '.join(columns)})::text"


def digest_of(digest_before, text):
    """The digest that seals an entry (as `entry_as_text` gives it) after the seal with `digest_before`."""
    return hashlib.sha256((digest_before + text).encode()).hexdigest()


_PACK_IS_PUBLISHED = f"EXISTS (SELECT 1 FROM {PACKS} WHERE id = OLD.pack_id AND published_at IS NOT NULL)"  # noqa: S608
NO_TRUNCATE = tuple(refuse(table, "TRUNCATE") for table in APPEND_ONLY)
# Entries are sealed when their transaction commits, one transaction after the other. There are two rounds of deferred
# triggers so that nothing is waited for after the one lock that the chain needs: the first, among the deferred checks
# of foreign keys, lists an entry; the second, after all those checks, seals what is listed. The functions run with the
# rights of the owner of the tables, so the application's role cannot write seals itself.
SEALING = (
    Trigger(
        name=f"{ENTRIES}_listed",
        table=ENTRIES,
        timing="AFTER INSERT",
        body=f" BEGIN INSERT INTO {UNSEALED} (entry_id) VALUES (NEW.id); RETURN NULL; END ",  # noqa: S608
        is_deferred=True,
    ),
    Trigger(
        name=f"{UNSEALED}_sealed",
        table=UNSEALED,
        timing="AFTER INSERT",
        # A volatile function sees, once it has the lock, what others have committed while it waited.
        body=f" DECLARE last {SEALS}%ROWTYPE; BEGIN "  # noqa: S608
        f"PERFORM pg_advisory_xact_lock('{SEALS}'::regclass::oid::bigint); "
        f"SELECT * INTO last FROM {SEALS} ORDER BY position DESC LIMIT 1; "
        f"INSERT INTO {SEALS} (position, entry_id, digest) SELECT coalesce(last.position, 0) + 1, e.id, "
        f"encode(sha256(convert_to(coalesce(last.digest, '') || {entry_as_text('e')}, 'UTF8')), 'hex') "
        f"FROM {ENTRIES} e WHERE e.id = NEW.entry_id; "
        f"DELETE FROM {UNSEALED} WHERE entry_id = NEW.entry_id; "
        "RETURN NULL; END ",
        is_deferred=True,
    ),
)
TRIGGERS = (
    *(refuse(table, event) for table in APPEND_ONLY for event in ("UPDATE", "DELETE")),
    refuse(PACKS, "UPDATE", PACK_COLUMNS, "OLD.published_at IS NOT NULL"),
    refuse(PACKS, "DELETE", condition="OLD.published_at IS NOT NULL"),
    refuse(MINUTES, "UPDATE", MINUTES_COLUMNS),
    refuse(MINUTES, "DELETE"),
    *(
        refuse(table, event, condition=_PACK_IS_PUBLISHED)
        for table in ("inquiries_packentry", "inquiries_packpaper")
        for event in ("UPDATE", "DELETE")
    ),
    *NO_TRUNCATE,
    *SEALING,
)


def install(connection, triggers=TRIGGERS):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE IF NOT EXISTS {UNSEALED} (entry_id bigint NOT NULL)")
        # The functions look into our tables, never into temporary ones of the same name.
        cursor.execute("SELECT quote_ident(current_schema())")
        pinned = f"SET search_path = pg_catalog, {cursor.fetchone()[0]}, pg_temp"
        for trigger in triggers:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
                f"{pinned} AS $${trigger.body}$$"
            )
            cursor.execute(f"REVOKE ALL ON FUNCTION {trigger.name}() FROM PUBLIC")
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}")
            cursor.execute(trigger.definition)


def remove(connection, triggers=TRIGGERS):
    with connection.cursor() as cursor:
        for trigger in triggers:
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}")


def trigger_findings(connection, triggers=TRIGGERS):
    tables = sorted({trigger.table for trigger in triggers})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled IN ('O', 'A'), pg_get_triggerdef(t.oid, true), p.prosrc, "
            "p.prosecdef AND array_to_string(p.proconfig, ',') LIKE 'search_path=pg_catalog, %%, pg_temp' "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)",
            [tables],
        )
        found = {(table, name): rest for table, name, *rest in cursor.fetchall()}
        cursor.execute(
            "SELECT tablename, rulename FROM pg_rules WHERE schemaname = current_schema() AND tablename = ANY(%s)",
            [tables],
        )
        rules = cursor.fetchall()
    for trigger in triggers:
        is_enabled, *installed = found.pop((trigger.table, trigger.name), (None, None))
        if is_enabled is None:
            yield f"The trigger {trigger.name} on {trigger.table} is missing."
        elif not is_enabled:
            yield f"The trigger {trigger.name} on {trigger.table} is switched off."
        elif installed != [trigger.definition, trigger.body, True]:
            yield f"The trigger {trigger.name} on {trigger.table} is not the one that was installed."
    for table, name in sorted([*found, *rules]):
        yield f"There is an unknown trigger or rule on {table}: {name}."


# Roles: the owner of a table can take its triggers away, so the tables belong to one role and the application signs in
# as another, which may read and add, and change what is not history.


class RoleNotLimited(Exception):
    """The message says what has to be done first."""


def create_role(cursor, role, password):
    name = cursor.db.ops.quote_name(role)
    cursor.execute("SELECT rolsuper OR rolcreaterole OR rolreplication FROM pg_roles WHERE rolname = %s", [role])
    existing = cursor.fetchone()
    if existing and not existing[0]:
        return []
    statement, values = f"ALTER ROLE {name} NOSUPERUSER NOCREATEROLE NOREPLICATION", []
    if not existing:
        statement = f"CREATE ROLE {name} LOGIN"
        # Encrypted here: the server may write statements into its log.
        values = [cursor.db.connection.pgconn.encrypt_password(password.encode(), role.encode(), None).decode()]
    try:
        cursor.execute(f"{statement} PASSWORD %s" if values else statement, values or None)
    except ProgrammingError as error:
        raise RoleNotLimited(
            f"The owner's role may not do this: {statement}. Have an administrator of the server do it"
            f"{' (with the password that DATABASE_URL has)' if values else ''}, then try again."
        ) from error
    return [f"The role {role} can no longer change the server." if existing else f"The role {role} has been made."]


def owner_of_tables(cursor):
    cursor.execute(
        "SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
        "AND relname = %s AND NOT pg_has_role(relowner, 'USAGE')",
        [ENTRIES],
    )
    found = cursor.fetchone()
    return found and found[0]


def limit_role(cursor, role):
    name = cursor.db.ops.quote_name(role)
    cursor.execute("SELECT quote_ident(current_schema()), quote_ident(current_database()), quote_ident(current_user)")
    schema, database, owner = cursor.fetchone()
    cursor.execute(
        "SELECT pg_has_role(%s, current_user, 'MEMBER') AND NOT rolsuper FROM pg_roles WHERE rolname = %s", [role, role]
    )
    if cursor.fetchone()[0]:
        cursor.execute(f"REVOKE {owner} FROM {name}")
    for statement in (
        # A temporary table could hide one of ours.
        f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
        f"REVOKE ALL ON DATABASE {database} FROM {name}",
        f"GRANT CONNECT ON DATABASE {database} TO {name}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"REVOKE ALL ON SCHEMA {schema} FROM {name}",
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM PUBLIC, {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}",
        *(f"REVOKE UPDATE, DELETE ON {table} FROM {name}" for table in APPEND_ONLY),
        *(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {name}" for table in READ_ONLY),
        f"REVOKE ALL ON {UNSEALED} FROM {name}",
        # For what a migration that is run by hand adds; the next `prepare_database` limits it.
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {name}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {name}",
    ):
        cursor.execute(statement)
    return [
        f"The role {role} may read and add to the history, read its seals, and change everything else; "
        "it may not make, alter or empty tables."
    ]


def role_findings(connection):
    """How the role of this connection could change history, in sentences; none where it can't, or has no tables yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
        return [f"The database role {role} {ability}." for ability in role_abilities(cursor)]


def role_abilities(cursor):
    def column(sql, *values):
        cursor.execute(sql, values)
        return [value for (value,) in cursor.fetchall()]

    ours = "SELECT relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    cursor.execute("SELECT rolsuper, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user")
    is_superuser, creates_roles, replicates = cursor.fetchone()
    if is_superuser:
        # Everything else follows.
        yield "is a superuser: it can switch every protection of the history off"
        return
    if creates_roles:
        yield "can make roles, and so could give itself that of the owner"
    if replicates:
        yield "may replicate, and so read and write past the tables"
    if column("SELECT 1 WHERE has_parameter_privilege('session_replication_role', 'SET')"):
        yield "may set session_replication_role, which switches triggers off"
    if owned := column(
        f"{ours} AND pg_has_role(c.relowner, 'MEMBER') AND relname = ANY(%s) ORDER BY 1", list(APPEND_ONLY)
    ):
        yield f"owns {', '.join(owned)} (or is a member of a role that does), and so could take the triggers away"
        return
    if column("SELECT 1 WHERE has_schema_privilege(current_schema(), 'CREATE')"):
        yield "may make tables and functions beside ours"
    if column("SELECT 1 WHERE has_database_privilege(current_database(), 'TEMPORARY')"):
        yield "may make temporary tables, which could hide ours"
    allowed = f"{ours} AND has_table_privilege(c.oid, %s) AND relname = ANY(%s) ORDER BY 1"
    for privilege in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"):
        if tables := column(allowed, privilege, list(APPEND_ONLY)):
            yield f"has the privilege {privilege} on {', '.join(tables)}"
    if tables := column(allowed, "INSERT", [SEALS, UNSEALED]):
        yield f"could write seals itself ({', '.join(tables)})"


def check_role(app_configs, databases, **kwargs):
    """`manage.py check --database default`: warns where the application's own role could change history."""
    if "default" not in (databases or ()):
        return []
    return [
        checks.Warning(sentence, hint=OWN_ROLE_ADVICE, id="inquiries.W001")
        for sentence in role_findings(connections["default"])
    ]
