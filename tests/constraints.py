"""The table of what the database refuses: a constraint's name -> a row that breaks it. Compared with the models."""

from collections.abc import Callable
from datetime import date

from django.db import models
from django.utils import timezone

from accounts.models import ApiToken, Notification, User
from accounts.states import AccountState
from directory.models import (
    Attachment,
    ContactPoint,
    ImportRun,
    LegalEntity,
    Offer,
    PracticeLocation,
    Professional,
    SearchEntry,
    Source,
    Structure,
)
from tests.accounts.journal import raw_entry, raw_seal
from tests.accounts.telling import told, waiting_mail
from tests.delegations import constraints as delegations
from tests.factories import (
    AttachmentFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)
from tests.workspace import constraints as workspace
from tests.workspace import constraints_discussions as discussions


def _account_of(owner: models.Model, **changes: object) -> None:
    type(owner.account).objects.filter(pk=owner.account.pk).update(**changes)


def _twice(make: Callable[[], object]) -> None:
    make()
    make()


def _search_entry() -> SearchEntry:
    return SearchEntry.objects.create(kind="structure", key="12D000001", label="EHPAD Les Genêts")


def _practice_location_twice() -> None:
    professional = ProfessionalFactory()
    _twice(lambda: PracticeLocation.objects.create(professional=professional, key="C1", source=Source.RPPS))


def _attached_twice(**place: object) -> None:
    professional = ProfessionalFactory()
    _twice(lambda: AttachmentFactory(professional=professional, **place))


def _own_parent() -> None:
    unit = InternalOrganisationFactory()
    type(unit).objects.filter(pk=unit.pk).update(parent=unit)


def _notification_that_leads_elsewhere() -> None:
    Notification.objects.filter(pk=told(UserFactory()).pk).update(path="/\\ailleurs.example")


BROKEN: dict[str, Callable[[], object]] = {
    "user_email_is_unique": lambda: _twice(lambda: UserFactory(email="soline@ehpad.example")),
    "user_theme_is_known": lambda: User.objects.create(username="x", theme="rose"),
    "account_kind_is_known": lambda: StructureFactory(account__kind="cabinet"),
    "account_state_is_known": lambda: _account_of(StructureFactory(), state="perdu"),
    "account_user_only_for_a_person": lambda: _account_of(StructureFactory(), user=UserFactory()),
    "account_has_a_name": lambda: _account_of(StructureFactory(), name=""),
    "api_token_ends": lambda: ApiToken.objects.create(user=UserFactory(), name="export", expiry=None),
    "api_token_has_a_name": lambda: ApiToken.objects.create(user=UserFactory(), name=""),
    "journal_ground_is_known": lambda: raw_entry(ground="loi", actor=UserFactory()),
    "journal_delegation_iff_its_ground": lambda: raw_entry(ground="delegation", actor=UserFactory()),
    "journal_no_actor_iff_system": lambda: raw_entry(ground="own"),
    "journal_verb_is_said": lambda: raw_entry(verb=""),
    "journal_seals_begin_at_one": lambda: raw_seal(number=0),
    "journal_seal_hash_is_sha256": lambda: raw_seal(hash=bytes(31)),
    "notification_says_something": lambda: told(UserFactory(), text=" "),
    "notification_leads_into_the_portal": _notification_that_leads_elsewhere,
    "mail_message_id_is_its_own": lambda: _twice(lambda: waiting_mail(UserFactory(), message_id="1@portail.example")),
    "mail_state_is_known": lambda: waiting_mail(UserFactory(), state="perdu", next_attempt_at=None),
    "mail_sent_iff_dated": lambda: waiting_mail(UserFactory(), sent_at=timezone.now()),
    "mail_waits_for_a_moment": lambda: waiting_mail(UserFactory(), next_attempt_at=None),
    "mail_abandoned_says_why": lambda: waiting_mail(UserFactory(), state="abandoned", next_attempt_at=None),
    "legal_entity_is_identified": lambda: LegalEntity.objects.create(name="Sans numéro", source=Source.ROR),
    "legal_entity_source_is_known": lambda: LegalEntity.objects.create(number="120000000", source="rumeur"),
    "structure_has_a_finess_number": lambda: StructureFactory(finess="12345"),
    "structure_has_a_name": lambda: StructureFactory(name="", account__name="Sans nom"),
    "structure_coordinates_are_degrees": lambda: StructureFactory(latitude=44.35, longitude=None),
    "structure_source_is_known": lambda: StructureFactory(source="rumeur"),
    "unit_has_a_name": lambda: InternalOrganisationFactory(name="", account__name="Sans nom"),
    "unit_is_not_its_own_parent": _own_parent,
    "unit_source_is_known": lambda: InternalOrganisationFactory(source="rumeur"),
    "professional_rpps_has_11_digits": lambda: ProfessionalFactory(rpps="123"),
    "professional_has_a_name": lambda: ProfessionalFactory(family_name="", account__name="Sans nom"),
    "professional_civility_is_known": lambda: ProfessionalFactory(civility="DR"),
    "professional_source_is_known": lambda: ProfessionalFactory(source="rumeur"),
    "attachment_to_one_place": lambda: Attachment.objects.create(
        professional=ProfessionalFactory(), source=Source.DECLARED
    ),
    "attachment_open_once_to_a_structure": lambda: _attached_twice(structure=StructureFactory()),
    "attachment_open_once_to_a_unit": lambda: _attached_twice(internal_organisation=InternalOrganisationFactory()),
    "attachment_ends_after_it_begins": lambda: AttachmentFactory(since=date(2026, 5, 1), until=date(2026, 4, 1)),
    "attachment_confirmed_by_and_when": lambda: AttachmentFactory(confirmed_at=timezone.now()),
    "attachment_source_is_known": lambda: AttachmentFactory(source="rumeur"),
    "practice_location_once_a_person": _practice_location_twice,
    "practice_location_source_is_known": lambda: PracticeLocation.objects.create(
        professional=ProfessionalFactory(), key="C1", source="rumeur"
    ),
    "offer_of_one_provider": lambda: Offer.objects.create(
        ror_id="O1", structure=StructureFactory(), internal_organisation=InternalOrganisationFactory()
    ),
    "offer_of_a_sensitive_unit_is_empty": lambda: Offer.objects.create(
        ror_id="O1", is_sensitive=True, name="Accueil protégé"
    ),
    "offer_source_is_known": lambda: Offer.objects.create(ror_id="O1", source="rumeur"),
    "contact_point_of_one_owner": lambda: ContactPoint.objects.create(channel="phone", value="05 36 49 00 00"),
    "contact_point_source_is_known": lambda: ContactPoint.objects.create(
        structure=StructureFactory(), channel="phone", value="05 36 49 00 00", source="rumeur"
    ),
    "import_run_state_is_known": lambda: ImportRun.objects.create(
        source=Source.FINESS, state="perdu", finished_at=timezone.now()
    ),
    "import_run_finished_iff_not_running": lambda: ImportRun.objects.create(
        source=Source.FINESS, finished_at=timezone.now()
    ),
    "import_run_source_is_known": lambda: ImportRun.objects.create(source="rumeur"),
    "search_entry_once": lambda: _twice(_search_entry),
    **delegations.BROKEN,
    **workspace.BROKEN,
    **discussions.BROKEN,
}


def _owner_of_another_kind() -> None:
    ProfessionalFactory(account__kind="structure")


def _account_changes() -> None:
    structure, other = StructureFactory(), StructureFactory()
    Structure.objects.filter(pk=structure.pk).update(account=other.account)


def _kind_changes() -> None:
    _account_of(StructureFactory(), kind="pp")


def _circle() -> None:
    top = InternalOrganisationFactory()
    middle = InternalOrganisationFactory(structure=top.structure, parent=top)
    low = InternalOrganisationFactory(structure=top.structure, parent=middle)
    type(top).objects.filter(pk=top.pk).update(parent=low)


def _parent_elsewhere() -> None:
    InternalOrganisationFactory(parent=InternalOrganisationFactory(), structure=StructureFactory())


def _owner_leaves_its_account() -> None:
    Professional.objects.filter(pk=ProfessionalFactory().pk).delete()


# Triggers: name -> (an act that it refuses, a part of its sentence).
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "account_of_its_kind": (_owner_of_another_kind, "Le compte doit être de type"),
    "account_stays": (_account_changes, "Le compte d’une fiche ne change pas"),
    "account_kind_stays": (_kind_changes, "account_kind_stays|kind"),
    "account_leaves_with_its_owner": (_owner_leaves_its_account, "Un compte ne reste pas sans propriétaire"),
    "unit_stays_in_its_tree": (_circle, "ne peut pas se contenir elle-même"),
    "unit_stays_in_its_tree (structure)": (_parent_elsewhere, "sont dans la même structure"),
    **delegations.REFUSED,
    **workspace.REFUSED,
    **discussions.REFUSED,
}
OPEN_STATES = (AccountState.LISTED, AccountState.OPEN)
