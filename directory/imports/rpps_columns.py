"""Finds the columns of an RPPS text extract by their labels, which vary from one issue to the next."""

import re
import unicodedata
from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple

from directory.imports.errors import ImportRefused

LINKING_WORDS = frozenset(("d", "de", "du", "des", "l", "la", "le"))


class Fields(NamedTuple):
    """What is read of a line, and how the column is called in the extract."""

    id_type: str = "Type d'identifiant PP"
    identifier: str = "Identifiant PP"
    national_id: str = "Identification nationale PP"
    civility: str = "Code civilité"
    family_name: str = "Nom d'exercice"
    given_name: str = "Prénom d'exercice"
    profession: str = "Code profession"
    profession_label: str = "Libellé profession"
    speciality: str = "Libellé savoir-faire"
    mode: str = "Libellé mode exercice"
    finess: str = "Numéro FINESS site"
    site: str = "Identifiant technique de la structure"
    company: str = "Raison sociale site"
    sign: str = "Enseigne commerciale site"
    street_number: str = "Numéro Voie (coord. structure)"
    street_repeat: str = "Indice répétition voie (coord. structure)"
    street_kind: str = "Libellé type de voie (coord. structure)"
    street: str = "Libellé Voie (coord. structure)"
    distribution: str = "Mention distribution (coord. structure)"
    cedex: str = "Bureau cedex (coord. structure)"
    postal_code: str = "Code postal (coord. structure)"
    commune: str = "Code commune (coord. structure)"
    town: str = "Libellé commune (coord. structure)"
    phone: str = "Téléphone (coord. structure)"
    function: str = "Libellé fonction"
    activity: str = "Libellé genre d'activité"


LABELS: tuple[str, ...] = Fields()


def normalised(label: str) -> str:
    """A label without case, accents, punctuation nor linking words."""
    plain = unicodedata.normalize("NFKD", label.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    return " ".join(word for word in re.findall(r"[a-z0-9]+", plain) if word not in LINKING_WORDS)


def picker(header: list[str]) -> Callable[[list[str]], tuple[str, ...]]:
    """A function that takes our fields from those of a line, in our order. A missing column is named."""
    places: dict[str, int] = {}
    for place, label in enumerate(header):
        places.setdefault(normalised(label), place)
    missing = [label for label in LABELS if normalised(label) not in places]
    if len(missing) == len(LABELS):
        raise ImportRefused(
            "Ce n’est pas un extrait du RPPS : sa première ligne ne nomme aucune des colonnes attendues."
        )
    if missing:
        named = ", ".join(f"« {label} »" for label in missing)
        raise ImportRefused(f"Il manque à cet extrait du RPPS une colonne nécessaire : {named}.")
    return itemgetter(*(places[normalised(label)] for label in LABELS))
