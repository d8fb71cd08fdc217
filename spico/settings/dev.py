"""Settings of a developer's machine: the services are found or started, the demo is allowed."""

from spico.embedded import ensure_services

ensure_services()

from spico.settings.base import *  # noqa: E402, F403
from spico.settings.base import env  # noqa: E402
from spico.web.logging import logging_config  # noqa: E402

# Off unless asked for (DEBUG=1): whoever tries the portal meets its own error pages, not Django's.
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = "a key for development, known to everybody"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
IS_DEMO_ALLOWED = True
DEMO_LOGINS = [
    ("infirmiere", "Infirmière, nouvelle dans un EHPAD"),
    ("referent", "Référent de cet EHPAD"),
    ("medecin", "Médecin"),
    ("kine", "Masseur-kinésithérapeute, étranger à l’EHPAD"),
    ("coordinatrice", "Coordinatrice d’un DAC"),
    ("centre", "Centre de service"),
]
DEMO_PASSWORD = "spico-demo"  # noqa: S105, known to everybody
LOGGING = logging_config(json=False)
