"""A long list that is shown by pages: how many it holds, and one page of it, each question written to SQL once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import GenericAlias
from typing import Any, Generic, overload

from django.db.models import Count, QuerySet, Value

from accounts.prepared import Prepared, Row


@dataclass(frozen=True)
class Listed(Generic[Row]):
    """One list, as paginators take it: a count, and the rows from one place to another."""

    questions: "PreparedList[Row]"
    asked: dict[str, Any]
    along: tuple[str, ...] = ()
    is_nothing: bool = False

    def count(self) -> int:
        if self.is_nothing:
            return 0
        asked = {name: value for name, value in self.asked.items() if name not in self.questions.apart}
        return self.questions.number.first(**asked) or 0

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[Row]:
        return iter(self[:])

    @overload
    def __getitem__(self, places: int) -> Row: ...
    @overload
    def __getitem__(self, places: slice) -> list[Row]: ...
    def __getitem__(self, places: int | slice) -> Row | list[Row]:
        """From the beginning, or from a place on, to the end or to another place: as a queryset is cut."""
        if isinstance(places, int):
            return self[places : places + 1][0]
        first, last = places.start or 0, places.stop
        if self.is_nothing or last == first:
            return []
        # A last page ends where the list does: by tens, so that not every length writes a text of its own.
        tens = None if last is None else -(-last // 10) * 10
        rows = self.questions.page.rows(**self.asked, along=self.along, first=first, last=tens)
        return rows if last is None else rows[: last - first]

    def select_related(self, *names: str) -> "Listed[Row]":
        return replace(self, along=(*self.along, *names))

    def none(self) -> "Listed[Row]":
        return replace(self, is_nothing=True)


class PreparedList(Generic[Row]):
    """`compose`, `by_value` and `kinds`: of `Prepared`. `number`: composes the question that gives how many there are,
    where another one costs less than counting the rows; it is not asked with what is `apart`."""

    def __init__(
        self,
        compose: Callable[..., QuerySet[Any, Row]],
        number: Callable[..., QuerySet[Any, int]] | None = None,
        apart: tuple[str, ...] = (),
        by_value: bool = False,
        **kinds: type | GenericAlias,
    ) -> None:
        def page(*, along: tuple[str, ...], first: int | None, last: int | None, **asked: Any) -> QuerySet[Any, Row]:
            found = compose(**asked)
            return (found.select_related(*along) if along else found)[first:last]

        self.page: Prepared[Row] = Prepared(page, by_value=by_value, **kinds)
        self.apart = apart
        counted = {name: kind for name, kind in kinds.items() if name not in apart}
        self.number: Prepared[int] = Prepared(
            number or (lambda **asked: number_of(compose(**asked))), by_value=by_value, **counted
        )

    def of(self, **asked: Any) -> Listed[Row]:
        return Listed(self, asked)


def number_of(rows: QuerySet[Any, Any]) -> QuerySet[Any, int]:
    """How many there are, as a queryset that gives this number alone. `rows` reckons nothing for each."""
    alike = rows.order_by().values(alike=Value(1))
    number: QuerySet[Any, int] = alike.annotate(number=Count("*")).values_list("number", flat=True)
    return number
