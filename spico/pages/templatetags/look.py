"""The pieces that a template draws by a tag: icons, and what every page knows without asking the database."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django import forms, template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.paginator import Page
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from spico.web import pagination

register = template.Library()


@cache
def icon_names() -> frozenset[str]:
    sprite = finders.find("icons.svg")
    root = ElementTree.parse(Path(str(sprite))).getroot()  # noqa: S314, our own file
    return frozenset(symbol.attrib["id"] for symbol in root if "id" in symbol.attrib)


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, css: str = "i") -> SafeString:
    """An icon of the sprite, silent for readers: a word stands beside it. An unknown name shows while developing."""
    if settings.DEBUG and name not in icon_names():
        raise template.TemplateSyntaxError(f"static/icons.svg has no icon {name!r}")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("icons.svg"), name)


@register.simple_tag
def service_centre() -> dict[str, str]:
    """For the pages that have no context at all, such as 500."""
    return settings.SERVICE_CENTRE


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | None]:
    return pagination.page_numbers(page)


CLASSES = {
    forms.CheckboxInput: "form-check-input",
    forms.Select: "form-select",
    forms.RadioSelect: "",
}


@register.inclusion_tag("components/field.html")
def field(bound: forms.BoundField) -> dict[str, object]:
    """One field of a form. Django itself ties the help and the error to it (`aria-describedby`, `aria-invalid`)."""
    kind = type(bound.field.widget)
    css = next((css for cls, css in CLASSES.items() if issubclass(kind, cls)), "form-control")
    attrs: dict[str, str | bool] = {"class": f"{css} is-invalid" if bound.errors else css}
    return {"field": bound, "widget": bound.as_widget(attrs=attrs), "is_box": kind is forms.CheckboxInput}
