from datetime import date
from typing import Any

import factory
from django.db import transaction
from django.db.models import Model

from accounts.models import AccountKind
from accounts.states import AccountState
from directory.models import (
    Attachment,
    InternalOrganisation,
    LegalEntity,
    Professional,
    Source,
    Structure,
)
from tests.factories.accounts import AccountFactory, UserFactory


class OwnerFactory(factory.django.DjangoModelFactory):
    """Creates the row and its account together, as the database asks."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type[Model], *args: object, **kwargs: Any) -> Model:
        with transaction.atomic():
            kwargs["account"].save(force_insert=True)
            return super()._create(model_class, *args, **kwargs)


class LegalEntityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LegalEntity

    number = factory.Sequence(lambda n: f"12E{n:06d}")
    name = "Établissement public de santé de la Boralde"
    source = Source.FINESS


class StructureFactory(OwnerFactory):
    class Meta:
        model = Structure

    class Params:
        closed = factory.Trait(closed_on=date(2026, 3, 31), account__state=AccountState.CLOSED)
        open_account = factory.Trait(account__state=AccountState.OPEN)

    account = factory.SubFactory(AccountFactory, kind=AccountKind.STRUCTURE, name=factory.SelfAttribute("..name"))
    finess = factory.Sequence(lambda n: f"12D{n:06d}")
    name = factory.Sequence(lambda n: f"EHPAD Les Genêts {n}")
    source = Source.FINESS
    source_date = date(2026, 11, 16)


class InternalOrganisationFactory(OwnerFactory):
    class Meta:
        model = InternalOrganisation

    class Params:
        closed = factory.Trait(closed_on=date(2026, 3, 31), account__state=AccountState.CLOSED)

    account = factory.SubFactory(AccountFactory, kind=AccountKind.UNIT, name=factory.SelfAttribute("..name"))
    structure = factory.SubFactory(StructureFactory)
    name = factory.Sequence(lambda n: f"Unité des Tilleuls {n}")
    ror_id = factory.Sequence(lambda n: f"OI-{n}")
    source = Source.ROR


class ProfessionalFactory(OwnerFactory):
    class Meta:
        model = Professional

    class Params:
        signed_in = factory.Trait(
            account__user=factory.SubFactory(
                UserFactory,
                first_name=factory.SelfAttribute("...given_name"),
                last_name=factory.SelfAttribute("...family_name"),
            ),
            account__state=AccountState.OPEN,
        )

    account = factory.SubFactory(
        AccountFactory,
        kind=AccountKind.PP,
        name=factory.LazyAttribute(lambda o: f"{o.factory_parent.given_name} {o.factory_parent.family_name}"),
    )
    rpps = factory.Sequence(lambda n: f"999{n:08d}")
    national_id = factory.LazyAttribute(lambda o: f"8{o.rpps}" if o.rpps else None)
    civility = "MME"
    given_name = "Maëlle"
    family_name = factory.Sequence(lambda n: f"Vaysserat{n}")
    source = Source.RPPS


class AttachmentFactory(factory.django.DjangoModelFactory):
    """To a structure by default; give `internal_organisation` for one of its units."""

    class Meta:
        model = Attachment

    professional = factory.SubFactory(ProfessionalFactory)
    structure = factory.Maybe("internal_organisation", None, factory.SubFactory(StructureFactory))
    internal_organisation = None
    source = Source.RPPS
