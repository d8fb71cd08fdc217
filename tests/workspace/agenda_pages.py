"""How tests reach the agenda of an account: addresses, what is typed, and events that stand there already."""

import re
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from delegations.scopes import Space
from tests.delegations.people import Cast
from tests.workspace.making import acting, an_event
from workspace.models import Event

NBSP = "\N{NO-BREAK SPACE}"


def door(account: Account, **asked: str) -> str:
    address = reverse("spaces:space", args=[account.pk, Space.AGENDA])
    return address + ("?" + "&".join(f"{name}={value}" for name, value in asked.items()) if asked else "")


def at(route: str, account: Account, *keys: object) -> str:
    return reverse(f"spaces:{route}", args=[account.pk, *keys])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def without_tokens(response: object) -> str:
    return re.sub(r"csrfmiddlewaretoken.*?>|client_key.*?>|X-CSRFToken.*?>", "", text(response))


def typed(**changes: object) -> dict[str, object]:
    return {
        "kind": "visit",
        "title": "Visite de la chambre 12",
        "starts_on": "2026-12-01",
        "starts": "14:00",
        "ends_on": "",
        "ends": "15:30",
        "place": "Chambre 12",
        "notes": "Prévenir la famille.",
        "dossier": "",
    } | changes


def event_of(cast: Cast, **more: object) -> Event:
    return an_event(acting(cast.total, cast.account, Space.AGENDA), **more)  # type: ignore[arg-type]


def add(cast: Cast, **changes: object) -> object:
    return cast.client("total").post(at("event_add", cast.account), typed(**changes))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.get_current_timezone())  # type: ignore[misc, arg-type]
