"""Every setting of the project, read from the environment; `.env.example` says why each exists."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy

from mentorship.error_reports import report_errors
from mentorship.installation import Environment, database_at, kept_secret_key
from mentorship.logs import FORMATTERS
from notifications.domain.transport.urls import email_settings

# Many processes share a host's processors. NumPy's library for products of matrices would have a
# thread for each processor in each of them, and these wait for one another in busy loops.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent

# Each setting can be the content of a file: SECRET_KEY_FILE names that of SECRET_KEY.
env = Environment()
env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()

DEBUG = env.bool("DEBUG", default=False)
# Nothing is written while the settings are read: the key is made when it is first needed.
_given_key = env.str("SECRET_KEY", default="")
HAS_OWN_SECRET_KEY = bool(_given_key)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SECRET_KEY = _given_key or lazy(kept_secret_key, str)(VAR_DIR)
PORT = env.int("PORT", default=8000)
SITE_URL = env.web_address("SITE_URL", default=f"http://localhost:{PORT}")
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]),
    urlsplit(SITE_URL).hostname,  # where all links lead
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
BEHIND_TLS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "mentorship.apps.CommitteeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "axes",
    "csp",
    "bootstrap",
    "django_celery_beat",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_htmx",
    "import_export",
    "simple_history",
    "mentorship",
    "matching",
    "notifications",
    "committee",
]

MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mentorship.views.request_log.RequestLogMiddleware",
    "mentorship.views.middleware.LargeBodyMiddleware",
    "mentorship.views.middleware.OddRequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "mentorship.views.middleware.CurrentProgramMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "mentorship.urls"
WSGI_APPLICATION = "mentorship.wsgi.application"

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
            ],
        },
    },
]

# Widgets of our own have their templates where all other templates are.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

_database: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "db.sqlite3"}
if DATABASE_URL := env.str("DATABASE_URL", default=""):
    try:
        _database = database_at(DATABASE_URL)
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from error
DATABASES = {"default": _database}
if DATABASE_PASSWORD := env.str("DATABASE_PASSWORD", default=""):
    DATABASES["default"]["PASSWORD"] = DATABASE_PASSWORD
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Immediate transactions take the write lock up front, so that two writers wait for one
    # another instead of failing half way; WAL lets readers go on meanwhile. A commit is on the disk
    # when it returns: a mail of which a power cut forgets that it left would leave twice.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # A file, not memory: the tests open several connections to it.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # What is asked again and again is planned once a connection: a third of the database's work.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        server_side_binding=True, prepare_threshold=5
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "mentorship.interfaces.accounts.password_words.PasswordWordsValidator"},
]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # the committee's site has a page of its own for what is locked out
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_CLIENT_IP_CALLABLE = "mentorship.interfaces.sign_in.client_address"
AXES_DISABLE_ACCESS_LOG = True  # nobody reads who signed in when and from where
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)
OTP_TOTP_ISSUER = urlsplit(SITE_URL).hostname or "mentorship"
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
# Everything is said in one language: looking for others took an eighth of each page.
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("guide", BASE_DIR / "docs" / "pictures"),  # the committee's guide is a page, too
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
# Two spreadsheets of the largest size that the pages take, and what stands around them.
BODY_AT_MOST = 25 * 1024 * 1024

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# A browser takes a cookie of such a name from this host alone, and by https.
_prefix = "__Host-" if BEHIND_TLS else ""
SESSION_COOKIE_NAME = f"{_prefix}sessionid"
CSRF_COOKIE_NAME = f"{_prefix}csrftoken"
# Seconds without use after which a session ends. `signed_in.AT_MOST` ends one that is used, too.
SESSION_COOKIE_AGE = 24 * 60 * 60
# What is said after a button may name people. Cookies would keep it on the device.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=BEHIND_TLS)
# What watches the site asks the web server itself, without the proxy that has the certificate. What
# a shop sends is refused without https: a redirect would hide that it goes out unencrypted first.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$", r"^hooks/"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if BEHIND_TLS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
# A personal link must not leak to other sites. With "no-referrer" browsers would send forms with
# "Origin: null", which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
TRUST_PROXY = env.bool("TRUST_PROXY", default=False)
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    },
}
# Alpine evaluates attributes, and Unfold writes its theme colours into the page.
COMMITTEE_CSP = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}

BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost/")
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away as long as it likes
CELERY_BEAT_SCHEDULER = "mentorship.beat:Scheduler"
QUEUE_FOLDERS: list[Path] = []  # made when the project is set up
if BROKER_URL.startswith("filesystem:"):
    QUEUE_FOLDERS = [VAR_DIR / "queue" / "messages", VAR_DIR / "queue" / "control"]
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_FOLDERS[0]),
        "data_folder_out": str(QUEUE_FOLDERS[0]),
        "control_folder": str(QUEUE_FOLDERS[1]),
        "store_processed": False,
        "polling_interval": 0.3,
    }
else:
    # A page that queues mail must not hang for a broker that is down: the sweep finds the mail.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 3,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
    }
# Workers say here how far they are, so the cache has to be one that all processes share: the
# broker's Redis, else files.
if BROKER_URL.startswith(("redis://", "rediss://")):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": BROKER_URL,
            "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 3},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
        }
    }

MAIL_DIR = VAR_DIR / "mail"
EMAIL_URL = env.str("EMAIL_URL", default="")
GOOGLE_KEY_FILE = env.str("GOOGLE_KEY_FILE", default="")
GOOGLE_MAILBOX = env.str("GOOGLE_MAILBOX", default="")
EMAIL_PROBLEM = ""  # a sentence; while there is one no mail leaves, and `check` says it
_email: dict[str, Any] = {}
try:
    _email = email_settings(EMAIL_URL, MAIL_DIR, GOOGLE_KEY_FILE, GOOGLE_MAILBOX)
except ValueError as error:
    EMAIL_PROBLEM = str(error)
EMAIL_BACKEND: str = _email.get("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_FILE_PATH: Path | None = _email.get("EMAIL_FILE_PATH")
EMAIL_HOST: str = _email.get("EMAIL_HOST", "localhost")
EMAIL_PORT: int = _email.get("EMAIL_PORT", 25)
EMAIL_HOST_USER: str = _email.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD: str = _email.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS: bool = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
# Once a server has a whole email it may look at it for long; hanging up earlier leaves it uncertain
# whether it took it (RFC 5321, section 4.5.3.2.6).
EMAIL_ANSWER_TIMEOUT = env.int("EMAIL_ANSWER_TIMEOUT", default=600)
BOUNCE_IMAP_URL = env.str("BOUNCE_IMAP_URL", default="")
MAIL_REDIRECT_TO = env.str("MAIL_REDIRECT_TO", default="")
# Hosts that sign-ups may be read from although they are in a private network or speak no https.
SOURCE_HOSTS = env.list("SOURCE_HOSTS", default=[])
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mentorship@localhost")
ENVIRONMENT_LABEL = env.str("ENVIRONMENT_LABEL", default="")
BULK_REST_SECONDS = env.int("BULK_REST_SECONDS", default=120)

MEANING_MODEL = env.str("MEANING_MODEL", default="")

SIMPLE_HISTORY_REVERT_DISABLED = True

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if SENTRY_DSN := env.str("SENTRY_DSN", default=""):
    report_errors(SENTRY_DSN, ENVIRONMENT_LABEL)
LOG_FORMAT = env.one_of("LOG_FORMAT", *FORMATTERS)
LOG_LEVEL = env.one_of("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {name: {"()": formatter} for name, formatter in FORMATTERS.items()},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Its lines name who tried to sign in; mentorship.security says the same without.
    "loggers": {"axes": {"level": "ERROR"}},
}

UNFOLD = {
    "SITE_TITLE": "Mentorship",
    "SITE_SYMBOL": "diversity_3",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("mentorship/favicon.svg"),
        }
    ],
    "SITE_URL": "/",
    "LOGIN": {"form": "mentorship.interfaces.sign_in.SignInForm"},
    "SHOW_VIEW_ON_SITE": False,
    "ACCOUNT": {"navigation": [{"title": "Your account", "link": reverse_lazy("own_account")}]},
    "COLORS": {
        "primary": {
            "50": "oklch(97.7% .013 236.62)",
            "100": "oklch(95.1% .026 236.824)",
            "200": "oklch(90.1% .058 230.902)",
            "300": "oklch(82.8% .111 230.318)",
            "400": "oklch(74.6% .16 232.661)",
            "500": "oklch(58.8% .158 241.966)",
            "600": "oklch(50% .134 242.749)",
            "700": "oklch(44.3% .11 240.79)",
            "800": "oklch(39.1% .09 240.876)",
            "900": "oklch(29.3% .066 243.157)",
            "950": "oklch(24% .05 243.157)",
        },
    },
    "SITE_HEADER": "committee.interfaces.sidebar.header",
    "SITE_SUBHEADER": "Mentorship program",
    "SITE_DROPDOWN": "committee.interfaces.sidebar.programs",
    "ENVIRONMENT": "committee.interfaces.sidebar.environment",
    "STYLES": [lambda request: static("mentorship/committee.css")],
    "SCRIPTS": [lambda request: static("mentorship/committee.js")],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "committee.interfaces.sidebar.navigation",
    },
}
