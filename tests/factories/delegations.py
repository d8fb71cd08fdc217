"""Delegations, requests, referents and proposals, as the services leave them: with what the journal says of each, so
that `check_grants` agrees. Nobody is told anything. Periods begin a month ago unless `since` says otherwise."""

from datetime import datetime, timedelta
from typing import Any

import factory
from django.db import transaction
from django.utils import timezone

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account
from accounts.states import AccountState
from delegations.models import (
    Delegation,
    DelegationRequest,
    EndKind,
    GrantProposal,
    Origin,
    ProposalState,
    Referent,
    RequestState,
)
from delegations.periods import period
from delegations.scopes import Scope
from delegations.services.cutting import Ender, cut
from delegations.services.granting import record_granted
from delegations.services.referents import close_term
from tests.factories.accounts import UserFactory
from tests.factories.directory import InternalOrganisationFactory, ProfessionalFactory, StructureFactory


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def _person() -> Account:
    account: Account = ProfessionalFactory(signed_in=True).account
    return account


def _structure() -> Account:
    account: Account = StructureFactory(open_account=True).account
    return account


def _unit() -> Account:
    account: Account = InternalOrganisationFactory(account__state=AccountState.OPEN).account
    return account


class DelegationFactory(factory.django.DjangoModelFactory):
    """Total and without end, by two operators of the service centre; on a structure.

    `since`, `until`: its period. `through`: the delegation of whoever granted it. `request`: the request answered.
    Traits: `expired` (its end came), `ended` (revoked yesterday), `partial` (discussions), `dossier`, `by_referent`,
    `on_a_unit`, `on_a_person`.
    """

    class Meta:
        model = Delegation

    class Params:
        since = factory.LazyFunction(lambda: ago(days=30))
        until: datetime | None = None
        through: Delegation | None = None
        partial = factory.Trait(scope=Scope.DISCUSSIONS)
        dossier = factory.Trait(scope=Scope.DOSSIER)
        on_a_unit = factory.Trait(account=factory.LazyFunction(_unit))
        on_a_person = factory.Trait(account=factory.LazyFunction(_person))
        expired = factory.Trait(until=factory.LazyFunction(lambda: ago(days=1)))
        ended = factory.Trait(ends=EndKind.REVOKED)
        by_referent = factory.Trait(
            granted_by_account=factory.LazyFunction(_person),
            granted_by=factory.LazyAttribute(lambda o: o.granted_by_account.user),
            granted_ground=Ground.REFERENT,
        )

    holder = factory.LazyFunction(_person)
    account = factory.LazyFunction(_structure)
    scope = Scope.TOTAL
    origin = factory.LazyAttribute(lambda o: Origin.REQUEST if o.request else Origin.SERVICE_CENTRE)
    period = factory.LazyAttribute(lambda o: period(o.since, o.until))
    request: DelegationRequest | None = None
    granted_through = factory.LazyAttribute(lambda o: o.through)
    granted_by_account = factory.LazyAttribute(lambda o: o.through.holder if o.through else None)
    granted_by = factory.LazyAttribute(lambda o: o.through.holder.user if o.through else UserFactory())
    granted_ground = factory.LazyAttribute(lambda o: Ground.DELEGATION if o.through else Ground.SERVICE_CENTRE)
    confirmed_by = factory.LazyAttribute(
        lambda o: UserFactory() if o.granted_ground == Ground.SERVICE_CENTRE and o.scope == Scope.TOTAL else None
    )
    created_at = factory.LazyAttribute(lambda o: o.period.lower)
    ends: EndKind | None = None
    ends_at = factory.LazyFunction(lambda: ago(days=1))
    ends_reason = "Elle a changé de service."

    @classmethod
    def _create(cls, model_class: type[Delegation], *args: object, **kwargs: Any) -> Delegation:
        ends, at, reason = kwargs.pop("ends"), kwargs.pop("ends_at"), kwargs.pop("ends_reason")
        with transaction.atomic():
            row: Delegation = super()._create(model_class, *args, **kwargs)
            record_granted(row, row.granted_by, row.granted_by_account, Ground(row.granted_ground), row.granted_through)
            if ends:
                cut(row, ends, _ender(row, ends), at, reason)
                row.refresh_from_db()
        return row


def _ender(row: Delegation, kind: EndKind) -> Ender:
    if kind == EndKind.GIVEN_UP:
        return Ender(Ground.OWN, row.holder.user, row.holder)
    if kind in (EndKind.ACCOUNT_CLOSED, EndKind.HOLDER_CLOSED):
        return Ender(Ground.SYSTEM)
    return Ender(Ground.SERVICE_CENTRE, UserFactory())


class DelegationRequestFactory(factory.django.DjangoModelFactory):
    """Of an hour ago, waiting, for everything, on a structure.

    Traits: `accepted` (with its delegation), `refused`, `withdrawn`, `expired`, `claimed`, `escalated`, `on_a_unit`,
    `on_a_person`, `partial` (discussions), `dossier`.
    """

    class Meta:
        model = DelegationRequest

    class Params:
        on_a_unit = factory.Trait(account=factory.LazyFunction(_unit))
        on_a_person = factory.Trait(account=factory.LazyFunction(_person))
        partial = factory.Trait(scope=Scope.DISCUSSIONS)
        dossier = factory.Trait(scope=Scope.DOSSIER)
        answered = factory.Trait(
            decided_at=factory.LazyFunction(timezone.now),
            decided_by=factory.SubFactory(UserFactory),
            decided_ground=Ground.SERVICE_CENTRE,
        )
        accepted = factory.Trait(answered=True, state=RequestState.ACCEPTED)
        refused = factory.Trait(answered=True, state=RequestState.REFUSED, reason="L’équipe est complète.")
        withdrawn = factory.Trait(
            answered=True,
            state=RequestState.WITHDRAWN,
            decided_by=factory.SelfAttribute("asked_by"),
            decided_ground=Ground.OWN,
        )
        expired = factory.Trait(
            answered=True, state=RequestState.EXPIRED, decided_by=None, decided_ground=Ground.SYSTEM
        )
        claimed = factory.Trait(
            claimed_by=factory.SubFactory(UserFactory), claimed_at=factory.LazyFunction(lambda: ago(minutes=5))
        )
        escalated = factory.Trait(escalated_at=factory.LazyFunction(lambda: ago(minutes=5)))

    requester = factory.LazyFunction(_person)
    account = factory.LazyFunction(_structure)
    scope = Scope.TOTAL
    remaining = factory.SelfAttribute("scope")
    message = "Je travaille dans votre équipe depuis lundi."
    asked_by = factory.LazyAttribute(lambda o: o.requester.user)
    asked_at = factory.LazyFunction(lambda: ago(hours=1))

    @classmethod
    def _create(cls, model_class: type[DelegationRequest], *args: object, **kwargs: Any) -> DelegationRequest:
        with transaction.atomic():
            row: DelegationRequest = super()._create(model_class, *args, **kwargs)
            told = {"account": row.account, "object_kind": "request", "object_key": row.pk}
            own = {"ground": Ground.OWN, "actor": row.asked_by, "actor_account": row.requester}
            record("request.made", at=row.asked_at, details={"scope": str(row.scope)}, **own, **told)
            if row.state == RequestState.ACCEPTED:
                DelegationFactory(
                    holder=row.requester,
                    account=row.account,
                    scope=row.scope,
                    since=row.decided_at,
                    request=row,
                    granted_by=row.decided_by,
                    granted_ground=row.decided_ground,
                )
            if row.decided_at:
                who = {"ground": row.decided_ground, "actor": row.decided_by}
                record(f"request.{row.state}", at=row.decided_at, **who, **told)
        return row


class ReferentFactory(factory.django.DjangoModelFactory):
    """In office for two months, for a structure of its own unless `structure` is given. Trait: `ended`."""

    class Meta:
        model = Referent

    class Params:
        since = factory.LazyFunction(lambda: ago(days=60))

    account = factory.LazyFunction(_person)
    structure = factory.SubFactory(StructureFactory, open_account=True)
    period = factory.LazyAttribute(lambda o: period(o.since, None))
    appointed_by = factory.SubFactory(UserFactory)
    ended = False

    @classmethod
    def _create(cls, model_class: type[Referent], *args: object, **kwargs: Any) -> Referent:
        ended = kwargs.pop("ended")
        with transaction.atomic():
            row: Referent = super()._create(model_class, *args, **kwargs)
            _record_referent("referent.appointed", row, row.period.lower)
            if ended:
                close_term(row, row.appointed_by, "Départ en retraite.", ago(days=1))
                _record_referent("referent.ended", row, ago(days=1))
                row.refresh_from_db()
        return row


def _record_referent(verb: str, row: Referent, at: datetime) -> None:
    record(
        verb,
        at=at,
        ground=Ground.SERVICE_CENTRE,
        actor=row.appointed_by,
        account=row.structure.account_id,
        object_kind="referent",
        object_key=row.pk,
        details={"person": str(row.account_id)},
    )


class GrantProposalFactory(factory.django.DjangoModelFactory):
    """A total grant, on the word of a referent in office, that waits for a second operator. Trait: `rejected`."""

    class Meta:
        model = GrantProposal

    class Params:
        rejected = factory.Trait(
            state=ProposalState.REJECTED,
            decided_by=factory.SubFactory(UserFactory),
            decided_at=factory.LazyFunction(timezone.now),
        )

    holder = factory.LazyFunction(_person)
    account = factory.LazyFunction(_structure)
    scope = Scope.TOTAL
    origin = Origin.SERVICE_CENTRE
    word_of = factory.LazyAttribute(lambda o: ReferentFactory(structure=o.account.structure).account)
    proposed_by = factory.SubFactory(UserFactory, service_centre=True)
    proposed_at = factory.LazyFunction(lambda: ago(hours=1))

    @classmethod
    def _create(cls, model_class: type[GrantProposal], *args: object, **kwargs: Any) -> GrantProposal:
        with transaction.atomic():
            row: GrantProposal = super()._create(model_class, *args, **kwargs)
            record(
                "proposal.made",
                at=row.proposed_at,
                ground=Ground.SERVICE_CENTRE,
                actor=row.proposed_by,
                account=row.account,
                object_kind="proposal",
                object_key=row.pk,
                details={"holder": str(row.holder_id), "scope": str(row.scope), "word_of": str(row.word_of_id)},
            )
        return row
