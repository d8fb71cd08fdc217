"""A cast that everyone knows, around one structure: who may what there is said by their names."""

from dataclasses import dataclass
from functools import cached_property

from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from directory.models import Structure
from directory.search.projection import refresh
from tests.factories import AttachmentFactory, ProfessionalFactory, StructureFactory, UserFactory
from tests.factories.delegations import DelegationFactory, ReferentFactory


def publish() -> None:
    """Everything made so far is in the directory: what is not does not exist for pages."""
    for kind in ("structure", "unit", "professional"):
        refresh(kind)


def person(given: str = "Soline", family: str = "Carbonnac") -> User:
    found: User = ProfessionalFactory(signed_in=True, given_name=given, family_name=family).account.user
    return found


def client_of(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def opens_space(user: User, account: Account, space: Space) -> bool:
    """Through its door, which leaves in the journal whether it opened. The account is in the directory by then."""
    publish()
    status = client_of(user).get(reverse("spaces:space", args=[account.pk, space])).status_code
    assert status in (200, 403)
    return status == 200


def account_of(user: User) -> Account:
    return Account.objects.get(user=user)


@dataclass
class Cast:
    structure: Structure

    @property
    def account(self) -> Account:
        return self.structure.account

    def _holder(self, given: str, family: str, **delegation: object) -> User:
        user = person(given, family)
        DelegationFactory(holder=account_of(user), account=self.account, **delegation)
        return user

    @cached_property
    def total(self) -> User:
        return self._holder("Hélène", "Vaysserat")

    @cached_property
    def partial(self) -> User:
        return self._holder("Paulin", "Estorgues", scope=Scope.DISCUSSIONS)

    @cached_property
    def former(self) -> User:
        return self._holder("Jourdan", "Massabielle", ended=True)

    @cached_property
    def referent(self) -> User:
        user = person("Maïlis", "Tournemirande")
        ReferentFactory(account=account_of(user), structure=self.structure)
        return user

    @cached_property
    def attached(self) -> User:
        user = person("Bénédicte", "Lagarrousse")
        AttachmentFactory(professional=user.account.professional, structure=self.structure)
        return user

    @cached_property
    def stranger(self) -> User:
        return person("Rémi", "Aubrespin")

    @cached_property
    def staff(self) -> User:
        return UserFactory(service_centre=True)

    @cached_property
    def superuser(self) -> User:
        return UserFactory(is_staff=True, is_superuser=True)

    NAMES = ("total", "partial", "former", "referent", "attached", "stranger", "staff", "superuser")

    def all(self) -> dict[str, User]:
        found = {name: getattr(self, name) for name in self.NAMES}
        publish()
        return found

    def client(self, name: str) -> Client:
        return client_of(getattr(self, name))

    def delegation_of(self, name: str) -> Delegation:
        return Delegation.objects.get(holder__user=getattr(self, name), account=self.account)


def make_cast() -> Cast:
    return Cast(StructureFactory(open_account=True, name="EHPAD Les Genêts du Causse", category_id="500"))
