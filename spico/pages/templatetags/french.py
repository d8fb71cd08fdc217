"""Filters over `spico.web.typography`. Absent values give an empty text, so that a page need not ask first."""

from datetime import date, datetime

from django import template

from spico.web import typography

register = template.Library()


@register.filter
def french_date(day: date | None) -> str:
    return typography.french_date(day) if day else ""


@register.filter
def french_moment(moment: datetime | None) -> str:
    return typography.french_moment(moment) if moment else ""


@register.filter
def thousands(number: int | None) -> str:
    return "" if number is None else typography.thousands(number)


@register.filter
def file_size(size: int) -> str:
    return typography.file_size(size)


@register.filter
def finess(number: str | None) -> str:
    return typography.finess_number(number or "")


@register.filter
def rpps(number: str | None) -> str:
    return typography.rpps_number(number or "")


@register.filter
def siret(number: str | None) -> str:
    return typography.siret_number(number or "")


@register.filter
def phone(number: str | None) -> str:
    return typography.phone_number(number or "")


@register.filter
def phone_link(number: str | None) -> str:
    return typography.phone_link(number or "")


@register.filter
def plural(count: int, words: str) -> str:
    """`{{ 3|plural:"unité" }}`, `{{ n|plural:"lieu,lieux" }}`: the word alone."""
    return typography.plural(count, *words.split(",", 1))


@register.filter
def counted(count: int, words: str) -> str:
    """`{{ 3|counted:"unité" }}` -> « 3 unités »."""
    return typography.counted(count, *words.split(",", 1))


@register.filter
def of_name(name: str) -> str:
    """`{{ person|of_name }}`: « de Paulin Estorgues », « d’Hélène Vaysserat »."""
    return typography.of_name(name)


@register.filter
def agree(civility: str | None, words: str) -> str:
    """`{{ person.civility|agree:"Rattaché,Rattachée,Rattachement" }}`: masculine, feminine, and when nobody said."""
    masculine, feminine, unknown = words.split(",", 2)
    return {"M": masculine, "MME": feminine}.get(civility or "", unknown)
