"""Settings of the measures: production's, as far as speed goes, on the services of a developer's machine."""

from pathlib import Path

from spico.embedded import ensure_services

ensure_services()

from spico.settings.base import *  # noqa: E402, F403
from spico.settings.base import LOGGING  # noqa: E402

SECRET_KEY = "a key for the measures"  # noqa: S105
ALLOWED_HOSTS = ["testserver"]
IS_DEMO_ALLOWED = True
STATIC_ROOT = Path(__file__).resolve().parent.parent / ".spico" / "bench-static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# The budget of each person is counted, as ever, but nobody reaches it.
DIRECTORY_THROTTLE = "1000000/min,10000000/hour"
LOGGING["root"]["level"] = "ERROR"
