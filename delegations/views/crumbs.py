from django.urls import reverse


def trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way down to a page under Délégations."""
    return [("Délégations", reverse("delegations:index")), *more]
