from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    """What PostgreSQL brings but does not switch on: `unaccent`, by which names are ordered."""

    dependencies = [("inquiries", "0002_history")]
    operations = [UnaccentExtension()]
