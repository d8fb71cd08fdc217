"""How much of the directory one person may open, whichever door they take: pages and API spend the same budget."""

import math
import time
from dataclasses import dataclass
from functools import cache as remembered
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:  # `rest_framework.views` reads this module while it is itself being read
    from rest_framework.request import Request
    from rest_framework.views import APIView

PERIODS = {"sec": 1, "min": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Rate:
    limit: int
    period: int

    def wait(self, before: int, used: int, elapsed: float) -> float:
        """Seconds until a request fits, 0 if this one does: it is counted in `used`, this period's requests.

        The period slides: what was used in the one `before` weighs less and less as this one goes by. So nobody has
        twice the budget by straddling two minutes, and two counters are enough.
        """
        room = self.limit - used
        if room >= before * (1 - elapsed / self.period):
            return 0
        if room >= 0:
            return self.period * (1 - room / before) - elapsed
        return self.period - elapsed + self.period / self.limit


@remembered
def rates(text: str) -> tuple[Rate, ...]:
    """Read « 240/min,3000/hour »; nothing at all means no limit."""
    try:
        pairs = [part.strip().split("/") for part in text.split(",") if part.strip()]
        found = tuple(Rate(int(limit), PERIODS[period]) for limit, period in pairs)
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(
            f"DIRECTORY_THROTTLE : « {text} » ne se lit pas comme « 240/min,3000/hour »."
        ) from error
    if any(rate.limit < 1 for rate in found):
        raise ImproperlyConfigured("DIRECTORY_THROTTLE : une limite est d’au moins 1.")
    return found


def throttled(request: "HttpRequest | Request") -> int | None:
    """Seconds that this person has to wait; None if they may go on, and then this request is counted.

    A refused request costs nothing. A cache that does not answer refuses nobody.
    """
    if request.user.pk is None:
        return None
    return throttled_as(str(request.user.pk))


def throttled_as(who: str) -> int | None:
    """For doors where nobody signs in: `who` is what the asker was known by, such as a link of theirs."""
    return _spend(f"throttle:{who}", rates(settings.DIRECTORY_THROTTLE), time.time())


def sentence(seconds: int) -> str:
    """What the person reads, on a page as in the API."""
    count, unit = (math.ceil(seconds / 60), "minute") if seconds >= 60 else (seconds, "seconde")
    plural = "s" if count > 1 else ""
    return (
        f"Vous avez fait beaucoup de demandes en peu de temps : réessayez dans {count}\N{NO-BREAK SPACE}{unit}{plural}."
    )


class DirectoryThrottle(BaseThrottle):
    """The same budget for the API."""

    seconds: int | None = None

    def allow_request(self, request: "Request", view: "APIView") -> bool:
        self.seconds = throttled(request)
        return self.seconds is None

    def wait(self) -> float | None:
        return self.seconds


def _spend(who: str, budget: tuple[Rate, ...], now: float) -> int | None:
    used: list[int] = []
    for rate in budget:
        count = _count(_key(who, rate, now), 2 * rate.period)
        if count is None:
            return None
        used.append(count)
    spent = zip(budget, _before(who, budget, now), used, strict=True)
    wait = max((rate.wait(before, count, now % rate.period) for rate, before, count in spent), default=0)
    if wait == 0:
        return None
    for rate in budget:
        _give_back(_key(who, rate, now))
    return max(1, math.ceil(wait))


def _before(who: str, budget: tuple[Rate, ...], now: float) -> list[int]:
    keys = [_key(who, rate, now - rate.period) for rate in budget]
    found = cache.get_many(keys)
    return [found.get(key, 0) for key in keys]


def _key(who: str, rate: Rate, at: float) -> str:
    return f"{who}:{rate.period}:{int(at // rate.period)}"


def _count(key: str, timeout: int) -> int | None:
    """Count one more, whoever counts at the same time; None when the cache does not answer."""
    for _ in range(2):
        try:
            return cache.incr(key)
        except ValueError:  # the first of its period
            if cache.add(key, 1, timeout):
                return 1
    return None


def _give_back(key: str) -> None:
    try:
        cache.decr(key)
    except ValueError:
        return  # the period ended meanwhile, and its counter with it
