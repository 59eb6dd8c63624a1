"""Django's development server, which listens to this machine only where it must (see scrutiny/staying_here.py)."""

from django.conf import settings
from django.core.management.base import CommandError
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from scrutiny.middleware import is_loopback
from scrutiny.staying_here import refusal


class Command(RunserverCommand):
    def run(self, **options):
        """Serve; raises CommandError where it would be offered to other machines and must not be."""
        why_not = refusal(
            self.addr, demonstration=settings.DEMONSTRATION, debug=settings.DEBUG, secret=settings.SECRET_KEY
        )
        if why_not and not is_loopback(self.addr):
            raise CommandError(why_not)
        super().run(**options)
