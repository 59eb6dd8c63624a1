"""What the web server calls."""

import os
import threading

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from scrutiny.postgresql.base import Connection, DatabaseWrapper

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutiny.settings")

application = get_wsgi_application()

# A page that takes longer has failed. Commands and the worker may take their time.
settings.DATABASES["default"]["OPTIONS"]["options"] += " -c statement_timeout=15s"
# A little more: then the server does not even end what takes too long.
Connection.patience = 20
# The others are refused at once, so that a few threads are always there for what needs no database.
DatabaseWrapper.places_to_wait = threading.Semaphore(settings.WEB_THREADS - settings.DATABASE_CONNECTIONS - 2)
