"""`manage.py create_clerk EMAIL NAME`: the first clerk of a new installation."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inquiries.actions.people import make_clerk


class Command(BaseCommand):
    help = "Make a clerk, who signs in with a code sent to EMAIL and then records everybody else."

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("name", metavar="NAME")

    def handle(self, *args, email, name, **options):
        try:
            person, changed = make_clerk(email=email.strip(), name=name, now=timezone.now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if changed:
            self.stdout.write(f"{person} is a clerk and can sign in with {person.email}.")
        else:
            self.stdout.write(f"{person} is a clerk already. Nothing was changed.")
