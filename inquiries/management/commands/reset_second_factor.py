"""`manage.py reset_second_factor EMAIL`: for the last clerk, who lost their device; other people ask a clerk."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inquiries.actions.sessions import reset_as_operator
from inquiries.models import Person


class Command(BaseCommand):
    help = "Let a person who lost their device sign in with a code by e-mail, and set up a second step again."

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args, email, **options):
        person = Person.objects.filter(email__iexact=email.strip()).first()
        if person is None:
            raise CommandError("Nobody has this e-mail address.")
        reset_as_operator(person, now=timezone.now())
        self.stdout.write(f"{person} signs in with a code sent to {person.email} and sets up a second step again.")
