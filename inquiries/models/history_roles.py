"""On PostgreSQL: which database role could change history all the same, and how the application's own is limited.

Whoever owns a table can take its triggers away. So the tables belong to one role, by which `prepare_database`
makes them, and the application signs in as another: it may read and add, and what is not history also change.
"""

from django.core import checks
from django.db import ProgrammingError, connections

from inquiries.models.history_seals import WAITING
from inquiries.models.history_triggers import APPEND_ONLY, SEALS

# Django's own list of what has been done to the tables: only who makes tables writes there.
READ_ONLY = (SEALS, "django_migrations")
_OURS = "FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace"
ADVICE = "docs/history.md says how to give the application a role of its own (DATABASE_OWNER_URL)."


class Unlimited(Exception):
    """The application's role cannot be limited; the message says what somebody has to do first."""


def make(cursor, role, password):
    """Make the application's role where it is missing. Returns what was done, in sentences. Raises Unlimited."""
    name = cursor.db.ops.quote_name(role)
    cursor.execute("SELECT rolsuper OR rolcreaterole OR rolreplication FROM pg_roles WHERE rolname = %s", [role])
    there = cursor.fetchone()
    if there and not there[0]:
        return []
    doing = f"ALTER ROLE {name} NOSUPERUSER NOCREATEROLE NOREPLICATION" if there else f"CREATE ROLE {name} LOGIN"
    # Scrambled here: the server may write what it is told into its log.
    secret = cursor.db.connection.pgconn.encrypt_password(password.encode(), role.encode(), None).decode()
    try:
        cursor.execute(doing if there else f"{doing} PASSWORD %s", None if there else [secret])
    except ProgrammingError as error:
        raise Unlimited(
            f"The owner's role may not do this: {doing}. Have an administrator of the server do it"
            f"{'' if there else ' (with the password that DATABASE_URL has)'}, then try again."
        ) from error
    return [f"The role {role} can no longer change the server." if there else f"The role {role} has been made."]


def owner_of_tables(cursor):
    """Whose the tables are, where that is another role than the one asking and none of its own; else None."""
    cursor.execute(
        f"SELECT relowner::regrole::text {_OURS} AND relname = %s AND NOT pg_has_role(relowner, 'USAGE')",
        [APPEND_ONLY[0]],
    )
    found = cursor.fetchone()
    return found and found[0]


def limit(cursor, role):
    """Give `role` exactly what the application needs, and take the rest away. For the owner of the tables.

    Returns what it did, in sentences.
    """
    name = cursor.db.ops.quote_name(role)
    cursor.execute("SELECT quote_ident(current_schema()), quote_ident(current_database()), quote_ident(current_user)")
    schema, database, owner = cursor.fetchone()
    cursor.execute(
        "SELECT pg_has_role(%s, current_user, 'MEMBER') AND NOT rolsuper FROM pg_roles WHERE rolname = %s", [role, role]
    )
    if cursor.fetchone()[0]:
        cursor.execute(f"REVOKE {owner} FROM {name}")
    for statement in (
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
        f"REVOKE ALL ON {WAITING} FROM {name}",
        # For what a migration that is run by hand adds; the next `prepare_database` limits it.
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {name}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {name}",
    ):
        cursor.execute(statement)
    return [
        f"The role {role} may read and add to the history, read its seals, and change everything else; "
        "it may not make, alter or empty tables."
    ]


def ways_round(connection):
    """How the role of this connection could change history, in sentences; none where it can't, or has no tables yet."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        return [f"The database role {role} {could}." for could in _abilities(cursor)]


def _abilities(cursor):
    cursor.execute("SELECT rolsuper, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user")
    is_superuser, makes_roles, replicates = cursor.fetchone()
    if is_superuser:
        # Everything else follows.
        yield "is a superuser: it can switch every protection of the history off"
        return
    if makes_roles:
        yield "can make roles, and so could give itself that of the owner"
    if replicates:
        yield "may replicate, and so read and write past the tables"
    if _one(cursor, _MAY_SWITCH_OFF):
        yield "may set session_replication_role, which switches triggers off"
    cursor.execute(_OWNED, [list(APPEND_ONLY)])
    if owned := [name for (name,) in cursor.fetchall()]:
        yield f"owns {', '.join(owned)} (or is a member of a role that does), and so could take the triggers away"
        return
    if _one(cursor, "SELECT has_schema_privilege(current_schema(), 'CREATE')"):
        yield "may make tables and functions beside ours"
    for privilege in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"):
        cursor.execute(_ALLOWED, [privilege, list(APPEND_ONLY)])
        if tables := [name for (name,) in cursor.fetchall()]:
            yield f"has the privilege {privilege} on {', '.join(tables)}"
    cursor.execute(_ALLOWED, ["INSERT", [SEALS, WAITING]])
    if tables := [name for (name,) in cursor.fetchall()]:
        yield f"could write seals itself ({', '.join(tables)})"


_MAY_SWITCH_OFF = (
    "SELECT current_setting('server_version_num')::int >= 150000 "
    "AND has_parameter_privilege('session_replication_role', 'SET')"
)
_OWNED = f"SELECT relname {_OURS} AND pg_has_role(c.relowner, 'MEMBER') AND relname = ANY(%s) ORDER BY relname"
_ALLOWED = f"SELECT relname {_OURS} AND has_table_privilege(c.oid, %s) AND relname = ANY(%s) ORDER BY relname"


def _one(cursor, question):
    cursor.execute(question)
    return cursor.fetchone()[0]


@checks.register(checks.Tags.database)
def the_role_cannot_change_history(app_configs, databases, **kwargs):
    """`manage.py check --database default`: warns where the application's own role could change history."""
    if "default" not in (databases or ()):
        return []
    return [
        checks.Warning(sentence, hint=ADVICE, id="inquiries.W001") for sentence in ways_round(connections["default"])
    ]
