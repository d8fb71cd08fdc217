"""Reading the journal of the accounts that one oversees: which entries, told with names found at reading.

Newest first, a page beginning after the last entry of the one before: as fast at the end of a long journal as at its
beginning, and nothing is shown twice while entries arrive.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef, Q, QuerySet

from accounts.grounds import Ground
from accounts.journal import verb_label
from accounts.models import Account, JournalEntry, User
from delegations.access import accounts_overseen_by
from delegations.journal_about import About, about_of
from delegations.models import AccessCase, Delegation, DelegationRequest, EndKind, GrantProposal, Referent
from delegations.scopes import Scope, Space
from delegations.services.common import end_words
from directory.owners import Owner, owners_of
from spico.web.typography import NBSP, of_name

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CENTRE = "Centre de service"
SPICO = "SPICO"
# A row that goes on from another is written as a grant: without these words, whoever reduces their own would seem to
# grant to themselves.
GOES_ON = {
    EndKind.REDUCED: f"{NBSP}: ce qui reste d’une délégation réduite",
    EndKind.REPLACED: f"{NBSP}: la suite de la précédente, prolongée ou élargie",
}


@dataclass(frozen=True)
class Cursor:
    """The last entry already read."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """None for what is not one: reading then begins at the newest."""
        moment, _, pk = text.partition("-")
        if not (moment.isdecimal() and pk.isdecimal() and len(moment) <= 16 and len(pk) <= 18):
            return None
        return cls(EPOCH + timedelta(microseconds=int(moment)), int(pk))


@dataclass(frozen=True)
class Asked:
    """Which entries. `accounts`: found among those that this person oversees."""

    accounts: Sequence[UUID]
    verb: str = ""
    person: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> Q:
        found = Q(account__isnull=False)
        if self.verb:
            found &= Q(verb=self.verb)
        if self.person:
            found &= Q(actor_account=self.person)
        if self.since:
            found &= Q(at__gte=self.since)
        if self.until:
            found &= Q(at__lt=self.until)
        return found

    def only(self, accounts: Iterable[UUID]) -> "Asked":
        allowed = set(accounts)
        return replace(self, accounts=[account for account in self.accounts if account in allowed])


def read_entries(asked: Asked, after: Cursor | None, size: int) -> list[JournalEntry]:
    """In one query. Each account gives its own newest by its index, whatever the length of its journal."""
    condition = asked.condition()
    if after:
        condition &= Q(at__lte=after.at) & (Q(at__lt=after.at) | Q(pk__lt=after.pk))
    newest = JournalEntry.objects.filter(condition, account=OuterRef("pk")).order_by("-at", "-pk").values("pk")[:size]
    keys = Func(ArraySubquery(newest), function="unnest", set_returning=True)
    found = Account.objects.filter(pk__in=asked.accounts).annotate(entry=keys).values("entry")
    rows = JournalEntry.objects.filter(pk__in=found).select_related("actor", "actor_account", "account", "seal")
    return list(rows.order_by("-at", "-pk")[:size])


def overseen_entries(user: User, at: datetime) -> QuerySet[JournalEntry]:
    """Those that this person may read, one by one."""
    return JournalEntry.objects.filter(account__in=accounts_overseen_by(user, at).values("pk"))


def people_of(accounts: Iterable[Account]) -> list[Account]:
    """Who may have acted in these accounts, by name: who ever held a delegation there, asked for one, or answers as
    referent. Not read from the journal, of which all the entries would have to be gone through."""
    held = Delegation.objects.filter(account__in=accounts).values("holder")
    asked = DelegationRequest.objects.filter(account__in=accounts).values("requester")
    here = Q(structure__account__in=accounts) | Q(structure__internal_organisations__account__in=accounts)
    referred = Referent.objects.filter(here).values("account")
    return list(Account.objects.filter(pk__in=held.union(asked, referred)).order_by("name", "pk"))


@dataclass(frozen=True)
class Told:
    """An entry in words."""

    entry: JournalEntry
    who: str
    owner: Owner | None
    account_name: str
    about: str
    is_reported: bool
    # Where it is, under these words; empty for whoever may not open it.
    link: str = ""
    path: str = ""

    @property
    def what(self) -> str:
        return verb_label(self.entry.verb)

    @property
    def ground(self) -> str:
        return self.entry.get_ground_display()[:1].upper() + self.entry.get_ground_display()[1:]

    @property
    def ground_icon(self) -> str:
        icons = {Ground.DELEGATION: "key", Ground.REFERENT: "star", Ground.SERVICE_CENTRE: "phone"}
        return icons.get(Ground(self.entry.ground), "user" if self.entry.actor_id else "clock")

    @property
    def number(self) -> int | None:
        """The number of its seal; None until the sealer passes."""
        seal = getattr(self.entry, "seal", None)
        return seal.number if seal else None


def tell_entries(user: User, entries: Sequence[JournalEntry], at: datetime) -> list[Told]:
    """With the names of today, in a number of queries that does not depend on how many."""
    owners = owners_of(account for entry in entries for account in (entry.actor_account_id, entry.account_id))
    objects, above = _Objects(entries), about_of(user, entries, at)
    about = {entry.pk: above.get(entry.pk) or About(objects.tell(entry)) for entry in entries}
    reported = set(AccessCase.objects.filter(opened_by=user, entry__in=entries).values_list("entry", flat=True))
    return [
        Told(
            entry=entry,
            who=_who(entry, owners),
            owner=owners.get(entry.actor_account_id) if entry.actor_account_id else None,
            account_name=_name(entry.account, owners),
            about=about[entry.pk].text,
            is_reported=entry.pk in reported,
            link=about[entry.pk].link,
            path=about[entry.pk].path,
        )
        for entry in entries
    ]


def _name(account: Account | None, owners: dict[UUID, Owner]) -> str:
    if account is None:
        return ""
    owner = owners.get(account.pk)
    return owner.label if owner else account.name


def _who(entry: JournalEntry, owners: dict[UUID, Owner]) -> str:
    if entry.actor_account_id:
        return _name(entry.actor_account, owners)
    if entry.actor is None:
        return SPICO
    return CENTRE if entry.ground == Ground.SERVICE_CENTRE else entry.actor.display_name


class _Objects:
    """What entries are about. The journal keeps keys: the names are read here, one query for each kind met."""

    def __init__(self, entries: Sequence[JournalEntry]) -> None:
        self.requests = self._names(entries, "request", DelegationRequest.objects, "requester__name")
        self.delegations = self._names(entries, "delegation", Delegation.objects, "holder__name")
        self.former = self._former(entries)
        self.proposals = self._names(entries, "proposal", GrantProposal.objects, "holder__name")
        self.referents = self._names(entries, "referent", Referent.objects, "account__name")

    @staticmethod
    def _names(entries: Sequence[JournalEntry], kind: str, rows: Any, name: str) -> dict[str, str]:
        keys = {one.object_key for one in entries if one.object_kind == kind and one.object_key.isdecimal()}
        return {str(pk): found for pk, found in rows.filter(pk__in=keys).values_list("pk", name)} if keys else {}

    @staticmethod
    def _former(entries: Sequence[JournalEntry]) -> dict[str, str]:
        """Of delegations granted to go on from another: how that one ended. By its key."""
        keys = {_replaces(entry) for entry in entries} - {None}
        found = Delegation.objects.filter(pk__in=keys).values_list("pk", "ended_kind") if keys else []
        return {str(pk): GOES_ON[EndKind(kind)] for pk, kind in found if kind in GOES_ON}

    def tell(self, entry: JournalEntry) -> str:
        """« Délégation de Maïlis Tournemirande, Total, jusqu’au 31 mars 2027 »."""
        kind, key = entry.object_kind, entry.object_key
        if kind == "space":
            return Space(key).label if key in Space.values else key
        if kind == "request":
            return _of("Demande", self.requests.get(key), entry)
        if kind == "delegation":
            told = _of("Délégation", self.delegations.get(key), entry)
            return f"{told}{self.former.get(str(_replaces(entry)), '')}"
        if kind == "proposal":
            return _of("Délégation", self.proposals.get(key), entry)
        if kind == "referent":
            return self.referents.get(key, "")
        return ""


def _replaces(entry: JournalEntry) -> int | None:
    """The delegation from which the one that an entry tells of goes on."""
    details = entry.details if entry.verb == "delegation.granted" and isinstance(entry.details, dict) else {}
    key = details.get("replaces")
    return key if isinstance(key, int) else None


def _of(word: str, name: str | None, entry: JournalEntry) -> str:
    details = entry.details if isinstance(entry.details, dict) else {}
    scope = details.get("scope")
    told = [f"{word} {of_name(name)}" if name else f"{word} n°{NBSP}{entry.object_key}"]
    if scope in Scope.values:
        told.append(f"«{NBSP}{Scope(scope).label}{NBSP}»")
    if entry.verb == "delegation.granted":
        until = details.get("until")
        told.append(end_words(datetime.fromisoformat(until) if until else None))
    if entry.verb == "delegation.ended" and details.get("kind") in EndKind.values:
        told.append(EndKind(details["kind"]).label)
    return ", ".join(told)
