"""Settings of production: nothing secret has a default, and the demo is refused."""

from urllib.parse import urlparse

from spico.settings.base import *  # noqa: F403
from spico.settings.base import env

SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
env.str("DATABASE_URL")
env.str("REDIS_URL")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_TIMEOUT = 10
PORTAL_URL = env.url("PORTAL_URL", urlparse(f"https://{next(iter(ALLOWED_HOSTS), 'localhost')}")).geturl()
LIVE_URL = env.str("LIVE_URL", "/")
JOURNAL_HEAD_FILE = env.str("JOURNAL_HEAD_FILE", "/var/lib/spico/journal-heads.jsonl")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "SPICO <ne-pas-repondre@spico.example>")
