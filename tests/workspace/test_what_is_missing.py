"""All that does not suit is told at once, in the order of the form, in words that fit where they are said."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from delegations.scopes import Scope, Space
from tests.delegations.people import Cast, account_of, person, publish
from tests.factories.delegations import DelegationFactory
from tests.workspace.dossier_pages import PATIENT, TOLD, an_entry, said, text, url
from tests.workspace.making import a_dossier, acting
from workspace.models import Conversation, Dossier
from workspace.services.circles import Told
from workspace.services.dossiers import Identity, create_dossier
from workspace.services.entries import NOT_YET

pytestmark = pytest.mark.django_db
INS, SPACED = "238046938201293", "2 38 04 69 382 012 93"
ERRORS = re.compile(r'href="#id_(\w+)"')


def test_what_is_missing_of_a_new_dossier_is_said_in_the_order_of_its_form(cast: Cast) -> None:
    page = text(cast.client("total").post(url("dossier_add", cast.account), {"ins": ""}))
    assert ERRORS.findall(page) == ["family_name", "given_names", "birth_date", "sex", "informed_how"]


def test_a_wrong_ins_is_said_before_dossiers_that_look_alike(cast: Cast, dossier: Dossier) -> None:
    wrong = PATIENT | TOLD | {"ins": "1" * 15}
    response = cast.client("total").post(url("dossier_add", cast.account), wrong)
    assert response.status_code == 400
    assert "sa clé doit tomber juste" in text(response)


def test_the_same_ins_is_found_however_it_is_typed(cast: Cast) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    day = timezone.localdate()
    there = create_dossier(who, Identity("Orsini", "Lucie", day - timedelta(days=20_000), "F", INS), Told("oral", day))
    response = cast.client("total").post(url("dossier_add", cast.account), PATIENT | TOLD | {"ins": SPACED})
    assert response.status_code == 409
    assert url("dossier", cast.account, there.pk) in text(response)


def test_for_another_patient_dossiers_that_look_alike_are_offered_anew(cast: Cast, dossier: Dossier) -> None:
    client, address = cast.client("total"), url("dossier_add", cast.account)
    a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), family_name="Orsini", given_names="Lucie")
    typed = PATIENT | TOLD
    page = text(client.post(address, typed))
    assert "Rien n’est encore créé." in page
    [about] = re.findall(r'name="about" value="(\w+)"', page)
    sure = {"anyway": "on", "about": about}
    assert client.post(address, typed | sure | {"family_name": "Orsini", "given_names": "Lucie"}).status_code == 409
    assert client.post(address, typed | sure).status_code == 302


def test_a_title_and_a_text_are_asked_for_together(cast: Cast, dossier: Dossier) -> None:
    address = url("entry_add", cast.account, dossier.pk, "observation")
    page = text(cast.client("total").post(address, said(title="", text=" ")))
    assert ERRORS.findall(page) == ["title", "text"]


@pytest.mark.parametrize("kind", ["event", "observation"])
def test_a_fact_of_tomorrow_has_not_happened(cast: Cast, dossier: Dossier, kind: str) -> None:
    tomorrow = (timezone.localdate() + timedelta(days=1)).strftime("%d/%m/%Y")
    response = cast.client("total").post(
        url("entry_add", cast.account, dossier.pk, kind), said(happened_on=tomorrow, happened="0:05")
    )
    assert response.status_code == 400
    assert NOT_YET in text(response)
    tonight = said(happened="23:59")
    assert cast.client("total").post(url("entry_add", cast.account, dossier.pk, kind), tonight).status_code == 302


def test_saved_unchanged_an_entry_is_not_corrected(cast: Cast, dossier: Dossier) -> None:
    entry, client = an_entry(cast, dossier), cast.client("total")
    address = url("entry_correct", cast.account, dossier.pk, entry.pk)
    local = timezone.localtime(entry.happened_at)
    typed = {
        "title": "Passage du matin",
        "text": "Elle va mieux.",
        "happened_on": local.strftime("%d/%m/%Y"),
        "happened": local.strftime("%H:%M"),
        "confidentiality": "circle",
    }
    client.post(address, typed | {"number": "1", "text": "Elle va bien."})
    client.post(address, typed | {"number": "2", "text": "Elle va bien."})
    entry.refresh_from_db()
    assert (entry.number, entry.versions.count()) == (2, 2)


def test_all_that_a_first_message_lacks_is_said_together(cast: Cast) -> None:
    response = cast.client("total").post(url("conversation_begin", cast.account), {"text": "\u200b "})
    page = text(response)
    assert response.status_code == 400
    assert ERRORS.findall(page) == ["title", "text"]
    assert "Choisissez au moins un destinataire." in page
    assert not Conversation.objects.exists()


def test_a_circle_speaks_of_accounts_and_dossiers(cast: Cast, dossier: Dossier) -> None:
    client, address = cast.client("total"), url("circle_add", cast.account, dossier.pk)
    assert "Choisissez au moins un compte" in text(client.post(address, TOLD))
    assert "Ce compte n’est pas dans l’annuaire" in text(client.post(address, TOLD | {"to": str(uuid.uuid4())}))
    there = text(client.get(f"{address}?compte={cast.account.pk}"))
    assert "il partage déjà ce dossier" in there
    friend = account_of(person("Lucie", "Orsini"))
    publish()
    client.post(address, TOLD | {"to": str(friend.pk)})
    assert "Ce compte est déjà dans le cercle de soins." in text(client.get(f"{address}?compte={friend.pk}"))


def test_whom_one_may_not_bring_in_is_offered_to_no_other_account(cast: Cast) -> None:
    """Rule 4, said before a dossier is chosen rather than at the end."""
    join = reverse("spaces:circle_join")
    client, own = cast.client("total"), account_of(cast.total)
    publish()
    page = text(client.get(f"{join}?compte={own.pk}"))
    assert "l’accès doit finir avec votre délégation" in page
    assert url("space", cast.account, "dossiers") not in page
    second = account_of(person("Lucie", "Orsini"))
    publish()
    assert url("space", cast.account, "dossiers") in text(client.get(f"{join}?compte={second.pk}"))
    DelegationFactory(holder=own, account=second, scope=Scope.DISCUSSIONS)
    page = text(client.get(f"{join}?compte={second.pk}"))
    assert url("space", own, "dossiers") in page
    assert url("space", cast.account, "dossiers") not in page


def test_who_left_a_circle_stays_with_how_the_patient_was_told(cast: Cast, dossier: Dossier) -> None:
    client, friend = cast.client("total"), account_of(person("Lucie", "Orsini"))
    publish()
    client.post(url("circle_add", cast.account, dossier.pk), TOLD | {"to": str(friend.pk)})
    row = dossier.circle.get(member=friend)
    client.post(url("circle_remove", cast.account, dossier.pk, row.pk))
    page = text(client.get(url("circle", cast.account, dossier.pk)))
    former = page[page.index("Ont partagé ce dossier") :]
    assert "patient informé de vive voix le 26\xa0novembre\xa02020" in former
    assert former.count("EHPAD Les Genêts du Causse, par Hélène Vaysserat") == 2
