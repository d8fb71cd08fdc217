"""Communes by what a person types: a name, its beginning, or a postal code."""

from django.db.models import F
from django.db.models.expressions import RawSQL

from directory.models import Commune
from directory.search.folding import words

LONGEST = 60
INSEE_LENGTH = 5
AFTER_ANY_LETTER = "~"


def commune_by_code(insee_code: str) -> Commune | None:
    return (
        Commune.objects.filter(pk=insee_code).first()
        if len(insee_code) == INSEE_LENGTH and insee_code.isalnum()
        else None
    )


def find_communes(text: str, limit: int) -> list[Commune]:
    """The exact name first, then the largest town; a postal code gives all its communes. Nothing found: empty."""
    name = " ".join(words(text[:LONGEST]))
    if not name:
        return []
    largest = F("population").desc(nulls_last=True)
    if name.isdigit():
        return list(Commune.objects.filter(postal_codes__contains=[name]).order_by(largest, "pk")[:limit])
    key = RawSQL('directory_commune_key(directory_commune.name) COLLATE "C"', [])
    starts = Commune.objects.annotate(key=key).filter(key__gte=name, key__lt=name + AFTER_ANY_LETTER)
    found = starts.order_by(largest, "pk")[: 4 * limit]
    return [*sorted(found, key=lambda commune: commune.key != name)[:limit]]
