"""What the database refuses of discussions, for the table of `tests.constraints`."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models import Account
from delegations.periods import period
from delegations.scopes import Scope
from tests.factories import DelegationFactory, ProfessionalFactory, StructureFactory
from tests.workspace.constraints import Refusals, Rows, authored_refusals, by, own, update
from workspace.models import Conversation, Message, Participant, ReadMark

MODELS: tuple[type[models.Model], ...] = (Conversation, Participant, Message, ReadMark)


def _author(changes: dict[str, Any]) -> dict[str, Any]:
    return {} if "actor" in changes else own()


def _conversation(**changes: Any) -> Conversation:
    given = {"title": "Relais à domicile"} | _author(changes) | changes
    made: Conversation = Conversation.objects.create(**given)
    return made


def _participant(**changes: Any) -> Participant:
    author = _author(changes)
    since = (author | changes)["created_at"]
    given = {"member": ProfessionalFactory(signed_in=True).account, "period": period(since, None)} | author | changes
    conversation = given.pop("conversation", None) or _conversation()
    made: Participant = Participant.objects.create(conversation=conversation, **given)
    return made


def _message(**changes: Any) -> Message:
    """Of an account that takes part since an hour."""
    author = _author(changes) | {name: value for name, value in changes.items() if name in AUTHOR}
    conversation = changes.get("conversation") or _conversation()
    since = timezone.now() - timedelta(hours=1)
    place = own() | {"created_at": since}
    if "conversation" not in changes:
        # It came in while it was open.
        account = Account.objects.filter(pk=author["account"].pk)
        state = account.get().state
        account.update(state="open")
        _participant(conversation=conversation, member=author["account"], **place)
        account.update(state=state)
    given = {"text": "Bonjour."} | author | changes | {"conversation": conversation}
    made: Message = Message.objects.create(**given)
    return made


AUTHOR = ("actor", "actor_account", "account", "ground", "delegation", "created_at")


def _sent_twice() -> None:
    first = _message()
    _message(**{name: getattr(first, name) for name in (*AUTHOR, "client_key")})


def _there_twice() -> None:
    first = _participant()
    _participant(conversation=first.conversation, member=first.member)


def _marked_twice() -> None:
    conversation = _conversation()
    for _ in range(2):
        ReadMark.objects.create(
            conversation=conversation,
            account=conversation.account,
            user=conversation.actor,
            read_at=timezone.now(),
        )


def _unsaid_ground() -> dict[str, Any]:
    return own() | {"account": StructureFactory(open_account=True).account}


def _left(row: Participant, **changes: object) -> None:
    ends = period(row.period.lower, timezone.now() + timedelta(seconds=1))
    who = {"ended_by": row.actor, "ended_by_account": row.actor_account, "ended_for": row.account}
    update(row, **{"period": ends, "ended_kind": "left"} | who | changes)


def _comes_back() -> None:
    row = _participant()
    _left(row)
    update(row, period=period(row.period.lower, timezone.now() + timedelta(days=1)))


def _brings_in_themselves() -> None:
    held = DelegationFactory(scope=Scope.DISCUSSIONS)
    _participant(member=held.holder, **by(held))


def _brings_in_where_they_act() -> None:
    held = DelegationFactory()
    other = DelegationFactory(holder=held.holder)
    _participant(member=other.account, **by(held))


def _writes_without_taking_part() -> None:
    _message(conversation=_conversation())


def _title_of_a_solicitation() -> None:
    update(_conversation(origin="solicitation"), title="Un autre")


def _listed() -> Account:
    account: Account = StructureFactory().account
    return account


BROKEN: Rows = {
    "conversation_says_on_what_ground": lambda: _conversation(**_unsaid_ground()),
    "conversation_has_an_origin_and_a_title": lambda: _conversation(title=""),
    "participant_says_on_what_ground": lambda: _participant(**_unsaid_ground()),
    "participant_once_at_a_time": _there_twice,
    "participant_since_it_was_added": lambda: _participant(period=period(timezone.now() - timedelta(days=1), None)),
    "participant_left_and_how": lambda: _left(_participant(), ended_kind=""),
    "message_says_on_what_ground": lambda: _message(**_unsaid_ground()),
    "message_sent_once": _sent_twice,
    "message_says_something": lambda: _message(text=" \n\t"),
    "message_is_short_enough": lambda: _message(text="x" * 10_001),
    "read_mark_once": _marked_twice,
}
REFUSED: Refusals = {
    **authored_refusals("conversation", _conversation, out_of_scope="dossier"),
    **authored_refusals("participant", _participant, out_of_scope="dossier"),
    **authored_refusals("message", _message, out_of_scope="dossier"),
    "title_of_a_solicitation_stays": (_title_of_a_solicitation, "vient de son formulaire"),
    "brings_in_fairly (participant)": (_brings_in_themselves, "ne fait entrer son propre compte"),
    "brings_in_fairly (participant, where they act)": (_brings_in_where_they_act, "ne fait entrer son propre compte"),
    "brings_in_fairly (participant, listed)": (lambda: _participant(member=_listed()), "n’utilise pas SPICO"),
    "participant_only_leaves": (_comes_back, "ne change plus"),
    "message_stays": (lambda: update(_message(), text="Autre chose."), "Cannot update"),
    "message_of_a_participant": (_writes_without_taking_part, "Seul un compte qui participe"),
}
