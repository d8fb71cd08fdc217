"""What is new and who may still read it, asked for all open streams at once."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from delegations.access import may_open, pairs_open
from delegations.models import Delegation
from delegations.periods import period
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from directory.models import SearchEntry
from tests.delegations.people import account_of, client_of, make_cast, person, publish
from tests.factories import DelegationFactory, InternalOrganisationFactory
from tests.workspace.making import a_conversation, acting
from workspace.access import participation_or_404
from workspace.models import Message, Participant
from workspace.services.messages import send_message
from workspace.streams.looking import (
    MOST_AT_ONCE,
    MOST_EXPLAINED,
    NO_LONGER_OPEN,
    NO_LONGER_THERE,
    NOT_ACTIVE,
    NOT_LISTED,
    SESSION_OVER,
    Reader,
    look,
)
from workspace.streams.opening import Asked, Shut, open_stream

pytestmark = pytest.mark.django_db


class Talk:
    """Between a person and a unit, read by one colleague of the unit."""

    def __init__(self) -> None:
        self.me, self.one = person("Rémi", "Aubrespin"), person("Hélène", "Vaysserat")
        self.mine = account_of(self.me)
        self.unit: Account = InternalOrganisationFactory(
            account__state=AccountState.OPEN, name="Unité des Tilleuls"
        ).account
        self.delegation: Delegation = DelegationFactory(
            holder=account_of(self.one), account=self.unit, scope=Scope.DISCUSSIONS
        )
        publish()
        self.conversation = a_conversation(acting(self.me, self.mine, Space.DISCUSSIONS), self.unit)
        self.first = Message.objects.get()

    def send(self, text: str = "Un mot.") -> Message:
        who = acting(self.me, self.mine, Space.DISCUSSIONS)
        return send_message(who, participation_or_404(who, self.conversation.pk), text, uuid.uuid4())

    def asked(self, client: Client, account: Account, after: int | None = None) -> Asked:
        cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())
        return Asked(cookies, account.pk, self.conversation.pk, after)

    def reader(self) -> Reader:
        return open_stream(self.asked(client_of(self.one), self.unit), timezone.now())[0]


@pytest.fixture
def talk() -> Talk:
    return Talk()


def events(reader: Reader, after: int) -> list[str]:
    batch = look([reader], [(reader, after)], timezone.now).batches.get((reader, after))
    return [event.decode() for event in batch.events] if batch else []


def why_not(reader: Reader) -> str:
    return look([reader], [], timezone.now).why_not.get(reader, "")


# --- Opening ---------------------------------------------------------------------------------------------------------


def test_a_stream_that_gives_what_its_page_did_not_show_is_an_opening(talk: Talk) -> None:
    client = client_of(talk.one)
    opened = JournalEntry.objects.filter(verb="conversation.opened", actor=talk.one, account=talk.unit)
    open_stream(talk.asked(client, talk.unit, 0), timezone.now())
    client.get(reverse("spaces:conversation", args=[talk.unit.pk, talk.conversation.pk]))
    assert opened.count() == 2
    open_stream(talk.asked(client, talk.unit, talk.first.pk), timezone.now())
    assert opened.count() == 2
    open_stream(talk.asked(client, talk.unit, 0), timezone.now())
    assert opened.count() == 3


def test_nothing_written_after_an_end_reaches_who_was_there_when_the_look_began(talk: Talk) -> None:
    reader, moments = talk.reader(), [timezone.now()]

    def now() -> datetime:
        """The delegation ends, and somebody writes, while what is new is drawn."""
        if not moments:
            return timezone.now()
        end_delegation(talk.one, talk.delegation, "", timezone.now())
        return moments.pop()

    talk.send("Après la fin.")
    found = look([reader], [(reader, talk.first.pk)], now)
    assert found.why_not[reader].startswith(NO_LONGER_OPEN)


def test_a_stream_opens_to_whom_the_page_opens(db: None) -> None:
    cast = make_cast()
    people = cast.all()
    own = account_of(cast.stranger)
    conversation = a_conversation(acting(cast.stranger, own, Space.DISCUSSIONS), cast.account)
    opened, refused = set(), set()
    for name, user in people.items():
        client = client_of(user)
        asked = Asked(f"sessionid={client.cookies['sessionid'].value}", cast.account.pk, conversation.pk, None)
        try:
            open_stream(asked, timezone.now())
            opened.add(name)
        except Shut as shut:
            assert shut.status == 404
            refused.add(name)
        page = client.get(reverse("spaces:conversation", args=[cast.account.pk, conversation.pk]))
        assert (name in opened) == (page.status_code == 200)
    assert opened == {"total", "partial"}
    told = JournalEntry.objects.filter(verb="space.refused", account=cast.account)
    # Once by the stream, once by the page.
    assert told.count() == 2 * len(refused)


def test_nobody_signed_in_opens_nothing(talk: Talk) -> None:
    client = client_of(talk.one)
    Session.objects.all().delete()
    for cookies in ("", "sessionid=", "sessionid=x", talk.asked(client, talk.unit).cookies):
        with pytest.raises(Shut) as shut:
            open_stream(Asked(cookies, talk.unit.pk, talk.conversation.pk, None), timezone.now())
        assert shut.value.status == 401


def test_what_does_not_exist_is_as_what_is_not_open(talk: Talk) -> None:
    client = client_of(talk.one)
    for account, conversation in (
        (talk.unit.pk, uuid.uuid4()),
        (uuid.uuid4(), talk.conversation.pk),
        (talk.mine.pk, talk.conversation.pk),
        (account_of(talk.one).pk, talk.conversation.pk),
    ):
        with pytest.raises(Shut) as shut:
            open_stream(Asked(talk.asked(client, talk.unit).cookies, account, conversation, 0), timezone.now())
        assert shut.value.status == 404


def test_a_stream_begins_where_its_page_ends_or_now(talk: Talk) -> None:
    client = client_of(talk.one)
    assert open_stream(talk.asked(client, talk.unit), timezone.now())[1] == talk.first.pk
    assert open_stream(talk.asked(client, talk.unit, 3), timezone.now())[1] == 3


# --- What is new -----------------------------------------------------------------------------------------------------


def test_what_is_sent_is_what_the_page_draws(talk: Talk) -> None:
    reader = talk.reader()
    assert events(reader, talk.first.pk) == []
    new = [talk.send("Un.\n\r\nDeux <b>"), talk.send("Trois.")]
    sent = events(reader, talk.first.pk)
    assert [event.partition("\n")[0] for event in sent] == [f"id: {one.pk}" for one in new]
    address = reverse("spaces:messages_after", args=[talk.unit.pk, talk.conversation.pk])
    page = client_of(talk.one).get(address, {"apres": talk.first.pk}).content.decode()
    drawn = "\n".join(
        "\n".join(line.removeprefix("data: ") for line in event.split("\n") if line.startswith("data: "))
        for event in sent
    )
    assert drawn == page.strip()
    assert all("\n\n" not in event.removesuffix("\n\n") for event in sent)
    assert events(reader, new[0].pk) == sent[1:]
    assert events(reader, new[1].pk) == []


def test_much_comes_in_parts_and_none_is_missed(talk: Talk) -> None:
    who = acting(talk.me, talk.mine, Space.DISCUSSIONS)
    rows = [Message(conversation=talk.conversation, text=str(n), **who.written()) for n in range(MOST_AT_ONCE + 20)]
    Message.objects.bulk_create(rows)
    last = talk.send()
    reader, after, seen = talk.reader(), talk.first.pk, 0
    while batch := look([reader], [(reader, after)], timezone.now).batches.get((reader, after)):
        assert batch.is_more == (batch.upto < last.pk)
        seen, after = seen + len(batch.events), batch.upto
    assert (seen, after) == (MOST_AT_ONCE + 21, last.pk)


def test_what_came_before_an_account_came_in_is_not_sent(talk: Talk) -> None:
    hidden = talk.send()
    other = person("Maïlis", "Tournemirande")
    publish()
    who = acting(talk.me, talk.mine, Space.DISCUSSIONS)
    Participant.objects.create(
        conversation=talk.conversation,
        member=account_of(other),
        period=period(who.at, None),
        sees_after=hidden.pk,
        **who.written(),
    )
    reader, _ = open_stream(talk.asked(client_of(other), account_of(other), 0), timezone.now())
    assert events(reader, 0) == []
    seen = talk.send("Visible.")
    (event,) = events(reader, 0)
    assert event.startswith(f"id: {seen.pk}\n")
    assert 'class="day"' in event


# --- Who may still read ----------------------------------------------------------------------------------------------


def _revoke(talk: Talk) -> str:
    end_delegation(talk.one, talk.delegation, "", timezone.now())
    return NO_LONGER_OPEN


def _leave(talk: Talk) -> str:
    who = acting(talk.one, talk.unit, Space.DISCUSSIONS)
    place = participation_or_404(who, talk.conversation.pk)
    Participant.objects.filter(pk=place.pk).update(
        period=period(place.period.lower, timezone.now()), ended_kind="left", **who.left()
    )
    return NO_LONGER_THERE


def _close(talk: Talk) -> str:
    Account.objects.filter(pk=talk.unit.pk).update(state=AccountState.CLOSED)
    return NO_LONGER_OPEN


def _unlist(talk: Talk) -> str:
    SearchEntry.objects.filter(account=talk.unit).delete()
    return NOT_LISTED


def _dismiss(talk: Talk) -> str:
    User.objects.filter(pk=talk.one.pk).update(is_active=False)
    return NOT_ACTIVE


def _sign_out(talk: Talk) -> str:
    Session.objects.all().delete()
    return SESSION_OVER


def _expire(talk: Talk) -> str:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    return SESSION_OVER


def _change_password(talk: Talk) -> str:
    talk.one.set_password("tout autre chose")
    talk.one.save()
    return SESSION_OVER


ENDS = [_revoke, _leave, _close, _unlist, _dismiss, _sign_out, _expire, _change_password]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))
def test_whoever_may_read_no_more_is_told_why_and_gets_nothing(talk: Talk, end: Callable[[Talk], str]) -> None:
    reader = talk.reader()
    assert why_not(reader) == ""
    sentence = end(talk)
    assert why_not(reader).startswith(sentence)


def test_a_delegation_that_ends_by_the_clock_ends_the_stream(talk: Talk) -> None:
    user = person("Paulin", "Estorgues")
    until = timezone.now() + timedelta(hours=1)
    DelegationFactory(holder=account_of(user), account=talk.unit, until=until)
    reader, _ = open_stream(talk.asked(client_of(user), talk.unit), timezone.now())
    assert not look([reader], [], lambda: until - timedelta(seconds=1)).why_not
    assert look([reader], [], lambda: until).why_not[reader].startswith(NO_LONGER_OPEN)


def test_when_many_go_at_once_few_are_told_more_than_that(talk: Talk) -> None:
    readers = [talk.reader() for _ in range(MOST_EXPLAINED + 5)]
    _close(talk)
    with CaptureQueriesContext(connection) as captured:
        told = look(readers, [], timezone.now).why_not
    assert set(told) == set(readers)
    assert sum(sentence != NO_LONGER_OPEN for sentence in told.values()) == MOST_EXPLAINED
    assert len(captured) < 10 * MOST_EXPLAINED


def test_many_people_are_answered_as_each_alone(db: None) -> None:
    cast = make_cast()
    people, at = list(cast.all().values()), timezone.now()
    accounts = [cast.account, *(account_of(user) for user in people if hasattr(user, "account"))]
    for space in Space:
        pairs = pairs_open([user.pk for user in people], [one.pk for one in accounts], space, at)
        alone = {(user.pk, one.pk) for user in people for one in accounts if may_open(user, one, space, at)}
        assert pairs == alone


def test_as_many_queries_for_20_streams_as_for_1(talk: Talk) -> None:
    readers, counts = [talk.reader()], []
    for more in (0, 19):
        for _ in range(more):
            user = person()
            DelegationFactory(holder=account_of(user), account=talk.unit)
            readers.append(open_stream(talk.asked(client_of(user), talk.unit), timezone.now())[0])
        last = talk.send().pk - 1
        with CaptureQueriesContext(connection) as captured:
            found = look(readers, [(one, last) for one in readers], timezone.now)
        assert len(found.batches) == len(readers)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12
