"""Settings, all from the environment. `.env.example` explains every variable; a test keeps it complete.

Without any variable the application runs on this machine alone: loopback host names, a PostgreSQL server that comes and
goes with it, mail printed to the terminal. Naming a real host asks for everything a real service needs, and says so.
"""

import logging
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels

from scrutiny import env, local_postgres
from scrutiny.logging import FORMATTERS, note_job
from scrutiny.version import application_version

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

# Who may reach it

DEMONSTRATION = env.boolean("SCRUTINY_DEMONSTRATION", False)
DEBUG = env.boolean("SCRUTINY_DEBUG", False)
ALLOWED_HOSTS = env.hosts("SCRUTINY_HOSTS", default=sorted(env.LOOPBACK_NAMES))
ON_THIS_MACHINE_ONLY = env.LOOPBACK_NAMES.issuperset(ALLOWED_HOSTS)
SECRET_KEY = env.secret("SCRUTINY_SECRET_KEY")
# What everybody can read in this repository protects nobody.
KNOWN_SECRET_KEY = "insecure: for this machine only"  # noqa: S105

# Why it answers this machine only, whatever it listens on: hosts, requests and servers ask here. Or nothing.
LOCAL_ONLY_REASON = ""
if DEMONSTRATION:
    LOCAL_ONLY_REASON = "in demonstration mode anybody can sign in as anybody"
elif DEBUG:
    LOCAL_ONLY_REASON = "debugging pages show secrets"
elif SECRET_KEY in ("", KNOWN_SECRET_KEY):
    LOCAL_ONLY_REASON = "without a SCRUTINY_SECRET_KEY of its own anybody can forge what it signs"
if (DEMONSTRATION or DEBUG) and not ON_THIS_MACHINE_ONLY:
    raise env.SettingError(
        f"SCRUTINY_HOSTS is {','.join(ALLOWED_HOSTS)!r}, but {LOCAL_ONLY_REASON}, so it only runs on this machine. "
        f"Unset SCRUTINY_HOSTS, or set {'SCRUTINY_DEMONSTRATION' if DEMONSTRATION else 'SCRUTINY_DEBUG'} to false."
    )
if not SECRET_KEY and ON_THIS_MACHINE_ONLY:
    SECRET_KEY = KNOWN_SECRET_KEY
# 50 characters at random hold more than twice as many different ones as this; what people make up does not.
if (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 12) and not ON_THIS_MACHINE_ONLY:
    raise env.SettingError(
        "SCRUTINY_SECRET_KEY must be a random text of 50 characters or more. Make one with: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )

# Those before it: sessions go on, and second factors can still be read, until they are taken out.
SECRET_KEY_FALLBACKS = env.secret("SCRUTINY_OLD_SECRET_KEYS").split()

# HTTPS and proxies

HTTPS = env.boolean("SCRUTINY_HTTPS", not ON_THIS_MACHINE_ONLY)
if not ON_THIS_MACHINE_ONLY and not HTTPS:
    raise env.SettingError(
        "SCRUTINY_HTTPS is false: codes for signing in would travel where others can read them. Leave it out, "
        "and let the proxy in front speak HTTPS."
    )
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env.number("SCRUTINY_HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
# How many proxies are in front. Only then are the headers they write believed.
PROXIES = env.number("SCRUTINY_PROXIES", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
CSRF_TRUSTED_ORIGINS = env.origins("SCRUTINY_TRUSTED_ORIGINS", https=HTTPS)

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
    "procrastinate.contrib.django",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "csp",
]

MIDDLEWARE = [
    "scrutiny.middleware.RequestIdMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "scrutiny.middleware.HeadersMiddleware",
    "scrutiny.middleware.RefusalsMiddleware",
    "scrutiny.middleware.MethodsMiddleware",
    "inquiries.views.metrics.MetricsMiddleware",
    "inquiries.views.health.HealthMiddleware",
    "scrutiny.middleware.LocalOnlyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "inquiries.accounts.middleware.SignInMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "scrutiny.middleware.UploadsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "inquiries.accounts.middleware.IdleMiddleware",
    "inquiries.accounts.middleware.SecondFactorMiddleware",
    "inquiries.views.mail_links.MailLinkMiddleware",
    "inquiries.models.meetings.holidays_middleware",
]

ROOT_URLCONF = "scrutiny.urls"
WSGI_APPLICATION = "scrutiny.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["scrutiny.template_loaders.FilesystemLoader", "scrutiny.template_loaders.AppDirectoriesLoader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "inquiries.views.site.site_context",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "govuk"
CRISPY_TEMPLATE_PACK = "govuk"
FORM_RENDERER = "scrutiny.form_renderer.FormRenderer"
# An address typed without its scheme is taken for https, as every later Django does.
FORMS_URLFIELD_ASSUME_HTTPS = True
MESSAGE_TAGS = {message_levels.ERROR: "error", message_levels.SUCCESS: "success"}

# The database and the cache

DATABASE_URL = env.secret("DATABASE_URL")
# Only for `manage.py prepare_database`: the role to which the tables belong. The application does without it.
DATABASE_OWNER_URL = env.secret("DATABASE_OWNER_URL")
# For each process. Together they stay below PostgreSQL's max_connections (see scrutiny/connection_limit.py).
DATABASE_CONNECTIONS = env.number("SCRUTINY_DATABASE_CONNECTIONS", 4, least=2)
# How many web servers (gunicorn) share the database, for the check of that limit.
WEB_SERVERS = env.number("SCRUTINY_WEB_SERVERS", 1, least=1)
# What a web process does at a time. Most may wait for a connection; some never need one: static files, /healthz.
WEB_THREADS = env.number("SCRUTINY_THREADS", 32, least=DATABASE_CONNECTIONS + 4)
if not DATABASE_URL and not ON_THIS_MACHINE_ONLY:
    raise env.SettingError("DATABASE_URL is missing: a real service needs a PostgreSQL of its own.")
# The server that is started where none is named.
LOCAL_SERVER = (
    None
    if DATABASE_URL
    else local_postgres.Server(VAR / "postgresql", database="demonstration" if DEMONSTRATION else "scrutiny")
)


# Our tables first: a temporary table never hides one of them.
SEARCH_PATH = "-c search_path=public,pg_temp"


def postgresql(name, value, otherwise):
    """What `value` says as Django wants it. Raises SettingError where it names no PostgreSQL."""
    try:
        found = dict(dj_database_url.parse(value))
    except ValueError:
        found = {}
    if found.get("ENGINE") != "django.db.backends.postgresql" or not found.get("NAME"):
        # The value is not repeated here: it may hold a password, and this sentence ends up in logs.
        raise env.SettingError(f"{name} must look like postgresql://user:password@host:5432/name. {otherwise}")
    return found


def database():
    if LOCAL_SERVER:
        found = {
            "ENGINE": "scrutiny.local_postgres",
            "NAME": LOCAL_SERVER.database,
            "USER": local_postgres.ROLE,
            "HOST": str(LOCAL_SERVER.socket),
        }
    else:
        found = postgresql("DATABASE_URL", DATABASE_URL, "Leave it out to have a server started on this machine.")
        found["ENGINE"] = "scrutiny.postgresql"
    options = found.get("OPTIONS", {})
    # To compile a query takes longer than any of ours, and to start a process that shares it longer than most. What is
    # looked up is in memory, or on a disk that does not turn.
    planning = "-c jit=off -c parallel_setup_cost=3000 -c random_page_cost=1.1"
    options["options"] = f"{SEARCH_PATH} {planning} {options.get('options', '')}".strip()
    options.setdefault("connect_timeout", 2)
    options["pool"] = {
        "min_size": 2,
        "max_size": DATABASE_CONNECTIONS,
        "timeout": 2,
        # The pool would pause for longer and longer between two attempts to connect; our engine asks when needed.
        "reconnect_timeout": 0,
    }
    return {**found, "OPTIONS": options, "CONN_MAX_AGE": 0}


DATABASES = {"default": database()}
# That the server of a trial knows one role only needs no warning.
SILENCED_SYSTEM_CHECKS = ["inquiries.W001"] if LOCAL_SERVER else []
if DATABASE_OWNER_URL and not DATABASE_URL:
    raise env.SettingError("DATABASE_OWNER_URL is set without DATABASE_URL, by which the application itself signs in.")
if DATABASE_OWNER_URL:
    DATABASES["owner"] = postgresql("DATABASE_OWNER_URL", DATABASE_OWNER_URL, "Leave it out to have one role do all.")
    DATABASES["owner"].setdefault("OPTIONS", {}).setdefault("options", SEARCH_PATH)

# Jobs (inquiries/jobs.py): kept in the database, done by `manage.py procrastinate worker`

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {
    # Each has a connection of its own.
    "concurrency": DATABASE_CONNECTIONS,
    "delete_jobs": "successful",
    "shutdown_graceful_timeout": 25,
    "worker_middleware": [note_job],
}
# In seconds: what is due once a day and fell into a time without a worker is made up for on the same day.
PROCRASTINATE_PERIODIC_DEFAULTS = {"max_delay": 16 * 60 * 60}

# In the database, because the limits on signing in must hold across all processes.
CACHES = {
    "default": {
        "BACKEND": "scrutiny.cache.QuickDatabaseCache",
        "LOCATION": "scrutiny_cache",
        # With Django's 300, a person who tries some hundred addresses would push the counts of the others out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# Ended after a while in which nothing happens, and at the latest after a working day, however busy.
IDLE_MINUTES = env.number("SCRUTINY_IDLE_MINUTES", 60, least=1)
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_NAME = f"{_COOKIE}_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Read by autosave.js, which must send the new token after a person signed in again in another tab.
CSRF_COOKIE_NAME = f"{_COOKIE}_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
# Not in a cookie of their own: what is said to a person may hold words of the record.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Signing in: by a code sent by e-mail, the council's own provider, a passkey; by one click in demonstration mode

AUTH_USER_MODEL = "inquiries.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "inquiries.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"request_login_code": "inquiries.accounts.forms.RequestCodeForm"}
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
# After the page, which would otherwise take as long as the mail server for those who have an account.
SEND_CODES_IN_BACKGROUND = True
# For how long nobody is asked again before they change how they sign in, in seconds.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# For each network address ("ip": a whole council may share one) and for each account ("key", "user").
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "request_login_code": "30/m/ip,5/15m/key,20/d/key",
    "enter_login_code": "30/m/ip,10/15m/key,40/d/key",
    # The second step, right or wrong. allauth clears "login_failed" after a success, these never.
    "enter_second_factor": "30/m/ip,30/d/key",
    "login_failed": "5/15m/key",
    "reauthenticate": "10/m/user,30/d/user",
}
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}

# The second factor

MFA_ADAPTER = "inquiries.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "inquiries.accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "inquiries.accounts.forms.AuthenticatePasskeyForm",
    "login_webauthn": "inquiries.accounts.forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "inquiries.accounts.forms.ReauthenticatePasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
# The device asks for a finger, a face or a PIN: found on a desk it is no use.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Who needs one. Clerks are also the administrators.
SECOND_FACTOR = env.one_of(
    "SCRUTINY_SECOND_FACTOR", ("nobody", "clerks", "everybody"), "nobody" if DEMONSTRATION else "clerks"
)

# The council's own provider (OpenID Connect), where there is one

OIDC_SERVER = env.text("SCRUTINY_OIDC_SERVER")
SOCIALACCOUNT_PROVIDERS = env.openid_providers(
    server=OIDC_SERVER,
    client_id=env.text("SCRUTINY_OIDC_CLIENT_ID"),
    client_secret=env.secret("SCRUTINY_OIDC_CLIENT_SECRET"),
    name=env.text("SCRUTINY_OIDC_NAME"),
)
# For a provider that does not say so itself: that its e-mail addresses are verified, that it asks for two factors.
OIDC_EMAIL_IS_VERIFIED = env.boolean("SCRUTINY_OIDC_EMAIL_IS_VERIFIED", False)
OIDC_HAS_SECOND_FACTOR = env.boolean("SCRUTINY_OIDC_HAS_SECOND_FACTOR", False)
# People who need a second factor then sign in with the provider or a passkey, and are sent no codes.
OIDC_REPLACES_CODES = env.boolean("SCRUTINY_OIDC_REPLACES_CODES", False)
if OIDC_REPLACES_CODES and not OIDC_SERVER:
    raise env.SettingError("SCRUTINY_OIDC_REPLACES_CODES is true, but no provider is named: nobody could sign in.")
SOCIALACCOUNT_ADAPTER = "inquiries.accounts.oidc.CouncilAdapter"
if OIDC_SERVER:
    # The button is a form, and Chromium checks where a form's answer redirects to.
    _issuer = urlsplit(OIDC_SERVER)
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(f"{_issuer.scheme}://{_issuer.netloc}")

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
for _public in (STATIC_ROOT, *STATICFILES_DIRS):
    if MEDIA_ROOT.resolve().is_relative_to(_public.resolve()) or _public.resolve().is_relative_to(MEDIA_ROOT.resolve()):
        raise env.SettingError(
            f"SCRUTINY_FILES is {str(MEDIA_ROOT)!r}, which everybody could read: {_public} is for the public. "
            "Choose another folder."
        )
MEDIA_URL = ""
# Where several machines share the files: S3-compatible storage. Nobody is sent to an address there: nothing is signed.
S3_BUCKET = env.text("SCRUTINY_S3_BUCKET")
_s3_options = {
    "bucket_name": S3_BUCKET,
    "endpoint_url": env.http_address("SCRUTINY_S3_ENDPOINT") or None,
    "region_name": env.text("SCRUTINY_S3_REGION") or None,
    "access_key": env.text("SCRUTINY_S3_ACCESS_KEY") or None,
    "secret_key": env.secret("SCRUTINY_S3_SECRET_KEY") or None,
    "path_style": env.boolean("SCRUTINY_S3_PATH_STYLE", True),
    "default_acl": None,
    "file_overwrite": False,
    "querystring_auth": False,
}
if S3_BUCKET and not (_s3_options["access_key"] and _s3_options["secret_key"]):
    raise env.SettingError("SCRUTINY_S3_BUCKET needs SCRUTINY_S3_ACCESS_KEY and SCRUTINY_S3_SECRET_KEY.")
STORAGES = {
    "default": {"BACKEND": "scrutiny.bucket_storage.BucketStorage", "OPTIONS": _s3_options}
    if S3_BUCKET
    else {"BACKEND": "scrutiny.storage.WholeFileStorage", "OPTIONS": {"base_url": None}},
    # Collected by root, read by the user of the web processes.
    "staticfiles": {"BACKEND": "scrutiny.staticfiles.ManifestStorage", "OPTIONS": {"file_permissions_mode": 0o644}},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["scrutiny.middleware.RefuseFiles"]
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

# Backups (inquiries/backup.py)

# Public keys, separated by blanks: backups are encrypted for each. Anyone who has the secret key of one can read them.
BACKUP_KEY = env.secret("SCRUTINY_BACKUP_KEY")
# The folder of pg_dump and pg_restore, where the ones that are found do not fit the server.
POSTGRESQL_PROGRAMS = env.text("SCRUTINY_POSTGRESQL_PROGRAMS")
if POSTGRESQL_PROGRAMS and not (Path(POSTGRESQL_PROGRAMS) / "pg_dump").is_file():
    raise env.SettingError(f"SCRUTINY_POSTGRESQL_PROGRAMS is {POSTGRESQL_PROGRAMS!r}, a folder without pg_dump.")

# Mail

EMAIL_HOST = env.text("SCRUTINY_EMAIL_HOST")
EMAIL_PORT = env.number("SCRUTINY_EMAIL_PORT", 587, least=1)
EMAIL_HOST_USER = env.text("SCRUTINY_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.secret("SCRUTINY_EMAIL_PASSWORD")
_mail_security = env.one_of("SCRUTINY_EMAIL_SECURITY", ("starttls", "tls", "none"), "starttls")
EMAIL_USE_TLS = _mail_security == "starttls"
EMAIL_USE_SSL = _mail_security == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.sender("SCRUTINY_EMAIL_FROM", "Scrutiny <scrutiny@localhost>", real=not ON_THIS_MACHINE_ONLY)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if not EMAIL_HOST and not ON_THIS_MACHINE_ONLY:
    raise env.SettingError("SCRUTINY_EMAIL_HOST is missing: without a mail server nobody can be sent a sign-in code.")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
# What links in mails begin with.
SITE_ADDRESS = env.site_address(
    "SCRUTINY_SITE_ADDRESS", f"http{'s' if HTTPS else ''}://{ALLOWED_HOSTS[0].lstrip('.')}", ALLOWED_HOSTS, https=HTTPS
)

# What differs from council to council

COUNCIL_NAME = env.text("SCRUTINY_COUNCIL_NAME", "Your County Council")
# Who answers questions about meetings and this website: on the contact page, front sheets and statements.
CONTACT_NAME = env.text("SCRUTINY_CONTACT_NAME")
CONTACT_TELEPHONE = env.text("SCRUTINY_CONTACT_TELEPHONE")
CONTACT_EMAIL = env.text("SCRUTINY_CONTACT_EMAIL")
# Where the council's own website tells about councillors, and where its privacy notice is.
COUNCILLOR_INFORMATION = env.text("SCRUTINY_COUNCILLOR_INFORMATION")
PRIVACY_NOTICE = env.text("SCRUTINY_PRIVACY_NOTICE")
# For the accessibility statement that the Regulations of 2018 ask for; days in words.
ACCESSIBILITY_PREPARED = env.text("SCRUTINY_ACCESSIBILITY_PREPARED")
ACCESSIBILITY_REVIEWED = env.text("SCRUTINY_ACCESSIBILITY_REVIEWED")
ACCESSIBILITY_TESTED = env.text("SCRUTINY_ACCESSIBILITY_TESTED")
# Whether Saturday, or Christmas Eve, is a clear day: councils read the law differently.
COUNT_SATURDAY = env.boolean("SCRUTINY_COUNT_SATURDAY", False)
EXCLUDE_CHRISTMAS_EVE = env.boolean("SCRUTINY_EXCLUDE_CHRISTMAS_EVE", False)
# In working days.
SIGN_OFF_DAYS_BEFORE_PUBLICATION = env.number("SCRUTINY_SIGN_OFF_DAYS_BEFORE_PUBLICATION", 5)
UPDATES_DAYS_BEFORE_SIGN_OFF = env.number("SCRUTINY_UPDATES_DAYS_BEFORE_SIGN_OFF", 10)
# How long the texts of sent notifications are kept, and the addresses of those who have left.
KEEP_NOTIFICATIONS_DAYS = env.number("SCRUTINY_KEEP_NOTIFICATIONS_DAYS", 365, least=1)
KEEP_LEAVERS_MONTHS = env.number("SCRUTINY_KEEP_LEAVERS_MONTHS", 24, least=1)

# What is written to the terminal: never what a person wrote or is called (see scrutiny/logging.py)

logging.captureWarnings(True)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"ours": {"()": FORMATTERS[env.one_of("SCRUTINY_LOG_FORMAT", tuple(FORMATTERS), "line")]}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "ours"}},
    "root": {
        "handlers": ["terminal"],
        "level": env.one_of("SCRUTINY_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "WARNING"),
    },
    "loggers": {
        # The terminal of the root logger is enough: without this each line of Django's appears twice.
        "django": {"handlers": [], "propagate": True},
        # The development server's own log has a formatter that shows query strings.
        "django.server": {"handlers": ["terminal"], "level": "INFO", "propagate": False},
        # Who signed in, which code was wrong: always written, whatever the level of the rest.
        "scrutiny.security": {"level": "INFO"},
    },
}

# Metrics for Prometheus (inquiries/views/metrics.py): anyone who sends this token may read them

METRICS_TOKEN = env.secret("SCRUTINY_METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise env.SettingError(
        "SCRUTINY_METRICS_TOKEN must have 20 characters or more. Make one with: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(30))'"
    )

# Errors to Sentry, where there is one (scrutiny/sentry.py)

SENTRY_DSN = env.secret("SCRUTINY_SENTRY_DSN")
if SENTRY_DSN:
    # Its library takes longer to load than all our settings.
    from scrutiny import sentry

    sentry.start(SENTRY_DSN, release=f"scrutiny@{application_version()}")
CSRF_FAILURE_VIEW = "inquiries.views.site.csrf_failure"
