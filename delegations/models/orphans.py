from accounts.models import Account


class Orphan(Account):
    """A structure or unit for which nobody answers any more (`delegations.orphans`): a list of the administration."""

    class Meta:
        proxy = True
        verbose_name = "compte sans répondant"
        verbose_name_plural = "comptes sans répondant"
