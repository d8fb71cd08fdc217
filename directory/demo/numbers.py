"""Numbers that nobody can take for real ones (why these: docs/decisions/0003-demo-numbers.md)."""

from random import Random
from uuid import UUID, uuid5

# Any fixed value does: it makes the account of a demo row the same in every database.
NAMESPACE = UUID("6f1d0a52-7c3e-5b58-9f0e-0de5b1c0de00")

SOUTH_EAST = {"11", "30", "34", "48", "66"}
ENTITIES_FROM = 900_000
# Without a common divisor, so that no two ranks under the second give the same number.
SPREAD, RPPS_LEFT = 7_654_321, 10_000_000


def generator(seed: int, part: str) -> Random:
    """A generator of its own for each part, so that a change in one leaves the others as they were."""
    return Random(f"{seed}:{part}")  # noqa: S311, nothing here is secret


def finess_like(department: str, rank: int) -> str:
    """As `12D099017`: in a FINESS number, a letter never stands third."""
    return f"{department}D{rank:06d}"


def entity_number(department: str, rank: int) -> str:
    return finess_like(department, ENTITIES_FROM + rank)


def rpps_like(rank: int) -> str:
    """As `99917654321`: RPPS numbers begin with 1. Spread out, so that a beginning finds a part of them, not all."""
    return f"9991{rank * SPREAD % RPPS_LEFT:07d}"


def ror_like(key: str) -> str:
    return f"DEMO-{key}"


def phone_like(department: str, rank: int) -> str:
    """In the two ranges kept for fiction that fit the region: 04 65 71 and 05 36 49."""
    digits = f"{rank % 10_000:04d}"
    prefix = "04 65 71" if department in SOUTH_EAST else "05 36 49"
    return f"{prefix} {digits[:2]} {digits[2:]}"


def account_id(key: str) -> UUID:
    return uuid5(NAMESPACE, key)
