from directory.models import Structure


class Orphan(Structure):
    """A structure for which nobody answers any more (`delegations.orphans`), as a list of the administration."""

    class Meta:
        proxy = True
        verbose_name = "structure sans répondant"
        verbose_name_plural = "structures sans répondant"
