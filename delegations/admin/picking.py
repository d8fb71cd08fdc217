"""To choose an account among millions: a search by GET, then one of what it found. Never a list of them all."""

from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict

from accounts.models import Account
from delegations.admin.base import read_id
from directory.models import Professional, Structure
from directory.owners import Owner, owners_of
from directory.search import Hit, Query, search
from spico.web.typography import finess_number, rpps_number

SHOWN = 20


@dataclass(frozen=True)
class Found:
    """One answer, with the number that tells it from a homonym."""

    hit: Hit
    number: str


@dataclass
class Picker:
    """One account to choose. `name`: the key of the choice in the address; what is typed is under `name_q`."""

    name: str
    label: str
    kinds: tuple[str, ...] = ()
    text: str = ""
    account: Account | None = None
    owner: Owner | None = None
    number: str = ""
    found: list[Found] = field(default_factory=list)
    has_more: bool = False
    is_unknown: bool = False
    change_url: str = ""

    @property
    def text_name(self) -> str:
        return f"{self.name}_q"

    @property
    def has_nothing(self) -> bool:
        return bool(self.text) and not self.found

    def read(self, asked: QueryDict) -> "Picker":
        chosen = asked.get(self.name, "")
        self.text = asked.get(self.text_name, "").replace("\0", "")[:200]
        if chosen:
            self._choose(read_id(chosen))
        if self.account is None and self.text.strip():
            self._look()
        rest = asked.copy()
        for key in (self.name, "csrfmiddlewaretoken"):
            rest.pop(key, None)
        self.change_url = f"?{rest.urlencode()}"
        return self

    def _choose(self, key: UUID | None) -> None:
        owner = owners_of([key]).get(key) if key else None
        if owner is None or (self.kinds and owner.kind not in self.kinds):
            self.is_unknown = True
            return
        self.owner = owner
        self.account = Account.objects.get(pk=owner.account_id)
        self.number = _numbers([self.account.pk]).get(self.account.pk, "")

    def _look(self) -> None:
        results = search(Query(text=self.text, kinds=self.kinds, page_size=SHOWN))
        hits = [hit for hit in results.hits if hit.account]
        numbers = _numbers([hit.account for hit in hits if hit.account])
        self.found = [Found(hit, numbers.get(hit.account, "") if hit.account else "") for hit in hits]
        self.has_more = results.has_next


def _numbers(accounts: list[UUID]) -> dict[UUID, str]:
    people = Professional.objects.filter(account__in=accounts).values_list("account", "rpps")
    structures = Structure.objects.filter(account__in=accounts).values_list("account", "finess")
    return {key: f"RPPS {rpps_number(rpps)}" for key, rpps in people if rpps} | {
        key: f"FINESS {finess_number(finess)}" for key, finess in structures
    }


def pick(asked: QueryDict, name: str, label: str, *kinds: str) -> Picker:
    return Picker(name, label, kinds).read(asked)
