"""`manage.py send_notices`: store the reminders that are due and send what waits; with --loop, again and again.

The loop is the only worker there is, so it also publishes the agenda packs whose time has come, and brings words
that were saved by themselves and then left alone into the history.
"""

import logging
import os
import select
import signal
from argparse import ArgumentTypeError
from contextlib import contextmanager
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, transaction
from django.utils import timezone

from inquiries.actions.packs import publish_planned
from inquiries.actions.progress import record_sittings
from inquiries.management.commands.publish_planned import published_words, refused_words
from inquiries.notifications import given_up, queue_reminders, send_waiting, waiting

logger = logging.getLogger(__name__)

# Nobody wants to be reminded at midnight, when the day begins.
FIRST_HOUR_OF_REMINDERS = 7


class Command(BaseCommand):
    """Sends each waiting notification once, however many of these run at the same time."""

    help = (
        "Store the reminders that are due today and send the notifications that wait. Several may run at once: "
        "each notification is sent once."
    )

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true", help="go on until told to stop (SIGTERM or Ctrl+C)")
        parser.add_argument(
            "--seconds", type=_seconds, default=60, help="how long to wait between two rounds (default: 60)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say who would get what")
        parser.add_argument(
            "--on", type=_day, metavar="DATE", help="the reminders due on that day, such as 2026-11-16 (default: today)"
        )

    def handle(self, *args, loop, seconds, dry_run, on, **options):
        """Send, or say what would be sent. Raises CommandError for options that do not go together."""
        if loop and (dry_run or on):
            raise CommandError("--loop sends what is due now: leave --dry-run and --on out.")
        if loop:
            self._loop(seconds)
            return
        now = timezone.now()
        day = on or timezone.localdate(now)
        if dry_run:
            self._say_what_waits(day, now)
        else:
            record_sittings(now)
            queue_reminders(day, now)
            self._say(*send_waiting(now))

    def _say_what_waits(self, day, now):
        with transaction.atomic():
            queue_reminders(day, now)
            notifications = list(waiting(now))
            transaction.set_rollback(True)
        for notification in notifications:
            self.stdout.write(f"{notification.recipient} <{notification.recipient.email}>: {notification.subject}")
        self.stdout.write(f"{_notices(len(notifications))} would be sent.")

    def _loop(self, seconds):
        reminded = None
        with until_told_to_stop() as stop:
            self._now("Sending notifications until told to stop.")
            while not stop():
                now = timezone.now()
                try:
                    if reminded != timezone.localdate(now) and timezone.localtime(now).hour >= FIRST_HOUR_OF_REMINDERS:
                        queue_reminders(timezone.localdate(now), now)
                        reminded = timezone.localdate(now)
                    record_sittings(now)
                    self._publish(now)
                    sent, failed = send_waiting(now, stop=stop)
                    if sent or failed:
                        self._say(sent, failed)
                except DatabaseTrouble as error:
                    self.stderr.write(
                        f"The database does not answer as it should ({type(error).__name__}). "
                        f"Trying again in {seconds} seconds."
                    )
                except Exception as error:
                    # Not as Python prints it: the words of an exception quote what people wrote (scrutiny/logging.py).
                    logger.exception("The worker broke.")
                    raise SystemExit(1) from error
                close_old_connections()
                stop(within=seconds)
        self._now("Stopped.")

    def _publish(self, now):
        # Before the sending, so that the members hear of it in the same round.
        published, refused = publish_planned(now)
        if published:
            self._now(f"{published_words(published)}.")
        if refused:
            self.stderr.write(refused_words(refused))

    def _say(self, sent, failed):
        self._now(f"{_notices(sent)} sent.")
        if failed:
            self.stderr.write(
                f"{_notices(failed)} could not be sent and will be tried again. Does the mail server answer?"
            )
        if lost := given_up().count():
            self.stderr.write(f"{_notices(lost)} failed too often and will not be tried again.")

    def _now(self, words):
        self.stdout.write(words)
        # Whoever keeps the output of a service wants to read it while it runs.
        self.stdout.flush()


@contextmanager
def until_told_to_stop():
    """Meanwhile SIGTERM and SIGINT end nothing; they are asked for: `stop(within=seconds)` waits for one as long.

    Gives the function `stop`, which says whether one has come.
    """
    reading, writing = os.pipe()
    came = []

    def note(number, frame):
        came.append(number)
        os.write(writing, b".")

    def stop(*, within=0):
        # Woken by the pipe: a signal that comes just before the wait is not slept over.
        select.select([reading], [], [], within)
        return bool(came)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


def _seconds(text):
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ArgumentTypeError("write a whole number of seconds, at least 1")
    return int(text)


def _day(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("write a day such as 2026-11-16") from None


def _notices(count):
    return f"{count} notification" if count == 1 else f"{count} notifications"
