"""The process of the live streams; pages are served by `spico.wsgi`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spico.settings.dev")
django.setup()

from workspace.streams.application import Application  # noqa: E402, needs Django ready

application = Application()
