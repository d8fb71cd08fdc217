"""What each state of an account permits: the one table that code asks (design: « Account states »)."""

from dataclasses import dataclass

from django.db import models


class AccountState(models.TextChoices):
    LISTED = "listed", "référencé"
    OPEN = "open", "ouvert"
    FROZEN = "frozen", "gelé"
    CLOSED = "closed", "fermé"


@dataclass(frozen=True)
class Permits:
    """`opens`: its holders reach its spaces. `written_to`: it may receive messages and enter circles.
    `requested`: a delegation may be asked for. `granted`: a new delegation may begin on it."""

    opens: bool
    written_to: bool
    requested: bool
    granted: bool


PERMITS: dict[AccountState, Permits] = {
    AccountState.LISTED: Permits(opens=True, written_to=False, requested=True, granted=True),
    AccountState.OPEN: Permits(opens=True, written_to=True, requested=True, granted=True),
    AccountState.FROZEN: Permits(opens=True, written_to=False, requested=False, granted=False),
    AccountState.CLOSED: Permits(opens=False, written_to=False, requested=False, granted=False),
}

# Somebody begins to use it: the person signs in, or a first delegation on a moral account is granted.
FIRST_USE = {AccountState.LISTED: AccountState.OPEN}

# How an owner that closes or comes back moves its account. A unit that somebody uses is frozen, so that its holders
# still reach what they wrote; nobody uses the others, which close. Each way leads back where it came from.
ON_STRUCTURE_CLOSED = {AccountState.LISTED: AccountState.CLOSED, AccountState.OPEN: AccountState.CLOSED}
ON_STRUCTURE_REOPENED = {AccountState.CLOSED: AccountState.LISTED}
ON_UNIT_CLOSED = {AccountState.LISTED: AccountState.CLOSED, AccountState.OPEN: AccountState.FROZEN}
ON_UNIT_REOPENED = {AccountState.CLOSED: AccountState.LISTED, AccountState.FROZEN: AccountState.OPEN}
