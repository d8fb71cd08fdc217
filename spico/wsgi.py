import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from spico.web.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spico.settings.dev")

application = get_wsgi_application()
# Every view is loaded now rather than for the first reader.
get_resolver().url_patterns  # noqa: B018
settle()
