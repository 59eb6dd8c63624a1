"""Django's development server, which in demonstration mode only listens to this machine."""

from django.conf import settings
from django.core.management.base import CommandError
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from scrutiny.middleware import is_loopback


class Command(RunserverCommand):
    def run(self, **options):
        """Serve; raises CommandError when the demonstration would be offered to other machines."""
        if settings.DEMONSTRATION and not is_loopback(self.addr):
            raise CommandError(
                f"The demonstration does not start on {self.addr}: in it anybody can sign in as anybody, "
                "so it is for this machine only. Use 127.0.0.1."
            )
        super().run(**options)
