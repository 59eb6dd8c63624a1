"""Django's way to PostgreSQL, which starts the server on this machine before the first connection."""

from django.conf import settings

from scrutiny.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self):
        settings.LOCAL_SERVER.use()
        return super().get_connection_params()
