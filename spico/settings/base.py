"""Settings common to every place SPICO runs in; the environment is read here, typed, and a bad value is named."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from environs import Env

from spico.web.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = Env()

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "spico.pages.admin_site.SpicoAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django.contrib.postgres",
    "axes",
    "csp",
    "bootstrap",
    "django_htmx",
    "drf_spectacular",
    "guardian",
    "knox",
    "pgtrigger",
    "rest_framework",
    "accounts",
    "directory",
    "delegations",
    "workspace",
    "spico.pages",
]

MIDDLEWARE = [
    "spico.web.logging.RequestIdMiddleware",
    "spico.web.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "spico.web.cache.NothingKeptMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "spico.urls"
WSGI_APPLICATION = "spico.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "spico.jinja.environment",
            "context_processors": [
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "spico.pages.context.portal",
            ],
        },
    },
    # The administration and the libraries: what Django itself draws.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "django"],
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
# Fields are drawn by the same language; the administration's own by Django's.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# A statement that runs for 15 s or waits 5 s for a lock is a fault, not a wait; imports raise the limit for themselves.
DATABASE_STATEMENT_TIMEOUT_MS = env.int("DATABASE_STATEMENT_TIMEOUT_MS", 15_000)
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env.str("DATABASE_URL", "postgresql:///spico"), conn_max_age=60, conn_health_checks=True
    )
    | {
        "OPTIONS": {
            "options": f"-c statement_timeout={DATABASE_STATEMENT_TIMEOUT_MS} -c lock_timeout=5000",
            # What is asked twice on a connection is planned once (`accounts.prepared`).
            "prepare_threshold": 1,
        }
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "spico.web.cache.PatientCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }
}
# An unreachable Redis loses nothing: sessions are in the database, and a cache that does not answer is an empty one.
DJANGO_REDIS_IGNORE_EXCEPTIONS = True
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Whoever waits for a page does not wait for a queue that is away: one attempt, two seconds (`spico.web.queue`).
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 2, "max_retries": 0}
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "seal-journal": {
        "task": "accounts.journal.tasks.seal_journal",
        "schedule": timedelta(seconds=1),
        # What was not done in time will be done by the next one.
        "options": {"expires": 5},
    },
    "export-journal-head": {
        "task": "accounts.journal.tasks.export_journal_head",
        "schedule": crontab(hour=4, minute=10),
    },
    "send-mails": {
        "task": "accounts.notifications.tasks.send_waiting_mails",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 50},
    },
    "delegation-reminders": {"task": "delegations.tasks.remind", "schedule": timedelta(hours=1)},
    "check-grants": {"task": "delegations.tasks.check_grants", "schedule": crontab(hour=3, minute=40)},
    "check-documents": {"task": "workspace.tasks.check_documents", "schedule": crontab(hour=3, minute=50)},
    "search-dictionary": {"task": "directory.tasks.rebuild_search_dictionary", "schedule": timedelta(days=1)},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.PasswordBackend",
    "delegations.backends.DelegationBackend",
]
# Guardian's own backend believes superusers; ours asks the access rule. Its shortcuts are called in one place.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "pages:home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"

# Ten failures for one name from one address close the door for a quarter of an hour.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
# Of a sign-in that succeeds nothing is kept: neither address nor browser.
AXES_DISABLE_ACCESS_LOG = True

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105, the name of a model
# Our token replaces knox's own, whose table its migrations would make all the same.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"TOKEN_MODEL": KNOX_TOKEN_MODEL, "TOKEN_TTL": timedelta(days=90), "AUTO_REFRESH": False}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.api.permissions.TokenMayWrite",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["spico.web.throttle.DirectoryThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["spico.web.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "spico.web.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "API de SPICO",
    "DESCRIPTION": (
        "L’annuaire en lecture ; les délégations et leurs demandes, en lecture et en écriture. "
        "Un rattachement dit où une personne travaille ; il ne lui donne aucun accès : seule une délégation ouvre un "
        "compte."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATION_PARAMETERS": False,
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "AccountStateEnum": "accounts.states.AccountState",
        "DelegationStateEnum": "delegations.api.parameters.DELEGATION_STATES",
        "EntryKindEnum": "workspace.models.EntryKind",
        "EventKindEnum": "workspace.models.EventKind",
        "InformedHowEnum": "workspace.models.Informed",
        "InformedLaterEnum": "workspace.api.dossier_bodies.INFORMED_LATER",
        "GroundEnum": "accounts.grounds.Ground",
        "RequestStateEnum": "delegations.models.RequestState",
        "ScopeEnum": "delegations.scopes.Scope",
        "WrittenKindEnum": "workspace.api.dossier_bodies.WRITABLE",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "TAGS": [
        {"name": "annuaire", "description": "Chercher et lire les fiches de l’annuaire."},
        {"name": "demandes de délégation", "description": "Demander une délégation, et répondre aux demandes."},
        {"name": "délégations", "description": "Les délégations que l’on tient, ou dont on répond."},
        {"name": "accès", "description": "Ce qui est ouvert et pourquoi ; qui a agi dans un compte."},
        {"name": "dossiers", "description": "Les dossiers d’un compte, leur cercle de soins et leur ligne de vie."},
        {"name": "agenda", "description": "Les événements d’un compte."},
        {"name": "tâches", "description": "Ce qu’il y a à faire dans un compte."},
        {"name": "discussions", "description": "Les conversations d’un compte, et leurs messages."},
        {"name": "erreurs", "description": "Ce que veulent dire les erreurs de l’API."},
    ],
}

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(json=True)

# The portal's own settings.
IS_DEMO_ALLOWED = False
# Whether a token that may write also gives and takes access. To become False once sessions ask for a second factor,
# which a token never shows.
ACTS_BY_TOKEN = True
# The demo region’s cast, offered on the sign-in page where the demo is allowed: (identifiant, who they are).
DEMO_LOGINS: list[tuple[str, str]] = []
DEMO_PASSWORD = ""
SERVICE_CENTRE = {
    "phone": env.str("SERVICE_CENTRE_PHONE", "05 00 00 00 00"),
    "email": env.str("SERVICE_CENTRE_EMAIL", "centre-de-service@spico.example"),
    "hours": env.str("SERVICE_CENTRE_HOURS", "du lundi au vendredi, 8 h à 18 h"),
}
# Where the links of mails lead.
PORTAL_URL: str = env.url("PORTAL_URL", urlparse("http://127.0.0.1:8000")).geturl()
# Where pages listen to what is new: "/" on the portal's own address, where its proxy leads to `spico.asgi`, or the
# address of that process, or its port on the portal's host. Neither: no such process, and pages ask every two seconds.
LIVE_URL = env.str("LIVE_URL", "")
LIVE_PORT = env.int("LIVE_PORT", 0)
# The origins whose pages may listen, besides that process's own.
LIVE_ORIGINS: list[str] = env.list("LIVE_ORIGINS", [])
# Where the head of the journal's chain is kept, out of the database's reach.
JOURNAL_HEAD_FILE = env.str("JOURNAL_HEAD_FILE", str(BASE_DIR / ".spico" / "journal-heads.jsonl"))
# The files of documents: outside what is served, saved with the database. Nobody else reads this folder.
DOCUMENTS_ROOT = env.str("DOCUMENTS_ROOT", str(BASE_DIR / ".spico" / "documents"))
# Small ones stay in memory, the others go to the disk as they come; no form of the portal takes two.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "spico.web.uploads.CappedUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 1
# A request without an answer expires; those who could answer are reminded, then the service centre has it.
REQUEST_EXPIRES_DAYS = env.int("REQUEST_EXPIRES_DAYS", 30)
REQUEST_REMINDED_DAYS = env.int("REQUEST_REMINDED_DAYS", 3)
REQUEST_ESCALATED_DAYS = env.int("REQUEST_ESCALATED_DAYS", 7)
DELEGATION_NOTICE_DAYS = (30, 7)
DELEGATION_UNUSED_DAYS = env.int("DELEGATION_UNUSED_DAYS", 90)
# Said on « Mentions légales »; what is empty is shown as such.
PUBLISHER = {
    "name": env.str("PUBLISHER_NAME", ""),
    "director": env.str("PUBLISHER_DIRECTOR", ""),
    "host": env.str("PUBLISHER_HOST", ""),
}
# Fragments and pages of the directory that one person may open: a minute of fast typing stays far below.
DIRECTORY_THROTTLE = env.str("DIRECTORY_THROTTLE", "240/min,3000/hour")
