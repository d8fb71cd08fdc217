"""A holder for one day, who tries to stay: refused at each door while it lasts, and nothing to be seen after it."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry, Notification, User
from accounts.states import AccountState
from delegations.scopes import Space
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import DelegationFactory, InternalOrganisationFactory
from tests.workspace import everywhere
from tests.workspace.every_door import Visitor, tried, ways
from tests.workspace.everywhere import Things
from tests.workspace.making import a_dossier, acting
from workspace.acting import NEVER_ONES_OWN
from workspace.models import CircleMember, Conversation, ConversationOrigin, Dossier, Participant
from workspace.services.discussions import begin_conversation

pytestmark = pytest.mark.django_db
TODAY = "26/11/2020"
DAY = timedelta(days=1)
PATIENT = {"family_name": "Roumégous", "given_names": "Léonce", "birth_date": "02/04/1938", "sex": "M", "ins": ""}
TOLD = {"informed_how": "oral", "informed_on": TODAY}


@dataclass
class Story:
    """`theirs`: the holder's own account, and a unit in which they act for longer."""

    holder: User
    account: Account
    things: Things
    dossiers: list[Dossier]
    talks: list[Conversation]
    theirs: list[Account]

    @property
    def own(self) -> Account:
        return self.theirs[0]

    def visitor(self, opened: set[Space]) -> Visitor:
        return Visitor(self.holder, timezone.now(), lambda account: opened if account == self.account else set(Space))

    def rows_of_theirs(self) -> int:
        members = {"member__in": self.theirs}
        theirs = CircleMember.objects.filter(**members).exclude(account__in=self.theirs).count()
        return theirs + Participant.objects.filter(**members).exclude(account__in=self.theirs).count()


@pytest.fixture
def story(cast: Cast) -> Iterator[Story]:
    """The day before yesterday begins a delegation of one day; the test plays in the middle of it."""
    begins = timezone.now() - 2 * DAY
    with time_machine.travel(begins, tick=False):
        holder = person("Gaspard", "Ferrières")
        unit = InternalOrganisationFactory(account__state=AccountState.OPEN, name="Unité des Tilleuls").account
        DelegationFactory(holder=account_of(holder), account=cast.account, since=begins, until=begins + DAY)
        DelegationFactory(holder=account_of(holder), account=unit, since=begins)
        publish()
    with time_machine.travel(begins + DAY / 2, tick=False):
        things = everywhere.fill({"home": cast.account}, [holder], account_of(cast.stranger), timezone.now())["home"]
        who = {space: acting(cast.total, cast.account, space) for space in Space}
        others = account_of(cast.stranger)
        dossiers = [things.dossier, *(a_dossier(who[Space.DOSSIERS], others, given_names=name) for name in "AB")]
        talking, text = who[Space.DISCUSSIONS], "Bonjour."
        talks = [things.conversation] + [
            begin_conversation(talking, "Relais", [others.pk], text, uuid.uuid4(), origin=origin)
            for origin in ConversationOrigin
        ]
        yield Story(holder, cast.account, things, dossiers, talks, [account_of(holder), unit])


Send = Callable[[Account], HttpResponse]


def doors(story: Story, page: Client, api: APIClient) -> Iterator[tuple[str, Send]]:
    """Each way in which an account comes into a circle or a conversation, for each of them; by page and by API."""
    here = f"/api/v1/accounts/{story.account.pk}/"

    def by_page(route: str, *keys: object, **typed: object) -> Send:
        address = reverse(f"spaces:{route}", args=[story.account.pk, *keys])
        return lambda account: page.post(address, {**typed, "to": str(account.pk)})

    def by_api(path: str, **sent: object) -> Send:
        return lambda account: api.post(here + path, {**sent, "to": [str(account.pk)]}, format="json")

    for dossier in story.dossiers:
        yield "circle, page", by_page("circle_add", dossier.pk, **TOLD)
        yield "circle, API", by_api(f"dossiers/{dossier.pk}/circle/", informed_how="oral", informed_on="2020-11-26")
    for talk in story.talks:
        for before in ("oui", "non"):
            yield "participants, page", by_page("participants", talk.pk, before=before)
        for sees in (True, False):
            yield "participants, API", by_api(f"discussions/{talk.pk}/participants/", see_what_came_before=sees)
    said = {"title": "Relais", "text": "Bonjour."}
    yield "beginning, page", by_page("conversation_begin", **said, client_key=uuid.uuid4())
    yield "beginning, API", by_api("discussions/", **said, client_key=str(uuid.uuid4()))


def test_a_holder_for_one_day_stays_nowhere(story: Story) -> None:
    page, api = client_of(story.holder), APIClient()
    api.force_login(story.holder)

    # During the day, everything is open: what comes after is no accident.
    visitor = story.visitor(set(Space))
    for way in ways():
        visitor.check(tried(way, story.account, story.things, story.holder), story.account, is_frozen=False)
    visitor.check_apart(story.account, story.things)

    # A dossier that they begin in the account's name is one door more.
    page.post(reverse("spaces:dossier_add", args=[story.account.pk]), PATIENT | TOLD)
    story.dossiers.append(Dossier.objects.get(family_name="Roumégous"))
    before = Conversation.objects.count()
    tried_doors = list(doors(story, page, api))
    assert len(tried_doors) == 2 * len(story.dossiers) + 4 * len(story.talks) + 2
    for account in story.theirs:
        for name, send in tried_doors:
            answer = send(account)
            assert answer.status_code == 403, (name, answer.status_code)
            assert NEVER_ONES_OWN in answer.content.decode(), name
    assert story.rows_of_theirs() == 0
    assert Conversation.objects.count() == before

    with time_machine.travel(timezone.now() + DAY, tick=False):
        sees_nothing(story)


def sees_nothing(story: Story) -> None:
    """By no address of the account, and by no place of their own: no page, no search, no count, no notification."""
    at, nothing = timezone.now(), {space: set() for space in Space}
    assert everywhere.seen_by(story.holder, {"home": story.things}, at) == nothing
    visitor = story.visitor(set())
    for way in ways():
        visitor.check(tried(way, story.account, story.things, story.holder), story.account, is_frozen=False)
    visitor.check_apart(story.account, story.things)
    visitor.check_list({"day": story.account, "own": story.own, "unit": story.theirs[1]}, {"own", "unit"})

    page, api = visitor.client, APIClient()
    api.force_login(story.holder)
    for name, send in doors(story, page, api):
        assert send(story.own).status_code in (403, 404), name
    for account in story.theirs:
        for dossier in story.dossiers:
            assert page.get(reverse("spaces:dossier", args=[account.pk, dossier.pk])).status_code == 404
            assert page.get(reverse("spaces:dossier", args=[story.account.pk, dossier.pk])).status_code == 404
        for talk in story.talks:
            assert page.get(reverse("spaces:conversation", args=[account.pk, talk.pk])).status_code == 404
            assert page.get(reverse("spaces:conversation", args=[story.account.pk, talk.pk])).status_code == 404
            assert page.get(reverse("spaces:conversation_mine", args=[talk.pk])).status_code == 404
        for space in Space:
            page_of_space = page.get(reverse("spaces:space", args=[account.pk, space])).content.decode()
            assert not [word for word in ("Cazalbou", "Roumégous", "Relais") if word in page_of_space]
        for route, word in (("dossiers_search", "cazalbou"), ("conversations_search", "bonjour")):
            answer = page.post(reverse(f"spaces:{route}", args=[account.pk]), {"q": word}).content.decode()
            assert not [one for one in (*story.dossiers, *story.talks) if str(one.pk) in answer]
    assert story.rows_of_theirs() == 0
    places = [str(one.pk) for one in (*story.dossiers, *story.talks)]
    told = Notification.objects.filter(recipient=story.holder)
    assert not [row for row in told if any(place in row.path for place in places)]
    assert JournalEntry.objects.filter(actor=story.holder, account=story.account, verb="space.refused").exists()
