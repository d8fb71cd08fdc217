from datetime import UTC, date, datetime

import pytest
from django.core.paginator import Paginator

from spico.jinja import environment
from spico.web.pagination import page_numbers
from spico.web.typography import (
    counted,
    finess_number,
    french_date,
    french_moment,
    of_name,
    phone_link,
    phone_number,
    plural,
    rpps_number,
    siret_number,
    thousands,
)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", "_").replace("\N{NARROW NO-BREAK SPACE}", "-")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 23), "23_novembre_2026"),
        (date(2027, 3, 1), "1er_mars_2027"),
        (date(2026, 8, 31), "31_août_2026"),
    ],
)
def test_dates(day: date, said: str) -> None:
    assert plain(french_date(day)) == said


def test_a_moment_is_read_in_the_portals_time_zone() -> None:
    assert plain(french_moment(datetime(2026, 11, 22, 23, 12, tzinfo=UTC))) == "23_novembre_2026 à 0_h_12"
    assert plain(french_moment(datetime(2026, 7, 1, 12, 0, tzinfo=UTC))) == "1er_juillet_2026 à 14_h"
    assert plain(french_date(datetime(2026, 11, 22, 23, 12, tzinfo=UTC))) == "23_novembre_2026"


@pytest.mark.parametrize(("number", "said"), [(0, "0"), (999, "999"), (12_500, "12-500"), (2_500_000, "2-500-000")])
def test_thousands(number: int, said: str) -> None:
    assert plain(thousands(number)) == said


def test_numbers_that_are_dictated() -> None:
    assert plain(finess_number("120999017")) == "12_099_901_7"
    assert plain(finess_number("12D000017")) == "12_D00_001_7"
    assert plain(rpps_number("99900000017")) == "99_900_000_017"
    assert plain(siret_number("12345678900012")) == "123_456_789_00012"
    assert finess_number("1234") == "1234"


@pytest.mark.parametrize(
    ("given", "said", "link"),
    [
        ("0565000000", "05_65_00_00_00", "tel:+33565000000"),
        ("05 65.00-00 00", "05_65_00_00_00", "tel:+33565000000"),
        ("+33 5 65 00 00 00", "05_65_00_00_00", "tel:+33565000000"),
        ("+33 (0)5 65 00 00 00", "05_65_00_00_00", "tel:+33565000000"),
        ("0033565000000", "05_65_00_00_00", "tel:+33565000000"),
        ("+34 911 23 45 67", "+34 911 23 45 67", "tel:+34911234567"),
        ("3646", "3646", "tel:3646"),
        ("", "", "tel:"),
    ],
)
def test_telephones(given: str, said: str, link: str) -> None:
    assert plain(phone_number(given)) == said
    assert phone_link(given) == link


def test_a_name_takes_the_elision_of_its_first_letter() -> None:
    given = ["Paulin", "Hélène", "Élodie", "emma", ""]
    assert [of_name(name) for name in given] == ["de Paulin", "d’Hélène", "d’Élodie", "d’emma", "de "]


def test_the_plural_begins_at_two() -> None:
    assert [plural(count, "unité") for count in (0, 1, 2)] == ["unité", "unité", "unités"]
    assert plural(3, "lieu", "lieux") == "lieux"
    assert plain(counted(1200, "résultat")) == "1-200_résultats"


def rendered(source: str, **context: object) -> str:
    return environment().from_string(source).render(context)


@pytest.mark.parametrize(("civility", "said"), [("M", "Rattaché"), ("MME", "Rattachée"), ("", "Rattachement")])
def test_words_agree_with_the_person(civility: str, said: str) -> None:
    assert rendered('{{ c|agree("Rattaché,Rattachée,Rattachement") }}', c=civility) == said


def test_what_is_not_known_is_not_written() -> None:
    assert (
        rendered("{{ n|french_date }}{{ n|french_moment }}{{ n|thousands }}{{ n|finess }}{{ n|phone }}", n=None) == ""
    )


def test_pages_worth_a_link() -> None:
    pages = Paginator(range(200), 10)
    assert page_numbers(pages.page(1)) == [1, 2, None, 20]
    assert page_numbers(pages.page(10)) == [1, None, 9, 10, 11, None, 20]
