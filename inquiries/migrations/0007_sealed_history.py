from django.db import migrations

from inquiries.models import history_seals, history_triggers


def install(apps, schema_editor):
    history_seals.seal_what_is_there(schema_editor.connection)
    history_seals.install(schema_editor.connection)
    # Those of 0002 and 0004 too: their functions find our tables only, whatever the search path.
    history_triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    history_seals.remove(schema_editor.connection)
    history_triggers.remove(schema_editor.connection, history_triggers.OF_SEALS + history_triggers.TRUNCATION)


class Migration(migrations.Migration):
    """The database seals every entry of history, those that are there already first.

    What such an entry says of e-mail addresses stays in it: history cannot be changed.
    """

    dependencies = [("inquiries", "0006_seals")]

    operations = [migrations.RunPython(install, remove)]
