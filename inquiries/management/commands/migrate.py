"""Django's `migrate`, which at its end says what a new installation lacks: its first clerk."""

from django.core.management.commands.migrate import Command as MigrateCommand

from inquiries.models import Person

FIRST_CLERK = "Nobody can sign in yet, because there is no clerk. Make the first one: manage.py create_clerk EMAIL NAME"


class Command(MigrateCommand):
    def handle(self, *args, **options):
        super().handle(*args, **options)
        asked_for_less = options["app_label"] or options["plan"] or options["check_unapplied"]
        if (
            options["verbosity"]
            and not asked_for_less
            and not Person.objects.using(options["database"]).clerks().exists()
        ):
            self.stdout.write(self.style.WARNING(FIRST_CLERK))
