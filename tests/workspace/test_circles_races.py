"""Two real connections at the same instant: what is said of a circle once is said once."""

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import JournalEntry
from delegations.errors import Refused
from delegations.scopes import Space
from tests.delegations.people import account_of, person, publish
from tests.delegations.test_races import at_once, statuses
from tests.workspace.making import a_dossier, acting
from workspace.models import CircleMember
from workspace.services.circles import Told, add_members, tell_informed

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_say_it_at_once_one_is_kept(db: None) -> None:
    user, other = person("Rémi", "Aubrespin"), person("Hélène", "Vaysserat")
    publish()
    mine, theirs = (acting(one, account_of(one), Space.DOSSIERS) for one in (user, other))
    dossier = a_dossier(mine, theirs.account)
    third = account_of(person("Soline", "Carbonnac"))
    publish()
    add_members(mine, dossier, [third.pk], Told("emergency", None))
    today = timezone.localdate()
    mine, theirs = (acting(one, account_of(one), Space.DOSSIERS) for one in (user, other))

    def say(who: Any, how: str) -> None:
        tell_informed(who, dossier, CircleMember.objects.get(member=third), Told(how, today))

    results = at_once(*[partial(say, mine, "oral"), partial(say, theirs, "written")] * 2)
    assert statuses(results) == [409] * 3
    [won] = [place for place, found in enumerate(results) if found is None]
    assert CircleMember.objects.get(member=third).informed_how == ("oral", "written")[won % 2]
    assert JournalEntry.objects.filter(verb="circle.informed").count() == 1
    refusals = [found for found in results if isinstance(found, Refused)]
    assert all("C’est déjà dit" in found.sentence for found in refusals)
