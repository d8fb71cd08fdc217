from datetime import datetime

from django.db import transaction

from accounts.models import User
from delegations.access import Standing
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, Origin
from delegations.scopes import Scope
from delegations.services.common import check_living, end_words, own_account
from delegations.services.ending import lock_delegation
from delegations.services.granting import Gift, Granter, grant


@transaction.atomic
def renew(user: User, delegation: Delegation, until: datetime | None, at: datetime) -> Delegation:
    """Let it last longer: a grant, so never for oneself, nor longer than one holds. Another row goes on."""
    present = lock_delegation(delegation, at)
    check_living(present.account, present.holder)
    if present.period.upper is None:
        raise conflict("Cette délégation n’a pas de date de fin\N{NO-BREAK SPACE}: il n’y a rien à prolonger.")
    standing = Standing.of(user, at, [present.account])
    if standing.is_own(present.holder):
        raise forbidden(
            "Personne ne prolonge sa propre délégation\N{NO-BREAK SPACE}: demandez-le à qui peut l’accorder."
        )
    power = standing.may_renew(present)
    if power is None and standing.owes(present.account, present.holder):
        raise forbidden(
            "La personne qui tient cette délégation vous a nommé référent : c’est à une autre personne "
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
