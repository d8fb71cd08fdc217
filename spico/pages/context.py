from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.notifications import unread_count
from delegations.request_rows import waiting_count

# The first page of each place of the navigation; anything else of its app is inside it.
FIRST_PAGES = {("directory", "search"), ("spaces", "index"), ("delegations", "index")}


def portal(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: what waits for the reader, and the place in the navigation.

    `nav_current` is the value of `aria-current`: the place's own first page, or something inside it.
    """
    match = getattr(request, "resolver_match", None)
    route = (match.app_name, match.url_name) if match else ("", "")
    return {
        # Asked by the header alone: a fragment or a page without it pays nothing.
        "unread": lambda: unread_count(cast(User, request.user)),
        "waiting_requests": lambda: waiting_count(cast(User, request.user), timezone.now()),
        "app_name": route[0],
        "nav_place": "home" if route == ("pages", "home") else route[0],
        "nav_current": "page" if route in FIRST_PAGES else "true",
    }
