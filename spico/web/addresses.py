"""`reverse`, asked once of each route: a page holds dozens of addresses, and Django takes longer over each than a
template over what stands around it."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

# Stand where keys go; no object of the portal has them.
_UUID, _INT = UUID("7740901a-7740-4740-8740-774090170000").int, 774_090_177_400_000
_MOST = 4096


def address(view: str, *args: Any, current_app: str | None = None, **kwargs: Any) -> str:
    """As `reverse`: the same addresses, the same `NoReverseMatch`. The route is asked once for all keys (UUID, whole
    numbers); any other value belongs to the question, and the last few thousand are kept."""
    values = [*args, *kwargs.values()]
    kinds = tuple(map(_kind, values))
    try:
        pieces = _pieces(view, len(args), tuple(kwargs), kinds, current_app, get_script_prefix(), get_urlconf())
    except TypeError:
        # A value that cannot be kept.
        pieces = None
    if pieces is None:
        return reverse(view, args=args or None, kwargs=kwargs or None, current_app=current_app)
    keys = [str(value) for value, kind in zip(values, kinds, strict=True) if kind in (UUID, int)]
    return "".join(part for pair in zip(pieces, [*keys, ""], strict=True) for part in pair)


def _kind(value: Any) -> Any:
    """UUID or int for a key; for any other value itself, with its type."""
    if type(value) is UUID or (type(value) is int and value >= 0):
        return type(value)
    return type(value), value


@lru_cache(maxsize=_MOST)
def _pieces(
    view: str,
    positional: int,
    names: tuple[str, ...],
    kinds: tuple[Any, ...],
    current_app: str | None,
    _prefix: str,
    _urlconf: str | None,
) -> list[str] | None:
    """What stands around the keys, in their order; None when the route does not take them, or not as they are."""
    values = [_stand_in(kind, place) for place, kind in enumerate(kinds)]
    args, kwargs = values[:positional], dict(zip(names, values[positional:], strict=True))
    try:
        left = reverse(view, args=args or None, kwargs=kwargs or None, current_app=current_app)
    except NoReverseMatch:
        return None
    pieces = []
    for value, kind in zip(values, kinds, strict=True):
        if kind in (UUID, int):
            before, found, left = left.partition(str(value))
            if not found:
                return None
            pieces.append(before)
    return [*pieces, left]


def _stand_in(kind: Any, place: int) -> Any:
    if kind is UUID:
        return UUID(int=_UUID + place)
    return _INT + place if kind is int else kind[1]
