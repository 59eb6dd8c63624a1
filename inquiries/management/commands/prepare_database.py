"""`manage.py prepare_database`: the database as this version needs it. Run at each release, as often as you like.

With DATABASE_OWNER_URL the tables belong to the role named there, and that of DATABASE_URL, by which the application
signs in, is made and limited: it cannot change history. The application itself needs DATABASE_URL only.
"""

from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseTrouble
from django.db import connections, transaction

from inquiries.history_database import (
    OWN_ROLE_ADVICE,
    RoleNotLimited,
    create_role,
    limit_role,
    owner_of_tables,
    role_findings,
)

OWNER = "owner"


# Any number, as long as nothing else in the database locks it.
LOCK = 7_263_748


@contextmanager
def one_at_a_time(alias, output):
    """Wait until no other process prepares this database, on whatever machine.

    The lock belongs to a connection of its own, and ends with it, however this process ends.
    """
    connections[alias].ensure_connection()
    with psycopg.connect(**connections[alias].get_connection_params(), autocommit=True) as keeper:
        keeper.execute("SET statement_timeout = 0")
        if not keeper.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()[0]:
            output.write("Another process prepares the database. Waiting for it to end.")
            output.flush()
            keeper.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield


class Command(BaseCommand):
    help = "Bring the database up to date, and limit the application's own role where DATABASE_OWNER_URL is set."
    requires_system_checks: list = []

    def handle(self, *args, verbosity, **options):
        owned = OWNER in settings.DATABASES
        alias = OWNER if owned else "default"
        role = settings.DATABASES["default"].get("USER", "")
        with one_at_a_time(alias, self.stdout):
            if owned:
                self.check_roles(role)
            call_command("migrate", database=alias, interactive=False, verbosity=verbosity, stdout=self.stdout)
            call_command("createcachetable", database=alias, verbosity=verbosity, stdout=self.stdout)
            if owned:
                self.limit_application_role(role)
            self.report_role_findings(owned)

    def check_roles(self, role):
        if not role or role == settings.DATABASES[OWNER].get("USER"):
            raise CommandError(
                "DATABASE_URL and DATABASE_OWNER_URL must name two roles: the owner makes the tables, the other is "
                "the application's and cannot change history."
            )
        with connections[OWNER].cursor() as cursor:
            if other := owner_of_tables(cursor):
                raise CommandError(
                    f"The tables belong to the role {other}. Let DATABASE_OWNER_URL name that role, or have an "
                    f"administrator hand them over: REASSIGN OWNED BY {other} TO the new owner."
                )

    def limit_application_role(self, role):
        try:
            with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
                done = create_role(cursor, role, settings.DATABASES["default"].get("PASSWORD", ""))
                done += limit_role(cursor, role)
        except RoleNotLimited as reason:
            raise CommandError(str(reason)) from reason
        for sentence in done:
            self.stdout.write(sentence)

    def report_role_findings(self, owned):
        try:
            remaining = role_findings(connections["default"])
        except DatabaseTrouble as error:
            raise CommandError(f"The application's own role cannot sign in: {error}") from error
        if remaining and owned:
            raise CommandError(" ".join(remaining))
        for sentence in remaining:
            self.stderr.write(f"Warning: {sentence}")
        if remaining:
            self.stderr.write(OWN_ROLE_ADVICE)
