"""What the tests of dossiers share: addresses, what is typed, something written."""

from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from delegations.scopes import Space
from tests.delegations.people import Cast
from tests.workspace.making import acting
from workspace.models import Dossier, Entry
from workspace.services.circles import Told, add_members
from workspace.services.entries import write_entry

TODAY = "26/11/2020"
PATIENT = {"family_name": "Cazalbou", "given_names": "Odile", "birth_date": "02/04/1938", "sex": "F", "ins": ""}
TOLD = {"informed_how": "oral", "informed_on": TODAY}


def url(name: str, account: Account, *more: object) -> str:
    return reverse(f"spaces:{name}", args=[account.pk, *more])


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def door(account: Account) -> str:
    return reverse("spaces:space", args=[account.pk, Space.DOSSIERS])


def an_entry(cast: Cast, dossier: Dossier, **more: object) -> Entry:
    said = {"title": "Passage du matin", "text": "Elle va mieux.", "confidentiality": "circle"} | more
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    return write_entry(who, dossier, "observation", happened_at=who.at, **said)


def bring_in(cast: Cast, dossier: Dossier, *others: Account) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    add_members(who, dossier, [one.pk for one in others], Told("oral", timezone.localdate()))


def said(**more: str) -> dict[str, str]:
    today = timezone.localdate().strftime("%d/%m/%Y")
    base = {"title": "Chute", "text": "Sans gravité.", "happened_on": today, "happened": "0:05"}
    return base | {"confidentiality": "circle"} | more
