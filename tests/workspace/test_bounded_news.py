"""What is new is counted as far as it is said, and no further."""

import pytest
from django.utils import timezone

from delegations.scopes import Space
from tests.delegations.people import Cast
from tests.workspace.making import a_conversation, a_dossier, acting
from workspace import news
from workspace.news import News

pytestmark = pytest.mark.django_db


def test_a_long_count_stops_where_the_words_do(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MOST", 2)
    for _ in range(4):
        a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))
        a_conversation(acting(cast.total, cast.account, Space.DISCUSSIONS))
    # Somebody who holds all of it too, and has read nothing yet.
    asked = {"user": cast.partial, "accounts": [cast.account.pk], "at": timezone.now()}
    dossiers = dict(news._moved_dossiers(**asked, since=timezone.now() - news.RECENT))
    assert dossiers == {cast.account.pk: 3}
    assert dict(news._unread_conversations(**asked)) == {cast.account.pk: 3}
    assert News(Space.DOSSIERS, 3).words == "2+\xa0dossiers modifiés"


def test_each_account_counts_its_own(cast: Cast) -> None:
    a_conversation(acting(cast.total, cast.account, Space.DISCUSSIONS))
    mine = cast.total.account.pk
    found = news.count_news(Space.DISCUSSIONS, cast.total, [cast.account.pk, mine], timezone.now())
    assert (found.get(cast.account.pk, 0), found.get(mine, 0)) == (1, 0)
