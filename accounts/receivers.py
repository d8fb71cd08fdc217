"""What follows from signing in, and from a connection that opens."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import Account, User
from accounts.services import move_accounts
from accounts.states import FIRST_USE, AccountState

# Pages ask some ninety questions, lists one for each length; a plan weighs 50 KB.
MOST_PLANS = 300


@receiver(connection_created, dispatch_uid="accounts.plans")
def keep_plans(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """What is planned once a connection (`accounts.prepared`) is not planned again for want of room."""
    connection.connection.prepared_max = MOST_PLANS


@receiver(user_logged_in, dispatch_uid="accounts.first_use")
def open_at_first_use(user: User, **kwargs: Any) -> None:
    """A listed person who signs in uses SPICO from then on: they may be written to."""
    listed = Account.objects.filter(user=user, state=AccountState.LISTED).values_list("pk", flat=True).first()
    if listed is not None:
        move_accounts([listed], FIRST_USE, timezone.now())
