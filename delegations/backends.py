from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.utils import timezone

from accounts.models import Account, User
from delegations import access
from delegations.scopes import Space

PERMISSIONS = {f"accounts.open_{space.value}": space for space in Space}


class DelegationBackend(BaseBackend):
    """`user.has_perm("accounts.open_dossiers", account)` is a question to the access rule; it signs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        space = PERMISSIONS.get(perm)
        if space is None or not isinstance(obj, Account) or not isinstance(user_obj, User):
            return False
        return access.may_open(user_obj, obj, space, timezone.now())

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(obj, Account) or not isinstance(user_obj, User):
            return set()
        answers = access.answers_for(user_obj, obj, timezone.now())
        return {perm for perm, space in PERMISSIONS.items() if answers[space].allowed}
