"""« Mes espaces » says what waits behind each door, and only behind those that are open."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from delegations.scopes import Scope, Space
from tests.delegations.people import Cast, account_of, client_of, person
from tests.factories.delegations import DelegationFactory
from tests.workspace.making import a_conversation, a_dossier, a_task, acting, an_event
from workspace.models import DossierMark, ReadMark
from workspace.news import news_of

pytestmark = pytest.mark.django_db


def fill(cast: Cast) -> None:
    """By the colleague who holds everything."""
    a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
    an_event(acting(cast.total, cast.account, Space.AGENDA))
    a_task(acting(cast.total, cast.account, Space.TASKS))
    a_conversation(acting(cast.total, cast.account, Space.DISCUSSIONS))


def counts(user: object, account: Account, scope: Scope = Scope.TOTAL) -> dict[Space, int]:
    news = news_of(user, {account.pk: scope}, timezone.now())[account.pk]  # type: ignore[arg-type]
    return {space: one.count for space, one in news.items()}


def text(client: Client) -> str:
    return client.get("/espaces/").content.decode()


def test_each_open_space_says_what_waits(cast: Cast) -> None:
    fill(cast)
    page = text(cast.client("total"))
    for words in (
        "1\xa0dossier modifié",
        "1\xa0événement aujourd’hui",
        "1\xa0tâche à faire",
        "1\xa0conversation non lue",
    ):
        assert words in page


def test_a_part_says_nothing_of_the_spaces_that_it_does_not_open(cast: Cast) -> None:
    fill(cast)
    page = text(cast.client("partial"))
    assert "1\xa0conversation non lue" in page
    assert "dossier modifié" not in page
    assert "à faire" not in page
    assert "aujourd’hui" not in page


@pytest.mark.parametrize("who", ["attached", "stranger", "former", "referent", "superuser"])
def test_who_may_not_enter_is_told_of_nothing(cast: Cast, who: str) -> None:
    fill(cast)
    assert 'class="news"' not in text(cast.client(who))


def test_what_one_has_read_is_no_news_for_oneself_alone(cast: Cast) -> None:
    fill(cast)
    other = person()
    DelegationFactory(holder=account_of(other), account=cast.account)
    now = timezone.now()
    dossier = cast.account.circles.get().dossier
    conversation = cast.account.conversations.get().conversation
    DossierMark.objects.create(dossier=dossier, account=cast.account, user=cast.total, read_at=now)
    ReadMark.objects.create(
        conversation=conversation,
        account=cast.account,
        user=cast.total,
        message_id=conversation.last_message_id,
        read_at=now,
    )
    mine = counts(cast.total, cast.account)
    assert (mine[Space.DOSSIERS], mine[Space.DISCUSSIONS]) == (0, 0)
    theirs = counts(other, cast.account)
    assert (theirs[Space.DOSSIERS], theirs[Space.DISCUSSIONS]) == (1, 1)


def test_what_is_past_done_or_given_to_somebody_else_does_not_wait(cast: Cast) -> None:
    who = acting(cast.total, cast.account, Space.TASKS)
    colleague, gone = account_of(person()), account_of(person())
    DelegationFactory(holder=colleague, account=cast.account)
    a_task(who, assignee=colleague)
    a_task(who, assignee=gone)
    a_task(who, done_at=who.at, done_by_account=who.own)
    a_task(who, assignee=who.own)
    agenda = acting(cast.total, cast.account, Space.AGENDA)
    an_event(agenda, starts_at=agenda.at - timedelta(hours=2), ends_at=agenda.at - timedelta(hours=1))
    an_event(agenda, starts_at=agenda.at + timedelta(days=2), ends_at=agenda.at + timedelta(days=2, hours=1))
    found = counts(cast.total, cast.account)
    assert (found[Space.TASKS], found[Space.AGENDA]) == (2, 0), "mine, and that of somebody who has gone"


def test_a_muted_or_archived_conversation_does_not_call(cast: Cast) -> None:
    fill(cast)
    for field in ("muted_at", "archived_at"):
        cast.account.conversations.update(muted_at=None, archived_at=None)
        cast.account.conversations.update(**{field: timezone.now()})
        assert counts(cast.total, cast.account)[Space.DISCUSSIONS] == 0


def test_the_news_of_another_account_stay_there(cast: Cast) -> None:
    fill(cast)
    holder = person()
    assert counts(holder, account_of(holder)) == dict.fromkeys(Space, 0)
    assert client_of(holder).get("/espaces/").status_code == 200
