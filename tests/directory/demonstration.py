"""The demonstration region, written as its command writes it."""

from io import StringIO

from django.core.management import call_command

from accounts.models import Account, User
from directory.models import (
    Attachment,
    InternalOrganisation,
    LegalEntity,
    Offer,
    PracticeLocation,
    Professional,
    Structure,
)

SCALE = 0.02
OWNERS = (Structure, InternalOrganisation, Professional)
TABLES = (*OWNERS, Account, LegalEntity, Attachment, PracticeLocation, Offer, User)


def make(*arguments: str, scale: float = SCALE) -> str:
    said = StringIO()
    call_command("demo_region", *arguments, "--scale", str(scale), stdout=said)
    return said.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in TABLES}
