"""French as it is printed: dates, numbers that are compared or dictated, agreement. Text in, text out."""

import re
from datetime import date, datetime

from django.utils import timezone

NBSP = "\N{NO-BREAK SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"
MONTHS = [
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
]
NATIONAL_NUMBER = 10
FRANCE = "33"


def local(moment: datetime) -> datetime:
    """An aware moment in the portal's time zone, which no page changes: a page of an agenda reads hundreds, and Django
    asks each time which one is in force."""
    return moment.astimezone(timezone.get_default_timezone())


def french_date(day: date) -> str:
    """« 1er mars 2027 », « 23 novembre 2026 »; a moment is read in the portal's time zone."""
    if isinstance(day, datetime) and day.tzinfo:
        day = local(day)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NBSP}{MONTHS[day.month - 1]}{NBSP}{day.year}"


def french_time(moment: datetime) -> str:
    """« 8 h 12 », « 14 h »."""
    here = local(moment) if moment.tzinfo else moment
    return f"{here.hour}{NBSP}h{NBSP}{here.minute:02d}" if here.minute else f"{here.hour}{NBSP}h"


def french_moment(moment: datetime) -> str:
    return f"{french_date(moment)} à {french_time(moment)}"


def thousands(number: int) -> str:
    """« 12 500 », with spaces that never break."""
    return f"{number:,}".replace(",", THIN)


def file_size(size: int) -> str:
    """« 84 ko », « 1,2 Mo »."""
    if size < 1024:
        return f"{size}{NBSP}{'octet' if size < 2 else 'octets'}"
    if size < 1000 * 1024:
        return f"{round(size / 1024)}{NBSP}ko"
    return f"{size / 1024 / 1024:.1f}".replace(".", ",").removesuffix(",0") + f"{NBSP}Mo"


def _groups(text: str, sizes: tuple[int, ...]) -> str:
    """Cut into these sizes when the length is exactly theirs; anything else stays as it was given."""
    if len(text) != sum(sizes):
        return text
    ends = [sum(sizes[: position + 1]) for position in range(len(sizes))]
    return NBSP.join(text[end - size : end] for end, size in zip(ends, sizes, strict=True))


def finess_number(number: str) -> str:
    """« 12 099 901 7 »: department, entity, check digit apart."""
    return _groups(number, (2, 3, 3, 1))


def rpps_number(number: str) -> str:
    return _groups(number, (2, 3, 3, 3))


def siret_number(number: str) -> str:
    return _groups(number, (3, 3, 3, 5))


def _digits(phone: str) -> str:
    """The national number of a French telephone, or nothing when it is not one."""
    digits = re.sub(r"\(0\)|\D", "", phone)
    for prefix in ("00" + FRANCE, FRANCE):
        if digits.startswith(prefix) and len(digits) == len(prefix) + NATIONAL_NUMBER - 1:
            return "0" + digits.removeprefix(prefix)
    return digits if len(digits) == NATIONAL_NUMBER and digits[0] == "0" else ""


def phone_number(phone: str) -> str:
    """« 05 65 00 00 00 »; what is not a French number stays as it was given."""
    digits = _digits(phone)
    return NBSP.join(digits[at : at + 2] for at in range(0, NATIONAL_NUMBER, 2)) if digits else phone.strip()


def phone_link(phone: str) -> str:
    """The address of a `tel:` link."""
    digits = _digits(phone)
    return f"tel:+{FRANCE}{digits[1:]}" if digits else "tel:" + re.sub(r"[^0-9+]", "", phone)


VOWELS = "aàâäeéèêëhiîïoôöuùûüyœæ"


def of_name(name: str) -> str:
    """« de Paulin Estorgues », « d’Hélène Vaysserat »."""
    return f"d’{name}" if name[:1].lower() in VOWELS and name else f"de {name}"


def plural(count: int, singular: str, several: str = "") -> str:
    """The word that agrees with the count: in French, the plural begins at two."""
    return (several or f"{singular}s") if abs(count) >= 2 else singular


def counted(count: int, singular: str, several: str = "") -> str:
    """« 1 200 résultats », « aucun » being the page's own business."""
    return f"{thousands(count)}{NBSP}{plural(count, singular, several)}"
