"""The one place where django-guardian's shortcuts are called, with what makes them ask delegations and nothing else."""

from django.db.models import QuerySet
from guardian.shortcuts import get_objects_for_user

from accounts.models import Account, User
from delegations.scopes import Space


def accounts_with_permission(user: User, space: Space) -> QuerySet[Account]:
    """As `accounts_open_to`, through the `Grant` view: at the database's own time."""
    found: QuerySet[Account] = get_objects_for_user(
        user,
        f"accounts.open_{space.value}",
        klass=Account,
        use_groups=False,
        with_superuser=False,
        accept_global_perms=False,
    )
    return found
