"""Dossiers, through the pages: the list, a new one, identity, line of life, circle; and what stays hidden."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from delegations.scopes import Space
from delegations.services import end_delegation
from directory.models import Profession, Professional
from tests.delegations.people import Cast, account_of, client_of, person, publish
from tests.factories import DelegationFactory, ProfessionalFactory
from tests.workspace.dossier_pages import PATIENT, TOLD, an_entry, door, said, text, url
from tests.workspace.making import a_dossier, acting
from workspace.models import Dossier, Entry, EntryVersion, IdentityChange
from workspace.services.circles import Told, add_members
from workspace.services.entries import write_entry

pytestmark = pytest.mark.django_db


# --- A new one --------------------------------------------------------------------------------------------------------


def test_a_dossier_is_created_in_the_name_of_the_account(cast: Cast) -> None:
    response = cast.client("total").post(url("dossier_add", cast.account), PATIENT | TOLD | {"ins": ins_of_a_woman()})
    made = Dossier.objects.get()
    assert response.url == url("dossier", cast.account, made.pk)
    assert (made.account, made.actor, made.ground) == (cast.account, cast.total, "delegation")
    assert [row.member for row in made.circle.all()] == [cast.account]
    page = text(cast.client("total").get(response.url))
    assert "Cazalbou Odile" in page
    assert "<title>Dossier · EHPAD Les Genêts du Causse · SPICO</title>" in page


def ins_of_a_woman() -> str:
    """Thirteen figures, and the key that the rule gives them."""
    body = "2380412009003"
    return f"{body}{97 - int(body) % 97:02d}"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("family_name", " ", "Écrivez le nom de naissance."),
        ("given_names", "\u202e", "Écrivez le prénom."),
        ("birth_date", "31/02/1938", "Écrivez une date"),
        ("birth_date", "01/01/2999", "entre 1900 et aujourd’hui"),
        ("sex", "X", "Choisissez dans la liste."),
        ("ins", "238041200900399", "sa clé doit tomber juste"),
        ("ins", "12", "sa clé doit tomber juste"),
        ("informed_how", "", "Choisissez dans la liste."),
        ("informed_on", "", "Dites quel jour le patient a été informé"),
        ("informed_on", "01/01/2999", "au plus tard aujourd’hui"),
    ],
)
def test_what_does_not_suit_is_said_and_nothing_typed_is_lost(
    cast: Cast, field: str, value: str, sentence: str
) -> None:
    response = cast.client("total").post(url("dossier_add", cast.account), PATIENT | TOLD | {field: value})
    assert response.status_code == 400
    page = text(response)
    assert sentence in page
    kept = next(other for other in ("Cazalbou", "Odile") if PATIENT.get(field) != other)
    assert f'value="{kept}"' in page
    assert not Dossier.objects.exists()


def test_a_dossier_that_looks_alike_is_offered_first(cast: Cast, dossier: Dossier) -> None:
    client, address = cast.client("total"), url("dossier_add", cast.account)
    typed = PATIENT | TOLD | {"family_name": "Cazalbon"}
    response = client.post(address, typed)
    assert response.status_code == 409
    assert url("dossier", cast.account, dossier.pk) in text(response)
    assert Dossier.objects.count() == 1
    assert client.post(address, typed | {"anyway": "on"}).status_code == 302
    assert Dossier.objects.count() == 2


def test_the_dossiers_of_others_are_never_offered(cast: Cast) -> None:
    stranger = acting(cast.stranger, account_of(cast.stranger), Space.DOSSIERS)
    a_dossier(stranger)
    assert cast.client("total").post(url("dossier_add", cast.account), PATIENT | TOLD).status_code == 302


# --- Reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "stranger", "staff", "superuser"])
def test_whoever_may_not_enter_finds_nothing_there(cast: Cast, dossier: Dossier, who: str) -> None:
    entry = an_entry(cast, dossier)
    row = dossier.circle.get()
    client = cast.client(who)
    for name, more in (
        ("dossier", [dossier.pk]),
        ("dossier_print", [dossier.pk]),
        ("dossier_identity", [dossier.pk]),
        ("circle", [dossier.pk]),
        ("circle_add", [dossier.pk]),
        ("circle_inform", [dossier.pk, row.pk]),
        ("circle_remove", [dossier.pk, row.pk]),
        ("entry_add", [dossier.pk, "observation"]),
        ("entry", [dossier.pk, entry.pk]),
        ("entry_correct", [dossier.pk, entry.pk]),
    ):
        for account in (cast.account, account_of(getattr(cast, who)) if who not in ("staff", "superuser") else None):
            if account is not None:
                response = client.get(url(name, account, *more))
                assert response.status_code == 404
                assert "Cazalbou" not in text(response)
    assert client.get(door(cast.account)).status_code == 403


def test_what_is_not_there_and_what_is_not_seen_are_the_same_page(cast: Cast, dossier: Dossier) -> None:
    mine = account_of(cast.stranger)
    client = cast.client("stranger")

    def page(key: object) -> str:
        return re.sub(
            r'csrf[^>]*>|"X-CSRFToken": "[^"]*"|[0-9a-f-]{36}', "", text(client.get(url("dossier", mine, key)))
        )

    assert page(dossier.pk) == page(uuid4())


def test_an_entry_for_the_account_alone_is_read_nowhere_else(cast: Cast, dossier: Dossier) -> None:
    other = account_of(cast.stranger)
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    add_members(who, dossier, [other.pk], Told("oral", timezone.localdate()))
    secret = an_entry(cast, dossier, title="Entre nous", confidentiality="account")
    assert "Entre nous" in text(cast.client("total").get(url("dossier", cast.account, dossier.pk)))
    theirs = cast.client("stranger")
    assert "Entre nous" not in text(theirs.get(url("dossier", other, dossier.pk)))
    assert "Entre nous" not in text(theirs.get(url("dossier_print", other, dossier.pk)))
    assert theirs.get(url("entry", other, dossier.pk, secret.pk)).status_code == 404


def test_opening_is_kept_by_the_journal_without_a_name(cast: Cast, dossier: Dossier) -> None:
    cast.client("total").get(url("dossier", cast.account, dossier.pk))
    kept = JournalEntry.objects.get(verb="dossier.opened")
    assert (kept.object_key, kept.account, kept.actor) == (str(dossier.pk), cast.account, cast.total)
    assert not JournalEntry.objects.filter(details__icontains="Cazalbou").exists()


def test_revoked_is_felt_at_the_next_click(cast: Cast, dossier: Dossier) -> None:
    client, address = cast.client("total"), url("dossier", cast.account, dossier.pk)
    assert client.get(address).status_code == 200
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    assert client.get(address).status_code == 404
    assert client.post(url("entry_add", cast.account, dossier.pk, "observation"), {}).status_code == 404


def test_a_search_is_a_post_and_finds_by_name_day_and_ins(cast: Cast, dossier: Dossier) -> None:
    Dossier.objects.filter(pk=dossier.pk).update(ins=ins_of_a_woman())
    a_dossier(acting(cast.stranger, account_of(cast.stranger), Space.DOSSIERS), family_name="Cazalis")
    client, address = cast.client("total"), url("dossiers_search", cast.account)
    for asked in ("cazal", "ODILE caz", "02/04/1938", ins_of_a_woman()[:7]):
        page = text(client.post(address, {"q": asked}))
        assert "Cazalbou Odile" in page
        assert "Cazalis" not in page
    assert "Aucun dossier trouvé" in text(client.post(address, {"q": "zzz%"}))
    assert client.get(address).url == door(cast.account)
    assert "Cazal" not in str(
        list(JournalEntry.objects.filter(verb="dossier.searched").values("details", "object_key"))
    )


def test_the_list_tells_what_is_new_to_me(cast: Cast, dossier: Dossier) -> None:
    colleague = person("Nadège", "Combettes")
    DelegationFactory(holder=account_of(colleague), account=cast.account)
    client = client_of(colleague)
    assert "Nouveau depuis votre lecture" in text(client.get(door(cast.account)))
    client.get(url("dossier", cast.account, dossier.pk))
    assert "Nouveau depuis votre lecture" not in text(client.get(door(cast.account)))
    an_entry(cast, dossier)
    assert "Nouveau depuis votre lecture" in text(client.get(door(cast.account)))


@pytest.mark.parametrize("name", ["list", "dossier", "circle"])
def test_as_many_queries_for_one_row_as_for_twenty(cast: Cast, dossier: Dossier, name: str) -> None:
    client = cast.client("total")
    address = {
        "list": door(cast.account),
        "dossier": url("dossier", cast.account, dossier.pk),
        "circle": url("circle", cast.account, dossier.pk),
    }[name]

    def count() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    an_entry(cast, dossier)
    one = count()
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    for number in range(19):
        a_dossier(who, given_names=f"Odile {number}")
        an_entry(cast, dossier)
    members = [ProfessionalFactory(signed_in=True).account.pk for _ in range(10)]
    publish()
    add_members(who, dossier, members, Told("oral", timezone.localdate()))
    assert count() == one


def test_the_line_of_life_is_filtered(cast: Cast, dossier: Dossier) -> None:
    an_entry(cast, dossier, title="Ce matin")
    old = an_entry(cast, dossier, title="Autrefois")
    Entry.objects.filter(pk=old.pk).update(happened_at=timezone.now() - timedelta(days=60))
    client, address = cast.client("total"), url("dossier", cast.account, dossier.pk)
    yesterday = (timezone.localdate() - timedelta(days=1)).strftime("%d/%m/%Y")
    page = text(client.get(address, {"depuis": yesterday}))
    assert "Ce matin" in page
    assert "Autrefois" not in page
    assert "Rien ne correspond" in text(client.get(address, {"type": "event"}))
    assert "Ce matin" in text(client.get(address, {"auteur": str(cast.account.pk)}))
    assert client.get(address, {"type": "x", "auteur": "y", "depuis": "z"}).status_code == 200


def is_a(user: User, label: str) -> None:
    """A profession of these tests alone."""
    profession = Profession.objects.create(code=label[:3].upper(), label=label)
    Professional.objects.filter(account__user=user).update(profession=profession)


def test_the_line_of_life_is_filtered_by_the_profession_of_whoever_wrote(cast: Cast, dossier: Dossier) -> None:
    """That of the day, which the entry keeps; one that wrote for its own account alone is not told to others."""
    other, told = person("Cyprien", "Lagarrigue"), Told("oral", timezone.localdate())
    DelegationFactory(holder=account_of(other), account=cast.account)
    add_members(acting(cast.total, cast.account, Space.DOSSIERS), dossier, [account_of(cast.stranger).pk], told)
    is_a(cast.total, "Rebouteux")
    is_a(other, "Herboriste")
    an_entry(cast, dossier, title="Pansement")
    who = acting(other, cast.account, Space.DOSSIERS)
    write_entry(who, dossier, "observation", "Marche", "Dix mètres.", who.at, "account")
    is_a(cast.total, "Barbier")
    client, address = cast.client("total"), url("dossier", cast.account, dossier.pk)

    def shown(**asked: str) -> tuple[bool, bool]:
        page = text(client.get(address, asked))
        printed = text(client.get(url("dossier_print", cast.account, dossier.pk), asked))
        found = ("Pansement" in page, "Marche" in page)
        assert found == ("Pansement" in printed, "Marche" in printed)
        return found

    assert shown() == (True, True)
    assert shown(profession="Rebouteux") == (True, False)
    assert shown(profession="Herboriste") == (False, True)
    assert shown(profession="Barbier") == (True, True), "nobody wrote as such: the filter does not offer it"
    closed, opened = text(client.get(address)), text(client.get(address, {"filtrer": "oui"}))
    assert ('href="?filtrer=oui#filtre"' in closed, "<option" in closed) == (True, False), "drawn once it is opened"
    assert ('<option value="Rebouteux">' in opened, "Tout montrer" in opened) == (True, False)
    theirs = text(
        cast.client("stranger").get(url("dossier", account_of(cast.stranger), dossier.pk), {"filtrer": "oui"})
    )
    assert ("Rebouteux" in theirs, "Herboriste" in theirs) == (True, False)
    for asked, titles in (({"profession": "Rebouteux"}, ["Pansement"]), ({"profession": "Barbier"}, [])):
        path = f"/api/v1/accounts/{cast.account.pk}/dossiers/{dossier.pk}/entries/"
        assert [one["title"] for one in client.get(path, asked).json()["results"]] == titles


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_what_is_written_shows_the_account_and_the_person(cast: Cast, dossier: Dossier) -> None:
    client = cast.client("total")
    client.post(url("entry_add", cast.account, dossier.pk, "event"), said(text="<script>alert(1)</script>"))
    page = text(client.get(url("dossier", cast.account, dossier.pk)))
    assert "EHPAD Les Genêts du Causse, par Hélène Vaysserat" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert JournalEntry.objects.filter(verb="entry.written").count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "Donnez un titre."),
        ({"text": "  \n "}, "Écrivez quelque chose"),
        ({"text": "x" * 20_001}, "20000 caractères au plus"),
        ({"happened_on": "01/01/2999"}, "La date du fait"),
        ({"happened_on": "29/03/2026", "happened": "2:30"}, "n’existe pas"),
        ({"confidentiality": "all"}, "Choisissez dans la liste."),
    ],
)
def test_an_entry_that_does_not_suit_is_not_written(
    cast: Cast, dossier: Dossier, wrong: dict[str, str], sentence: str
) -> None:
    response = cast.client("total").post(url("entry_add", cast.account, dossier.pk, "event"), said(**wrong))
    assert response.status_code == 400
    assert sentence in text(response)
    assert not Entry.objects.exists()


def test_a_correction_keeps_what_was_said(cast: Cast, dossier: Dossier) -> None:
    entry = an_entry(cast, dossier)
    client = cast.client("total")
    client.post(url("entry_correct", cast.account, dossier.pk, entry.pk), said(text="Elle va bien.", number="1"))
    page = text(client.get(url("entry", cast.account, dossier.pk, entry.pk)))
    assert "Elle va bien." in page
    assert "Elle va mieux." in page
    assert [one.number for one in EntryVersion.objects.order_by("number")] == [1, 2]


def test_of_two_who_correct_one_entry_the_second_is_told_and_loses_nothing(cast: Cast, dossier: Dossier) -> None:
    entry = an_entry(cast, dossier)
    client, address = cast.client("total"), url("entry_correct", cast.account, dossier.pk, entry.pk)
    client.post(address, said(text="La première.", number="1"))
    response = client.post(address, said(text="La seconde.", number="1"))
    assert response.status_code == 409
    page = text(response)
    assert "Quelqu’un vient de corriger cette entrée" in page
    assert "La seconde." in page
    assert "La première." in page
    assert 'name="number" value="2"' in page
    assert client.post(address, said(text="La seconde.", number="2")).status_code == 302


def test_only_the_account_that_wrote_corrects(cast: Cast, dossier: Dossier) -> None:
    entry = an_entry(cast, dossier)
    other = account_of(cast.stranger)
    add_members(
        acting(cast.total, cast.account, Space.DOSSIERS), dossier, [other.pk], Told("oral", timezone.localdate())
    )
    address = url("entry_correct", other, dossier.pk, entry.pk)
    assert cast.client("stranger").get(address).status_code == 403
    assert cast.client("stranger").post(address, said(number="1")).status_code == 403
    assert EntryVersion.objects.count() == 1


def test_an_identity_is_corrected_once_and_the_former_stays(cast: Cast, dossier: Dossier) -> None:
    client, address = cast.client("total"), url("dossier_identity", cast.account, dossier.pk)
    assert client.post(address, PATIENT | {"family_name": "Cazalbon", "version": "1"}).status_code == 302
    late = client.post(address, PATIENT | {"family_name": "Cazalboux", "version": "1"})
    assert late.status_code == 409
    assert "Cazalboux" in text(late)
    assert IdentityChange.objects.get().family_name == "Cazalbou"
    assert Dossier.objects.get().family_name == "Cazalbon"


def test_an_archived_dossier_is_read_and_not_written_in(cast: Cast, dossier: Dossier) -> None:
    client = cast.client("total")
    client.post(url("dossier_archive", cast.account, dossier.pk))
    client.post(url("dossier_archive", cast.account, dossier.pk))
    assert JournalEntry.objects.filter(verb="dossier.archived").count() == 1
    assert client.get(url("dossier", cast.account, dossier.pk)).status_code == 200
    refused = client.post(url("entry_add", cast.account, dossier.pk, "event"), said())
    assert refused.status_code == 409
    assert "archivé" in text(refused)
    client.post(url("dossier_restore", cast.account, dossier.pk))
    assert client.post(url("entry_add", cast.account, dossier.pk, "event"), said()).status_code == 302


def test_nothing_is_written_on_a_frozen_account(cast: Cast, dossier: Dossier) -> None:
    Account.objects.filter(pk=cast.account.pk).update(state=AccountState.FROZEN)
    client = cast.client("total")
    assert client.get(url("dossier", cast.account, dossier.pk)).status_code == 200
    assert client.post(url("entry_add", cast.account, dossier.pk, "event"), said()).status_code == 409
    assert client.post(url("dossier_add", cast.account), PATIENT | TOLD).status_code == 409


def test_users_are_kept_apart(client: Client, user: User) -> None:
    """One's own dossiers are one's own."""
    publish()
    client.force_login(user)
    assert client.post(url("dossier_add", user.account), PATIENT | TOLD).status_code == 302
    assert Dossier.objects.get().ground == "own"


@pytest.mark.parametrize("route", ["entry", "circle", "dossier_identity"])
def test_whatever_shows_something_of_a_dossier_is_an_opening(cast: Cast, dossier: Dossier, route: str) -> None:
    more = [an_entry(cast, dossier).pk] if route == "entry" else []
    assert cast.client("total").get(url(route, cast.account, dossier.pk, *more)).status_code == 200
    opened = JournalEntry.objects.get(verb="dossier.opened")
    assert (opened.actor, opened.account, opened.object_key) == (cast.total, cast.account, str(dossier.pk))


def test_asking_for_a_fragment_does_not_leave_the_list_out_of_the_journal(cast: Cast) -> None:
    cast.client("total").get(door(cast.account), headers={"HX-Request": "true"})
    assert JournalEntry.objects.filter(verb="space.opened", actor=cast.total, account=cast.account).count() == 1


def test_looking_for_a_dossier_to_link_is_a_search_too(cast: Cast, dossier: Dossier) -> None:
    client = cast.client("total")
    searches = JournalEntry.objects.filter(verb="dossier.searched", actor=cast.total, account=cast.account)
    for times, route in enumerate(("event_add", "task_add"), start=1):
        assert "Cazalbou Odile" in text(client.post(url(route, cast.account), {"look": "1", "find": "cazalb"}))
        assert searches.count() == times
    assert "azalb" not in str(list(searches.values_list("details", "object_key")))
