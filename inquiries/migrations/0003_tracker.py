from django.db import migrations

from inquiries import tracker_database


def install(apps, schema_editor):
    tracker_database.install_tracker(schema_editor.connection)


def remove(apps, schema_editor):
    tracker_database.remove_tracker(schema_editor.connection)


class Migration(migrations.Migration):
    """The database keeps the rows of the tracker true."""

    dependencies = [("inquiries", "0002_history")]

    operations = [migrations.RunPython(install, remove)]
