"""The pages of a delegation, by name."""

from django.urls import reverse

from delegations.models import Delegation


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def url(name: str, row: Delegation) -> str:
    return reverse(f"delegations:{name}", args=[row.pk])
