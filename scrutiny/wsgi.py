"""What the web server calls."""

import gc
import os
import threading
from importlib import import_module

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

# All views are loaded now, and what is loaded stays: to look through it again for what is no longer used would now and
# then be a pause of a sixth of a second. What pages make is looked through, but seldom.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)
