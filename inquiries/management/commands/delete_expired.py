"""`manage.py delete_expired`: throw away what need not be kept any longer. To be run once a day."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from inquiries.actions.expiry import expire


class Command(BaseCommand):
    """Deletes ended sessions, old notifications, forgotten drafts and leavers' addresses, however often it runs."""

    help = (
        "Throw away what need not be kept any longer: ended sessions, old notifications, imports that nobody "
        "finished, the e-mail addresses of people who left long ago, what has run out in the cache. Run it every day."
    )

    def handle(self, *args, **options):
        """Delete, and say what."""
        done = expire(
            now=timezone.now(),
            keep_notifications_days=settings.KEEP_NOTIFICATIONS_DAYS,
            keep_leavers_months=settings.KEEP_LEAVERS_MONTHS,
        )
        said = [f"{what}: {count}" for what, count in done if count]
        self.stdout.write(f"Thrown away: {'; '.join(said)}." if said else "There was nothing to throw away.")
