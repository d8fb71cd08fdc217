"""What the tests of pages share: the cast around one hospital, signed in, and listed in the directory."""

from dataclasses import dataclass

from django.test import Client

from accounts.models import Account, User
from delegations.models import Delegation
from delegations.scopes import Scope
from directory.models import InternalOrganisation, Professional, Structure
from directory.search import projection
from tests.factories import (
    AttachmentFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)
from tests.factories.delegations import DelegationFactory, ReferentFactory


def listed() -> None:
    """The directory knows everybody whom the test made."""
    for kind in projection.OWN_KINDS:
        projection.refresh(kind)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.status_code
    return response.content.decode()


def person(**fields: object) -> Professional:
    found: Professional = ProfessionalFactory(signed_in=True, **fields)
    return found


@dataclass
class Cast:
    """A hospital and one of its units; everybody stands in some way towards the hospital's account."""

    hospital: Structure
    unit: InternalOrganisation
    asker: Professional
    referent: Professional
    total: Professional
    partial: Professional
    attached: Professional
    stranger: Professional
    superuser: User
    staff: User

    @property
    def account(self) -> Account:
        return self.hospital.account

    def user(self, name: str) -> User:
        found = getattr(self, name)
        user: User = found if isinstance(found, User) else found.account.user
        return user

    def client(self, name: str) -> Client:
        return as_user(self.user(name))

    def delegation(self, name: str) -> Delegation:
        return Delegation.objects.get(holder=getattr(self, name).account, account=self.account)


def make_cast() -> Cast:
    hospital = StructureFactory(open_account=True, name="CH de la Boralde")
    cast = Cast(
        hospital=hospital,
        unit=InternalOrganisationFactory(structure=hospital, name="Service de gériatrie"),
        asker=person(given_name="Bénédicte", family_name="Lagarrousse", profession_id="60", rpps="99912341234"),
        referent=person(given_name="Maïlis", family_name="Tournemirande"),
        total=person(given_name="Rémi", family_name="Aubrespin", civility="M"),
        partial=person(given_name="Soline", family_name="Estorgues"),
        attached=person(given_name="Aïssatou", family_name="Ndiayane"),
        stranger=person(given_name="Loïc", family_name="Vaysserat", civility="M"),
        superuser=UserFactory(is_staff=True, is_superuser=True),
        staff=UserFactory(service_centre=True),
    )
    AttachmentFactory(professional=cast.asker, structure=hospital)
    AttachmentFactory(professional=cast.attached, structure=hospital)
    ReferentFactory(account=cast.referent.account, structure=hospital)
    DelegationFactory(holder=cast.total.account, account=hospital.account)
    DelegationFactory(holder=cast.partial.account, account=hospital.account, scope=Scope.DISCUSSIONS)
    listed()
    return cast
