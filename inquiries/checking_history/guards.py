"""Whether the database still refuses to change history, and still seals what is added."""

from inquiries.models import history_seals, history_triggers

GUARDED = (*history_triggers.APPEND_ONLY, history_triggers.PACK, *history_triggers.PARTS_OF_PACKS)


def missing_guards(connection):
    """Triggers that are missing, switched off or not the ones that were installed, and strange ones: sentences."""
    expected = [*history_triggers.expected(connection.vendor), *history_seals.expected(connection.vendor)]
    found = _on_postgresql(connection) if connection.vendor == "postgresql" else _on_sqlite(connection)
    for trigger in expected:
        there = found.pop((trigger.table, trigger.name), None)
        if there is None:
            yield f"The trigger {trigger.name} on {trigger.table} is missing."
        elif there == SWITCHED_OFF:
            yield f"The trigger {trigger.name} on {trigger.table} is switched off."
        elif there != (trigger.source, trigger.kind, trigger.columns):
            yield f"The trigger {trigger.name} on {trigger.table} is not the one that was installed."
    for table, name in sorted(found):
        yield f"There is a strange trigger or rule on {table}: {name}."


SWITCHED_OFF = "switched off"


def _on_postgresql(connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled IN ('O', 'A'), p.prosrc, t.tgtype, "
            "coalesce(array_length(string_to_array(t.tgattr::text, ' '), 1), 0), "
            "t.tgqual IS NULL AND array_to_string(p.proconfig, ',') LIKE 'search_path=pg_catalog, %%, pg_temp' "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)",
            [[*GUARDED, history_seals.WAITING]],
        )
        found = {
            (table, name): ((source, kind, columns) if as_installed else "") if on else SWITCHED_OFF
            for table, name, on, source, kind, columns, as_installed in cursor.fetchall()
        }
        # A rule would do something else in place of what was asked.
        cursor.execute(
            "SELECT tablename, rulename FROM pg_rules WHERE schemaname = current_schema() AND tablename = ANY(%s)",
            [list(GUARDED)],
        )
        return found | {(table, name): "" for table, name in cursor.fetchall()}


def _on_sqlite(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {(table, name): (sql, 0, 0) for table, name, sql in cursor.fetchall() if table in GUARDED}
