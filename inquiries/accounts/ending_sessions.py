"""Sessions that end: where nothing happens for a while, and after a working day."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.utils import timezone

from inquiries.accounts.adapters import SIGNED_IN_AT
from inquiries.accounts.security_log import note
from inquiries.views.kept_words import SESSION_KEY as KEPT_WORDS
from inquiries.views.kept_words import words_of

# Why the last session ended, for the sign-in page: "idle" or "long".
ENDED = "ended"
# A session is written anew when it was last saved longer ago than this.
MINUTE = timedelta(minutes=1)


class IdleMiddleware:
    """Ends a session in which nothing happened for a while, and every session after a working day.

    The reader goes on as somebody who is not signed in: pages lead to signing in and back, and keep posted words.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            self._look_at(request)
        return self.get_response(request)

    def _look_at(self, request):
        session, now = request.session, timezone.now()
        saved_at = session.saved_at or now
        began = session.get(SIGNED_IN_AT)
        signed_in_at = datetime.fromtimestamp(began, UTC) if began else saved_at
        if now - saved_at > timedelta(minutes=settings.IDLE_MINUTES):
            end(request, "idle")
        elif now - signed_in_at > timedelta(seconds=settings.SESSION_COOKIE_AGE):
            end(request, "long")
        elif now - saved_at > MINUTE:
            session[SIGNED_IN_AT] = signed_in_at.timestamp()


def end(request, why):
    """Sign out, remembering why, and the words that this person had kept and not saved yet."""
    note("session_ended", request.user, why=why)
    sign_out_with_words(request)
    request.session[ENDED] = why


def sign_out_with_words(request):
    """Sign out, and take along the words that this person had kept and not saved yet."""
    kept = words_of(request, request.user)
    logout(request)
    if kept:
        request.session[KEPT_WORDS] = kept
