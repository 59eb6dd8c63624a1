from django.db import migrations

from inquiries.models import history_triggers

AS_OF_NOW = history_triggers.HISTORY + history_triggers.PACKS


def install(apps, schema_editor):
    history_triggers.install(schema_editor.connection, AS_OF_NOW)
    if schema_editor.connection.vendor == "postgresql":
        # What the triggers of 0002 called before each had a function of its own.
        schema_editor.execute("DROP FUNCTION IF EXISTS inquiries_refuse_change()")


def remove(apps, schema_editor):
    history_triggers.remove(schema_editor.connection, AS_OF_NOW)
    history_triggers.install(schema_editor.connection, history_triggers.HISTORY)


class Migration(migrations.Migration):
    """The database itself refuses to change or delete a published pack."""

    dependencies = [("inquiries", "0003_agenda_packs")]

    operations = [migrations.RunPython(install, remove)]
