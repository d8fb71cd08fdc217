"""What somebody who left had granted for a structure: it stays, and whoever answers there keeps it or ends it."""

from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account, JournalEntry, Notification, User
from accounts.services import move_accounts
from accounts.states import ON_STRUCTURE_CLOSED
from delegations import checking, services
from delegations.abilities import of_delegations
from delegations.access import may_open
from delegations.errors import Refused
from delegations.models import Delegation, DelegationReview
from delegations.reviews import reviewable_by, to_review
from delegations.scopes import Scope, Space
from tests.delegations.centre import ROOT, listed_operator
from tests.delegations.pages import as_user, listed, text_of
from tests.factories import (
    DelegationFactory,
    ProfessionalFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
INDEX = "/delegations/"
REVIEW = f"{INDEX}?liste=revoir"
ADMIN = f"{ROOT}toreview/"


@dataclass
class Cast:
    """Somebody who has left had granted a part and the whole; a referent and a holder of everything stay."""

    account: Account
    left: Account
    part: Delegation
    whole: Delegation
    referent: User
    boss: User

    def url(self, row: Delegation, act: str = "") -> str:
        return f"{INDEX}{row.pk}/{act}"


def leave(person: Account) -> None:
    move_accounts([person.pk], ON_STRUCTURE_CLOSED, timezone.now())


def granted_by(own: Delegation, **traits: object) -> Delegation:
    row: Delegation = DelegationFactory(
        account=own.account, through=own, since=timezone.now() - timedelta(days=3), **traits
    )
    return row


@pytest.fixture(scope="module")
def made_cast(shared: DjangoDbBlocker) -> Cast:
    with shared.unblock():
        return _made()


def _made() -> Cast:
    account = StructureFactory(open_account=True, name="CH de la Boralde").account
    own = DelegationFactory(account=account)
    cast = Cast(
        account=account,
        left=own.holder,
        part=granted_by(own, partial=True),
        whole=granted_by(own),
        referent=ReferentFactory(structure=account.structure).account.user,
        boss=DelegationFactory(account=account).holder.user,
    )
    leave(own.holder)
    listed()
    return cast


def told(user: User, kind: str = "delegation.to_review") -> list[str]:
    return list(Notification.objects.filter(recipient=user, kind=kind).values_list("text", flat=True))


# --- Which, and to whom -----------------------------------------------------------------------------------------------


def test_they_stay_in_force_and_are_listed(cast: Cast) -> None:
    assert set(to_review(timezone.now())) == {cast.part, cast.whole}
    assert may_open(cast.whole.holder.user, cast.account, Space.DOSSIERS, timezone.now())


def test_who_may_end_them_for_the_account_is_asked_and_nobody_else(cast: Cast) -> None:
    other = DelegationFactory(account=cast.account, partial=True).holder.user
    expected = {
        cast.referent: {cast.part, cast.whole},
        # A total holder ends partial delegations, and total ones that they granted.
        cast.boss: {cast.part},
        cast.part.holder.user: set(),
        # Holds everything, and so may end the part; not their own.
        cast.whole.holder.user: {cast.part},
        other: set(),
        cast.left.user: set(),
        ProfessionalFactory(signed_in=True).account.user: set(),
        UserFactory(service_centre=True): set(),
    }
    at, rows = timezone.now(), Delegation.objects.told()
    for user, seen in expected.items():
        assert set(reviewable_by(user, at)) == seen
        assert {row for row in rows if of_delegations(user, [row], at)[row.pk].review} == seen
        shown = text_of(as_user(user), INDEX)
        assert ('id="h-revoir"' in shown) == bool(seen)
        assert shown.count("/garder/") == len(seen)
    assert not reviewable_by(User(username="personne"), at).exists()


def test_each_is_told_once_of_as_many_as_they_may_review(cast: Cast) -> None:
    name = "CH de la Boralde\N{NO-BREAK SPACE}: "
    left = "par une personne qui a quitté l’annuaire."
    assert told(cast.referent) == [f"{name}2\N{NO-BREAK SPACE}délégations à revoir, accordées {left}"]
    assert told(cast.boss) == [f"{name}1\N{NO-BREAK SPACE}délégation à revoir, accordée {left}"]
    assert not told(cast.part.holder.user)
    path = Notification.objects.get(recipient=cast.boss, kind="delegation.to_review").path
    assert cast.url(cast.part, "garder/") in text_of(as_user(cast.boss), path)


def test_who_granted_what_it_goes_on_from_may_review_it_too(cast: Cast) -> None:
    boss, leaver = (DelegationFactory(account=cast.account) for _ in range(2))
    row = granted_by(boss, until=timezone.now() + timedelta(days=9))
    longer = services.renew(leaver.holder.user, row, timezone.now() + timedelta(days=99), timezone.now())
    leave(leaver.holder)
    assert set(reviewable_by(boss.holder.user, timezone.now())) == {cast.part, longer}
    assert longer not in reviewable_by(cast.boss, timezone.now())
    assert len(told(boss.holder.user)) == 1
    assert len(told(cast.boss)) == 1, "of what they may review only, so not again"
    services.keep_delegation(boss.holder.user, longer, timezone.now())


def test_the_service_centre_is_told_of_those_that_nobody_else_may_review(db: None) -> None:
    centre, own = UserFactory(service_centre=True), DelegationFactory()
    alone = granted_by(own)
    leave(own.holder)
    assert not told(alone.holder.user)
    (text,) = told(centre, "delegation.service_centre")
    assert "1\N{NO-BREAK SPACE}délégation à revoir" in text
    path = Notification.objects.get(recipient=centre, kind="delegation.service_centre").path
    assert str(alone.holder) in text_of(as_user(centre), path)


def test_what_the_service_centre_granted_and_what_opens_a_person_is_not_to_review(db: None) -> None:
    person = ProfessionalFactory(signed_in=True).account
    by_the_centre = DelegationFactory(granted_by=person.user, granted_by_account=person)
    on_a_person = DelegationFactory(on_a_person=True, partial=True)
    leave(person)
    leave(on_a_person.account)
    assert not to_review(timezone.now()).filter(pk__in=[by_the_centre.pk, on_a_person.pk]).exists()


# --- Keeping and ending -----------------------------------------------------------------------------------------------


def test_keeping_takes_it_off_every_list_and_the_journal_tells(cast: Cast) -> None:
    client = as_user(cast.boss)
    assert "À revoir" in text_of(client, cast.url(cast.part))
    assert client.get(cast.url(cast.part, "garder/")).headers["Location"] == cast.url(cast.part)
    assert not DelegationReview.objects.exists(), "a GET keeps nothing"
    response = client.post(cast.url(cast.part, "garder/"), follow=True)
    assert "est gardée" in response.content.decode()
    review = DelegationReview.objects.get()
    assert (review.delegation, review.reviewed_by, review.ground) == (cast.part, cast.boss, "delegation")
    entry = JournalEntry.objects.get(verb="delegation.kept")
    assert (entry.actor, entry.account, entry.object_key) == (cast.boss, cast.account, str(cast.part.pk))
    for user in (cast.boss, cast.referent):
        assert cast.url(cast.part, "garder/") not in text_of(as_user(user), REVIEW)
    page = text_of(client, cast.url(cast.part))
    assert f"par {review.reviewed_by_account.name}" in page
    assert "/garder/" not in page
    cast.part.refresh_from_db()
    assert (cast.part.ended_kind, cast.part.scope) == ("", Scope.DISCUSSIONS)
    again = client.post(cast.url(cast.part, "garder/"))
    assert again.status_code == 409
    assert "n’est plus, à revoir" in again.content.decode()
    assert not list(checking.faults())


def test_ending_takes_it_off_too(cast: Cast) -> None:
    client = as_user(cast.referent)
    assert cast.url(cast.whole, "mettre-fin/") in text_of(client, REVIEW)
    client.post(cast.url(cast.whole, "mettre-fin/"), {"reason": "Elle a changé de service."})
    assert set(to_review(timezone.now())) == {cast.part}


def test_what_is_prolonged_has_another_granter(cast: Cast) -> None:
    own = DelegationFactory(account=cast.account)
    row = granted_by(own, partial=True, until=timezone.now() + timedelta(days=9))
    leave(own.holder)
    assert row in to_review(timezone.now())
    longer = services.renew(cast.referent, row, timezone.now() + timedelta(days=99), timezone.now())
    assert set(to_review(timezone.now())) == {cast.part, cast.whole}
    assert longer.granted_by == cast.referent


def test_what_is_reduced_once_kept_stays_kept(cast: Cast) -> None:
    services.keep_delegation(cast.referent, cast.whole, timezone.now())
    services.reduce_delegation(cast.referent, cast.whole, Scope.DOSSIER, timezone.now())
    assert set(to_review(timezone.now())) == {cast.part}


def test_nobody_keeps_their_own_nor_what_they_may_not_end(cast: Cast) -> None:
    ReferentFactory(account=cast.whole.holder, structure=cast.account.structure)
    refused = {
        cast.whole.holder.user: (cast.whole, 403),
        cast.boss: (cast.whole, 403),
        cast.part.holder.user: (cast.part, 403),
        DelegationFactory(account=cast.account, partial=True).holder.user: (cast.part, 403),
        ProfessionalFactory(signed_in=True).account.user: (cast.part, 404),
    }
    entries = JournalEntry.objects.count()
    for user, (row, status) in refused.items():
        assert as_user(user).post(cast.url(row, "garder/")).status_code == status
    assert not DelegationReview.objects.exists()
    assert JournalEntry.objects.count() == entries
    with pytest.raises(Refused) as refusal:
        services.keep_delegation(cast.referent, DelegationFactory(account=cast.account), timezone.now())
    assert refusal.value.status == 409


def test_the_api_says_so_and_keeps(cast: Cast) -> None:
    client = as_user(cast.boss)
    path = f"/api/v1/delegations/{cast.part.pk}/"
    assert client.get(path).json()["can"]["review"] is True
    assert client.get(f"/api/v1/delegations/{cast.whole.pk}/").json()["can"]["review"] is False
    kept = client.post(f"{path}keep/", {}, content_type="application/json")
    assert (kept.status_code, kept.json()["can"]["review"]) == (200, False)
    assert client.post(f"{path}keep/", {}, content_type="application/json").status_code == 409


# --- The service centre -----------------------------------------------------------------------------------------------


def shown(client: Client, path: str) -> str:
    return unescape(text_of(client, path))


def test_the_service_centre_lists_keeps_and_ends(cast: Cast) -> None:
    operator = listed_operator()
    client = as_user(operator)
    page = shown(client, ADMIN)
    for row in (cast.part, cast.whole):
        assert f"{ADMIN}{row.pk}/garder/" in page
        assert f"{ROOT}delegation/{row.pk}/fin/" in page
    assert "Garder la délégation" in shown(client, f"{ADMIN}{cast.whole.pk}/garder/")
    assert not DelegationReview.objects.exists()
    assert client.post(f"{ADMIN}{cast.whole.pk}/garder/").headers["Location"] == ADMIN
    review = DelegationReview.objects.get()
    assert (review.delegation, review.reviewed_by, review.ground) == (cast.whole, operator, "service_centre")
    assert f"{ADMIN}{cast.whole.pk}/garder/" not in shown(client, ADMIN)
    again = client.post(f"{ADMIN}{cast.whole.pk}/garder/")
    assert (again.status_code, "à revoir" in again.content.decode()) == (409, True)
    assert client.get(f"{ADMIN}999999/garder/").status_code == 404
    assert "par le centre de service" in text_of(as_user(cast.referent), cast.url(cast.whole))


def test_no_operator_keeps_what_they_hold(cast: Cast) -> None:
    operator = listed_operator()
    own = DelegationFactory(account=cast.account)
    row = granted_by(own, partial=True, holder=operator.account)
    leave(own.holder)
    response = as_user(operator).post(f"{ADMIN}{row.pk}/garder/")
    assert (response.status_code, DelegationReview.objects.exists()) == (403, False)
    assert "Personne ne revoit sa propre délégation" in response.content.decode()


def test_only_the_service_centre_keeps_by_its_door(cast: Cast) -> None:
    outside = UserFactory(is_staff=True)
    outside.groups.clear()
    for user in (cast.boss, outside):
        with pytest.raises(Refused):
            services.keep_by_service_centre(user, cast.part, timezone.now())
        assert as_user(user).post(f"{ADMIN}{cast.part.pk}/garder/").status_code in (302, 403)
    assert not DelegationReview.objects.exists()
