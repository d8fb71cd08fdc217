"""The story of the demo region, by those who sign in there: attached she opens nothing; then what a referent gives."""

from io import StringIO

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts.models import Account, User
from delegations.models import Delegation
from delegations.scopes import Space
from directory.demo import cast
from directory.models import InternalOrganisation, Structure
from tests.e2e.conftest import Open
from tests.e2e.test_delegations_e2e import choose, statuses

DOORS = ("dossiers", "agenda", "taches", "discussions")


@pytest.fixture
def region(db: None) -> None:
    """A hundredth of it, with everybody of the story."""
    for command, options in (("demo_region", {"scale": 0.01}), ("demo_delegations", {})):
        call_command(command, stdout=StringIO(), **options)


def user(name: str) -> User:
    return User.objects.get(username=name)


def visit(page: Page, live: str, account: Account, seen: list[int]) -> list[int]:
    """The four doors of an account; what refuses says so in a sentence."""
    found = []
    for door in DOORS:
        page.goto(f"{live}/espaces/{account.pk}/{door}/")
        found.append(seen.pop())
        if found[-1] == 403:
            expect(page.get_by_role("main")).to_contain_text("vous est fermé")
    return found


def test_the_nurse_asks_is_accepted_acts_and_is_sent_away(open_page: Open, region: None) -> None:
    ehpad = Structure.objects.get(finess=cast.EHPAD_FINESS).account
    unit = InternalOrganisation.objects.get(ror_id=cast.EHPAD_UNIT).account
    nurse = open_page("/", user("infirmiere"))
    live, seen = nurse.url.rstrip("/"), statuses(nurse, "**/espaces/**")

    for account in (ehpad, unit):
        assert visit(nurse, live, account, seen) == [403] * len(Space)
        expect(nurse.get_by_role("main")).to_contain_text("être rattaché ne donne aucun accès")

    nurse.goto(f"{live}/mon-compte/")
    nurse.get_by_role("link", name=f"Demander une délégation sur {unit.name}").click()
    choose(nurse, "Total")
    nurse.get_by_role("button", name="Envoyer la demande").click()
    expect(nurse.get_by_role("status")).to_contain_text("Votre demande est envoyée.")

    referent = open_page("/", user("referent"))
    own = Account.objects.get(user=user("infirmiere"))
    referent.get_by_role("link", name=f"{own.name} demande une délégation totale").click()
    choose(referent, "Tout accepter")
    # The region has somebody of nearly the same name: the two side by side, to say which.
    referent.get_by_label("C’est bien cette personne").check()
    referent.get_by_role("button", name="Envoyer ma réponse").click()
    expect(referent.get_by_role("status")).to_contain_text(f"Délégation accordée à {own.name}")

    assert visit(nurse, live, unit, seen) == [200] * len(Space)
    band = nurse.get_by_role("region", name="Compte au nom duquel vous agissez")
    expect(band).to_contain_text(f"accordée par {Account.objects.get(user=user('referent')).name} (référent)")
    # The unit's delegation says nothing of the structure above it.
    assert visit(nurse, live, ehpad, seen) == [403] * len(Space)

    given = Delegation.objects.get(holder=own, account=unit)
    referent.goto(f"{live}/delegations/{given.pk}/")
    referent.get_by_role("link", name="Retirer cette délégation").click()
    referent.get_by_label("Motif").fill("Fin du remplacement.")
    referent.get_by_role("button", name="Retirer la délégation").click()
    expect(referent.get_by_role("status")).to_contain_text("elle n’ouvre plus rien")

    assert visit(nurse, live, unit, seen) == [403] * len(Space)
    expect(nurse.get_by_role("main")).to_contain_text("Votre délégation a pris fin le")
