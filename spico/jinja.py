"""The language of the pages: Jinja2, with what each app lets templates call."""

from typing import Any

from django.conf import settings
from django.template.defaultfilters import floatformat
from django.templatetags.static import static
from django_htmx.jinja import htmx_script
from jinja2 import ChainableUndefined, Environment, select_autoescape

import delegations.jinja
import directory.jinja
import workspace.jinja
from spico.web.addresses import address
from spico.web.filters import FILTERS
from spico.web.look import form_field, icon, part, querystring
from spico.web.pagination import page_numbers


def environment(**options: Any) -> Environment:
    """Escapes pages, not mails. What a page says of an absent value is an empty text."""
    made = Environment(  # noqa: S701, pages are escaped
        **{"undefined": ChainableUndefined} | options | {"autoescape": select_autoescape(["html"])}
    )
    made.filters |= {
        **FILTERS,
        **directory.jinja.FILTERS,
        **delegations.jinja.FILTERS,
        "floatformat": floatformat,
    }
    made.globals |= {
        **delegations.jinja.GLOBALS,
        **workspace.jinja.GLOBALS,
        "form_field": form_field,
        "htmx_script": htmx_script,
        "icon": icon,
        "page_numbers": page_numbers,
        "part": part,
        "querystring": querystring,
        "service_centre": lambda: settings.SERVICE_CENTRE,
        "static": static,
        "url_for": address,
    }
    return made
