from django.db import migrations

from inquiries.models import history_triggers


def install(apps, schema_editor):
    history_triggers.install(schema_editor.connection, history_triggers.HISTORY)


def remove(apps, schema_editor):
    history_triggers.remove(schema_editor.connection, history_triggers.HISTORY)


class Migration(migrations.Migration):
    """The database itself refuses to change or delete what is history."""

    dependencies = [("inquiries", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
