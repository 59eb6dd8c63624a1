"""`manage.py held_work`: what waited in a backup that was restored; to let it go out, or to drop it."""

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions.held_work import close_restorations, drop_held, held_notifications, held_plans, release_held
from inquiries.management.commands.import_progress_report import clerk_who_imports
from inquiries.models import Notification, PackPlan
from inquiries.permissions import Refused
from inquiries.templatetags.scrutiny import longdate, moment


class Command(BaseCommand):
    help = "List the e-mails and planned publications that are held since a restore. Nothing else changes them."

    def add_arguments(self, parser):
        parser.add_argument("--release", nargs="*", metavar="NUMBER", help="let these go out; without a number all")
        parser.add_argument("--drop", nargs="*", metavar="NUMBER", help="drop these; without a number all")
        parser.add_argument(
            "--start-reminders", action="store_true", help="remind people again: nothing is held any more"
        )
        parser.add_argument("--by", metavar="EMAIL", help="the clerk who has decided; needed where there are several")

    def handle(self, *args, release, drop, start_reminders, by, **options):
        if release is None and drop is None and not start_reminders:
            self.list_held()
            return
        who = {"by": clerk_who_imports(by), "now": timezone.now()}
        try:
            if release is not None:
                self.report("Released", release_held(**self.chosen(release), **who))
            if drop is not None:
                self.report("Dropped", drop_held(**self.chosen(drop), **who))
            if start_reminders:
                close_restorations(**who)
                self.stdout.write("People are reminded again from tomorrow on.")
        except Refused as error:
            raise CommandError(str(error)) from error

    def list_held(self):
        for plan in held_plans():
            self.stdout.write(f"P{plan.pk}  {moment(plan.publish_on)}  {plan.name}, {plan.meeting}")
        for message in held_notifications():
            self.stdout.write(
                f"E{message.pk}  {longdate(message.goes_out_on)}  {message.subject}, to {message.recipient}"
            )
        if not held_plans().exists() and not held_notifications().exists():
            self.stdout.write("Nothing is held.")

    def chosen(self, numbers):
        if not numbers:
            return {"notifications": Notification.objects.all(), "plans": PackPlan.objects.all()}
        wrong = [number for number in numbers if not (number[:1] in "PE" and number[1:].isdecimal())]
        if wrong:
            raise CommandError(f"{wrong[0]} is no number as held_work lists them: E12, P3.")
        return {
            "notifications": Notification.objects.filter(pk__in=[n[1:] for n in numbers if n.startswith("E")]),
            "plans": PackPlan.objects.filter(pk__in=[n[1:] for n in numbers if n.startswith("P")]),
        }

    def report(self, what, counts):
        messages, plans = counts
        self.stdout.write(
            f"{what}: {messages:,} e-mail{pluralize(messages)}, {plans:,} planned publication{pluralize(plans)}."
        )
