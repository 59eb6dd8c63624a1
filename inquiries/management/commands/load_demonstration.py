"""Load the demonstration: a fictional county with something waiting for everybody."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inquiries.demonstration.load import load


class Command(BaseCommand):
    help = "Loads the demonstration data. Loading it again changes nothing. Only in demonstration mode."

    def handle(self, *args, **options):
        if not settings.DEMONSTRATION:
            raise CommandError("The demonstration is only loaded in demonstration mode: set SCRUTINY_DEMONSTRATION.")
        loaded = load(timezone.localdate())
        self.stdout.write("The demonstration has been loaded." if loaded else "The demonstration is already there.")
