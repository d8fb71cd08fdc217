"""A queryset that is asked at every click, composed like any other and written to SQL once for the process."""

from collections.abc import Callable
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
    """`compose` makes the queryset of a user, an account and a moment; `variant` is anything else it depends on.

    Composing a queryset costs Django ten times what the database takes to answer. Nothing of an answer is kept: only
    the text of the question, in which stand-ins mark where the user, the account and the moment go.
    """

    def __init__(self, compose: Callable[[User, UUID, datetime, Variant], QuerySet[Any, Any]]) -> None:
        self._written = lru_cache(maxsize=None)(lambda variant: self._write(compose, variant))

    def rows(self, user: User, account: UUID, at: datetime, variant: Variant) -> list[tuple[Any, ...]]:
        """The columns of the queryset's `values_list`; nobody who is inactive or unknown is asked about."""
        if user.pk is None or not user.is_active:
            return []
        text, parameters = self._written(variant)
        actual: dict[Any, Any] = {USER: user.pk, ACCOUNT: account, AT: at}
        values = [actual.get(value, value) if _is_key(value) else value for value in parameters]
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    @staticmethod
    def _write(
        compose: Callable[[User, UUID, datetime, Variant], QuerySet[Any, Any]], variant: Variant
    ) -> tuple[str, tuple[Any, ...]]:
        queryset = compose(User(pk=USER, is_active=True), ACCOUNT, AT, variant)
        text, parameters = queryset.query.sql_with_params()
        missing = {USER, ACCOUNT, AT} - {value for value in parameters if _is_key(value)}
        if missing:
            raise AssertionError(f"The question leaves out {missing}: it would be asked for nobody.")
        return text, tuple(parameters)


def _is_key(value: Any) -> bool:
    return isinstance(value, int | UUID | datetime)
