"""A queryset that is asked at every click: composed like any other, and written to SQL once for the process."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import GenericAlias
from typing import Any, Generic, Self, TypeVar, get_args, get_origin
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BigIntegerField, QuerySet
from psycopg import Cursor
from psycopg.pq import Format

from accounts.models import User
from accounts.prepared_rows import Read, in_binary, reader

Row = TypeVar("Row")
_FIRST = 7_740_901
_FIRST_MOMENT = datetime(1, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
# Between the stand-ins of two keywords: room for those of a list.
_APART = 10_000
_LARGEST = BigIntegerField.MAX_BIGINT
# Texts kept for one question: a list writes one for each length.
_MOST_TEXTS = 256


@dataclass(frozen=True)
class _Written:
    """`parameters`: for each, its place among the values that are given, or what it always is."""

    text: str
    parameters: tuple[tuple[int | None, Any], ...]
    read: Read
    in_binary: bool


class Prepared(Generic[Row]):
    """`compose` makes the queryset from keywords. Those of `kinds` are told by their type (`User`, `UUID`, `datetime`,
    `date`, `int`, `str`, or a list of one of these but users, as `list[UUID]`) and may change at each question; each
    value of the others writes a text of its own, so let them be few.

    Composing and writing a queryset costs Django several times what the database takes to answer. Nothing of an answer
    is kept: only the text of the question, in which stand-ins mark where each value goes. `compose` must use every one
    of `kinds` as it comes: `AssertionError` when one is left out, or when something was reckoned from it or read from
    the clock, which would stay what it was at the first question.

    `by_value`: planned anew for the values of each question, which takes the database half a millisecond. For the lists
    that are long in some accounts: the plan that is kept is that of an average one, and takes ten times longer there.
    """

    def __init__(
        self, compose: Callable[..., QuerySet[Any, Row]], *, by_value: bool = False, **kinds: type | GenericAlias
    ) -> None:
        self._compose = compose
        self._by_value = by_value
        self._kinds = kinds
        for kind in kinds.values():
            _stand_in(kind, 0, 1)
        self._written = lru_cache(maxsize=_MOST_TEXTS)(self._write)

    def rows(self, **asked: Any) -> list[Row]:
        """What the queryset would give, in one query; nothing for somebody inactive or unknown, for an empty list, nor
        for a number larger than any key."""
        lengths, values = [], []
        for name, kind in self._kinds.items():
            value = asked.pop(name)
            if kind is User:
                if value is None or value.pk is None or not value.is_active:
                    return []
                values.append(value.pk)
            elif get_origin(kind) is list:
                if not value:
                    return []
                lengths.append(len(value))
                values += value
            elif kind is int and abs(value) > _LARGEST:
                return []
            else:
                values.append(value)
        written = self._written(tuple(lengths), **asked)
        parameters = tuple(one if place is None else values[place] for place, one in written.parameters)
        return written.read(plain_rows(written.text, parameters, by_value=self._by_value, binary=written.in_binary))

    def first(self, **asked: Any) -> Row | None:
        """The first of `rows`: the queryset itself says how many it asks for."""
        return next(iter(self.rows(**asked)), None)

    def _write(self, lengths: tuple[int, ...], **variant: Any) -> _Written:
        written, again = (self._written_with(self._stand_ins(lengths, first), variant) for first in (0, _APART // 2))
        if (written.text, written.parameters) != (again.text, again.parameters):
            raise AssertionError("The question reckons with what it is given, or reads the clock: give it the result.")
        return written

    def _written_with(self, stand_ins: dict[str, Any], variant: dict[str, Any]) -> _Written:
        queryset = self._compose(**stand_ins, **variant)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        text, parameters = compiler.as_sql()
        places = {mark: place for place, mark in enumerate(_flat(stand_ins))}
        marked = [places.get(one) if isinstance(one, int | str | UUID | date) else None for one in parameters]
        if missing := set(places.values()) - set(marked):
            raise AssertionError(f"The question leaves out {len(missing)} of {list(stand_ins)}: it would ask nothing.")
        steps = ((place, one if place is None else None) for place, one in zip(marked, parameters, strict=True))
        return _Written(text, tuple(steps), reader(queryset, compiler), in_binary(compiler))

    def _stand_ins(self, lengths: tuple[int, ...], first: int) -> dict[str, Any]:
        left = iter(lengths)
        return {
            name: _stand_in(kind, first + place * _APART, next(left) if get_origin(kind) is list else 0)
            for place, (name, kind) in enumerate(self._kinds.items())
        }


class _ByValue(Cursor[Any]):
    """Nothing is kept of its plans."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, **{**options, "prepare": False})


def plain_rows(text: str, parameters: Sequence[Any], *, by_value: bool = False, binary: bool = False) -> list[Any]:
    """The rows of a statement as tuples, planned once a connection: the values travel beside the text. Django's own
    cursor writes them into it, and planning the rule of access takes longer than answering it."""
    with connection.cursor() as cursor:
        cursor.cursor = (_ByValue if by_value else Cursor)(cursor.connection)
        cursor.cursor.format = Format.BINARY if binary else Format.TEXT
        cursor.execute(text, parameters)
        found: list[Any] = cursor.fetchall()
    return found


def _stand_in(kind: type | GenericAlias, offset: int, length: int) -> Any:
    """A value that no question has."""
    if get_origin(kind) is list and get_args(kind)[0] is not User:
        return [_stand_in(get_args(kind)[0], offset + place, 0) for place in range(length)]
    if kind not in _STAND_INS:
        raise TypeError(f"Nothing stands in for {kind!r}.")
    return _STAND_INS[kind](offset)


_STAND_INS: dict[Any, Callable[[int], Any]] = {
    User: lambda offset: User(pk=-_FIRST - offset, is_active=True),
    UUID: lambda offset: UUID(int=_FIRST + offset),
    datetime: lambda offset: _FIRST_MOMENT + timedelta(microseconds=offset),
    date: lambda offset: _FIRST_MOMENT.date() + timedelta(days=offset),
    int: lambda offset: -_FIRST - offset,
    str: lambda offset: f"{_FIRST} {offset}",
}


def _flat(stand_ins: dict[str, Any]) -> Iterator[Any]:
    """In the order of `rows`'s values."""
    for one in stand_ins.values():
        if isinstance(one, list):
            yield from one
        else:
            yield one.pk if isinstance(one, User) else one
