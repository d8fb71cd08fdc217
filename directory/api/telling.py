"""What a serializer says of its rows, read off its fields once for the process.

Django REST framework copies every field of a serializer at each answer, then asks each of them again at each row by
which way its value is reached and in which form it is said: that was half the time of a list.
"""

from collections.abc import Callable
from copy import copy
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Manager
from django.utils.timezone import get_current_timezone
from rest_framework import fields
from rest_framework.serializers import ListSerializer, Serializer

Context = dict[str, Any]
Tell = Callable[[Any], Any]


class ToldSerializer(Serializer):
    """Says the same as any serializer, and is described by the same fields; it only tells. A field may not skip itself,
    nor be found by a function; serializers inside it are of this class, whether of one row or of many."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        told: dict[str, Any] = _teller(type(self), self.context)(instance)
        return told


class _Line(NamedTuple):
    """`reach`: what is found of a row; `key`: of a dictionary, such as a page of results. `form`: how it is said."""

    name: str
    key: str
    reach: Tell
    form: Callable[[Context], Tell]


def _teller(kind: type[Serializer], context: Context) -> Tell:
    said = [(line.name, line.key, line.reach, line.form(context)) for line in _lines(kind)]

    def tell(row: Any) -> dict[str, Any]:
        told: dict[str, Any] = {}
        is_dictionary = isinstance(row, dict)
        for name, key, reach, form in said:
            value = row[key] if is_dictionary and key else reach(row)
            told[name] = None if value is None else form(value)
        return told

    return tell


@cache
def _lines(kind: type[Serializer]) -> list[_Line]:
    return [_line(kind, name, field) for name, field in kind().fields.items() if not field.write_only]


def _line(kind: type[Serializer], name: str, field: fields.Field) -> _Line:
    key = field.source_attrs[0] if len(field.source_attrs) == 1 else ""
    return _Line(name, key, _reach(field), _form(kind, field))


def _reach(field: fields.Field) -> Tell:
    if not field.source_attrs:
        return lambda row: row
    reach = attrgetter(".".join(field.source_attrs))
    if field.default is fields.empty and not field.allow_null:
        return reach
    otherwise = None if field.default is fields.empty else field.default

    def reach_or_not(row: Any) -> Any:
        try:
            return reach(row)
        except AttributeError:
            return otherwise

    return reach_or_not


def _form(kind: type[Serializer], field: fields.Field) -> Callable[[Context], Tell]:
    if isinstance(field, ToldSerializer):
        inside = type(field)
        return lambda context: _teller(inside, context)
    if type(field) is ListSerializer and isinstance(field.child, ToldSerializer):
        return _many(type(field.child))
    if isinstance(field, Serializer | ListSerializer):
        raise TypeError(f"{kind.__name__}.{field.field_name} holds what is no ToldSerializer.")
    if isinstance(field, fields.SerializerMethodField):
        return _by_method(kind, field)
    if type(field) is fields.DateTimeField:
        return lambda _: _in_zone(get_current_timezone())
    form = _plain(field)
    return lambda _: form


def _plain(field: fields.Field) -> Tell:
    if isinstance(field, fields.ChoiceField) and type(field).to_representation is fields.ChoiceField.to_representation:
        known = field.choice_strings_to_values
        return lambda value: known.get(str(value), value)
    if type(field) in {fields.CharField, fields.UUIDField}:
        return str
    if type(field) is fields.IntegerField:
        return int
    return field.to_representation


def _in_zone(zone: Any) -> Tell:
    def moment(value: Any) -> str:
        said: str = value.astimezone(zone).isoformat()
        return said.removesuffix("+00:00") + "Z" if said.endswith("+00:00") else said

    return moment


def _many(kind: type[Serializer]) -> Callable[[Context], Tell]:
    def form(context: Context) -> Tell:
        tell = _teller(kind, context)
        return lambda rows: [tell(row) for row in (rows.all() if isinstance(rows, Manager) else rows)]

    return form


def _by_method(kind: type[Serializer], field: fields.SerializerMethodField) -> Callable[[Context], Tell]:
    """The method asks its serializer for the context alone."""
    plain = kind()

    def form(context: Context) -> Tell:
        asked = copy(plain)
        asked._context = context
        told: Tell = getattr(asked, str(field.method_name))
        return told

    return form
