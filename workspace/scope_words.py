"""What is said of a partial scope wherever its closed spaces are drawn."""

from delegations.scopes import DETAIL, Scope
from spico.web.typography import NBSP


def what_others_need(scope: Scope) -> str:
    """Where it stops, and which scope would open the rest; empty when it opens all."""
    if scope == Scope.TOTAL:
        return ""
    other = Scope.DISCUSSIONS if scope == Scope.DOSSIER else Scope.DOSSIER
    return (
        f"Votre délégation s’arrête au périmètre «{NBSP}{scope.label}{NBSP}». Pour le reste ({DETAIL[other]}), il faut "
        f"le périmètre «{NBSP}{other.label}{NBSP}» ou «{NBSP}{Scope.TOTAL.label}{NBSP}»."
    )
