"""Reading the directory is generous for people and slow for robots: the same budget for pages and API."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from spico.web.errors import too_many
from spico.web.throttle import throttled

View = Callable[..., HttpResponse]


def throttled_reading(view: View) -> View:
    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wait = throttled(request)
        return too_many(request, wait) if wait else view(request, *args, **kwargs)

    return read
