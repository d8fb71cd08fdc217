from datetime import datetime

from django.db import transaction

from accounts.models import User
from delegations.access import Standing, is_in_force
from delegations.errors import Refused, conflict, forbidden
from delegations.models import Delegation, Origin
from delegations.scopes import Scope
from delegations.services.common import end_words, lock_accounts, own_account
from delegations.services.cutting import ALREADY
from delegations.services.granting import Gift, Granter, grant


@transaction.atomic
def renew(user: User, delegation: Delegation, until: datetime | None, at: datetime) -> Delegation:
    """Let it last longer: a grant like another, so never for oneself, nor longer than one holds. Another row goes on."""
    lock_accounts(delegation.holder_id, delegation.account_id)
    present = Delegation.objects.select_for_update(of=("self",)).told().get(pk=delegation.pk)
    if not is_in_force(present, at):
        raise conflict(ALREADY)
    if present.period.upper is None:
        raise conflict("Cette délégation n’a pas de date de fin\N{NO-BREAK SPACE}: il n’y a rien à prolonger.")
    standing = Standing.of(user, at, [present.account])
    if standing.is_own(present.holder):
        raise forbidden(
            "Personne ne prolonge sa propre délégation\N{NO-BREAK SPACE}: demandez-le à qui peut l’accorder."
        )
    power = standing.may_renew(present)
    if power is None:
        raise forbidden(
            "Vous ne pouvez pas prolonger cette délégation\N{NO-BREAK SPACE}: vous n’en tenez pas autant, ou pas plus longtemps."
        )
    if until is not None and until <= present.period.upper:
        raise Refused(
            f"La délégation va déjà {end_words(present.period.upper)}. Choisissez une date plus tardive.", field="until"
        )
    gift = Gift(present.holder, present.account, Scope(present.scope), until, Origin(present.origin), present.request)
    return grant(Granter(user, own_account(user), power), gift, at, renewing=True)
