"""What events and tasks read of what people give: words made safe to keep, and a dossier that the person may open."""

from uuid import UUID

from delegations.errors import Refused
from workspace.access import dossiers_in
from workspace.acting import Acting
from workspace.models import Dossier
from workspace.typed import one_line, several_lines

NOT_OFFERED = "Choisissez un dossier de la liste."


def dossier_to_link(acting: Acting, wanted: UUID | None, linked: UUID | None) -> Dossier | None:
    """`linked`: the link that stands, which may stay though its dossier is closed to this person. The same sentence for
    a dossier that does not exist and for one that they do not see."""
    if wanted is None:
        return None
    if wanted == linked:
        return Dossier(pk=wanted)
    found = dossiers_in(acting).filter(pk=wanted).first()
    if found is None:
        raise Refused(NOT_OFFERED, field="dossier")
    return found


def read_line(text: str, longest: int, field: str, missing: str = "") -> str:
    """One line, made safe to keep; `Refused` when it is too long, or absent though `missing` says that it is needed."""
    return _of_length(one_line(text), longest, field, missing)


def read_lines(text: str, longest: int, field: str) -> str:
    return _of_length(several_lines(text), longest, field, "")


def _of_length(text: str, longest: int, field: str, missing: str) -> str:
    if missing and not text:
        raise Refused(missing, field=field)
    if len(text) > longest:
        raise Refused(f"Raccourcissez ce texte\N{NO-BREAK SPACE}: {longest} caractères au plus.", field=field)
    return text
