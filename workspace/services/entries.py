"""The line of life of a dossier: what is written stays; a correction is another version of it."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.journal import record_all
from accounts.prepared import Prepared
from accounts.prepared_lists import Listed, PreparedList
from delegations.errors import Refused, forbidden
from directory.models import Professional
from spico.web.typography import NBSP
from workspace.acting import Acting
from workspace.errors import Outdated
from workspace.models import Confidentiality, Dossier, Entry, EntryKind, EntryVersion
from workspace.services.discussions_refusals import as_refused
from workspace.services.dossiers import check_open, lock, mark_read
from workspace.services.reading import read_line, read_lines
from workspace.services.sending import first_sent, key_of

LONGEST_TITLE, LONGEST_TEXT = 150, 20_000
FIRST_YEAR = 1900
CHANGED = (
    f"Quelqu’un vient de corriger cette entrée. Votre texte est gardé ci-dessous{NBSP}: comparez, puis enregistrez."
)
NOT_YOURS = (
    f"Seul le compte qui a écrit cette entrée la corrige. Vous pouvez en écrire une autre{NBSP}: elle la complète."
)
NOT_YET = f"La date du fait est entre {FIRST_YEAR} et aujourd’hui{NBSP}: relisez-la."
NOTHING_WRITTEN = "Écrivez quelque chose dans le texte."


def profession_of(acting: Acting) -> str:
    """That of the actor today, as the directory says it; nothing when it says none."""
    found = Professional.objects.select_related("profession").filter(account=acting.own).first()
    return str(found.profession) if found and found.profession_id else ""


@as_refused
def write_entry(  # noqa: PLR0913, PLR0917, what an entry says
    acting: Acting,
    dossier: Dossier,
    kind: EntryKind | str,
    title: str,
    text: str,
    happened_at: datetime,
    confidentiality: Confidentiality | str,
    client_key: UUID | None = None,
) -> Entry:
    """`happened_at`: the moment of the fact, which is past. `Refused` names what does not suit. The same key sent twice
    answers with the first."""
    check_open(acting, dossier)
    words = _read(acting, kind, title, text, happened_at, confidentiality)
    check_open(acting, lock(acting, dossier))
    if already := first_sent(Entry.objects.all(), acting, client_key, lambda one: _began(one, dossier, kind, words)):
        return already
    entry: Entry = Entry.objects.create(
        dossier=dossier,
        kind=EntryKind(kind),
        profession=profession_of(acting),
        confidentiality=Confidentiality(confidentiality),
        happened_at=happened_at,
        **key_of(client_key),
        **acting.written(),
    )
    EntryVersion.objects.create(entry=entry, number=1, **words, **acting.written())
    record_all([acting.told("entry.written", "entry", entry.pk, dossier=dossier.pk, type=str(kind))])
    _moved(acting, dossier, entry)
    return entry


@as_refused
def correct_entry(  # noqa: PLR0913, PLR0917, what an entry says
    acting: Acting,
    entry: Entry,
    number: int,
    title: str,
    text: str,
    happened_at: datetime,
    confidentiality: Confidentiality | str,
) -> Entry:
    """By the account that wrote it, whoever acts there. `Outdated` when there is a version after `number`. What says
    the same is no other version."""
    check_open(acting, entry.dossier)
    if entry.account_id != acting.account.pk:
        raise forbidden(NOT_YOURS)
    words = _read(acting, entry.kind, title, text, happened_at, confidentiality)
    if entry.versions.filter(number=number, **words).exists() and entry.number == number:
        return entry
    moved = Entry.objects.filter(pk=entry.pk, number=number).update(
        number=F("number") + 1, confidentiality=Confidentiality(confidentiality), happened_at=happened_at
    )
    if not moved:
        raise Outdated(CHANGED)
    EntryVersion.objects.create(entry=entry, number=number + 1, **words, **acting.written())
    record_all([acting.told("entry.corrected", "entry", entry.pk, dossier=entry.dossier_id, version=number + 1)])
    entry.refresh_from_db()
    _moved(acting, entry.dossier, entry)
    return entry


_entry = Prepared(
    lambda *, entry, dossier, account: (
        Entry.objects.filter(pk=entry, dossier=dossier)
        .readable_for(account)
        .select_related("dossier", "account", "actor_account")
    ),
    entry=UUID,
    dossier=UUID,
    account=UUID,
)


def entry_or_404(acting: Acting, dossier: Dossier, pk: UUID) -> Entry:
    """One of `entries_in`."""
    found = _entry.first(entry=pk, dossier=dossier.pk, account=acting.account.pk)
    if found is None:
        raise Http404
    return found


def _versions_of(*, entry: UUID, is_ours: bool) -> QuerySet[EntryVersion]:
    found = EntryVersion.objects.filter(entry=entry).select_related("account", "actor_account").order_by("-number")
    return found if is_ours else found.filter(confidentiality=Confidentiality.CIRCLE)


_versions = PreparedList(_versions_of, entry=UUID)


def versions_of(acting: Acting, entry: Entry) -> Listed[EntryVersion]:
    """All that an entry said, the last first. `entry`: found by `entry_or_404`. A version that was for its author's
    account alone stays so."""
    return _versions.of(entry=entry.pk, is_ours=entry.account_id == acting.account.pk)


def _read(  # noqa: PLR0913, PLR0917, what an entry says
    acting: Acting, kind: str, title: str, text: str, happened_at: datetime, confidentiality: str
) -> dict[str, object]:
    if kind not in EntryKind.values or confidentiality not in Confidentiality.values:
        raise Refused("Choisissez le type et les lecteurs dans les listes.")
    if happened_at.year < FIRST_YEAR or timezone.localdate(happened_at) > timezone.localdate(acting.at):
        raise Refused(NOT_YET, field="happened_on")
    said = read_lines(text, LONGEST_TEXT, "text")
    if kind != EntryKind.DOCUMENT and not said:
        raise Refused(NOTHING_WRITTEN, field="text")
    return {
        "title": read_line(title, LONGEST_TITLE, "title", "Donnez un titre."),
        "text": said,
        "happened_at": happened_at,
        "confidentiality": Confidentiality(confidentiality),
    }


def _began(entry: Entry, dossier: Dossier, kind: str, words: dict[str, object]) -> bool:
    """Whether it began there by saying that."""
    is_there = entry.dossier_id == dossier.pk and entry.kind == kind
    return is_there and entry.versions.filter(number=1, **words).exists()


def _moved(acting: Acting, dossier: Dossier, entry: Entry) -> None:
    """News for the circle, unless it is for the author's account alone; none for whoever wrote it."""
    if entry.confidentiality == Confidentiality.CIRCLE:
        Dossier.objects.filter(pk=dossier.pk).update(moved_at=acting.at)
    mark_read(acting, dossier)
