"""The cache in the database, where a value is set with one statement."""

import base64
import pickle
from datetime import UTC, datetime

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router


class QuickDatabaseCache(DatabaseCache):
    """Django counts all rows each time a value is set, and deletes some where there are too many. What has expired is
    deleted at night (actions/expiry.py)."""

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        key, expires = self.make_and_validate_key(key, version=version), self.get_backend_timeout(timeout)
        packed = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")
        until = datetime.max.replace(tzinfo=UTC) if expires is None else datetime.fromtimestamp(int(expires), tz=UTC)
        connection = connections[router.db_for_write(self.cache_model_class)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {connection.ops.quote_name(self._table)} (cache_key, value, expires) "  # noqa: S608
                "VALUES (%s, %s, %s) ON CONFLICT (cache_key) "
                "DO UPDATE SET value = excluded.value, expires = excluded.expires",
                [key, packed, until.replace(microsecond=0)],
            )
