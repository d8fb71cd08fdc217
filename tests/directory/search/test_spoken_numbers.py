"""Numbers as pages show them and people read them aloud, in groups."""

from datetime import date

import pytest

from directory.search import Query, Tier, WayOn, publish, search

AT = date(2026, 11, 23)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["12D099017", "12 D09 901 7", "12\xa0d09\xa0901\xa07", "12 D099017"])
def test_a_finess_number_is_found_in_groups_even_with_a_letter(text: str) -> None:
    publish("structure", "12D099017", label="EHPAD Les Genêts", numbers=["12D099017"], at=AT)
    results = search(Query(text=text))
    assert [hit.key for hit in results.hits] == ["12D099017"]
    assert results.tier == Tier.NUMBER


@pytest.mark.django_db
def test_words_with_figures_are_not_taken_for_a_number() -> None:
    publish("structure", "1", label="Foyer du 8 mai 1945", at=AT)
    assert search(Query(text="8 mai 1945")).tier == Tier.WORDS


@pytest.mark.django_db
def test_no_way_on_drops_every_word_that_says_something() -> None:
    publish("structure", "1", label="EHPAD et résidence", at=AT)
    ways = search(Query(text="plaies et cicatrisation")).ways
    assert WayOn.WORD not in {way.on for way in ways}
    assert ways
