from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account, AccountKind, User
from accounts.notifications import tell
from delegations.access import Standing, is_in_force
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, Origin
from delegations.querysets import OPENING_STATES
from delegations.renewals import ASKED, asked_among, notice_since
from delegations.scopes import Scope, scopes_beyond
from delegations.services.common import check_living, end_words, own_account, referents_of, service_centre_users
from delegations.services.ending import lock_delegation
from delegations.services.granting import Gift, Granter, grant
from spico.web.typography import french_date

NO_END = "Cette délégation n’a pas de date de fin\N{NO-BREAK SPACE}: il n’y a rien à prolonger."
CENTRE_PATH = "/administration/delegations/delegation/"


@transaction.atomic
def renew(user: User, delegation: Delegation, until: datetime | None, at: datetime) -> Delegation:
    """Let it last longer: a grant, so never for oneself, nor longer than one holds. Another row goes on."""
    present = lock_delegation(delegation, at)
    check_living(present.account, present.holder)
    if present.period.upper is None:
        raise conflict(NO_END)
    standing = Standing.of(user, at, [present.account], is_locked=True)
    if standing.is_own(present.holder):
        raise forbidden(
            "Personne ne prolonge sa propre délégation\N{NO-BREAK SPACE}: demandez-le à qui peut l’accorder."
        )
    power = standing.may_renew(present)
    if power is None and standing.owes(present.account, present.holder):
        raise forbidden(
            "La personne qui tient cette délégation vous a confié le rôle de référent : c’est à une autre personne "
            "qui répond pour ce compte de la prolonger."
        )
    if power is None:
        raise forbidden(
            "Vous ne pouvez pas prolonger cette délégation\N{NO-BREAK SPACE}: vous n’en tenez pas autant, ou pas plus "
            "longtemps."
        )
    if until is not None and until <= present.period.upper:
        raise Refused(
            f"La délégation va déjà {end_words(present.period.upper)}. Choisissez une date plus tardive.", field="until"
        )
    gift = Gift(present.holder, present.account, Scope(present.scope), until, Origin(present.origin), present.request)
    return grant(Granter(user, own_account(user), power), gift, at, renewing=True)


def renewers(delegation: Delegation, at: datetime) -> set[int]:
    """Ids of the users who may let it last longer: those to whom `Standing.may_renew` says yes. One query."""
    account, holder, upper = delegation.account, delegation.holder, delegation.period.upper
    if upper is None or not is_in_force(delegation, at) or not account.permits.granted:
        return set()
    if account.kind == AccountKind.PP:
        able = Q(pk=account.pk)
    else:
        longer = Q(period__upper_inf=True) | Q(period__endswith__gt=upper)
        as_wide = Delegation.objects.in_force(at).filter(account=account, scope__in=scopes_beyond(delegation.scope))
        fair = Q(appointed_by=None) | ~Q(appointed_by=holder.user_id)
        referents = referents_of(account, at).filter(fair) if holder.user_id else referents_of(account, at)
        able = Q(pk__in=as_wide.filter(longer).values("holder")) | Q(pk__in=referents.values("account"))
    found = Account.objects.filter(able, state__in=OPENING_STATES, user__is_active=True).exclude(pk=holder.pk)
    return {user for user in found.values_list("user", flat=True) if user is not None}


@transaction.atomic
def ask_renewal(user: User, delegation: Delegation, at: datetime) -> bool:
    """By its holder, once a notice: those who may renew are told, the service centre when nobody may. Opens nothing.

    Returns whether somebody may.
    """
    present = lock_delegation(delegation, at)
    if not user.is_active or present.holder.user_id != user.pk:
        raise forbidden("Seule la personne qui tient une délégation demande qu’elle soit prolongée.")
    check_living(present.account, present.holder)
    _check_time_to_ask(present, at)
    record(
        ASKED,
        at=at,
        ground=Ground.OWN,
        actor=user,
        actor_account=present.holder,
        account=present.account,
        object_kind="delegation",
        object_key=present.pk,
    )
    able = renewers(present, at)
    text = f"{present.holder.name} demande que sa délégation sur {present.account.name} soit prolongée"
    what = f"{Scope(present.scope).label}, {end_words(present.period.upper)}"
    if able:
        path = f"/delegations/{present.pk}/prolonger/"
        tell(able, ASKED, f"{text}\N{NO-BREAK SPACE}: {what}.", path=path, at=at)
    else:
        text = f"{text} ({what}), et personne ne peut le faire\N{NO-BREAK SPACE}: un référent nommé le pourra."
        tell(service_centre_users(), "delegation.service_centre", text, path=CENTRE_PATH, at=at)
    return bool(able)


def _check_time_to_ask(present: Delegation, at: datetime) -> None:
    if present.period.upper is None:
        raise conflict(NO_END)
    if notice_since(present, at) is None:
        raise conflict(
            f"Cette délégation va {end_words(present.period.upper)}\N{NO-BREAK SPACE}: demandez qu’elle soit prolongée "
            f"dans les {max(settings.DELEGATION_NOTICE_DAYS)} derniers jours."
        )
    if asked := asked_among([present], at).get(present.pk):
        raise conflict(f"Vous l’avez déjà demandé le {french_date(asked)}\N{NO-BREAK SPACE}: la réponse viendra.")
