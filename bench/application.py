"""Loads the application before its modules are imported; `SECONDS` says how long that took.

The processes that print and bind have loaded it long before, so `fresh` does not count it.
"""

import os
import secrets
import time

import django

began = time.perf_counter()
os.environ |= {"DJANGO_SETTINGS_MODULE": "scrutiny.settings", "SCRUTINY_SECRET_KEY": secrets.token_urlsafe(50)}
django.setup()
SECONDS = time.perf_counter() - began
