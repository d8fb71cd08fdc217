"""What the tests of the service centre's pages share: two operators who are listed too, and what counts as written."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.groups import SERVICE_CENTRE, sync_groups
from accounts.models import Account, JournalEntry, Notification, User
from delegations.models import AccessCase, Delegation, GrantProposal, Referent
from delegations.scopes import Scope
from delegations.services import open_case
from directory.search import projection
from tests.factories import DelegationFactory, ProfessionalFactory, ReferentFactory

ROOT = "/administration/delegations/"
GRANT = f"{ROOT}delegation/accorder/"
LIST = f"{ROOT}delegation/liste/"
WRITE = f"{ROOT}delegation/liste/accorder/"
APPOINT = f"{ROOT}referent/nommer/"


def listed_operator(**kwargs: object) -> User:
    """A member of the service centre who is a professional too, as some are: the ones whom the rules must watch."""
    user: User = ProfessionalFactory(signed_in=True, **kwargs).account.user
    user.is_staff = True
    user.save()
    sync_groups()
    user.groups.add(Group.objects.get(name=SERVICE_CENTRE))
    return user


def listed() -> None:
    """The directory knows everybody whom the test made."""
    for kind in projection.OWN_KINDS:
        projection.refresh(kind)


def as_user(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


@dataclass
class Cast:
    """A structure with its referent, a person to let in, and two operators."""

    referent: Referent
    holder: Account
    operator: User
    second: User

    @cached_property
    def client(self) -> Client:
        return as_user(self.operator)

    @property
    def account(self) -> Account:
        return self.referent.structure.account

    def words(self, **changes: object) -> dict[str, object]:
        """What the form of a grant sends."""
        return {
            "compte": self.account.pk,
            "personne": self.holder.pk,
            "scope": Scope.DOSSIER.value,
            "until": "",
            "origin": "service_centre",
            "word_of": self.referent.account.pk,
        } | changes


def make_cast() -> Cast:
    holder = ProfessionalFactory(signed_in=True, given_name="Noé", family_name="Peyrouton").account
    cast = Cast(ReferentFactory(), holder, listed_operator(given_name="Inès"), listed_operator(given_name="Loïc"))
    listed()
    return cast


def counts() -> tuple[int, ...]:
    """All that an act could write."""
    tables = (Delegation, GrantProposal, Referent, JournalEntry, Notification)
    return tuple(table.objects.count() for table in tables)


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("pk").values_list("verb", flat=True))


def last_entry() -> JournalEntry:
    return JournalEntry.objects.order_by("-pk")[:1].get()


def told(user: User | None) -> list[str]:
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("text", flat=True))


def a_case() -> AccessCase:
    row = DelegationFactory()
    entry = JournalEntry.objects.filter(account=row.account).order_by("pk")[:1].get()
    return open_case(row.holder.user, entry, "Je ne connais pas cette personne.", timezone.now())
