"""A queryset that is asked at every click, composed like any other and written to SQL once for the process."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User

USER, ACCOUNT, AT = -7_740_901, UUID(int=7_740_901), datetime(1, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
Variant = TypeVar("Variant")


class Compiled(Generic[Variant]):
    """`compose` makes the queryset of a user, an account and a moment, or of those of them that it `needs`; `variant`
    is anything else it depends on.

    Composing a queryset costs Django ten times what the database takes to answer. Nothing of an answer is kept: only
    the text of the question, in which stand-ins mark where the user, the account and the moment go.
    """

    def __init__(
        self,
        compose: Callable[[User, UUID, datetime, Variant], QuerySet[Any, Any]],
        needs: Iterable[Any] = (USER, ACCOUNT, AT),
    ) -> None:
        self._needs = frozenset(needs)
        self._written = lru_cache(maxsize=None)(lambda variant: self._write(compose, variant))

    def rows(self, user: User | None, account: UUID | None, at: datetime, variant: Variant) -> list[tuple[Any, ...]]:
        """The columns of the queryset's `values_list`; nobody who is inactive or unknown is asked about."""
        if USER in self._needs and (user is None or user.pk is None or not user.is_active):
            return []
        text, parameters = self._written(variant)
        actual: dict[Any, Any] = {USER: user and user.pk, ACCOUNT: account, AT: at}
        values = [actual.get(value, value) if _is_key(value) else value for value in parameters]
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _write(
        self, compose: Callable[[User, UUID, datetime, Variant], QuerySet[Any, Any]], variant: Variant
    ) -> tuple[str, tuple[Any, ...]]:
        queryset = compose(User(pk=USER, is_active=True), ACCOUNT, AT, variant)
        text, parameters = queryset.query.sql_with_params()
        missing = self._needs - {value for value in parameters if _is_key(value)}
        if missing:
            raise AssertionError(f"The question leaves out {missing}: it would be asked for nobody.")
        return text, tuple(parameters)


def _is_key(value: Any) -> bool:
    return isinstance(value, int | UUID | datetime)
