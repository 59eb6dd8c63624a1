"""`manage.py publish_planned`: publish the agenda packs whose time has come."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from inquiries.actions.packs import publish_planned


class Command(BaseCommand):
    """Publishes each planned pack once, however many of these run at the same time."""

    help = (
        "Publish the agenda packs that were planned for now or earlier. What has changed since it was planned is not "
        "published: the clerks are told. `send_notices --loop` does the same in each round."
    )

    def handle(self, *args, **options):
        """Publish, and say how many."""
        published, refused = publish_planned(timezone.now())
        self.stdout.write(f"{published_words(published)}.")
        if refused:
            self.stderr.write(refused_words(refused))


def published_words(count):
    """ "1 agenda pack published"."""
    return f"{_packs(count)} published"


def refused_words(count):
    """What is said of packs that were not published."""
    return f"{_packs(count)} could not be published as planned. The clerks are told why."


def _packs(count):
    return f"{count} agenda pack{'' if count == 1 else 's'}"
