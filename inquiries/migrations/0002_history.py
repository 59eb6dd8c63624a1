from django.db import migrations

from inquiries import history_database


def install(apps, schema_editor):
    history_database.install(schema_editor.connection)


def remove(apps, schema_editor):
    history_database.remove(schema_editor.connection)
    schema_editor.execute(f"DROP TABLE {history_database.UNSEALED}")


class Migration(migrations.Migration):
    """The database refuses to change history and published packs, and seals each entry of history."""

    dependencies = [("inquiries", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
