from django.db import models


class Source(models.TextChoices):
    """Where a row comes from; an import changes and closes only rows of its own source (design, rule 13)."""

    FINESS = "finess", "FINESS"
    ROR = "ror", "ROR"
    RPPS = "rpps", "RPPS"
    DECLARED = "declared", "déclaration"
    DEMO = "demo", "démonstration"


def known_source(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(source__in=Source.values),
        name=name,
        violation_error_message="Cette source n’existe pas.",
    )
