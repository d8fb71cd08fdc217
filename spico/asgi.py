"""The process of the live streams; pages are served by `spico.wsgi`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spico.settings.dev")
django.setup()

from django.urls import get_resolver  # noqa: E402, needs Django ready

from workspace.streams.application import Application  # noqa: E402

# Messages link to pages: their addresses are read now rather than for the first reader.
get_resolver().url_patterns  # noqa: B018
application = Application()
