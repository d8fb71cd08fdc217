"""Choosing accounts to write to: found in the directory, ticked, kept from one answer of the page to the next."""

from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict

from accounts.models import Account
from delegations.access import accounts_entered_by
from directory.owners import Owner, owners_of
from directory.search import Query, search
from spico.web.typography import NBSP
from workspace.acting import NEVER_ONES_OWN, Acting
from workspace.services.circles import THERE
from workspace.services.participants import MOST_PARTICIPANTS, why_not_written
from workspace.typed import one_line

LONGEST_SEARCH = 100
MOST_FOUND = 10
ITSELF = f"C’est le compte au nom duquel vous écrivez{NBSP}: il y sera."
THERE_ALREADY = "Ce compte participe déjà à la conversation."


@dataclass(frozen=True)
class Choice:
    """An account that one may tick, or the sentence that says why not."""

    account: Account
    owner: Owner
    is_chosen: bool
    why_not: str

    @property
    def may(self) -> bool:
        return not self.why_not


class Choosing:
    """`to`: what is ticked; `find` and `look`: a search in the directory. Nothing here decides: the services do."""

    itself, there_already = ITSELF, THERE_ALREADY

    def __init__(self, acting: Acting, data: QueryDict, *, there: frozenset[UUID] = frozenset()) -> None:
        self.acting, self.there = acting, there
        self.find = one_line(data.get("find", ""))[:LONGEST_SEARCH]
        self.is_search = bool(data.get("look"))
        self.ticked = list(
            dict.fromkeys(key for text in data.getlist("to")[: MOST_PARTICIPANTS + 1] if (key := _key(text)))
        )
        self.errors: list[str] = []
        self.chosen = self._choices(self.ticked, is_chosen=True)
        self.found = self._found() if self.is_search and self.find else []

    @property
    def is_empty(self) -> bool:
        """Something was looked for, and nothing was found."""
        return self.is_search and not self.found

    def _found(self) -> list[Choice]:
        hits = search(Query(text=self.find, page_size=MOST_FOUND)).hits
        keys = [hit.account for hit in hits if hit.account and hit.account not in self.ticked]
        return self._choices(keys, is_chosen=False)

    def _choices(self, keys: list[UUID], *, is_chosen: bool) -> list[Choice]:
        if not keys:
            return []
        owners, accounts = owners_of(keys), Account.objects.in_bulk(keys)
        barred = self._barred(keys)
        return [
            Choice(accounts[key], owners[key], is_chosen, self._why_not(accounts[key], barred))
            for key in keys
            if key in owners and key in accounts
        ]

    def _barred(self, keys: list[UUID]) -> set[UUID]:
        """Rule 4: those in which the actor would keep an access."""
        if not self.acting.is_for_another:
            return set()
        entered = accounts_entered_by(self.acting.user, self.acting.at)
        return set(entered.filter(pk__in=keys).values_list("pk", flat=True))

    def _why_not(self, account: Account, barred: set[UUID]) -> str:
        if account.pk == self.acting.account.pk:
            return self.itself
        if account.pk in self.there:
            return self.there_already
        return NEVER_ONES_OWN if account.pk in barred else why_not_written(account)


class ChoosingForCircle(Choosing):
    itself = f"C’est le compte au nom duquel vous agissez{NBSP}: il partage déjà ce dossier."
    there_already = THERE


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
