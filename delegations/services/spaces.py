from datetime import datetime

from django.db import transaction

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account, User
from delegations.access import SpaceAnswer, answers_for
from delegations.scopes import Space
from delegations.services.common import own_account


@transaction.atomic
def open_space(user: User, account: Account, space: Space, at: datetime) -> SpaceAnswer:
    """The answer of the one rule, journalled whether it opens or not. Nothing else is written."""
    answer = answers_for(user, account, at)[space]
    record(
        "space.opened" if answer.allowed else "space.refused",
        at=at,
        ground=answer.ground or (Ground.SERVICE_CENTRE if user.is_staff else Ground.OWN),
        actor=user,
        actor_account=own_account(user),
        account=account,
        delegation=answer.delegation.pk if answer.delegation else None,
        object_kind="space",
        object_key=space,
    )
    return answer
