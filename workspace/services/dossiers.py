"""What one does with a dossier: begin it, correct whom it is about, put it away. Nothing is deleted."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.utils import timezone
from stdnum.exceptions import ValidationError
from stdnum.fr import nir

from accounts.journal import record_all
from accounts.prepared import Prepared
from delegations.errors import Refused, conflict
from delegations.scopes import Space
from directory.search.folding import fold
from spico.web.typography import NBSP
from workspace.access import dossiers_in
from workspace.acting import Acting
from workspace.errors import Outdated
from workspace.models import Dossier, IdentityChange, Sex
from workspace.querysets import DossierQuerySet
from workspace.services.circles import ARCHIVED, Told, write_members
from workspace.services.discussions_refusals import as_refused
from workspace.services.reading import read_line
from workspace.typed import one_line

LONGEST_NAME = 100
FIRST_BIRTH = date(1900, 1, 1)
MOST_ALIKE, NEARLY = 5, 0.82
WRONG_INS = (
    f"Ce matricule INS ne convient pas{NBSP}: il compte quinze caractères, et sa clé doit tomber juste. Relisez-le, ou "
    "laissez ce champ vide."
)
CHANGED = (
    f"Quelqu’un vient de corriger cette identité. Votre texte est gardé ci-dessous{NBSP}: comparez, puis enregistrez."
)


@dataclass(frozen=True)
class Identity:
    """Whom a dossier is about. `ins`: the INS number with its key, or nothing."""

    family_name: str
    given_names: str
    birth_date: date
    sex: str
    ins: str = ""


def read_identity(acting: Acting, identity: Identity) -> Identity:
    """Made safe to keep; `Refused` names the field that does not suit."""
    if not FIRST_BIRTH <= identity.birth_date <= timezone.localdate(acting.at):
        raise Refused(f"La date de naissance est entre 1900 et aujourd’hui{NBSP}: relisez-la.", field="birth_date")
    if identity.sex not in Sex.values:
        raise Refused("Choisissez le sexe dans la liste.", field="sex")
    return Identity(
        family_name=read_line(identity.family_name, LONGEST_NAME, "family_name", "Écrivez le nom de naissance."),
        given_names=read_line(identity.given_names, LONGEST_NAME, "given_names", "Écrivez le prénom."),
        birth_date=identity.birth_date,
        sex=identity.sex,
        ins=read_ins(identity.ins),
    )


def read_ins(text: str) -> str:
    """Fifteen characters; the key is that of the NIR: 97 less the remainder of the thirteen first, Corsica included."""
    if not text.strip():
        return ""
    try:
        compact: str = nir.validate(text.upper())
    except ValidationError as error:
        raise Refused(WRONG_INS, field="ins") from error
    return compact


def identity_of(dossier: Dossier | IdentityChange) -> Identity:
    return Identity(dossier.family_name, dossier.given_names, dossier.birth_date, dossier.sex, dossier.ins)


def likely_duplicates(acting: Acting, identity: Identity) -> list[Dossier]:
    """Among the dossiers that this account sees, and never beyond: the same INS, the same names, or nearly the same
    names born on the same day. `Refused` names what does not suit."""
    identity = read_identity(acting, identity)
    asked = fold(f"{identity.family_name} {identity.given_names}").strip()
    same = Q(birth_date=identity.birth_date) | Q(folded=asked)
    if identity.ins:
        same |= Q(ins=identity.ins)
    found = dossiers_in(acting).filter(same).order_by("family_name", "given_names", "pk")[:200]
    return [one for one in found if _is_alike(one, identity, asked)][:MOST_ALIKE]


def _is_alike(one: Dossier, identity: Identity, asked: str) -> bool:
    if one.folded.strip() == asked or (identity.ins and one.ins == identity.ins):
        return True
    return SequenceMatcher(None, one.folded.strip(), asked).ratio() >= NEARLY


@as_refused
def create_dossier(acting: Acting, identity: Identity, informed: Told) -> Dossier:
    """The account acted for is its first member. `informed`: how and when the patient learnt of the dossier."""
    acting.check_writable()
    values = read_identity(acting, identity)
    dossier: Dossier = Dossier.objects.create(**asdict(values), **acting.written())
    record_all([acting.told("dossier.created", "dossier", dossier.pk)])
    write_members(acting, dossier, [acting.account], informed)
    mark_read(acting, dossier)
    return dossier


@as_refused
def correct_identity(acting: Acting, dossier: Dossier, identity: Identity, version: int) -> Dossier:
    """What stood there is kept. `Outdated` when somebody corrected it after `version`."""
    check_open(acting, dossier)
    values = read_identity(acting, identity)
    present = lock(acting, dossier)
    check_open(acting, present)
    if present.version != version:
        raise Outdated(CHANGED)
    if identity_of(present) == values:
        return present
    former = asdict(identity_of(present))
    IdentityChange.objects.create(dossier=present, version=present.version, **former, **acting.written())
    Dossier.objects.filter(pk=present.pk).update(**asdict(values), version=F("version") + 1)
    record_all([acting.told("dossier.corrected", "dossier", present.pk)])
    present.refresh_from_db()
    return present


@transaction.atomic
def archive_dossier(acting: Acting, dossier: Dossier) -> bool:
    """Put away: still read, written in no more. False when it was already."""
    acting.check_writable()
    put = dossiers_in(acting).kept().filter(pk=dossier.pk)
    done = put.update(archived_at=acting.at, archived_by_account=acting.own, archived_for=acting.account)
    if done:
        record_all([acting.told("dossier.archived", "dossier", dossier.pk)])
    return bool(done)


@transaction.atomic
def restore_dossier(acting: Acting, dossier: Dossier) -> bool:
    acting.check_writable()
    put = dossiers_in(acting).exclude(archived_at=None).filter(pk=dossier.pk)
    done = put.update(archived_at=None, archived_by_account=None, archived_for=None)
    if done:
        record_all([acting.told("dossier.restored", "dossier", dossier.pk)])
    return bool(done)


def lock(acting: Acting, dossier: Dossier) -> Dossier:
    """The row as the last act left it; `Http404` is the caller's: they found it by `dossier_or_404`."""
    return Dossier.objects.select_for_update(no_key=True, of=("self",)).get(pk=dossier.pk)


def check_open(acting: Acting, dossier: Dossier) -> None:
    """`Refused` on a frozen account, and in an archived dossier."""
    acting.check_writable()
    if dossier.archived_at:
        raise conflict(ARCHIVED)


# Written once: it comes with every opening of a dossier.
MARK = """
    INSERT INTO workspace_dossiermark (user_id, account_id, dossier_id, read_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (user_id, account_id, dossier_id) DO UPDATE SET read_at = EXCLUDED.read_at
"""


def mark_read(acting: Acting, dossier: Dossier) -> None:
    """What came until now is no news to this person any more, in this account."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [acting.user.pk, acting.account.pk, dossier.pk, acting.at])


@transaction.atomic
def keep_opening(acting: Acting, dossier: Dossier, *, is_read: bool = False, opens_space: bool = False) -> None:
    """Every page that shows something of a dossier leaves it in the journal, whatever the way by which one came.
    `is_read`: all that is new in it was before their eyes. `opens_space`: its door has left that to this."""
    opened = acting.told("dossier.opened", "dossier", dossier.pk)
    record_all([acting.opened(), opened] if opens_space else [opened])
    if is_read:
        mark_read(acting, dossier)


@transaction.atomic
def keep_search(acting: Acting) -> None:
    """Wherever patients are looked for, be it to link an event: never what was typed."""
    record_all([acting.told("dossier.searched", "space", acting.space)])


@transaction.atomic
def search_dossiers(acting: Acting, text: str) -> list[Dossier]:
    """By name, date of birth (« 02/04/1938 ») or INS, among those that this account sees: fifty at most."""
    asked = one_line(text)[:LONGEST_NAME]
    keep_search(acting)
    if not asked:
        return []
    compact = asked.replace(" ", "")
    if day := _day(compact):
        return _first(dossiers_in(acting).filter(birth_date=day))
    if compact[:5].isdecimal():
        return _first(dossiers_in(acting).filter(ins__startswith=compact.upper()))
    if not (words := fold(asked).split()):
        return _first(dossiers_in(acting))
    if not acting.may(Space.DOSSIERS):
        return []
    return _named.rows(account=acting.account.pk, at=acting.at, words=words)


def _first(dossiers: DossierQuerySet) -> list[Dossier]:
    return list(_in_order(dossiers))


def _in_order(dossiers: DossierQuerySet) -> DossierQuerySet:
    return dossiers.order_by("family_name", "given_names", "birth_date", "pk")[:50]


def _with_words(*, account: UUID, at: datetime, words: list[str]) -> DossierQuerySet:
    found = Dossier.objects.shared_with(account, at)
    for word in words:
        found = found.filter(folded__contains=Value(word))
    return _in_order(found)


_named = Prepared(_with_words, by_value=True, account=UUID, at=datetime, words=list[str])


def _day(text: str) -> date | None:
    parts = text.replace("-", "/").replace(".", "/").split("/")
    try:
        day, month, year = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        return None
