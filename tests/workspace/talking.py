"""The people and accounts who write to each other."""

import uuid
from functools import cached_property

from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from delegations.scopes import Scope, Space
from tests.delegations.people import account_of, client_of, person, publish
from tests.factories import DelegationFactory, InternalOrganisationFactory, StructureFactory
from tests.workspace.making import a_conversation, acting
from workspace.access import participation_or_404
from workspace.models import Conversation, Participant


class World:
    """A person who holds everything on a unit, which talks with a pharmacy; and a listed structure."""

    def __init__(self) -> None:
        self.user = person("Hélène", "Vaysserat")
        self.own = account_of(self.user)
        self.unit: Account = InternalOrganisationFactory(account__state="open", name="Unité des Tilleuls").account
        self.pharmacy: Account = StructureFactory(open_account=True, name="Pharmacie du Pont").account
        self.listed: Account = StructureFactory(name="SSIAD du Lot").account
        self.pharmacist = person("Paulin", "Estorgues")
        DelegationFactory(holder=self.own, account=self.unit)
        DelegationFactory(holder=account_of(self.pharmacist), account=self.pharmacy, scope=Scope.DISCUSSIONS)
        publish()

    @cached_property
    def client(self) -> Client:
        return client_of(self.user)

    def url(self, route: str, account: Account | None = None, *more: object) -> str:
        return reverse(f"spaces:{route}", args=[(account or self.unit).pk, *more])

    def talk(self, title: str = "Relais à domicile", text: str = "Bonjour.", *others: Account) -> Conversation:
        return a_conversation(
            acting(self.user, self.unit, Space.DISCUSSIONS), *(others or (self.pharmacy,)), title=title, text=text
        )

    def begin(self, account: Account | None = None, **more: object) -> object:
        data = {"title": "Sortie lundi", "text": "Bonjour.", "to": [str(self.pharmacy.pk)], "client_key": uuid.uuid4()}
        return self.client.post(self.url("conversation_begin", account), data | more)

    def place(self, conversation: Conversation, user: User, account: Account) -> Participant:
        return participation_or_404(acting(user, account, Space.DISCUSSIONS), conversation.pk)


def body(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]
