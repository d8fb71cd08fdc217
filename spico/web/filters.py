"""What templates say of a value, over `spico.web.typography`. Absent values give an empty text, so that a page need not
ask first."""

from collections.abc import Callable
from datetime import date, datetime

from django.template.defaultfilters import capfirst, linebreaksbr, truncatechars

from spico.web import typography


def french_date(day: date | None) -> str:
    return typography.french_date(day) if day else ""


def french_moment(moment: datetime | None) -> str:
    return typography.french_moment(moment) if moment else ""


def thousands(number: int | None) -> str:
    return "" if number is None else typography.thousands(number)


def finess(number: str | None) -> str:
    return typography.finess_number(number or "")


def rpps(number: str | None) -> str:
    return typography.rpps_number(number or "")


def siret(number: str | None) -> str:
    return typography.siret_number(number or "")


def phone(number: str | None) -> str:
    return typography.phone_number(number or "")


def phone_link(number: str | None) -> str:
    return typography.phone_link(number or "")


def plural(count: int, words: str) -> str:
    """`{{ 3|plural("unité") }}`, `{{ n|plural("lieu,lieux") }}`: the word alone."""
    return typography.plural(count, *words.split(",", 1))


def counted(count: int, words: str) -> str:
    """`{{ 3|counted("unité") }}` -> « 3 unités »."""
    return typography.counted(count, *words.split(",", 1))


def agree(civility: str | None, words: str) -> str:
    """`{{ person.civility|agree("Rattaché,Rattachée,Rattachement") }}`: masculine, feminine, and when nobody said."""
    masculine, feminine, unknown = words.split(",", 2)
    return {"M": masculine, "MME": feminine}.get(civility or "", unknown)


FILTERS: dict[str, Callable[..., str]] = {
    "agree": agree,
    "capfirst": capfirst,
    "counted": counted,
    "file_size": typography.file_size,
    "finess": finess,
    "french_date": french_date,
    "french_moment": french_moment,
    "linebreaksbr": linebreaksbr,
    "of_name": typography.of_name,
    "phone": phone,
    "phone_link": phone_link,
    "plural": plural,
    "rpps": rpps,
    "siret": siret,
    "thousands": thousands,
    "truncatechars": truncatechars,
}
