"""The application's own database role cannot change history, and needs no more than it has.

A database of its own is prepared by `manage.py prepare_database` as its owner; then the application's role tries
everything.
"""

import os
import re
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

ROOT = settings.BASE_DIR
NAME = f"scrutiny_roles_{os.getpid()}"
LOAD = "from django.utils import timezone; from inquiries.demonstration.load import load; load(timezone.localdate())"
OWNER, ROLE, SECRET = f"{NAME}_owner", f"{NAME}_web", "made-for-this-test"


def address(role, database=NAME):
    """The address of a database for a role."""
    server = conninfo_to_dict(settings.DATABASE_URL)
    where = server.get("host", "localhost")
    if where.startswith("/"):
        return f"postgresql://{role}:{SECRET}@/{database}?host={where}"
    return f"postgresql://{role}:{SECRET}@{where}:{server.get('port', 5432)}/{database}"


def manage(*arguments, owner=True, **variables):
    """One command of the application, in a process that knows nothing but these addresses."""
    addresses = {"DATABASE_URL": address(ROLE)} | ({"DATABASE_OWNER_URL": address(OWNER)} if owner else {})
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), **addresses, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def administrator():
    """A connection of whoever looks after the server."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as found:
        yield found


@pytest.fixture(scope="module")
def prepared(administrator, tmp_path_factory):
    """The database, made by its owner, who is no superuser, with the demonstration loaded by the application's role."""
    name, owner, role = (sql.Identifier(each) for each in (NAME, OWNER, ROLE))
    administrator.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(owner, sql.Literal(SECRET)))
    administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    files = tmp_path_factory.mktemp("files")
    try:
        done = manage("prepare_database")
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"The role {ROLE} has been made." in done.stdout
        loaded = manage("shell", "-c", LOAD, owner=False, SCRUTINY_FILES=str(files), SCRUTINY_DEMONSTRATION="true")
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        yield files
    finally:
        administrator.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        for each in (role, owner):
            administrator.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(each))


@pytest.fixture
def application(prepared):
    """A connection of the application's role."""
    with psycopg.connect(address(ROLE), autocommit=True) as found:
        yield found


REFUSED = [
    "UPDATE inquiries_entry SET sentence = 'nothing'",
    "DELETE FROM inquiries_entry",
    "TRUNCATE inquiries_entry",
    "TRUNCATE inquiries_seal",
    "INSERT INTO inquiries_seal VALUES (9999, 9999, 'x')",
    "UPDATE inquiries_seal SET digest = 'x'",
    "DELETE FROM inquiries_seal",
    "INSERT INTO inquiries_unsealed VALUES (1)",
    "DELETE FROM inquiries_unsealed",
    "UPDATE inquiries_reportedition SET number = 9",
    "DELETE FROM inquiries_targetdatechange",
    "DROP TRIGGER inquiries_entry_no_update ON inquiries_entry",
    "ALTER TABLE inquiries_entry DISABLE TRIGGER ALL",
    "ALTER TABLE inquiries_entry DISABLE TRIGGER inquiries_entry_listed",
    "ALTER TABLE inquiries_entry RENAME TO another",
    "DROP TABLE inquiries_entry CASCADE",
    "ALTER TABLE inquiries_agendapack DISABLE TRIGGER ALL",
    "SET session_replication_role = 'replica'",
    "DROP FUNCTION inquiries_entry_no_update() CASCADE",
    "CREATE OR REPLACE FUNCTION inquiries_entry_no_update() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN RETURN NEW; END $$",
    "CREATE OR REPLACE FUNCTION inquiries_unsealed_sealed() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN RETURN NULL; END $$",
    "CREATE FUNCTION another() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE another (id int)",
    "CREATE TEMP TABLE inquiries_person (id int)",
    "CREATE TRIGGER another BEFORE INSERT ON inquiries_entry FOR EACH ROW EXECUTE FUNCTION inquiries_entry_no_update()",
    "CREATE RULE another AS ON INSERT TO inquiries_entry DO INSTEAD NOTHING",
    "UPDATE django_migrations SET name = 'another'",
    "SET ROLE {owner}",
    "ALTER ROLE CURRENT_USER SUPERUSER",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_refuses_the_application_role(application, statement):
    with pytest.raises(errors.InsufficientPrivilege):
        # The name differs between the processes of a run, so it cannot be in the name of a test.
        application.execute(statement.replace("{owner}", OWNER))


def test_triggers_ignore_temporary_tables(application, administrator):
    """Should the role be allowed temporary tables: the triggers look into the real tables."""
    names = {"database": sql.Identifier(NAME), "role": sql.Identifier(ROLE)}
    administrator.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {database} TO {role}").format(**names))
    published = "SELECT pack_id FROM inquiries_packentry e JOIN inquiries_agendapack p ON p.id = e.pack_id "
    pack = application.execute(published + "WHERE p.published_at IS NOT NULL LIMIT 1").fetchone()[0]
    application.execute("CREATE TEMP TABLE inquiries_agendapack (id bigint, published_at timestamptz)")
    application.execute("CREATE TEMP TABLE inquiries_seal (position bigint, entry_id bigint, digest text)")
    with pytest.raises(errors.IntegrityConstraintViolation, match="history cannot be changed"):
        application.execute("DELETE FROM inquiries_packentry WHERE pack_id = %s", [pack])
    seals = "SELECT count(*) FROM public.inquiries_seal"
    before = application.execute(seals).fetchone()[0]
    application.execute(
        "INSERT INTO inquiries_entry (at, by_name, on_behalf_of, verb, sentence, subject_type, subject_id, "
        "subject_label, changes, states, note) VALUES (now(), 'A', '', 'x', 'x', 'x', 1, 'x', '{}', '{}', '')"
    )
    assert application.execute(seals).fetchone()[0] == before + 1
    assert application.execute("SELECT count(*) FROM pg_temp.inquiries_seal").fetchone()[0] == 0
    administrator.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {database} FROM {role}").format(**names))


@pytest.mark.django_db
def test_connection_ignores_temporary_tables():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE inquiries_committee (name text)")
        cursor.execute("SELECT count(slug) FROM inquiries_committee")


def test_demonstration_by_application_role(application, prepared):
    verbs = {verb for (verb,) in application.execute("SELECT DISTINCT verb FROM inquiries_entry").fetchall()}
    assert verbs >= {"save_update", "submit_update", "sign_off", "publish", "assess", "publish_pack"}
    done = manage("check_history", owner=False, SCRUTINY_FILES=str(prepared))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert done.stdout.startswith("The history is sound: ")


CHANGED = [
    ("signoff", "signed_by_id IS NOT NULL", "signed_by_id = 1 + signed_by_id, evidence_note = 'x'", "sign-off",
     "signed by, evidence note"),
    ("response", "decision = 'not_accepted'", "decision = 'deferred'", "response", "decision"),
    ("response", "lead_officer_id IS NOT NULL AND target_date IS NOT NULL",
     "lead_officer_id = 1 + lead_officer_id, target_date = '2030-01-01'", "response", "lead officer, target date"),
    ("person", "NOT is_clerk", "is_clerk = TRUE", "person", "clerk"),
]  # fmt: skip


def test_finds_changes_by_role(application, prepared):
    expected, restore = [], []
    for table, condition, values, kind, fields in CHANGED:
        columns = re.findall(r"(\w+) =", values)
        key, *before = application.execute(
            f"SELECT id, {', '.join(columns)} FROM inquiries_{table} WHERE {condition} ORDER BY id LIMIT 1"
        ).fetchone()
        application.execute(f"UPDATE inquiries_{table} SET {values} WHERE id = %s", [key])
        back = ", ".join(f"{column} = %s" for column in columns)
        restore.append((f"UPDATE inquiries_{table} SET {back} WHERE id = %s", [*before, key]))
        expected.append(f"The {kind} with the key {key} is not what the history last recorded: {fields}.")
    done = manage("check_history", "--skip-files", owner=False)
    assert (done.returncode, sorted(done.stdout.splitlines())) == (1, sorted(expected))
    for statement, values in restore:
        application.execute(statement, values)
    assert manage("check_history", "--skip-files", owner=False).returncode == 0


def test_preparing_twice_changes_nothing(prepared):
    done = manage("prepare_database", "--verbosity", "0")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"The role {ROLE} may read and add to the history, read its seals, and change everything else; "
        "it may not make, alter or empty tables.\n"
    )


def test_migrates_by_hand(prepared):
    assert manage("migrate", "--database", "owner").returncode == 0
    assert manage("migrate", "--check", owner=False).returncode == 0


def test_check_accepts_limited_role(prepared):
    assert manage("check", "--database", "default", owner=False).stderr == ""


def test_names_too_strong_role(prepared, administrator):
    as_owner = {"owner": False, "DATABASE_URL": address(OWNER)}
    said = manage("check", "--database", "default", **as_owner).stderr
    assert f"The database role {OWNER} owns inquiries_entry, inquiries_reportedition, inquiries_seal" in said
    assert f"The database role {OWNER} can make roles" in said
    done = manage("check_history", "--skip-files", **as_owner)
    assert done.returncode == 1
    assert f"The database role {OWNER} owns inquiries_entry" in done.stdout
    assert manage("check_history", "--skip-files", "--one-role", **as_owner).returncode == 0


WRONG_PRIVILEGES = [
    ("GRANT UPDATE ON inquiries_entry TO {}", "REVOKE UPDATE ON inquiries_entry FROM {}",
     "has the privilege UPDATE on inquiries_entry"),
    ("GRANT INSERT ON inquiries_seal TO {}", "REVOKE INSERT ON inquiries_seal FROM {}",
     "could write seals itself (inquiries_seal)"),
    ("GRANT CREATE ON SCHEMA public TO {}", "REVOKE CREATE ON SCHEMA public FROM {}",
     "may make tables and functions beside ours"),
    ("GRANT TEMPORARY ON DATABASE {database} TO {}", "REVOKE TEMPORARY ON DATABASE {database} FROM {}",
     "may make temporary tables, which could hide ours"),
    ("GRANT SET ON PARAMETER session_replication_role TO {}",
     "REVOKE SET ON PARAMETER session_replication_role FROM {}",
     "may set session_replication_role, which switches triggers off"),
    ("ALTER ROLE {} REPLICATION", "ALTER ROLE {} NOREPLICATION",
     "may replicate, and so read and write past the tables"),
]  # fmt: skip
SUPERUSER = (
    "ALTER ROLE {} SUPERUSER",
    "ALTER ROLE {} NOSUPERUSER",
    "is a superuser: it can switch every protection of the history off",
)


@pytest.mark.parametrize("wrong", [WRONG_PRIVILEGES, [SUPERUSER]], ids=["privileges", "superuser"])
def test_names_wrong_privileges(wrong, prepared):
    names = {"database": sql.Identifier(NAME)}
    role = sql.Identifier(ROLE)
    server = conninfo_to_dict(settings.DATABASE_URL)
    with psycopg.connect(**{**server, "dbname": NAME}, autocommit=True) as connection:
        try:
            for given, _, _ in wrong:
                connection.execute(sql.SQL(given).format(role, **names))
            found = manage("check", "--database", "default", owner=False).stderr
            assert [said for *_, said in wrong if f"The database role {ROLE} {said}." not in found] == []
        finally:
            for _, taken, _ in wrong:
                connection.execute(sql.SQL(taken).format(role, **names))


def test_preparing_revokes_privileges(prepared):
    server = conninfo_to_dict(settings.DATABASE_URL)
    with psycopg.connect(**{**server, "dbname": NAME}, autocommit=True) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER)))
        connection.execute(sql.SQL("GRANT ALL ON inquiries_entry, inquiries_seal TO {}").format(sql.Identifier(ROLE)))
    assert manage("prepare_database").returncode == 0
    assert manage("check", "--database", "default", owner=False).stderr == ""


def test_refuses_one_role_for_both(prepared):
    done = manage("prepare_database", DATABASE_URL=address(OWNER))
    assert done.returncode == 1
    assert "DATABASE_URL and DATABASE_OWNER_URL must name two roles" in done.stderr


def test_refuses_tables_of_another_role(prepared):
    done = manage("prepare_database", DATABASE_URL=address(OWNER), DATABASE_OWNER_URL=address(ROLE))
    assert done.returncode == 1
    assert f"The tables belong to the role {OWNER}." in done.stderr


def test_warns_without_an_owner(prepared):
    done = manage("prepare_database", owner=False, DATABASE_URL=address(OWNER))
    assert done.returncode == 0
    assert f"Warning: The database role {OWNER} owns inquiries_entry" in done.stderr
    assert "docs/history.md says how to give the application a role of its own" in done.stderr
