from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: how to reach the service centre, and the place in the navigation."""
    match = request.resolver_match
    return {"service_centre": settings.SERVICE_CENTRE, "app_name": match.app_name if match else ""}
