"""Structure, unit and professional pages: what they show, and what they must not."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from directory.models import Attachment, Commune, ContactPoint, Offer, PracticeLocation, RorLocation, Source, Structure
from tests.factories import (
    AttachmentFactory,
    InternalOrganisationFactory,
    LegalEntityFactory,
    ProfessionalFactory,
    StructureFactory,
)

NO_ACCESS = "Cela n’ouvre ni dossier, ni agenda, ni tâche, ni discussion."


@pytest.fixture
def client(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def ehpad(db: None) -> Structure:
    return StructureFactory(
        finess="12D000017",
        name="EHPAD LES GENETS",
        long_name="EHPAD LES GENETS DU CAUSSE",
        category_id="500",
        address="4 CHEMIN DES LAVANDIERES",
        postal_code="12500",
        city="ESPALION",
        commune=Commune.objects.get(name="Espalion"),
        department_id="12",
        latitude=44.5225,
        longitude=2.7628,
        phone="0536490017",
        legal_entity=LegalEntityFactory(number="12E000009", name="ASSOCIATION DU CAUSSE"),
        opened_on=date(1998, 1, 1),
    )


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_structure_shows_who_it_is_and_where_the_record_comes_from(client: Client, ehpad: Structure) -> None:
    shown = page(client, ehpad.get_absolute_url())
    for text in (
        "EHPAD LES GENETS DU CAUSSE",
        "Espalion, Aveyron",
        "12\xa0D00\xa0001\xa07",
        "4 CHEMIN DES LAVANDIERES",
        "05\xa036\xa049\xa000\xa017",
        "geo:44.522500,2.762800",
        "ASSOCIATION DU CAUSSE",
        "FINESS, fichier du 16\xa0novembre\xa02026",
        "1er\xa0janvier\xa01998",
        NO_ACCESS,
        "Être rattaché ne donne aucun accès",
    ):
        assert text in shown


def test_a_structure_shows_its_units_as_a_tree_and_not_the_closed_ones(client: Client, ehpad: Structure) -> None:
    top = InternalOrganisationFactory(structure=ehpad, name="Pôle hébergement")
    InternalOrganisationFactory(structure=ehpad, parent=top, name="Unité des Tilleuls")
    InternalOrganisationFactory(structure=ehpad, parent=top, name="Unité disparue", closed=True)
    shown = page(client, ehpad.get_absolute_url())
    assert shown.index("Pôle hébergement") < shown.index("Unité des Tilleuls")
    assert "Unité disparue" not in shown


def test_people_of_the_structure_and_of_its_units_stand_once_each(client: Client, ehpad: Structure) -> None:
    unit = InternalOrganisationFactory(structure=ehpad, name="Unité des Tilleuls")
    person = ProfessionalFactory(given_name="Bénédicte", family_name="Lagarrousse", profession_id="60")
    AttachmentFactory(professional=person, structure=ehpad)
    AttachmentFactory(professional=person, internal_organisation=unit, function="Infirmière de nuit")
    shown = page(client, ehpad.get_absolute_url())
    assert shown.count("Bénédicte Lagarrousse") == 1
    assert "Infirmière de nuit" in shown
    assert "Rattachée, sans accès" in shown


def test_somebody_who_left_is_not_among_the_people(client: Client, ehpad: Structure) -> None:
    AttachmentFactory(professional__family_name="Partie", structure=ehpad, until=date(2026, 1, 31))
    AttachmentFactory(professional__family_name="Radiée", professional__closed_on=date(2026, 1, 31), structure=ehpad)
    shown = page(client, ehpad.get_absolute_url())
    assert "Partie" not in shown
    assert "Radiée" not in shown


def test_a_declared_attachment_says_that_nobody_confirmed_it(client: Client, ehpad: Structure) -> None:
    AttachmentFactory(structure=ehpad, source=Source.DECLARED)
    assert "Déclaré, non confirmé" in page(client, ehpad.get_absolute_url())


def test_my_own_attachment_is_said_with_what_it_does_not_open(client: Client, user: User, ehpad: Structure) -> None:
    assert "Vous y êtes" not in page(client, ehpad.get_absolute_url())
    AttachmentFactory(professional=user.account.professional, structure=ehpad)
    assert "Vous y êtes rattachée, sans accès" in page(client, ehpad.get_absolute_url())


def test_a_closed_structure_says_since_when(client: Client) -> None:
    closed = StructureFactory(closed=True)
    shown = page(client, closed.get_absolute_url())
    assert "Cet établissement a fermé." in shown
    assert "Depuis le 31\xa0mars\xa02026" in shown


def test_a_contact_above_level_one_is_never_shown(client: Client, ehpad: Structure) -> None:
    unit = InternalOrganisationFactory(structure=ehpad)
    offer = Offer.objects.create(ror_id="O1", structure=ehpad, name="Hébergement")
    for owner in ({"structure": ehpad}, {"internal_organisation": unit}, {"offer": offer}):
        for level in (1, 2, 3):
            ContactPoint.objects.create(channel="other", value=f"niveau-{level}", confidentiality=level, **owner)
    for url in (ehpad.get_absolute_url(), unit.get_absolute_url()):
        shown = page(client, url)
        assert "niveau-1" in shown
        assert "niveau-2" not in shown
        assert "niveau-3" not in shown


def test_offers_say_what_the_ror_says_and_a_sensitive_one_says_nothing(client: Client, ehpad: Structure) -> None:
    RorLocation.objects.create(ror_reference="Location/1", address="2 place du Foirail", city="Espalion")
    Offer.objects.create(
        ror_id="O1",
        structure=ehpad,
        name="Accueil de jour",
        activities=["Accompagnement"],
        hours=[{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "08:30", "end": "18:00"}],
        location_references=["Location/1"],
    )
    Offer.objects.create(ror_id="O-SENSIBLE", is_sensitive=True)
    Offer.objects.create(ror_id="O2", structure=ehpad, name="Offre close", closed_on=date(2026, 1, 1))
    shown = page(client, ehpad.get_absolute_url())
    assert "Accueil de jour" in shown
    assert "du lundi au vendredi, de 8\xa0h\xa030 à 18\xa0h" in shown
    assert "2 place du Foirail" in shown
    assert "O-SENSIBLE" not in shown
    assert "Offre close" not in shown


def test_a_unit_leads_back_to_its_structure(client: Client, ehpad: Structure) -> None:
    top = InternalOrganisationFactory(structure=ehpad, name="Pôle hébergement")
    middle = InternalOrganisationFactory(structure=ehpad, parent=top, name="Service Aubrac")
    low = InternalOrganisationFactory(structure=ehpad, parent=middle, name="Unité des Tilleuls")
    shown = page(client, low.get_absolute_url())
    crumb = shown[shown.index("Fil d’Ariane") : shown.index("</nav>", shown.index("Fil d’Ariane"))]
    places = ["Annuaire", "Aveyron", "EHPAD LES GENETS", "Pôle hébergement", "Service Aubrac", "Unité des Tilleuls"]
    positions = [crumb.index(place) for place in places]
    assert positions == sorted(positions)


def test_a_professional_shows_where_they_work_now_and_before(client: Client, ehpad: Structure) -> None:
    person = ProfessionalFactory(given_name="Rémi", family_name="Aubrespin", civility="M", profession_id="10")
    AttachmentFactory(professional=person, structure=ehpad)
    former = StructureFactory(name="Clinique du Viaur")
    Attachment.objects.create(
        professional=person, structure=former, since=date(2020, 1, 1), until=date(2024, 1, 1), source=Source.RPPS
    )
    PracticeLocation.objects.create(professional=person, key="C1", name="Cabinet du Foirail", source=Source.RPPS)
    shown = page(client, person.get_absolute_url())
    assert "Rattaché, sans accès" in shown
    assert "Médecin" in shown
    assert "Cabinet du Foirail" in shown
    assert shown.index("EHPAD LES GENETS") < shown.index("Autrefois") < shown.index("Clinique du Viaur")


@pytest.mark.parametrize("route", ["structure", "people"])
def test_a_structure_that_does_not_exist_is_not_found(client: Client, route: str) -> None:
    assert client.get(reverse(f"directory:{route}", args=["00D000000"])).status_code == 404


@pytest.mark.parametrize("number", ["00D00000%00", "%00", "00D00000", "00D0000001", "00D00000%0A", "%F0%9F%98%80"])
@pytest.mark.parametrize("end", ["", "personnes/"])
def test_what_is_no_finess_number_is_not_found(client: Client, number: str, end: str) -> None:
    assert client.get(f"/annuaire/structures/{number}/{end}").status_code == 404


@pytest.mark.parametrize("route", ["unit", "unit_people", "professional"])
@pytest.mark.parametrize("pk", [0, 10**18, 10**30])
def test_a_number_that_names_nobody_is_not_found(client: Client, route: str, pk: int) -> None:
    assert client.get(reverse(f"directory:{route}", args=[pk])).status_code == 404


def _fill(structure: Structure, count: int) -> None:
    for number in range(count):
        unit = InternalOrganisationFactory(structure=structure)
        AttachmentFactory(structure=structure, professional__profession_id="60")
        AttachmentFactory(internal_organisation=unit)
        offer = Offer.objects.create(ror_id=f"{structure.pk}-{number}", structure=structure, name="Offre")
        ContactPoint.objects.create(offer=offer, channel="phone", value="0536490000", confidentiality=1)


@pytest.mark.parametrize("route", ["structure", "people"])
def test_as_many_queries_for_one_row_as_for_twenty(
    client: Client, db: None, route: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    small, large = StructureFactory(), StructureFactory()
    _fill(small, 1)
    _fill(large, 20)
    client.get(reverse(f"directory:{route}", args=[small.finess]))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse(f"directory:{route}", args=[small.finess]))
    with django_assert_num_queries(len(few)):
        client.get(reverse(f"directory:{route}", args=[large.finess]))


def test_everybody_attached_is_listed_page_by_page(client: Client, ehpad: Structure) -> None:
    for number in range(51):
        AttachmentFactory(structure=ehpad, professional__family_name=f"Nom{number:03d}")
    url = reverse("directory:people", args=[ehpad.finess])
    first, second = page(client, url), page(client, f"{url}?page=2")
    assert "Nom000" in first
    assert "Nom050" not in first
    assert "Nom050" in second
    assert page(client, f"{url}?page=-1")
    assert page(client, f"{url}?page=zz")
