"""Communes by what a person types: a name, its beginning, or a postal code."""

from django.db.models import F
from django.db.models.expressions import RawSQL

from directory.models import Commune
from directory.search import fold

LONGEST = 60


def commune_by_code(insee_code: str) -> Commune | None:
    return Commune.objects.filter(pk=insee_code).first() if insee_code.isalnum() else None


def find_communes(text: str, limit: int) -> list[Commune]:
    """The exact name first, then the largest town; a postal code gives all its communes. Nothing found: empty."""
    words = fold(text.replace("\0", " "))[:LONGEST].strip()
    if not words:
        return []
    largest = F("population").desc(nulls_last=True)
    if words.isdigit():
        return list(Commune.objects.filter(postal_codes__contains=[words]).order_by(largest, "pk")[:limit])
    folded = RawSQL("directory_search_fold(directory_commune.name)", [])
    starts = Commune.objects.annotate(folded=folded).filter(folded__gte=words, folded__lt=words + "\U0010ffff")
    return sorted(
        starts.order_by(largest, "pk")[: 4 * limit], key=lambda commune: fold(commune.name).strip() != words
    )[:limit]
