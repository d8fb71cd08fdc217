"""« Acting for »: who acts, in which account and by what. Made anew at each request from the address, never kept."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404

from accounts.grounds import Ground
from accounts.journal import entry
from accounts.models import Account, JournalEntry, User
from accounts.prepared import Prepared
from accounts.states import AccountState
from delegations.access import SpaceAnswer, accounts_entered_by, answers_for
from delegations.errors import conflict, forbidden
from delegations.models import Delegation
from delegations.scopes import Space
from delegations.services.common import own_account, state_sentence
from directory.owners import Owner, owners_of

NO_OWN_ACCOUNT = (
    "Votre identifiant n’est lié à aucune fiche de l’annuaire\N{NO-BREAK SPACE}: appelez le centre de service."
)
NEVER_ONES_OWN = (
    "Au nom d’un autre compte, vous ne pouvez faire entrer ni votre propre compte ni un compte dans lequel vous "
    "pouvez agir\N{NO-BREAK SPACE}: l’accès doit finir avec votre délégation."
)


class NotOpen(Exception):
    """A listed account whose space is not open to this person: 403 at its door, 404 below."""

    def __init__(self, account: Account, owner: Owner) -> None:
        super().__init__(str(account.pk))
        self.account, self.owner = account, owner


@dataclass(frozen=True)
class Acting:
    """An answer of the access rule that said yes: everything read and written in a space begins with it.

    `own`: the actor's own account, the same as `account` when they act for themselves. `answers`: for the four spaces.
    """

    user: User
    own: Account
    account: Account
    owner: Owner
    space: Space
    answers: dict[Space, SpaceAnswer]
    at: datetime

    @property
    def ground(self) -> Ground:
        return self.answers[self.space].ground or Ground.OWN

    @property
    def delegation(self) -> Delegation | None:
        return self.answers[self.space].delegation

    @property
    def is_for_another(self) -> bool:
        return self.ground == Ground.DELEGATION

    @property
    def name(self) -> str:
        return self.owner.label

    @property
    def signature(self) -> str:
        """« Unité des Tilleuls, par Rémi Aubrespin »; the name alone when one acts for oneself."""
        return f"{self.name}, par {self.own.name}" if self.is_for_another else self.name

    def may(self, space: Space) -> bool:
        return self.answers[space].allowed

    @cached_property
    def is_writable(self) -> bool:
        return self.account.state not in (AccountState.FROZEN, AccountState.CLOSED)

    def check_writable(self) -> None:
        """Nothing new begins on a frozen account: its holders read on. `Refused` then."""
        if not self.is_writable:
            raise conflict(state_sentence(self.account))

    def check_brings_in(self, member: Account) -> None:
        """Rule 4: `Refused` when the actor would keep an access after their delegation ends."""
        if not self.is_for_another or member.pk == self.account.pk:
            return
        if accounts_entered_by(self.user, self.at).filter(pk=member.pk).exists():
            raise forbidden(NEVER_ONES_OWN)

    def written(self) -> dict[str, Any]:
        """The author's columns of `Authored`."""
        return {
            "actor": self.user,
            "actor_account": self.own,
            "account": self.account,
            "ground": self.ground,
            "delegation": self.delegation,
            "created_at": self.at,
        }

    def left(self) -> dict[str, Any]:
        """Who made somebody leave a circle or a conversation: the columns `ended_*`, but for the kind."""
        return {"ended_by": self.user, "ended_by_account": self.own, "ended_for": self.account}

    def opened(self) -> JournalEntry:
        """That a page of the space was read: when a delegation last served."""
        return self.told("space.opened", "space", self.space)

    def told(self, verb: str, kind: str = "", key: str | int | UUID = "", **details: Any) -> JournalEntry:
        """An entry for `record_all`. `details` hold keys and kinds alone: never a name, a word written, health data."""
        return entry(
            verb,
            at=self.at,
            ground=self.ground,
            actor=self.user,
            actor_account=self.own,
            account=self.account,
            delegation=self.delegation.pk if self.delegation else None,
            object_kind=kind,
            object_key=key,
            details=details,
        )


_accounts = Prepared(lambda *, account: Account.objects.filter(pk=account), account=UUID)


def act_in(user: User, account: UUID, space: Space, at: datetime) -> Acting:
    """`Http404` for an account that the directory does not list, `NotOpen` for a space that is not open."""
    owner, found = owners_of([account]).get(account), _accounts.first(account=account)
    if owner is None or found is None:
        raise Http404
    answers = answers_for(user, found, at)
    if not answers[space].allowed:
        raise NotOpen(found, owner)
    own = found if found.user_id == user.pk else own_account(user)
    if own is None:
        raise forbidden(NO_OWN_ACCOUNT)
    return Acting(user, own, found, owner, space, answers, at)
