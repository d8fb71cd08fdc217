from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from directory import search as engine
from directory.asked import Asked, Listed, address
from directory.communes import find_communes
from directory.kinds import Kind, kinds
from directory.reference import occitanie_outline
from directory.territory import department_choices, in_department, map_shapes, outline_path
from directory.throttle import throttled_reading
from spico.web.look import drawn_part

SUGGESTED_COMMUNES = 10


@dataclass(frozen=True)
class KindBox:
    kind: Kind
    is_ticked: bool
    count: engine.Count


@dataclass(frozen=True)
class Chip:
    """A filter in force, with the address of the same search without it."""

    label: str
    href: str


@require_safe
@throttled_reading
def search(request: HttpRequest) -> HttpResponse:
    asked = Asked.read(request.GET)
    results = engine.search(asked.query)
    response = render(request, _template(request), _context(asked, results))
    patch_vary_headers(response, ["HX-Request", "HX-Target", "HX-History-Restore-Request"])
    patch_cache_control(response, private=True, no_store=True)
    return response


def _template(request: HttpRequest) -> str:
    """The page, or the part of it that htmx asked for; going back in history asks for all of it."""
    htmx = request.htmx  # type: ignore[attr-defined]
    if not htmx or htmx.history_restore_request:
        return "directory/search.html"
    return "directory/_more.html" if htmx.target == "more" else "directory/_answer.html"


def _context(asked: Asked, results: engine.Results) -> dict[str, object]:
    chosen = asked.department.code if asked.department else ""
    choices, other_choices = department_choices(asked.lists.departments, results.department_counts, chosen)
    return {
        "asked": asked,
        "results": results,
        "boxes": [
            KindBox(kind, name in asked.kinds, results.kind_counts.get(name, engine.Count(0, True)))
            for name, kind in kinds().items()
        ],
        "shapes": map_shapes(results.department_counts, chosen, asked.href_by_department()),
        "view_box": " ".join(map(str, occitanie_outline()["viewBox"])),
        "choices": choices,
        "other_choices": other_choices,
        "categories": _options(asked.lists.categories.values(), asked.category),
        "professions": _options(asked.lists.professions.values(), asked.profession),
        "chips": _chips(asked),
        "place": in_department(asked.department) if asked.department else "",
        "town_choices": [(commune, asked.href(commune=commune.pk)) for commune in asked.towns],
        "sought": [kind for name, kind in kinds().items() if name in asked.kinds],
        "next_href": asked.href(page=results.page + 1) if results.has_next else "",
        "previous_href": asked.href(page=results.page - 1) if results.page > 1 else "",
        "ways": [(way, address(way.query)) for way in results.ways],
        "suggestion_href": asked.href(text=results.suggestion) if results.suggestion else "",
    }


def _options(listed: Iterable[Listed], chosen: Listed | None) -> SafeString:
    return _options_drawn(tuple(listed), chosen)


@lru_cache(maxsize=64)
def _options_drawn(listed: tuple[Listed, ...], chosen: Listed | None) -> SafeString:
    """A hundred lines that change with an import: drawn once for each choice, not at each letter that is typed."""
    return drawn_part("directory/_options.html", listed=listed, chosen=chosen)


def _chips(asked: Asked) -> list[Chip]:
    chips = []
    if asked.department:
        chips.append(Chip(asked.department.label, asked.href(department="")))
    if asked.commune:
        chips.append(Chip(asked.commune.name, asked.href(commune="")))
    if asked.category:
        chips.append(Chip(asked.category.label, asked.href(category="")))
    if asked.profession:
        chips.append(Chip(asked.profession.label, asked.href(profession="")))
    return chips


@require_safe
@throttled_reading
def communes(request: HttpRequest) -> HttpResponse:
    """Options for the field's list of suggestions, while the person types."""
    found = find_communes(request.GET.get("town", "")[:100], limit=SUGGESTED_COMMUNES)
    return render(request, "directory/communes.html", {"communes": found})


@require_safe
@cache_control(private=True, max_age=86_400)
def outline(request: HttpRequest) -> HttpResponse:
    """The outlines of the departments, once for all pages: each map refers to them by `#d-31`."""
    symbols = "".join(
        f'<path id="d-{shape["code"]}" d="{outline_path(shape["outlines"])}"/>'
        for shape in occitanie_outline()["departments"]
    )
    return HttpResponse(
        f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>', content_type="image/svg+xml; charset=utf-8"
    )
