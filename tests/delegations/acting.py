"""For the tests of the services: people with their accounts, and acts of which nothing stays when they are refused."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import Account, JournalEntry, Notification, OutgoingMail, User
from delegations.errors import Refused
from delegations.models import (
    AccessCase,
    Delegation,
    DelegationNotice,
    DelegationRequest,
    GrantProposal,
    Referent,
)
from directory.models import InternalOrganisation
from tests.factories import (
    DelegationFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    ReferentFactory,
    UserFactory,
)

TABLES = (
    Account,
    AccessCase,
    Delegation,
    DelegationNotice,
    DelegationRequest,
    GrantProposal,
    JournalEntry,
    Notification,
    OutgoingMail,
    Referent,
)


def now() -> datetime:
    return timezone.now()


def later(**time: float) -> datetime:
    return timezone.now() + timedelta(**time)


def someone(**changes: object) -> Account:
    account: Account = ProfessionalFactory(signed_in=True, **changes).account
    return account


def holder_of(account: Account, **traits: object) -> User:
    user: User = DelegationFactory(account=account, **traits).holder.user
    return user


def referent_of(structure: object) -> User:
    user: User = ReferentFactory(structure=structure).account.user
    return user


def operator() -> User:
    """Of the service centre, with what its acts ask for."""
    user: User = UserFactory(is_staff=True)
    acts = ("add_grantproposal", "add_referent", "change_accesscase")
    user.user_permissions.set(Permission.objects.filter(codename__in=acts))
    return user


def ward_of(unit: InternalOrganisation) -> InternalOrganisation:
    found: InternalOrganisation = InternalOrganisationFactory(
        structure=unit.structure, parent=unit, account__state="open"
    )
    return found


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row that an act on delegations may write, as it is."""
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in TABLES}


@contextmanager
def refused(status: int, words: str, field: str = "") -> Iterator[None]:
    """The act is refused so, with these words, about this field; and not a row has changed."""
    before = everything()
    with pytest.raises(Refused) as refusal:
        yield
    assert refusal.value.status == status, refusal.value.sentence
    assert re.search(words, refusal.value.sentence.replace("\N{NO-BREAK SPACE}", " ")), refusal.value.sentence
    assert refusal.value.sentence[-1] in ".!?", refusal.value.sentence
    assert refusal.value.field == field
    assert everything() == before


def verbs(kind: str, key: object) -> list[str]:
    """What the journal says of a thing, in order."""
    told = JournalEntry.objects.filter(object_kind=kind, object_key=str(key)).order_by("pk")
    return list(told.values_list("verb", flat=True))


def told(user: User | None) -> list[str]:
    """The kinds of what somebody was told, in order."""
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))
