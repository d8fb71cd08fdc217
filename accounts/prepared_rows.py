"""The rows of a prepared question as Django reads them; what does not depend on the answer is found once."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import GeneratedField, Model, QuerySet, prefetch_related_objects
from django.db.models.base import ModelState
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable
from django.db.models.signals import post_init, pre_init
from django.db.models.sql.compiler import SQLCompiler

# Columns that mean the same in binary, where psycopg reads moments in C; of others Django expects the text.
_IN_BINARY = {
    *("AutoField", "BigAutoField", "SmallIntegerField", "IntegerField", "BigIntegerField"),
    *("PositiveSmallIntegerField", "PositiveIntegerField", "BooleanField", "UUIDField"),
    *("CharField", "TextField", "EmailField", "DateField", "DateTimeField", "DateTimeRangeField"),
}

Plain = tuple[Any, ...]
Read = Callable[[list[Plain]], list[Any]]
Make = Callable[[Plain], Any]


def reader(queryset: QuerySet[Any, Any], compiler: SQLCompiler) -> Read:
    """`compiler`: that of the queryset, which has written its text."""
    if queryset._known_related_objects:  # type: ignore[attr-defined]
        raise TypeError("A question begins at a model, and not at the rows of another one.")
    read = _rows(queryset, compiler)
    converters = list(
        compiler.get_converters([column for column, _, _ in compiler.select[: compiler.col_count]]).items()
    )
    if not converters:
        return read
    return lambda rows: read([_converted(row, converters) for row in rows])


def in_binary(compiler: SQLCompiler) -> bool:
    """Whether the database may send the rows in binary."""
    return all(_kind_of(column.output_field) in _IN_BINARY for column, _, _ in compiler.select[: compiler.col_count])


def _kind_of(field: Any) -> str:
    """Of a key, that of the column which it leads to."""
    while field.remote_field:
        field = field.target_field
    known: Any = field.output_field if isinstance(field, GeneratedField) else field
    return str(known.get_internal_type())


def _rows(queryset: QuerySet[Any, Any], compiler: SQLCompiler) -> Read:
    kind, related = queryset._iterable_class, queryset._prefetch_related_lookups  # type: ignore[attr-defined]
    if kind is ValuesListIterable:
        return lambda rows: rows
    if kind is FlatValuesListIterable:
        return lambda rows: [row[0] for row in rows]
    if kind is not ModelIterable:
        raise TypeError(f"Nothing reads the rows of {kind.__name__}.")
    make = _annotated(_made(compiler.klass_info, compiler.select), compiler.annotation_col_map)

    def read(rows: list[Plain]) -> list[Any]:
        found = [make(row) for row in rows]
        if related:
            prefetch_related_objects(found, *related)
        return found

    return read


def _made(info: Any, columns: Any) -> Make:
    """Of a model, with those that come along (`select_related`); None where there is none."""
    if info.get("from_parent"):
        raise TypeError(f"{info['model'].__name__} takes columns of another model.")
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column[0].target.attname for column in columns[first:last]]
    key = first + names.index(info["model"]._meta.pk.attname)
    new = _new(info["model"], names)
    along = [
        (_made(one, columns), one["local_setter"], one["remote_setter"]) for one in info.get("related_klass_infos", [])
    ]

    def make(row: Plain) -> Any:
        if row[key] is None:
            return None
        made = new(row[first:last])
        for other, set_here, set_there in along:
            found = other(row)
            set_here(made, found)
            if found is not None:
                set_there(found, made)
        return made

    return make


def _new(model: type[Model], names: list[str]) -> Make:
    """As `Model.from_db`, which looks again at each field of each row; that itself where somebody else has a say."""
    is_plain = model.__init__ is Model.__init__ and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
    if not is_plain or pre_init.has_listeners(model) or post_init.has_listeners(model):
        return lambda values: model.from_db(DEFAULT_DB_ALIAS, names, values)

    def new(values: Plain) -> Model:
        made = model.__new__(model)
        state = made._state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        made.__dict__.update(zip(names, values, strict=True))
        return made

    return new


def _annotated(make: Make, places: dict[str, int]) -> Make:
    if not places:
        return make

    def annotated(row: Plain) -> Any:
        made = make(row)
        for name, place in places.items():
            setattr(made, name, row[place])
        return made

    return annotated


def _converted(row: Plain, converters: Iterable[Any]) -> Plain:
    values = list(row)
    for place, (steps, column) in converters:
        for step in steps:
            values[place] = step(values[place], column, connection)
    return tuple(values)
