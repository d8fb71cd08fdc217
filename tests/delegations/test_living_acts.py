"""Living with delegations: ending, prolonging and reducing one by its page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from delegations.dates import end_of, last_day
from delegations.models import Delegation, EndKind
from delegations.scopes import Scope
from delegations.services import end_delegation
from spico.web.typography import french_date
from tests.delegations.living import text, url
from tests.delegations.people import Cast, client_of, publish
from tests.factories.delegations import DelegationFactory, ReferentFactory

pytestmark = pytest.mark.django_db


# --- Mettre fin -------------------------------------------------------------------------------------------------------


def test_asking_changes_nothing(cast: Cast) -> None:
    row = cast.delegation_of("partial")
    for name in ("end", "renew", "reduce"):
        cast.client("referent").get(url(name, row))
    row.refresh_from_db()
    assert not row.ended_kind


def test_one_gives_up_ones_own_without_a_reason(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("partial")
    assert "Motif (facultatif)" in text(client.get(url("end", row)))
    response = client.post(url("end", row), follow=True)
    assert "Vous avez rendu votre délégation" in text(response)
    row.refresh_from_db()
    assert row.ended_kind == EndKind.GIVEN_UP


def test_revoking_asks_for_a_reason_and_keeps_what_was_typed(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("total")
    without = client.post(url("end", row), {"reason": "  "})
    assert without.status_code == 400
    assert "Dites pourquoi\xa0: la personne lira ce motif." in text(without)
    too_long = client.post(url("end", row), {"reason": "Trop long. " * 60})
    assert too_long.status_code == 400
    assert "Trop long. Trop long." in text(too_long)
    row.refresh_from_db()
    assert not row.ended_kind
    assert client.post(url("end", row), {"reason": "Elle a quitté l’équipe."}).status_code == 302
    row.refresh_from_db()
    assert (row.ended_kind, row.ended_reason) == (EndKind.REVOKED, "Elle a quitté l’équipe.")


def test_ending_twice_is_a_conflict(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("partial")
    client.post(url("end", row))
    for again in (client.post(url("end", row)), client.get(url("end", row))):
        assert again.status_code == 409
        assert "Cette délégation a déjà pris fin." in text(again)
        assert '<button class="btn btn-refuse"' not in text(again)


def test_what_was_typed_for_an_act_that_comes_too_late_can_be_copied(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("referent")
    client.post(url("end", row), {"reason": "Elle a quitté l’équipe."})
    for act, typed in (("end", {"reason": "Un motif bien pesé."}), ("renew", {"until": day(9)})):
        late = client.post(url(act, row), typed)
        assert late.status_code == 409
        assert "Ce que vous aviez écrit" in text(late)
        assert next(iter(typed.values())) in text(late)


def test_a_partial_holder_ends_nobody_elses(cast: Cast) -> None:
    row, client = cast.delegation_of("total"), cast.client("partial")
    asked, done = client.get(url("end", row)), client.post(url("end", row), {"reason": "Non."})
    assert (asked.status_code, done.status_code) == (403, 403)
    assert "Vous ne pouvez pas mettre fin à cette délégation." in text(asked)
    row.refresh_from_db()
    assert not row.ended_kind


def test_losing_the_power_between_the_page_and_the_click(cast: Cast) -> None:
    row, client = cast.delegation_of("partial"), cast.client("total")
    assert client.get(url("end", row)).status_code == 200
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    assert client.post(url("end", row), {"reason": "Trop tard."}).status_code == 404
    row.refresh_from_db()
    assert not row.ended_kind


def test_the_last_to_answer_is_warned(db: None) -> None:
    row = DelegationFactory()
    publish()
    client, warning = client_of(row.holder.user), "Plus personne ne répondra au nom de ce compte."
    assert warning in text(client.get(url("end", row)))
    ReferentFactory(structure=row.account.structure)
    assert warning not in text(client.get(url("end", row)))


# --- Prolonger --------------------------------------------------------------------------------------------------------


@pytest.fixture
def ending(cast: Cast) -> Delegation:
    row: Delegation = DelegationFactory(account=cast.account, until=end_of(timezone.localdate() + timedelta(days=10)))
    publish()
    return row


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_a_referent_prolongs_to_the_end_of_a_day(cast: Cast, ending: Delegation) -> None:
    response = cast.client("referent").post(url("renew", ending), {"until": day(40)}, follow=True)
    assert "est prolongée, jusqu’au" in text(response)
    longer = Delegation.objects.get(replaces=ending)
    assert last_day(longer.period.upper).isoformat() == day(40)


def test_a_day_is_also_typed_as_in_french(cast: Cast, ending: Delegation) -> None:
    typed = (timezone.localdate() + timedelta(days=40)).strftime("%d/%m/%Y")
    assert cast.client("referent").post(url("renew", ending), {"until": typed}).status_code == 302


def test_without_a_date_there_is_no_end(cast: Cast, ending: Delegation) -> None:
    cast.client("referent").post(url("renew", ending), {"until": ""})
    assert Delegation.objects.get(replaces=ending).period.upper is None


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("31/02/2027", "Écrivez une date qui existe"),
        ("bientôt", "Écrivez une date qui existe"),
        ("01/01/0001", "Écrivez une date qui existe"),
        ("31/12/9999", "Écrivez une date qui existe"),
        ("01/01/2026", "Choisissez une date plus tardive"),
    ],
)
def test_a_date_that_does_not_suit_is_told_and_kept(cast: Cast, ending: Delegation, until: str, sentence: str) -> None:
    response = cast.client("referent").post(url("renew", ending), {"until": until})
    assert response.status_code == 400
    assert sentence in text(response)
    assert f'value="{until}"' in text(response)
    assert not Delegation.objects.filter(replaces=ending).exists()


def test_nobody_prolongs_their_own(cast: Cast, ending: Delegation) -> None:
    client = client_of(ending.holder.user)
    for response in (client.get(url("renew", ending)), client.post(url("renew", ending), {"until": day(90)})):
        assert response.status_code == 403
        assert "Personne ne prolonge sa propre délégation" in text(response)
    assert not Delegation.objects.filter(replaces=ending).exists()


def test_nobody_prolongs_beyond_their_own_end(cast: Cast, ending: Delegation) -> None:
    limit = end_of(timezone.localdate() + timedelta(days=30))
    colleague = DelegationFactory(account=cast.account, until=limit).holder.user
    client = client_of(colleague)
    assert f"Au plus tard le {french_date(last_day(limit))}" in text(client.get(url("renew", ending)))
    for until in (day(31), ""):
        response = client.post(url("renew", ending), {"until": until})
        assert response.status_code == 400
        assert "Vous ne pouvez pas accorder plus longtemps que votre propre délégation" in text(response)
    assert client.post(url("renew", ending), {"until": day(30)}).status_code == 302


def test_what_has_no_end_is_not_prolonged(cast: Cast) -> None:
    row = cast.delegation_of("partial")
    response = cast.client("referent").get(url("renew", row))
    assert response.status_code == 403
    assert "n’a pas de date de fin" in text(response)
    assert cast.client("referent").post(url("renew", row), {"until": day(9)}).status_code == 409


# --- Réduire ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["total", "referent"])
def test_who_may_end_may_reduce(cast: Cast, who: str) -> None:
    row = cast.delegation_of("total")
    page = text(cast.client(who).get(url("reduce", row)))
    assert 'value="dossier"' in page
    assert 'value="total"' not in page
    assert cast.client(who).post(url("reduce", row), {"scope": "discussions"}).status_code == 302
    assert Delegation.objects.get(replaces=row).scope == Scope.DISCUSSIONS


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ("", "Choisissez ce qui reste ouvert."),
        ("tout", "Ce périmètre n’existe pas."),
        ("total", "Choisissez une partie de la délégation."),
    ],
)
def test_only_a_part_may_be_kept(cast: Cast, scope: str, sentence: str) -> None:
    row = cast.delegation_of("total")
    response = cast.client("referent").post(url("reduce", row), {"scope": scope})
    assert response.status_code == 400
    assert sentence in text(response)
    row.refresh_from_db()
    assert not row.ended_kind


def test_a_part_is_not_reduced(cast: Cast) -> None:
    row = cast.delegation_of("partial")
    response = cast.client("referent").get(url("reduce", row))
    assert response.status_code == 403
    assert "il n’y a rien à réduire" in text(response)
    assert cast.client("partial").get(url("reduce", cast.delegation_of("total"))).status_code == 403


@pytest.mark.parametrize("name", ["end", "renew", "reduce"])
def test_other_methods_are_refused(cast: Cast, name: str) -> None:
    assert cast.client("referent").put(url(name, cast.delegation_of("partial"))).status_code == 405


@pytest.mark.parametrize("missing", [1 << 40, 10**17])
def test_what_does_not_exist_is_404(cast: Cast, missing: int) -> None:
    for name in ("delegation", "end", "renew", "reduce"):
        assert cast.client("referent").get(reverse(f"delegations:{name}", args=[missing])).status_code == 404
