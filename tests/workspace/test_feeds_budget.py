"""A calendar program that never stops asking is made to wait, and whoever gave their link away loses nothing else."""

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import JournalEntry
from delegations.scopes import Space
from tests.delegations.people import Cast
from tests.workspace.making import acting
from workspace.services.feeds import create_feed

pytestmark = pytest.mark.django_db


def ask(secret: str) -> object:
    return Client().get(reverse("feeds:agenda", args=[secret]))


@override_settings(DIRECTORY_THROTTLE="3/hour")
def test_a_link_has_a_budget_of_its_own(cast: Cast) -> None:
    now = timezone.now()
    _, secret = create_feed(acting(cast.total, cast.account, Space.AGENDA, now))
    _, other = create_feed(acting(cast.total, cast.total.account, Space.AGENDA, now))
    assert [ask(secret).status_code for _ in range(5)] == [200, 200, 200, 429, 429]  # type: ignore[attr-defined]
    told = ask(secret)
    assert 0 < int(told["Retry-After"]) <= 2 * 3600  # type: ignore[index]
    assert told["Content-Type"].startswith("text/plain")  # type: ignore[index]
    assert "réessayez dans" in told.content.decode()  # type: ignore[attr-defined]
    assert JournalEntry.objects.filter(verb="feed.read").count() == 3
    assert ask(other).status_code == 200  # type: ignore[attr-defined]
    assert cast.client("total").get(reverse("directory:structure", args=[cast.structure.finess])).status_code == 200
    assert [ask("x" * 43).status_code for _ in range(5)] == [404] * 5  # type: ignore[attr-defined]
