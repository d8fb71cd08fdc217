"""What templates say of the directory."""

from collections.abc import Callable
from typing import Any

from directory.models import Structure
from directory.search import Count
from spico.web.typography import NBSP, thousands


def shown_count(count: Count) -> str:
    """« 14 », « 1 000+ » when there are more than were counted, « ? » when none was counted and there may be some."""
    if not count.n and not count.is_exact:
        return "?"
    return thousands(count.n) if count.is_exact else f"{thousands(count.n)}+"


def results_count(count: Count) -> str:
    """« 14 résultats », « Aucun résultat », « Plus de 1 000 résultats »."""
    if not count.n:
        return "Aucun résultat" if count.is_exact else "Nombre inconnu"
    words = f"{thousands(count.n)} résultat{'s' if count.n > 1 else ''}"
    return words if count.is_exact else f"Plus de {words}"


def town(structure: Structure) -> str:
    """The commune's own name, with its accents, when the code is known; otherwise what the source wrote."""
    return structure.commune.name if structure.commune else structure.city


def unlocalized(degrees: float) -> str:
    """A number for an address, with its point, whatever the language of the page."""
    return f"{degrees:.6f}"


DAYS = {
    "mon": "lundi",
    "tue": "mardi",
    "wed": "mercredi",
    "thu": "jeudi",
    "fri": "vendredi",
    "sat": "samedi",
    "sun": "dimanche",
}


def opening_hours(hours: list[dict[str, Any]]) -> list[str]:
    """« du lundi au vendredi, de 8 h 30 à 18 h », one line for each span of the same days."""
    by_days: dict[tuple[str, ...], list[str]] = {}
    for span in hours:
        by_days.setdefault(tuple(span.get("days", [])), []).append(_span(span.get("start", ""), span.get("end", "")))
    by_span: dict[str, list[str]] = {}
    for days, spans in by_days.items():
        by_span.setdefault(" et ".join(filter(None, spans)), []).extend(days)
    return [", ".join(filter(None, (_days(days), span))) for span, days in by_span.items() if days or span]


def _days(days: list[str]) -> str:
    order = list(DAYS)
    found = sorted({order.index(day) for day in days if day in DAYS})
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"du {DAYS[order[found[0]]]} au {DAYS[order[found[-1]]]}"
    return ", ".join(f"le {DAYS[order[day]]}" for day in found)


def _span(start: str, end: str) -> str:
    if start[:5] == "00:00" and end[:5] in ("23:59", "24:00", "00:00"):
        return "jour et nuit"
    return f"de {_hour(start)} à {_hour(end)}" if start and end else ""


def _hour(time: str) -> str:
    hour, _, minutes = time[:5].partition(":")
    return f"{int(hour)}{NBSP}h" + (f"{NBSP}{minutes}" if minutes not in ("", "00") else "")


FILTERS: dict[str, Callable[..., Any]] = {
    "opening_hours": opening_hours,
    "results_count": results_count,
    "shown_count": shown_count,
    "town": town,
    "unlocalized": unlocalized,
}
