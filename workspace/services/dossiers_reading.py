"""A dossier as a page draws it: the list, the circle, the line of life; as many queries for one row as for twenty."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.prepared import Prepared
from accounts.prepared_lists import Listed, PreparedList, number_of
from accounts.states import AccountState
from delegations.dates import LAST_YEAR, end_of, start_of
from delegations.scopes import Space
from directory.owners import Owner, owners_of
from spico.web.typography import french_date
from workspace.access import entries_in
from workspace.acting import Acting
from workspace.models import CircleMember, Document, Dossier, DossierMark, Entry, EntryVersion, IdentityChange
from workspace.querysets import DossierQuerySet, EntryQuerySet
from workspace.services.entries import FIRST_YEAR
from workspace.signing import names_of, signature_of

ENTRIES_A_PAGE = 20
MOST_PRINTED = 500


@dataclass(frozen=True)
class Row:
    """One dossier of a list. `is_new`: something came since this person read it here."""

    dossier: Dossier
    moved_at: datetime
    is_new: bool


def _listed(*, account: UUID, at: datetime, archived: bool) -> DossierQuerySet:
    found = Dossier.objects.shared_with(account, at)
    kept = found.exclude(archived_at=None) if archived else found.kept()
    return kept.annotate(news_at=Coalesce("moved_at", "created_at")).order_by("-news_at", "pk")


def _number(*, account: UUID, at: datetime, archived: bool) -> QuerySet[CircleMember, int]:
    """An account is in a circle once at a time: its places are counted, by their index alone, and few are in a dossier
    that was put away."""
    away = Exists(Dossier.objects.filter(pk=OuterRef("dossier")).exclude(archived_at=None))
    return number_of(CircleMember.objects.present(at).filter(member=account).filter(away if archived else ~away))


_dossiers = PreparedList(_listed, _number, by_value=True, account=UUID, at=datetime)


def listed(acting: Acting, *, archived: bool) -> Listed[Dossier]:
    """The last moved first."""
    found = _dossiers.of(account=acting.account.pk, at=acting.at, archived=archived)
    return found if acting.may(Space.DOSSIERS) else found.none()


_marks = Prepared(
    lambda *, user, account, dossiers: DossierMark.objects.filter(
        user=user, account=account, dossier__in=dossiers
    ).values_list("dossier", "read_at"),
    user=User,
    account=UUID,
    dossiers=list[UUID],
)


def rows_of(acting: Acting, dossiers: Iterable[Dossier]) -> list[Row]:
    """Which are news is asked for those shown alone."""
    found = list(dossiers)
    keys = [one.pk for one in found]
    read = dict(_marks.rows(user=acting.user, account=acting.account.pk, dossiers=keys))
    return [_row(one, read.get(one.pk)) for one in found]


def _row(dossier: Dossier, read_at: datetime | None) -> Row:
    moved = dossier.moved_at or dossier.created_at
    return Row(dossier, moved, read_at is None or read_at < moved)


@dataclass(frozen=True)
class Member:
    """An account of a circle, or one that was. `added_by`: « Unité des Tilleuls, par Rémi Aubrespin »."""

    row: CircleMember
    owner: Owner | None
    name: str
    added_by: str
    ended_by: str

    @property
    def is_present(self) -> bool:
        return self.row.ended_kind == ""

    @property
    def is_person(self) -> bool:
        return self.owner is not None and self.owner.is_person

    @property
    def initials(self) -> str:
        return self.owner.initials if self.owner else self.name[:2].upper()

    @property
    def state(self) -> str:
        """« gelé », « fermé »; nothing for an account in use."""
        state = AccountState(self.row.member.state)
        return state.label if state in {AccountState.FROZEN, AccountState.CLOSED} else ""

    @property
    def informed(self) -> str:
        """« patient informé de vive voix le 3 mars 2026 »."""
        how = self.row.get_informed_how_display()
        if self.row.informed_on is None:
            return f"patient informé\N{NO-BREAK SPACE}: {how}"
        return f"patient informé {how} le {french_date(self.row.informed_on)}"


_circle = Prepared(
    lambda *, dossier: (
        CircleMember.objects.filter(dossier=dossier).select_related("member").order_by("period__startswith", "pk")
    ),
    dossier=UUID,
)


def circle_of(dossier: Dossier) -> list[Member]:
    """Those who are in it, then those who were, the last first."""
    rows = _circle.rows(dossier=dossier.pk)
    accounts = [
        account
        for row in rows
        for account in (row.member_id, row.account_id, row.actor_account_id, row.ended_for_id, row.ended_by_account_id)
    ]
    owners = owners_of(accounts)
    names = names_of(accounts, owners)
    members = [
        Member(row, owners.get(row.member_id), names[row.member_id], signature_of(row, names), _ended_by(row, names))
        for row in rows
    ]
    present = [one for one in members if one.is_present]
    former = sorted((one for one in members if not one.is_present), key=lambda one: one.row.period.upper, reverse=True)
    return [*present, *former]


def _ended_by(row: CircleMember, names: Mapping[UUID, str]) -> str:
    if row.ended_for_id is None or row.ended_by_account_id is None:
        return ""
    person = names[row.ended_by_account_id]
    return person if row.ended_for_id == row.ended_by_account_id else f"{names[row.ended_for_id]}, par {person}"


_identities = Prepared(
    lambda *, dossier: (
        IdentityChange.objects.filter(dossier=dossier).select_related("account", "actor_account").order_by("-version")
    ),
    dossier=UUID,
)


def identities_of(dossier: Dossier) -> list[IdentityChange]:
    """What its identity was, the last first."""
    return _identities.rows(dossier=dossier.pk)


@dataclass(frozen=True)
class Line:
    """An entry, in the words of its last version."""

    entry: Entry
    version: EntryVersion
    document: Document | None
    signature: str
    corrected_by: str
    is_ours: bool

    @property
    def is_corrected(self) -> bool:
        return self.entry.number > 1


@dataclass(frozen=True)
class Asked:
    """Which entries of a dossier. `author`: the account in whose name they were written; `profession`: that of whoever
    wrote them, as the entry keeps it."""

    kind: str = ""
    author: UUID | None = None
    profession: str = ""
    since: date | None = None
    until: date | None = None


_timeline = PreparedList(
    lambda *, dossier, account: _newest_first(Entry.objects.filter(dossier=dossier).readable_for(account)),
    dossier=UUID,
    account=UUID,
)


def _newest_first(entries: EntryQuerySet) -> EntryQuerySet:
    return entries.order_by("-happened_at", "-pk")


def timeline(acting: Acting, dossier: Dossier, asked: Asked) -> EntryQuerySet | Listed[Entry]:
    """The newest fact first."""
    if asked == Asked():
        return _timeline.of(dossier=dossier.pk, account=acting.account.pk)
    found = entries_in(acting, dossier)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.author:
        found = found.filter(account=asked.author)
    if asked.profession:
        found = found.filter(profession=asked.profession)
    # No entry is older or later: and the calendar of Python has an end.
    if asked.since and asked.since.year >= FIRST_YEAR:
        found = found.filter(happened_at__gte=start_of(asked.since))
    if asked.until and asked.until.year <= LAST_YEAR:
        found = found.filter(happened_at__lt=end_of(asked.until))
    return _newest_first(found)


_authors = Prepared(
    lambda *, dossier, account: (
        Entry.objects.filter(dossier=dossier)
        .readable_for(account)
        .order_by()
        .values_list("account", "profession")
        .distinct()
    ),
    dossier=UUID,
    account=UUID,
)


@dataclass(frozen=True)
class Authors:
    """Of what is readable, what the filter offers: the accounts in whose name it was written, by name, and the
    professions of those who wrote it."""

    accounts: list[tuple[str, str]]
    professions: list[str]


def authors_of(acting: Acting, dossier: Dossier) -> Authors:
    rows = _authors.rows(dossier=dossier.pk, account=acting.account.pk)
    names = names_of({account for account, _ in rows})
    accounts = sorted(((str(pk), name) for pk, name in names.items()), key=lambda one: one[1])
    return Authors(accounts, sorted({profession for _, profession in rows if profession}))


def _last_versions(*, entries: list[UUID], along: tuple[str, ...]) -> QuerySet[EntryVersion]:
    last = EntryVersion.objects.filter(entry__in=entries, number=F("entry__number"))
    return last.select_related(*along) if along else last


_versions = Prepared(_last_versions, entries=list[UUID])
_documents = Prepared(lambda *, entries: Document.objects.filter(entry__in=entries), entries=list[UUID])


def lines_of(acting: Acting, entries: Iterable[Entry], *along: str) -> list[Line]:
    """In as many queries whatever the number. `along`: what comes with each version."""
    found = list(entries)
    keys = [one.pk for one in found]
    last = {one.entry_id: one for one in _versions.rows(entries=keys, along=along)}
    documents = {one.entry_id: one for one in _documents.rows(entries=keys)}
    written = (*found, *last.values())
    names = names_of(key for row in written for key in (row.account_id, row.actor_account_id))
    return [
        Line(
            entry=one,
            version=last[one.pk],
            document=documents.get(one.pk),
            signature=signature_of(one, names),
            corrected_by=signature_of(last[one.pk], names) if one.number > 1 else "",
            is_ours=one.account_id == acting.account.pk,
        )
        for one in found
    ]
