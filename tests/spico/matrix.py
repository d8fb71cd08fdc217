"""Who the two matrices ask as, and what stands at each address: the routes read, and the acts done there."""

from collections.abc import Iterator

from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from accounts.tokens import create_token
from delegations.scopes import Space
from directory.models import InternalOrganisation, Professional, Structure
from tests.accounts.telling import told
from tests.delegations.people import client_of, publish
from tests.factories import (
    AttachmentFactory,
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    ReferentFactory,
    UserFactory,
)
from tests.factories.delegations import ago
from tests.workspace.making import a_conversation, a_document, a_dossier, a_task, acting, an_event
from workspace.models import Conversation, Dossier
from workspace.services.circles import Told, add_members
from workspace.services.dossiers import archive_dossier
from workspace.services.entries import write_entry
from workspace.services.feeds import create_feed
from workspace.services.tasks import finish_task

SIGN_IN = 302
NOBODY, ATTACHED, STRANGER, FORMER, HOLDER, REFERENT, STAFF, SUPERUSER = PEOPLE = [
    "nobody",
    "attached",
    "stranger",
    "former_holder",
    "holder",
    "referent",
    "service_centre",
    "superuser",
]
# Who holds a part of the scope, and who asked for a delegation: acts tell them apart from the others.
OF_DISCUSSIONS, OF_DOSSIERS, ASKER = "holder_of_discussions", "holder_of_dossiers", "asker"
Place = dict[str, object]


def named_routes(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from named_routes(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name, so no row can speak of it"
            yield f"{namespace}{pattern.name}"


def arguments_of(route: str) -> set[str]:
    resolver = get_resolver()
    if ":" in route:
        namespace, route = route.split(":")
        resolver = resolver.namespace_dict[namespace][1]
    return {name for options in resolver.reverse_dict.getlist(route) for name in options[0][0][1]}


def both(routes: tuple[str, str], **place: object) -> dict[str, Place]:
    """The page of an act, and its address by the API."""
    return dict.fromkeys(routes, place)


class House:
    """One unit in one structure, whoever stands around it, and something of everything in the structure's account."""

    def __init__(self) -> None:
        self.unit: InternalOrganisation = InternalOrganisationFactory(structure__open_account=True)
        self.structure: Structure = self.unit.structure
        self.account: Account = self.structure.account
        self.people = self._people()
        self._sessions: dict[str, str] = {}
        self.somebody: Professional = ProfessionalFactory(signed_in=True)
        # Another account, in the circles and conversations of this one; and one that is in none.
        self.other: Account = ProfessionalFactory(signed_in=True).account
        self.outside: Account = ProfessionalFactory(signed_in=True).account
        publish()
        self.places: Place = {"finess": self.structure.finess, "code": 418, "name": "not-found", "secret": "x" * 43}
        self.places |= {"account": self.account.pk, "space": "dossiers", "kind": "observation"}
        self.keys: dict[str, Place] = {}
        self._delegations()
        self._dossiers()
        self._other_spaces()

    def _people(self) -> dict[str, User | None]:
        structure, account = self.structure, self.account
        attached: Professional = ProfessionalFactory(signed_in=True)
        AttachmentFactory(professional=attached, structure=structure)
        AttachmentFactory(professional=attached, internal_organisation=self.unit)
        self.asked = DelegationRequestFactory(account=account)
        return {
            NOBODY: None,
            ATTACHED: attached.account.user,
            STRANGER: ProfessionalFactory(signed_in=True).account.user,
            FORMER: DelegationFactory(account=account, ended=True).holder.user,
            HOLDER: DelegationFactory(account=account).holder.user,
            REFERENT: ReferentFactory(structure=structure).account.user,
            STAFF: UserFactory(service_centre=True),
            SUPERUSER: UserFactory(is_staff=True, is_superuser=True),
            OF_DISCUSSIONS: DelegationFactory(account=account, partial=True).holder.user,
            OF_DOSSIERS: DelegationFactory(account=account, dossier=True).holder.user,
            ASKER: self.asked.requester.user,
        }

    @property
    def holder(self) -> User:
        user = self.people[HOLDER]
        assert user
        return user

    def _delegations(self) -> None:
        account = self.account
        self.held = DelegationFactory(account=account)
        self.lasting = DelegationFactory(account=account, until=ago(days=-20))
        self.nearing = DelegationFactory(holder=self.holder.account, until=ago(days=-20))
        gone: Account = ProfessionalFactory(account__state=AccountState.CLOSED).account
        self.to_review = DelegationFactory(
            account=account, partial=True, granted_by=UserFactory(), granted_by_account=gone, granted_ground="referent"
        )
        token, _ = create_token(self.somebody.account.user, "export")
        self.places["handle"] = token.handle
        entry = JournalEntry.objects.filter(account=account).earliest("pk")
        notification = told(self.somebody.account.user)
        self.keys |= {
            "accounts:notification": {"pk": notification.pk},
            "delegations:surprise": {"pk": entry.pk},
            **both(("delegations:renew", "api:delegation_renew"), pk=self.lasting.pk),
            **both(("delegations:keep", "api:delegation_keep"), pk=self.to_review.pk),
            **both(("delegations:ask_renewal", "api:delegation_ask_renewal"), pk=self.nearing.pk),
        }

    def _dossiers(self) -> None:
        at_work = acting(self.holder, self.account, Space.DOSSIERS)
        self.dossier: Dossier = a_dossier(at_work, self.other)
        archived = a_dossier(at_work, family_name="Roumégous")
        archive_dossier(at_work, archived)
        self.entry = write_entry(
            at_work, self.dossier, "observation", "Passage", "Rien à signaler.", at_work.at, "circle"
        )
        member = self.dossier.circle.get(member=self.other).pk
        hurried: Account = ProfessionalFactory(signed_in=True).account
        publish()
        add_members(at_work, self.dossier, [hurried.pk], Told("emergency", None))
        waiting = self.dossier.circle.get(member=hurried).pk
        document = a_document(at_work, self.dossier)
        self.places |= {"dossier": self.dossier.pk, "entry": self.entry.pk, "member": member, "row": member}
        self.places["document"] = document.pk
        self.keys |= both(("spaces:dossier_restore", "api:dossier_restore"), dossier=archived.pk)
        self.keys |= both(("spaces:circle_inform", "api:circle_inform"), member=waiting, row=waiting)

    def _other_spaces(self) -> None:
        tasks, agenda = acting(self.holder, self.account, Space.TASKS), acting(self.holder, self.account, Space.AGENDA)
        self.event = an_event(agenda)
        self.task, done = a_task(tasks), a_task(tasks, "Appeler")
        finish_task(tasks, done)
        talking = acting(self.holder, self.account, Space.DISCUSSIONS)
        self.talk: Conversation = a_conversation(talking, self.other)
        place = self.talk.participants.get(member=self.other).pk
        feed, self.secret = create_feed(agenda)
        self.places |= {"event": self.event.pk, "task": self.task.pk, "feed": feed.pk, "conversation": self.talk.pk}
        # Whom the holder of another delegation brought in.
        a_dossier(acting(self.held.holder.user, self.account, Space.DOSSIERS), self.other, family_name="Delmas")
        self.keys |= {
            **both(("spaces:task_reopen", "api:task_reopen"), task=done.pk),
            "spaces:participant_remove": {"pk": place},
            "api:participant_remove": {"row": place},
            "spaces:take_out": {"pk": self.held.pk},
        }

    # --- Asking ------------------------------------------------------------------------------------------------------

    def address(self, route: str) -> str:
        asks = "request" in route or route.partition(":")[2] in ("claim", "accept", "refuse", "withdraw")
        row = self.asked if asks else self.held if "delegation" in route else self.unit
        row = row if asks or "delegation" in route or "unit" in route else self.somebody
        places = {**self.places, "pk": row.pk, **self.keys.get(route, {})}
        return reverse(route, kwargs={name: places[name] for name in arguments_of(route)})

    def sign_in(self) -> None:
        """Everybody, once for the module; each test then asks with a client of its own."""
        for name, user in self.people.items():
            if user:
                self._sessions[name] = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value

    def client(self, name: str) -> Client:
        client = Client()
        if name in self._sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[name]
        return client
