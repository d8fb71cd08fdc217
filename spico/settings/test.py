"""Settings of the tests: fast and strict; the services are those of a developer's machine."""

import atexit
import shutil
import tempfile

from jinja2 import ChainableUndefined

from spico.embedded import ensure_services

ensure_services()

from spico.settings.base import *  # noqa: E402, F403
from spico.settings.base import DATABASES, TEMPLATES  # noqa: E402

SECRET_KEY = "a key for the tests"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True


class Unknown(ChainableUndefined):
    """A page may ask whether there is a value; printing one that nobody gave fails the test."""

    __str__ = __html__ = ChainableUndefined._fail_with_undefined_error


TEMPLATES[0]["OPTIONS"]["undefined"] = Unknown
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
IS_DEMO_ALLOWED = True
AXES_ENABLED = False
# A power cut may lose the tests' data: nobody minds, and writes are twice as fast.
DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
DATABASES["default"]["CONN_MAX_AGE"] = 0
DOCUMENTS_ROOT = tempfile.mkdtemp(prefix="spico-documents-")
atexit.register(shutil.rmtree, DOCUMENTS_ROOT, ignore_errors=True)
