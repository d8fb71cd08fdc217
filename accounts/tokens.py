"""Keys to the API, for their owner: made, listed, revoked. Only the digest is kept; the key is told once."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import ApiToken, User

NAME_LENGTH = 80
HANDLE_LENGTH = 16


class TokenRefused(Exception):
    """Its text is a French sentence for the person."""


@dataclass(frozen=True)
class TokenRow:
    """`handle`: the start of the digest, which names the token in an address and tells nothing of the key."""

    handle: str
    name: str
    may_write: bool
    created: datetime
    expiry: datetime | None
    is_expired: bool


def _row(token: ApiToken, at: datetime) -> TokenRow:
    return TokenRow(
        handle=token.digest[:HANDLE_LENGTH],
        name=token.name,
        may_write=token.may_write,
        created=token.created,
        expiry=token.expiry,
        is_expired=token.is_expired(at),
    )


def tokens_of(user: User) -> list[TokenRow]:
    now = timezone.now()
    return [_row(token, now) for token in ApiToken.objects.filter(user=user).order_by("-created", "pk")]


def find_token(user: User, handle: str) -> TokenRow | None:
    """One of the user's own tokens; another's is not there."""
    token = ApiToken.objects.filter(user=user, digest__startswith=handle).first()
    return _row(token, timezone.now()) if token else None


def create_token(user: User, name: str, may_write: bool = False) -> tuple[TokenRow, str]:
    """Make a token and return the key beside it. Refused: a name already used, so that a page sent twice makes one."""
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH:
        raise TokenRefused(f"Donnez à ce jeton un nom, de {NAME_LENGTH} caractères au plus.")
    if name.casefold() in {row.name.casefold() for row in tokens_of(user)}:
        raise TokenRefused("Vous avez déjà un jeton de ce nom. Choisissez-en un autre, ou révoquez l’ancien.")
    token, key = ApiToken.objects.create(user=user, name=name, may_write=may_write)
    return _row(token, timezone.now()), key


def revoke_token(user: User, handle: str) -> bool:
    """Gone at once: the next request that shows it is refused. False when the user has no such token."""
    deleted, _ = ApiToken.objects.filter(user=user, digest__startswith=handle).delete()
    return bool(deleted)
