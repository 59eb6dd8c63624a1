"""Settings, all from the environment. `.env.example` explains every variable; a test keeps it complete.

Without any variable the application runs on this machine alone: loopback host names, SQLite, mail
printed to the terminal. Naming a real host asks for everything a real service needs, and says so.
"""

import shutil
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels

from scrutiny import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

# Who may reach it

DEMONSTRATION = env.boolean("SCRUTINY_DEMONSTRATION", False)
DEBUG = env.boolean("SCRUTINY_DEBUG", False)
ALLOWED_HOSTS = env.names("SCRUTINY_HOSTS", default=sorted(env.LOOPBACK_NAMES))
ON_THIS_MACHINE_ONLY = env.all_loopback(ALLOWED_HOSTS)

if not ON_THIS_MACHINE_ONLY and DEMONSTRATION:
    raise env.SettingError(
        "In demonstration mode anybody can sign in as anybody, so it only runs on this machine. "
        f"SCRUTINY_HOSTS is {','.join(ALLOWED_HOSTS)!r}: unset it, or set SCRUTINY_DEMONSTRATION to false."
    )
if not ON_THIS_MACHINE_ONLY and DEBUG:
    raise env.SettingError(
        "Debugging pages show secrets, so they are for this machine only. Set SCRUTINY_DEBUG to false, "
        "or unset SCRUTINY_HOSTS."
    )

SECRET_KEY = env.secret("SCRUTINY_SECRET_KEY")
if not SECRET_KEY and ON_THIS_MACHINE_ONLY:
    SECRET_KEY = "insecure: for this machine only"  # noqa: S105
if len(SECRET_KEY) < 50 and not ON_THIS_MACHINE_ONLY:
    raise env.SettingError(
        "SCRUTINY_SECRET_KEY must be a random text of 50 characters or more. Make one with: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )

# HTTPS and proxies

HTTPS = env.boolean("SCRUTINY_HTTPS", not ON_THIS_MACHINE_ONLY)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env.number("SCRUTINY_HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# How many proxies stand in front. Only then are the headers they write believed.
PROXIES = env.number("SCRUTINY_PROXIES", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
CSRF_TRUSTED_ORIGINS = env.names("SCRUTINY_TRUSTED_ORIGINS")

# Names that no other host of the same domain can write, where there is HTTPS.
_COOKIE = "__Host-scrutiny" if HTTPS else "scrutiny"

# Nothing but what is named: no script or style on the page itself, and none that writes markup.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    }
}

# The application

INSTALLED_APPS = [
    # Before staticfiles, so that our runserver, which refuses strangers, is the one that runs.
    "inquiries.apps.InquiriesConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "csp",
]

MIDDLEWARE = [
    "scrutiny.headers.HeadersMiddleware",
    "scrutiny.middleware.RefusalsMiddleware",
    "scrutiny.middleware.HealthMiddleware",
    "scrutiny.middleware.LoopbackOnlyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "scrutiny.urls"
WSGI_APPLICATION = "scrutiny.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "inquiries.context.site",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "govuk"
CRISPY_TEMPLATE_PACK = "govuk"
# An address typed without its scheme is taken for https, as every later Django does.
FORMS_URLFIELD_ASSUME_HTTPS = True
MESSAGE_TAGS = {message_levels.ERROR: "error", message_levels.SUCCESS: "success"}

# The database and the cache

DATABASE_URL = env.secret("DATABASE_URL")
DATABASE_CONNECTIONS = env.number("SCRUTINY_DATABASE_CONNECTIONS", 8, least=2)


def _database():
    if not DATABASE_URL:
        VAR.mkdir(exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR / ("demonstration.sqlite3" if DEMONSTRATION else "scrutiny.sqlite3"),
            # A transaction that first reads and then writes would fail under WAL if it did not lock at once.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    try:
        settings = dj_database_url.parse(DATABASE_URL, conn_max_age=0)
    except ValueError:
        settings = {}
    if settings.get("ENGINE") != "django.db.backends.postgresql" or not settings.get("NAME"):
        # The value is not repeated here: it may hold a password, and this sentence ends up in logs.
        raise env.SettingError(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name. "
            "Leave it out to use SQLite in the folder var."
        )
    settings.setdefault("OPTIONS", {})["pool"] = {"min_size": 2, "max_size": DATABASE_CONNECTIONS}
    return dict(settings)


DATABASES = {"default": _database()}

# In the database, because the limits on signing in must hold across all processes.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "scrutiny_cache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_NAME = f"{_COOKIE}_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Read by autosave.js, which must send the new token after somebody signed in again in another tab.
CSRF_COOKIE_NAME = f"{_COOKIE}_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
# Not in a cookie of their own: what is said to a person may hold words of the record.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Signing in: a code sent by e-mail, or one click in demonstration mode

AUTH_USER_MODEL = "inquiries.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "inquiries.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
# The code itself proves that the address is the person's; nobody else makes accounts.
ACCOUNT_EMAIL_VERIFICATION = "none"
# Otherwise the mail would tell a stranger which addresses have no account.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False

# Language and time

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# Files

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Browsers ask for /favicon.ico beside a PDF or a data file, which cannot name an icon of their own.
WHITENOISE_ROOT = BASE_DIR / "static" / "root"
# Kept outside every public folder and without an address: files leave through a permission check only.
MEDIA_ROOT = Path(env.text("SCRUTINY_FILES", str(VAR / "files")))
MEDIA_URL = ""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"base_url": None}},
    "staticfiles": {"BACKEND": "scrutiny.staticfiles.ManifestStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
LARGEST_UPLOAD_MB = env.number("SCRUTINY_LARGEST_UPLOAD_MB", 50, least=1)
MOST_PAGES = env.number("SCRUTINY_MOST_PAGES", 1000, least=1)
# A program that takes LibreOffice's words and makes a PDF of a Word document.
WORD_CONVERTER = env.text("SCRUTINY_WORD_CONVERTER")
if WORD_CONVERTER and not shutil.which(WORD_CONVERTER):
    raise env.SettingError(
        f"SCRUTINY_WORD_CONVERTER is {WORD_CONVERTER!r}, which is no program on this machine. "
        "Leave it out to ask for PDF."
    )
# An imported report is corrected in one form: some 25 fields for each of its rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# Mail

EMAIL_HOST = env.text("SCRUTINY_EMAIL_HOST")
EMAIL_PORT = env.number("SCRUTINY_EMAIL_PORT", 587, least=1)
EMAIL_HOST_USER = env.text("SCRUTINY_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.secret("SCRUTINY_EMAIL_PASSWORD")
_mail_security = env.one_of("SCRUTINY_EMAIL_SECURITY", ("starttls", "tls", "none"), "starttls")
EMAIL_USE_TLS = _mail_security == "starttls"
EMAIL_USE_SSL = _mail_security == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("SCRUTINY_EMAIL_FROM", "Scrutiny <scrutiny@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if not EMAIL_HOST and not ON_THIS_MACHINE_ONLY:
    raise env.SettingError("SCRUTINY_EMAIL_HOST is missing: without a mail server nobody can be sent a sign-in code.")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
# What links in mails begin with.
SITE_ADDRESS = env.text("SCRUTINY_SITE_ADDRESS", f"http{'s' if HTTPS else ''}://{ALLOWED_HOSTS[0].lstrip('.*')}")

# What differs from council to council

COUNCIL_NAME = env.text("SCRUTINY_COUNCIL_NAME", "Your County Council")
# After how many months the committee asks what has been done.
REPORT_MONTHS = env.numbers("SCRUTINY_REPORT_MONTHS", [6, 12])
# Whether Saturday, or Christmas Eve, is a clear day: councils read the law differently.
COUNT_SATURDAY = env.boolean("SCRUTINY_COUNT_SATURDAY", False)
EXCLUDE_CHRISTMAS_EVE = env.boolean("SCRUTINY_EXCLUDE_CHRISTMAS_EVE", False)
# In working days.
SIGN_OFF_DAYS_BEFORE_PUBLICATION = env.number("SCRUTINY_SIGN_OFF_DAYS_BEFORE_PUBLICATION", 5)
UPDATES_DAYS_BEFORE_SIGN_OFF = env.number("SCRUTINY_UPDATES_DAYS_BEFORE_SIGN_OFF", 10)

# What is written to the terminal: never what somebody wrote or is called (see scrutiny/logs.py)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "scrutiny.logs.LineFormatter"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["terminal"],
        "level": env.one_of("SCRUTINY_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "WARNING"),
    },
    "loggers": {
        # The terminal of the root logger is enough: without this each line of Django's appears twice.
        "django": {"handlers": [], "propagate": True},
        # The development server's own log has a formatter that shows query strings.
        "django.server": {"handlers": ["terminal"], "level": "INFO", "propagate": False},
    },
}
CSRF_FAILURE_VIEW = "inquiries.views.errors.csrf_failure"
