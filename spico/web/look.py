"""The pieces that every template may call: parts, addresses, icons, fields of forms."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.defaulttags import querystring as django_querystring
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, TemplateSyntaxError, pass_context, pass_environment
from jinja2.runtime import Context
from markupsafe import Markup


@pass_environment
def part(environment: Environment, name: str, /, **values: Any) -> Markup:
    """A template drawn with what it is given and nothing else of the page."""
    return Markup(environment.get_template(name).render(values))  # noqa: S704, the part escapes what it draws


def drawn_part(name: str, **values: Any) -> SafeString:
    """A part for a page that holds it as it is, and may keep it: a part escapes what it draws."""
    return mark_safe(render_to_string(name, values))  # noqa: S308


@cache
def icon_names() -> frozenset[str]:
    sprite = finders.find("icons.svg")
    root = ElementTree.parse(Path(str(sprite))).getroot()  # noqa: S314, our own file
    return frozenset(symbol.attrib["id"] for symbol in root if "id" in symbol.attrib)


@lru_cache(maxsize=256)
def icon(name: str, css: str = "i") -> SafeString:
    """An icon of the sprite, silent for readers: a word stands beside it. An unknown name shows while developing."""
    if settings.DEBUG and name not in icon_names():
        raise TemplateSyntaxError(f"static/icons.svg has no icon {name!r}", 1)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("icons.svg"), name)


@pass_context
def querystring(context: Context, **changes: Any) -> str:
    """The address asked, with these parameters changed; None takes one away."""
    # Given a query, it reads nothing of a context of its own language.
    return django_querystring(cast(Any, None), context["request"].GET, **changes)


CLASSES = {
    forms.CheckboxInput: "form-check-input",
    forms.Select: "form-select",
    forms.RadioSelect: "",
}


@pass_environment
def form_field(environment: Environment, bound: forms.BoundField) -> Markup:
    """One field of a form. Django itself ties the help and the error to it (`aria-describedby`, `aria-invalid`)."""
    kind = type(bound.field.widget)
    css = next((css for cls, css in CLASSES.items() if issubclass(kind, cls)), "form-control")
    attrs: dict[str, str | bool] = {"class": f"{css} is-invalid" if bound.errors else css}
    return part(
        environment,
        "components/field.html",
        field=bound,
        widget=bound.as_widget(attrs=attrs),
        is_box=kind is forms.CheckboxInput,
    )
