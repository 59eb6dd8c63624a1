"""Django's development server, which listens to this machine only where it must (see LOCAL_ONLY_REASON)."""

from django.core.management.base import CommandError
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from scrutiny.middleware import refuse_to_listen


class Command(RunserverCommand):
    def run(self, **options):
        if refusal := refuse_to_listen(self.addr):
            raise CommandError(refusal)
        super().run(**options)
