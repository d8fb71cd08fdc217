from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from delegations.queues import queues
from directory.models import ImportRun, ImportState, Source
from tests.factories import AttachmentFactory, InternalOrganisationFactory, ProfessionalFactory, UserFactory

TEXTS = ["/mentions-legales/", "/accessibilite/", "/donnees-personnelles/", "/sources/"]
NO_ACCESS = "ni dossier, ni agenda, ni tâche, ni discussion"


@pytest.mark.parametrize("path", TEXTS)
def test_texts_are_for_everybody(client: Client, db: None, path: str) -> None:
    page = client.get(path).content.decode()
    assert f'href="{path}" aria-current="page"' in page
    assert page.count("<h1") == 1
    assert "Se connecter" in page


@pytest.mark.parametrize("path", ["/", "/mon-compte/", "/mon-compte/jetons/", "/mon-compte/mot-de-passe/"])
def test_the_rest_is_behind_sign_in(client: Client, db: None, path: str) -> None:
    assert client.get(path).url == f"/connexion/?next={path}"


@pytest.mark.parametrize("path", ["/connexion/", "/nulle-part/", *TEXTS])
def test_every_footer_says_how_to_reach_the_service_centre(
    client: Client, db: None, settings: Settings, path: str
) -> None:
    settings.SERVICE_CENTRE = {"phone": "0536123456", "email": "aide@spico.example", "hours": "tous les jours"}
    foot = client.get(path).content.decode().split("<footer")[1]
    assert 'href="tel:+33536123456"' in foot
    assert "05\N{NO-BREAK SPACE}36\N{NO-BREAK SPACE}12" in foot
    assert "aide@spico.example" in foot
    assert "tous les jours" in foot
    assert all(f'href="{text}"' in foot for text in TEXTS)


def test_home_greets_and_shows_where_i_work_without_promising_access(client: Client, db: None) -> None:
    me = ProfessionalFactory(signed_in=True, given_name="Maëlle", civility="MME")
    unit = InternalOrganisationFactory(name="Unité des Tilleuls")
    AttachmentFactory(professional=me, internal_organisation=unit)
    AttachmentFactory(professional=me, structure__name="Clinique quittée", until=date(2026, 3, 31))
    client.force_login(me.account.user)
    page = client.get("/").content.decode()
    assert "Bonjour Maëlle" in page
    assert "Unité des Tilleuls" in page
    assert "Rattachée, sans accès" in page
    assert NO_ACCESS in page
    assert "Clinique quittée" not in page


def test_home_without_a_listing_says_whom_to_call(client: Client, db: None) -> None:
    client.force_login(UserFactory(first_name="Soline"))
    page = client.get("/").content.decode()
    assert "Bonjour Soline" in page
    assert "Votre identifiant n’est lié à aucune fiche" in page
    assert "sans accès" not in page


def test_home_of_the_service_centre_leads_to_the_administration(client: Client, service_centre: User) -> None:
    client.force_login(service_centre)
    assert "Ouvrir l’administration" in client.get("/").content.decode()


def test_home_of_the_service_centre_says_what_waits(client: Client, service_centre: User) -> None:
    """The same counts as the administration's own home, each leading to its list."""
    client.force_login(service_centre)
    page = client.get("/").content.decode()
    assert "À traiter par le centre de service" in page
    for queue in queues(service_centre, timezone.now()):
        assert f'href="{queue.url}"' in page


def test_home_of_others_says_nothing_of_the_service_centre(client: Client, db: None) -> None:
    client.force_login(UserFactory())
    assert "À traiter par le centre de service" not in client.get("/").content.decode()


def test_home_asks_as_much_for_one_place_as_for_twenty(
    client: Client, db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    me = ProfessionalFactory(signed_in=True)
    for _ in range(20):
        AttachmentFactory(professional=me, function="Coordinatrice")
    client.force_login(me.account.user)
    with django_assert_max_num_queries(8):
        client.get("/")


def test_the_navigation_says_where_i_am_and_leads_only_to_what_exists(client: Client, user: User) -> None:
    client.force_login(user)
    home = client.get("/").content.decode()
    assert 'href="/" aria-current="page"' in home
    assert 'href="#"' not in home
    for path in ("/annuaire/", "/espaces/", "/delegations/"):
        assert f'href="{path}"' in home
        assert f'href="{path}" aria-current="page"' in client.get(path).content.decode()
    for later in ("Groupes", "Discussions"):
        assert f">{later}<" not in home


def test_a_page_has_one_search_box(client: Client, user: User) -> None:
    client.force_login(user)
    for path in ("/", "/mon-compte/"):
        assert client.get(path).content.decode().count('role="search"') == 1


def test_sources_show_the_date_of_the_newest_file_that_went_in(client: Client, db: None) -> None:
    def run(day: date, **more: object) -> None:
        values = {"source": Source.FINESS, "state": ImportState.DONE, "finished_at": timezone.now(), **more}
        ImportRun.objects.create(file_name="f.csv", file_date=day, **values)

    run(date(2026, 5, 12))
    run(date(2026, 11, 1))
    run(date(2026, 11, 20), is_dry_run=True)
    run(date(2026, 11, 21), state=ImportState.HELD)
    page = client.get("/sources/").content.decode()
    assert "1er\N{NO-BREAK SPACE}novembre\N{NO-BREAK SPACE}2026" in page
    assert "novembre" in page
    assert "20\N{NO-BREAK SPACE}novembre" not in page
    assert "21\N{NO-BREAK SPACE}novembre" not in page
    assert "CC BY 4.0" in page


def test_legal_notice_says_what_the_installation_did_not(client: Client, db: None, settings: Settings) -> None:
    assert "Non renseigné sur cette installation" in client.get("/mentions-legales/").content.decode()
    settings.PUBLISHER = {"name": "Groupement d’essai", "director": "Naïma Belhartoun", "host": "Hébergeur d’essai"}
    page = client.get("/mentions-legales/").content.decode()
    assert "Groupement d’essai" in page
    assert "Non renseigné" not in page


def test_the_page_of_components_draws_them_all(client: Client, user: User) -> None:
    client.force_login(user)
    page = client.get("/composants/").content.decode()
    for piece in ("btn-primary", "spaces", "alert-wait", "field-error", "pagination", "breadcrumb", "kinds", "empty"):
        assert piece in page


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500])
def test_error_pages_may_be_looked_at(client: Client, user: User, code: int) -> None:
    client.force_login(user)
    assert client.get(f"/composants/erreur/{code}/").status_code == code


def test_pages_are_under_a_strict_policy(client: Client, user: User) -> None:
    client.force_login(user)
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_administration_has_no_door_of_its_own(client: Client, service_centre: User) -> None:
    door = client.get("/administration/", follow=True)
    assert door.request["PATH_INFO"] == "/connexion/"
    assert 'name="next" value="/administration/"' in door.content.decode()
    client.force_login(service_centre)
    assert client.get("/administration/").status_code == 200


def test_the_administration_tells_who_may_not_enter(client: Client, user: User) -> None:
    client.force_login(user)
    response = client.get("/administration/", follow=True)
    assert response.status_code == 403
    assert "L’administration est réservée au centre de service." in response.content.decode()
