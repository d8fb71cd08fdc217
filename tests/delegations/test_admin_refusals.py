"""Nobody of the service centre serves themselves, by any door, and a GET changes nothing."""

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from delegations.models import GrantProposal
from delegations.scopes import Scope, Space
from tests.delegations.centre import (
    APPOINT,
    GRANT,
    LIST,
    ROOT,
    WRITE,
    Cast,
    a_case,
    as_user,
    counts,
    listed,
    make_cast,
)
from tests.factories import (
    DelegationFactory,
    GrantProposalFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made_cast(shared: DjangoDbBlocker) -> Cast:
    with shared.unblock():
        return make_cast()


# --- To oneself, by no door -------------------------------------------------------------------------------------------


@pytest.fixture(params=["operator", "superuser"])
def selfish(cast: Cast, request: pytest.FixtureRequest) -> Client:
    if request.param == "superuser":
        User.objects.filter(pk=cast.operator.pk).update(is_superuser=True)
    return as_user(cast.operator)


def test_nobody_grants_to_themselves(cast: Cast, selfish: Client) -> None:
    before = counts()
    for scope in Scope:
        response = selfish.post(GRANT, cast.words(personne=cast.operator.account.pk, scope=scope.value))
        assert response.status_code == 403 and "Personne ne se donne une délégation" in response.content.decode()
    assert counts() == before


def test_nobody_confirms_a_proposal_for_themselves(cast: Cast, selfish: Client) -> None:
    cast_words = cast.words(personne=cast.operator.account.pk, scope="total")
    assert as_user(cast.second).post(GRANT, cast_words).status_code == 302
    proposal = GrantProposal.objects.get()
    before = counts()
    response = selfish.post(f"{ROOT}grantproposal/{proposal.pk}/confirmer/")
    assert response.status_code == 403 and "Personne ne se donne" in response.content.decode()
    assert "Vous ne pouvez pas" in selfish.get(f"{ROOT}grantproposal/{proposal.pk}/examiner/").content.decode()
    assert counts() == before


def test_nobody_appoints_themselves(cast: Cast, selfish: Client) -> None:
    structure = StructureFactory(open_account=True)
    listed()
    before = counts()
    response = selfish.post(APPOINT, {"structure": structure.account.pk, "personne": cast.operator.account.pk})
    assert response.status_code == 403 and "Personne ne se nomme référent" in response.content.decode()
    assert counts() == before


def test_a_referent_does_not_speak_for_themselves(cast: Cast) -> None:
    before = counts()
    response = cast.client.post(GRANT, cast.words(personne=cast.referent.account.pk))
    assert response.status_code == 400 and "ne peut pas parler pour lui-même" in response.content.decode()
    assert counts() == before


def test_the_service_centre_opens_no_space(cast: Cast, selfish: Client) -> None:
    for user in (User.objects.get(pk=cast.operator.pk), cast.second):
        for space in Space:
            assert not user.has_perm(f"accounts.open_{space.value}", cast.account)
    row = DelegationFactory()
    for path in ("", f"{row.pk}/change/"):
        page = selfish.get(f"{ROOT}delegation/{path}").content.decode()
        assert row.holder.name in page and "/espaces/" not in page.split('id="content"')[1]


# --- Who may, and by GET nothing --------------------------------------------------------------------------------------


@pytest.fixture
def doors(cast: Cast) -> dict[str, dict[str, object]]:
    """Every act with what would do it."""
    proposal = GrantProposalFactory(account=cast.account, word_of=cast.referent.account)
    return {
        GRANT: cast.words(),
        LIST: {"text": "a", "origin": "registration"},
        WRITE: {"liste": "a"},
        APPOINT: {"structure": cast.account.pk, "personne": cast.holder.pk},
        f"{ROOT}delegation/{DelegationFactory().pk}/fin/": {"reason": "x"},
        f"{ROOT}referent/{cast.referent.pk}/fin/": {"reason": "x"},
        f"{ROOT}grantproposal/{proposal.pk}/examiner/": {},
        f"{ROOT}grantproposal/{proposal.pk}/confirmer/": {},
        f"{ROOT}grantproposal/{proposal.pk}/ecarter/": {},
        f"{ROOT}accesscase/{a_case().pk}/conclure/": {"reason": "x"},
    }


@pytest.mark.parametrize("who", ["nobody", "stranger", "referent", "holder", "staff"])
def test_the_acts_are_for_operators_alone(cast: Cast, doors: dict[str, dict[str, object]], who: str) -> None:
    people = {
        "nobody": None,
        "stranger": ProfessionalFactory(signed_in=True).account.user,
        "referent": cast.referent.account.user,
        "holder": DelegationFactory(account=cast.account).holder.user,
        "staff": UserFactory(is_staff=True, is_superuser=False),
    }
    user = people[who]
    if who == "staff" and user:
        user.groups.clear()
    client = as_user(user)
    expected = {403} if who == "staff" else {302, 403}
    before = counts()
    for door, words in doors.items():
        for response in (client.get(door), client.post(door, words)):
            assert response.status_code in expected, door
            assert response.status_code == 403 or "?next=/administration/" in response["Location"]
    assert counts() == before


def test_a_get_changes_nothing_and_a_post_needs_its_token(cast: Cast, doors: dict[str, dict[str, object]]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.operator)
    before = counts()
    for door, words in doors.items():
        assert cast.client.get(door, words).status_code in (200, 302, 400), door
        assert cast.client.put(door).status_code == 405, door
        assert strict.post(door, words).status_code == 403, door
    assert counts() == before


@pytest.mark.parametrize("pk", [0, 2**62, 10**30])
@pytest.mark.parametrize(
    "door", ["delegation/{}/fin/", "referent/{}/fin/", "grantproposal/{}/confirmer/", "accesscase/{}/conclure/"]
)
def test_a_row_that_does_not_exist_is_404(cast: Cast, door: str, pk: int) -> None:
    assert cast.client.post(ROOT + door.format(pk), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("key", ["", "x", "٣", "-1", str(2**63), "9" * 5_000], ids=lambda key: key[:4])
def test_a_request_that_does_not_exist_grants_nothing(cast: Cast, key: str) -> None:
    assert cast.client.get(GRANT, {"demande": key}).status_code == 404


@pytest.mark.parametrize("reason", ["\u200b", "\u2060 \u200b", "\u202e"], ids=ascii)
def test_what_is_not_drawn_is_no_reason(cast: Cast, reason: str) -> None:
    doors = [
        f"delegation/{DelegationFactory().pk}/fin/",
        f"referent/{cast.referent.pk}/fin/",
        f"accesscase/{a_case().pk}/conclure/",
    ]
    before = counts()
    for door in doors:
        refusal = cast.client.post(ROOT + door, {"reason": reason})
        assert refusal.status_code == 400, door
        assert "Dites pourquoi" in refusal.content.decode(), door
    assert counts() == before
