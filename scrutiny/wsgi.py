"""What the web server calls."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutiny.settings")

application = get_wsgi_application()

# A page that takes longer has failed. Commands and the worker may take their time.
settings.DATABASES["default"]["OPTIONS"]["options"] += " -c statement_timeout=15s"
