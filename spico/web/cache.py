"""What is kept, and where: a cache that makes nobody wait, and pages that a browser does not keep."""

import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted

SILENCE_SECONDS = 5.0


class PatientCache(RedisCache):
    """Once the server has not answered, it is left alone for a few seconds.

    A page asks the cache a dozen times: of a mute server it would wait for each, and four pages fill a process.

    With `DJANGO_REDIS_IGNORE_EXCEPTIONS`, what is not asked is what is not there.
    """

    # By address, for the whole process: every thread has its own cache.
    _left_alone_until: ClassVar[dict[str, float]] = {}

    @property
    def client(self) -> Any:
        if time.monotonic() < self._left_alone_until.get(str(self._server), 0.0):
            raise ConnectionInterrupted(connection=None) from ConnectionError("left alone")
        return _Watched(super().client, self._leave_alone)

    def _leave_alone(self) -> None:
        self._left_alone_until[str(self._server)] = time.monotonic() + SILENCE_SECONDS


class NothingKeptMiddleware:
    """On a shared computer, « back » after signing out must not show the pages of whoever signed out.

    Files, which are the same for everybody, are answered before this; a view that says otherwise is obeyed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class _Watched:
    """The client, telling of a call that was not answered."""

    def __init__(self, client: Any, interrupted: Callable[[], None]) -> None:
        self._client = client
        self._interrupted = interrupted

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        return self._watching(method) if callable(method) else method

    def _watching(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return method(*args, **kwargs)
            except ConnectionInterrupted:
                self._interrupted()
                raise

        return call
