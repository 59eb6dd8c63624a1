"""The settings under test: the application's own, with a database of its own for each run.

It is on the server in DATABASE_URL where that is set, else on one that is started here: later would be too late, since
the settings are read before any conftest.
"""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

from scrutiny import local_postgres

# What is loaded stays, and need not be looked through again and again: until all tests are collected (conftest.py).
gc.disable()
# Nothing in the shell of whoever runs the tests may change their outcome.
os.environ.pop("DATABASE_OWNER_URL", "")
# Else every process, of the hundreds that the tests start, compiles all that it imports again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", "")
sys.dont_write_bytecode = False
for _name in [name for name in os.environ if name.startswith("SCRUTINY_")]:
    if _name not in ("SCRUTINY_CASES", "SCRUTINY_CHROMIUM", "SCRUTINY_DEBIAN", "SCRUTINY_SCREENSHOTS"):
        del os.environ[_name]

if "DATABASE_URL" not in os.environ:
    _folder = Path(__file__).resolve().parent.parent / "var" / "test" / "postgresql"
    _server = local_postgres.Server(_folder, options=local_postgres.UNSAFE_OPTIONS)
    _server.use()
    os.environ["DATABASE_URL"] = _server.url()

from scrutiny.settings import *  # noqa: E402, F403
from scrutiny.settings import DATABASES, STORAGES  # noqa: E402

TEMPORARY = Path(tempfile.mkdtemp(prefix="scrutiny-tests-"))
atexit.register(shutil.rmtree, TEMPORARY, ignore_errors=True)

# A pool keeps connections open, and PostgreSQL drops no database that has one.
DATABASES["default"]["OPTIONS"].pop("pool")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = TEMPORARY / "files"
STATIC_ROOT = TEMPORARY / "static"
STATIC_ROOT.mkdir()
# The manifest asks for collectstatic first; a test of its own builds it.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
COUNCIL_NAME = "Testshire County Council"
# Tests of the second factor, and of mail in the background, switch them on.
SECOND_FACTOR = "nobody"
SEND_CODES_IN_BACKGROUND = False
# Tests of it switch it on; others ask from elsewhere, too.
LOCAL_ONLY_REASON = ""
LOGGING = {"version": 1, "disable_existing_loggers": False}
