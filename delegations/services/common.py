"""What every act shares: whose own account, which rows are locked and in which order, who is told."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.groups import SERVICE_CENTRE
from accounts.models import Account, AccountKind, User
from accounts.prepared import Prepared
from delegations.dates import LAST_YEAR
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, Referent
from delegations.querysets import OPENING_STATES, ReferentQuerySet
from delegations.scopes import Scope, common
from spico.web.typography import french_date

NOT_LISTED = (
    "Votre identifiant n’est lié à aucune fiche de l’annuaire. Appelez le centre de service\N{NO-BREAK SPACE}: "
    "ses coordonnées sont en bas de page."
)
UNKNOWN_SCOPE = (
    "Ce périmètre n’existe pas. Choisissez «\N{NO-BREAK SPACE}Total\N{NO-BREAK SPACE}», "
    "«\N{NO-BREAK SPACE}Dossier\N{NO-BREAK SPACE}» ou «\N{NO-BREAK SPACE}Discussions\N{NO-BREAK SPACE}»."
)
TICK = timedelta(microseconds=1)


_own = Prepared(lambda *, user: Account.objects.filter(user=user, state__in=OPENING_STATES), user=User)


def own_account(user: User) -> Account | None:
    """The user's PP account, while it opens; None for staff, and for who has left the directory."""
    return _own.first(user=user)


def own_account_or_refuse(user: User) -> Account:
    account = own_account(user)
    if account is None:
        raise forbidden(NOT_LISTED)
    return account


def read_scope(value: str) -> Scope:
    """`Refused` for a scope that does not exist."""
    if value not in Scope.values:
        raise Refused(UNKNOWN_SCOPE, field="scope")
    return Scope(value)


def check_end(until: datetime | None, at: datetime) -> None:
    if until is not None and until <= at:
        raise Refused("La fin doit venir après aujourd’hui. Choisissez une date à venir, ou aucune.", field="until")
    if until is not None and until.year > LAST_YEAR + 1:
        raise Refused(f"Choisissez une fin avant {LAST_YEAR + 1}, ou aucune.", field="until")


def lock_accounts(*ids: UUID) -> dict[UUID, Account]:
    """Every act on a delegation first locks the accounts concerned, always in the same order: so of two acts at once
    one waits for the other, and reads what it wrote."""
    locked = Account.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {account.pk: account for account in locked}


def check_living(account: Account, holder: Account) -> None:
    """New rows begin only on accounts that take them."""
    if not account.permits.granted:
        raise conflict(state_sentence(account))
    if not holder.permits.opens:
        raise conflict(f"{holder.name} ne figure plus dans l’annuaire.")


def state_sentence(account: Account) -> str:
    word = "est gelé" if account.state == "frozen" else "est fermé"
    name = f"«\N{NO-BREAK SPACE}{account.name}\N{NO-BREAK SPACE}»"
    return f"Le compte {name} {word}\N{NO-BREAK SPACE}: rien de nouveau n’y commence."


def end_words(until: datetime | None) -> str:
    """`until` is exclusive: what ends at midnight is good for the whole day before."""
    return f"jusqu’au {french_date(until - TICK)}" if until else "sans date de fin"


# --- Who is told -----------------------------------------------------------------------------------------------------


def answerers(account: Account, remaining: Scope | str, at: datetime, but: Account | None = None) -> set[int]:
    """Ids of the users who may answer for this account something of what is still asked (rule 5). `but`: who asks, and
    with them the referents whom they appointed (rule 9)."""
    if account.kind == AccountKind.PP:
        users = Account.objects.filter(pk=account.pk)
    else:
        scopes = [scope for scope in Scope if common(scope, remaining)]
        holders = Delegation.objects.in_force(at).filter(account=account, scope__in=scopes).values("holder")
        referents = referents_of(account, at)
        if but is not None and but.user_id:
            referents = referents.filter(~Q(appointed_by=but.user_id) | Q(appointed_by=None))
        users = Account.objects.filter(Q(pk__in=holders) | Q(pk__in=referents.values("account")))
    return _users(users, but)


def overseers(account: Account, at: datetime, but: Account | None = None) -> set[int]:
    """Ids of the owner, of the referents and of the total holders: told of every grant at once (rule 9)."""
    holders = Delegation.objects.in_force(at).filter(account=account, scope=Scope.TOTAL).values("holder")
    referents = referents_of(account, at).values("account")
    return _users(Account.objects.filter(Q(pk=account.pk) | Q(pk__in=holders) | Q(pk__in=referents)), but)


def _users(accounts: QuerySet[Account], but: Account | None) -> set[int]:
    found = accounts.filter(state__in=OPENING_STATES, user__is_active=True)
    if but is not None:
        found = found.exclude(pk=but.pk)
    return {user for user in found.values_list("user", flat=True) if user is not None}


def referents_of(account: Account, at: datetime) -> ReferentQuerySet:
    """The referents of the structure that this account is, or that its unit stands in."""
    return Referent.objects.in_force(at).filter(
        Q(structure__account=account) | Q(structure__internal_organisations__account=account)
    )


def service_centre_users() -> set[int]:
    return set(
        User.objects.filter(is_active=True, is_staff=True, groups__name=SERVICE_CENTRE).values_list("pk", flat=True)
    )
