"""Sessions in the database that know when they were last saved.

So no request has to write only to say that somebody is there: see `inquiries/accounts/ending_sessions.py`.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django's own, with `saved_at`: when the row that was read was written; None where none was."""

    saved_at = None

    def _get_session_from_db(self):
        row = super()._get_session_from_db()
        if row is not None:
            self.saved_at = row.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return row
