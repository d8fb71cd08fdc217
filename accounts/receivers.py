"""What follows from signing in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import Account, User
from accounts.services import move_accounts
from accounts.states import FIRST_USE, AccountState


@receiver(user_logged_in, dispatch_uid="accounts.first_use")
def open_at_first_use(user: User, **kwargs: Any) -> None:
    """A listed person who signs in uses SPICO from then on: they may be written to."""
    listed = Account.objects.filter(user=user, state=AccountState.LISTED).values_list("pk", flat=True).first()
    if listed is not None:
        move_accounts([listed], FIRST_USE, timezone.now())
