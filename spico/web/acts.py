from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

View = Callable[..., HttpResponse]


def act_of(page: str, *shared: str) -> Callable[[View], View]:
    """An act is a POST. A GET of its address, as after signing in again, leads to the page that has its button.

    `shared`: the arguments of the act's address that the page's has too.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def act(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method in ("GET", "HEAD"):
                to: HttpResponse = redirect(page, **{name: kwargs[name] for name in shared})
                return to
            return HttpResponseNotAllowed(["POST"])

        return act

    return decorate
