"""Django's settings, read from the environment.

ASSAY_DATA          folder of everything that one deployment keeps (default: ./.assay)
ASSAY_DATABASE_URL  postgresql://…; `assay serve` sets it to its embedded server
ASSAY_URL           public base address, as candidates and employers type it
ASSAY_BANK          item bank (default: the open bank)
ASSAY_ISSUER        name of the certifying body, on pages and certificates
ASSAY_KERAS         1: what the reader of model files does not cover goes to Keras, in the same lock
ASSAY_SEED          draws items and variants that can be foretold: for demonstrations only
ASSAY_LANGUAGE      language where a reader's own is not known: en (default) or zh-CN
ASSAY_EMAIL_URL     smtp://user:password@host:587/?tls=1 or smtps://…
(default: mail is written to files in ASSAY_DATA/mail)
ASSAY_EMAIL_FROM    sender of mail
ASSAY_OIDC          providers of OpenID Connect: JSON, or the path of a file; see accounts/configuration.py
ASSAY_PROXIES       proxies in front of the server, whose X-Forwarded-For is believed
(default: 1 if ASSAY_URL is https, else 0)
ASSAY_STAFF_EMAIL   addresses, separated by commas, that are told about faults
ASSAY_STRIPE_SECRET_KEY      sk_live_…, sk_test_… or rk_…: payment by Stripe (default: vouchers only)
ASSAY_STRIPE_WEBHOOK_SECRET  whsec_… of ASSAY_URL/enrolment/stripe/webhook; several with commas
ASSAY_STRIPE_API             where Stripe's API is (default: https://api.stripe.com)
ASSAY_STRIPE_CHECKOUT        where its pages are (default: https://checkout.stripe.com)
ASSAY_IDENTITY_DAYS          days after which pictures that nobody decided on are deleted (30)
ASSAY_APPEAL_DAYS            days for which one can appeal against a result that is final (30)
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

import assay
from assay.messages import Language
from assay.server.accounts.configuration import sign_in
from assay.server.deployment import ephemeral_secret, secret

DATA = Path(os.environ.get("ASSAY_DATA") or ".assay").absolute()
URL = (os.environ.get("ASSAY_URL") or "http://127.0.0.1:8765").rstrip("/")
BANK = Path(os.environ["ASSAY_BANK"]) if os.environ.get("ASSAY_BANK") else None
ISSUER_NAME = os.environ.get("ASSAY_ISSUER") or f"Assay at {urlsplit(URL).netloc}"
DRAW_SEED = os.environ.get("ASSAY_SEED") or None
KERAS = os.environ.get("ASSAY_KERAS") == "1"
LANGUAGE = Language.closest(os.environ.get("ASSAY_LANGUAGE"))

# Linters and type checkers import this module too; they must not leave secrets behind.
if "ASSAY_DATA" in os.environ or DATA.exists():
    SECRET_KEY = secret(DATA, "django")
    DRAW_SECRET = secret(DATA, "draw")  # decides items and seeds; see exams/draw.py
    IDENTITY_SECRET = secret(DATA, "identity")  # seals pictures; see enrolment/sealing.py
else:
    SECRET_KEY = ephemeral_secret()
    DRAW_SECRET = ephemeral_secret()
    IDENTITY_SECRET = ephemeral_secret()


def database(url: str) -> dict[str, Any]:
    """Return the entry of `DATABASES` for `postgresql://…` (a URI as libpq reads it)."""
    known = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": known.pop("dbname", "postgres"),
        "USER": known.pop("user", ""),
        "PASSWORD": known.pop("password", ""),
        "HOST": known.pop("host", ""),
        "PORT": known.pop("port", ""),
        # A connection that a restart of the database has cut is replaced before it is used.
        "CONN_HEALTH_CHECKS": True,
        # Every request under ASGI has a thread of its own, so a connection that stays with
        # its thread would never be used twice.
        "OPTIONS": {**known, "pool": {"min_size": 1, "max_size": 16, "timeout": 20}},
    }


def _mail(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parse_qs(parts.query).get("tls") == ["1"],
        "EMAIL_TIMEOUT": 20,
    }


DEBUG = False
ALLOWED_HOSTS = [urlsplit(URL).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [URL]
ROOT_URLCONF = "assay.server.urls"
ASGI_APPLICATION = "assay.server.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "assay.server.accounts",  # before allauth, so that its templates are found first
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "assay.server.exams",
    "assay.server.submissions",
    "assay.server.credentials",
    "assay.server.enrolment",
    "assay.server.appeals",
    "assay.server.console",
    "assay.server.staff",
    "assay.server.pages",
    # After ours, so that our templates are found first; its site is staff/records.
    "django.contrib.admin.apps.SimpleAdminConfig",
]

MIDDLEWARE = [
    "assay.server.pages.middleware.security_headers",
    "assay.server.api.middleware.problems",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "assay.server.pages.middleware.language_switch",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "assay.server.pages.context.site",
            ],
        },
    },
]

DATABASES = {
    "default": database(os.environ.get("ASSAY_DATABASE_URL") or "postgresql:///assay"),
}

# Counts tries of signing in. In the database, since several web processes must share it, and
# an exam server has no other service that all of them reach.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "assay_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

globals().update(sign_in(os.environ, url=URL, issuer_name=ISSUER_NAME))

# The grader's worker. Short intervals, since a candidate waits: a job whose worker has not
# been heard of for STALE_WORKER_SECONDS is given to another one.
STALE_WORKER_SECONDS = 10
PROCRASTINATE_WORKER_DEFAULTS = {
    "fetch_job_polling_interval": 1.0,  # for jobs whose notification was lost, and for retries
    "update_heartbeat_interval": 2.0,
    "stalled_worker_timeout": float(STALE_WORKER_SECONDS),
    "delete_jobs": "successful",
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_CODE = {Language.ENGLISH: "en", Language.CHINESE: "zh-hans"}[LANGUAGE]
LOCALE_PATHS = [Path(assay.__file__).parent / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = None  # files are served from where they are installed
WHITENOISE_USE_FINDERS = True  # no step to collect files before the server can start
WHITENOISE_AUTOREFRESH = False

if os.environ.get("ASSAY_EMAIL_URL"):
    globals().update(_mail(os.environ["ASSAY_EMAIL_URL"]))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA / "mail"
_HOST = urlsplit(URL).hostname or "localhost"
DEFAULT_FROM_EMAIL = os.environ.get("ASSAY_EMAIL_FROM") or f"Assay <assay@{_HOST}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = "[Assay] "
ADMINS = [
    ("Staff", address.strip())
    for address in (os.environ.get("ASSAY_STAFF_EMAIL") or f"staff@{_HOST}").split(",")
]

# Payment is set up when both are there.
STRIPE_SECRET_KEY = os.environ.get("ASSAY_STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRETS = [  # more than one while a secret is being replaced
    each.strip()
    for each in os.environ.get("ASSAY_STRIPE_WEBHOOK_SECRET", "").split(",")
    if each.strip()
]
STRIPE_API = os.environ.get("ASSAY_STRIPE_API") or "https://api.stripe.com"
STRIPE_CHECKOUT = os.environ.get("ASSAY_STRIPE_CHECKOUT") or "https://checkout.stripe.com"
IDENTITY_DAYS = int(os.environ.get("ASSAY_IDENTITY_DAYS") or 30)
APPEAL_DAYS = int(os.environ.get("ASSAY_APPEAL_DAYS") or 30)

# What the server may hold in memory of one request; model files never pass through here.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Bodies of up to this size are never put on the disk on their way in: pictures of identity
# documents must not lie there in the clear. Larger ones do not come in; see bodylimit.py.
FILE_UPLOAD_MAX_MEMORY_SIZE = 25_000_000
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = URL.startswith("https:")
# `assay serve` behind a proxy that ends TLS: the proxy must set this header on every request.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if URL.startswith("https:") else None
SECURE_SSL_REDIRECT = URL.startswith("https:")
SECURE_REDIRECT_EXEMPT = [r"^api/health$"]  # asked on the machine itself
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if URL.startswith("https:") else 0
# For this host only: whether the hosts below it, or a whole domain for ever (preloading), can do
# without plain HTTP is not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "assay": {"level": "INFO"},
        # Django's own handlers would mail every 500 and print requests a second time.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # A refused request is an answer, not a warning.
        "django.request": {"level": "ERROR"},
    },
}
