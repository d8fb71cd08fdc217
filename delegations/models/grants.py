from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from accounts.models import Account

REFUSED = "Seule une délégation ouvre un compte : elle se demande et s’accorde par les services."


class GrantManager(UserObjectPermissionManager):
    """Reads. What opens an account is a delegation: there is nothing to assign."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermissionError(REFUSED)

    assign_perm = bulk_assign_perm = assign_perm_to_many = remove_perm = bulk_remove_perm = _refuse


class Grant(UserObjectPermissionBase):
    """What delegations in force give, as django-guardian reads it: a view, so there is no second copy to drift.

    One row a user, an account and a space; one's own account is there too, without `delegation`. In force is decided
    by the statement's own time. Not for checks (`delegations.access` is), but for guardian's shortcuts.
    """

    id = models.BigIntegerField("identifiant", primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="identifiant de connexion", on_delete=models.DO_NOTHING
    )
    content_object = models.ForeignKey(
        Account, verbose_name="compte", on_delete=models.DO_NOTHING, related_name="grants"
    )
    permission = models.ForeignKey(
        "auth.Permission", verbose_name="espace ouvert", on_delete=models.DO_NOTHING, related_name="+"
    )
    delegation = models.ForeignKey(
        "Delegation", verbose_name="délégation", on_delete=models.DO_NOTHING, null=True, related_name="+"
    )

    objects: ClassVar[GrantManager] = GrantManager()

    class Meta:
        managed = False
        db_table = "delegations_grant"
        verbose_name = "espace ouvert"
        verbose_name_plural = "espaces ouverts"
