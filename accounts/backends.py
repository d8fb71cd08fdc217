from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.models import User
from accounts.prepared import Prepared

_users = Prepared(lambda *, key: User.objects.filter(pk=key), key=int)


class PasswordBackend(ModelBackend):
    """Django's own; whom a session belongs to, asked at every request, is written to SQL once."""

    def get_user(self, user_id: Any) -> User | None:
        user = _users.first(key=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
