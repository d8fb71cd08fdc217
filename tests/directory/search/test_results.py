"""What a person reads: why it matched, what else there is, what to do when nothing was found."""

from datetime import date

import pytest

from directory.search import COUNT_CAP, Count, Mark, Query, Results, Tier, WayOn, publish, rebuild_dictionary, search
from tests.factories import ProfessionalFactory, StructureFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def directory(db: None) -> None:
    hospital = (Mark.ACRONYM + "CH centre hospitalier", Mark.NATURE + "Centre Hospitalier (C.H.) ; C.H.")
    publish(
        "structure",
        "999000001",
        label="C.H. de la Boralde Saint-Jean",
        detail="Centre hospitalier · Espalion",
        keywords="\n".join([Mark.OTHER_NAME + "Hôpital d’Olt", *hospital, Mark.PLACE + "Espalion 12500"]),
        numbers=["999000001", "99900000100017"],
        departments=["12"],
        communes=["12096"],
        facets=["355"],
        popularity=2,
        at=TODAY,
    )
    publish("unit", "1", label="Unité de gériatrie", keywords=Mark.STRUCTURE + "C.H. de la Boralde", at=TODAY)
    publish(
        "professional",
        "7",
        label="Bénédicte LAGARROUSSE",
        detail="Infirmière · Espalion",
        keywords=f"{Mark.NATURE}Infirmier ; Infirmière\n{Mark.SPECIALITY}Soins palliatifs\nvélo",
        numbers=["99900000001"],
        departments=["12"],
        facets=["60"],
        at=TODAY,
    )


def reason(text: str, **asked: object) -> str:
    return search(Query(text, **asked)).hits[0].match.reason


def marked(text: str) -> str:
    parts = search(Query(text)).hits[0].match.label_parts
    return "".join(f"[{part}]" if is_match else part for part, is_match in parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "boralde st jean": "Trouvé dans le nom",
        "geri": "Trouvé par le début d’un mot : geri…",
        "999 000 001": "Trouvé par le numéro FINESS 999000001",
        "999 000 001 00017": "Trouvé par le numéro SIRET 99900000100017",
        "99900000001": "Trouvé par le numéro RPPS 99900000001",
        "olt": "Trouvé par un autre nom : Hôpital d’Olt",
        "centre hospitalier": "Trouvé par le sigle CH",
        "infirmiere": "Trouvé par la profession : Infirmière",
        "palliatifs": "Trouvé par le savoir-faire : Soins palliatifs",
        "12500": "Trouvé par le code postal 12500",
        "boralde espalion": "Trouvé dans le nom et par la commune : Espalion",
        "velo": "Trouvé par un autre mot de la fiche : vélo",
        "lagarousse": "Orthographe approchée : LAGARROUSSE pour « lagarousse »",
        "lagarouse": "",
    }.items(),
)
def test_a_hit_says_why_it_matched(text: str, expected: str) -> None:
    results = search(Query(text))
    said = [hit.match.reason.replace(NBSP, " ") for hit in results.hits]
    assert said[0] == expected if expected else said == []


def test_the_beginning_of_a_number_is_said_to_be_one() -> None:
    assert reason("99900000100", kinds=("structure",)) == "Trouvé par le début du numéro SIRET 99900000100017"
    assert reason("99900", kinds=("structure",)).startswith("Trouvé par le début du numéro FINESS")


def test_without_words_nothing_has_to_be_explained() -> None:
    assert reason("", department="12") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "bene": "[Béné]dicte LAGARROUSSE",
        "bénédicte lagarr": "[Bénédicte] [LAGARR]OUSSE",
        "ch st jean": "[C.H.] de la Boralde [Saint]-[Jean]",
        "lagarousse": "Bénédicte [LAGARROUSSE]",
        "espalion boralde": "C.H. de la [Boralde] Saint-Jean",
    }.items(),
)
def test_the_letters_that_matched_are_marked(text: str, expected: str) -> None:
    assert marked(text).replace("[C.H].", "[C.H.]") == expected


def test_a_hit_knows_its_page_and_its_kind() -> None:
    hit = search(Query("boralde", kinds=("structure",))).hits[0]
    assert hit.url.endswith("999000001/")
    assert (hit.kind_label, hit.icon, hit.is_person, hit.account) == ("Établissement", "building", False, None)
    person = search(Query("benedicte")).hits[0]
    assert (person.initials, person.is_person) == ("BL", True)


def test_a_published_account_comes_with_the_hit() -> None:
    person = ProfessionalFactory()
    publish("professional", str(person.pk), label="Soline Carbonnac", account=person.account, at=TODAY)
    assert search(Query("carbonnac")).hits[0].account == person.account_id
    structure = StructureFactory()
    publish("structure", "2", label="Le Caylar", account=structure.account_id, at=TODAY)
    assert search(Query("caylar")).hits[0].account == structure.account_id


def test_each_kind_is_counted_whether_ticked_or_not_and_says_when_by_spelling() -> None:
    counts = search(Query("boralde", kinds=("professional",))).kind_counts
    assert counts["structure"] == counts["unit"] == Count(1, is_exact=True)
    assert search(Query("lagarousse", kinds=("structure",))).kind_counts["professional"] == Count(1, True, True)


def test_departments_are_counted_without_their_own_filter() -> None:
    publish("structure", "2", label="Boralde", departments=["31", "12"], at=TODAY)
    results = search(Query("boralde", kinds=("structure",), department="31"))
    assert results.count == 1
    assert results.department_counts == {"12": Count(2, is_exact=True), "31": Count(1, is_exact=True)}


def test_spelling_serves_only_when_the_ticked_kinds_have_nothing_else() -> None:
    publish("structure", "2", label="Lagarrouste", at=TODAY)
    assert search(Query("lagarrousse", kinds=("structure",))).tier is Tier.SPELLING
    both = search(Query("lagarrousse", kinds=("structure", "professional")))
    assert [hit.kind for hit in both.hits] == ["professional"]


def test_a_far_more_frequent_word_is_suggested_but_no_plural_nor_feminine() -> None:
    for key in range(12):
        publish("unit", f"a{key}", label=f"Cardiologie {key}", at=TODAY)
    publish("unit", "b", label="Cardiologue Cardialogie", at=TODAY)
    publish("unit", "c", label="Cardiologies", at=TODAY)
    rebuild_dictionary()
    assert search(Query("Unité de cardialogie", kinds=("unit",))).suggestion == ""
    assert search(Query("La cardialogie", kinds=("unit",))).suggestion == "La cardiologie"
    assert search(Query("cardiologies", kinds=("unit",))).suggestion == ""


def test_an_approximate_answer_suggests_its_own_words() -> None:
    assert search(Query("Mme lagarousse")).suggestion == ""
    assert search(Query("Bénédicte lagarousse")).suggestion == "Bénédicte lagarrousse"


def ways(query: Query) -> dict[WayOn, Query]:
    results = search(query)
    assert results.count == 0
    assert all(search(way.query).count == way.count.n for way in results.ways)
    return {way.on: way.query for way in results.ways}


def test_nothing_found_points_to_the_kinds_that_have_it() -> None:
    assert ways(Query("geriatrie", kinds=("structure",))) == {WayOn.KIND: Query("geriatrie", kinds=("unit",))}


def test_nothing_found_points_to_the_search_without_a_filter() -> None:
    query = Query("boralde", kinds=("structure",), department="31", commune="12096")
    assert ways(query) == {WayOn.DEPARTMENT: Query("boralde", kinds=("structure",), commune="12096")} | {
        WayOn.FILTERS: Query("boralde", kinds=("structure",))
    }


def test_nothing_found_points_to_the_search_without_the_word_that_nobody_has() -> None:
    assert ways(Query("boralde introuvable", kinds=("structure",)))[WayOn.WORD].text == "boralde"


def test_nothing_found_points_to_what_is_closed() -> None:
    publish("structure", "2", label="Le Caylar", is_closed=True, at=TODAY)
    assert ways(Query("caylar"))[WayOn.CLOSED] == Query("caylar", with_closed=True)


def test_nothing_found_at_all_points_to_the_whole_directory() -> None:
    assert ways(Query("zzzzzzz", kinds=("structure",))) == {WayOn.EVERYTHING: Query(kinds=("structure",))}
    assert set(ways(Query("zzzzzzz", kinds=("structure",), department="zz"))) == {WayOn.EVERYTHING}


def test_ways_are_said_in_french() -> None:
    (way,) = search(Query("geriatrie", kinds=("structure",))).ways
    assert way.text == f"Chercher parmi les unités et services{NBSP}: 1{NBSP}résultat"


HOSTILE = [
    "x" * 10_000,
    "e " * 10_000,
    "a b c d e f g h",
    "%",
    "_",
    "\\",
    "'",
    "' OR 1=1 --",
    "\0",
    "bora\0lde",
    "🏥 👩‍⚕️",
    "\ud800 lone",
    "&|!():*<->",
    "'a':* & !b",
    "é" * 300,
    "\u0301" * 300,
    "1" * 400,
    "st",
    "st ste st ste",
    "de la",
    "d'",
    " ",
    "\n\t",
    "=",
    "/12",
    "#355",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kinds", [(), ("structure",), ("nothing",)])
def test_any_text_is_a_normal_search(text: str, kinds: tuple[str, ...]) -> None:
    results = search(Query(text, kinds=kinds, with_closed=True))
    assert results.count <= 3
    assert results.hits or results.ways


@pytest.mark.parametrize(
    "asked",
    [
        {"department": "zz"},
        {"department": "'; DROP TABLE x"},
        {"department": "1" * 500},
        {"commune": "\0"},
        {"category": "%"},
        {"profession": "\ud800"},
        {"category": "355", "profession": "\\'"},
    ],
)
def test_a_filter_that_means_nothing_finds_nothing(asked: dict[str, str]) -> None:
    if asked.get("category") != "355":
        assert search(Query("boralde", **asked)).count == 0
    assert search(Query("boralde", **asked)).count_is_exact


@pytest.mark.parametrize("page", [-1, 0, 10**9])
@pytest.mark.parametrize("page_size", [-5, 0, 1, 10**6])
def test_a_page_that_does_not_exist_is_the_nearest_that_does(page: int, page_size: int) -> None:
    results = search(Query(page=page, page_size=page_size))
    assert 1 <= results.page <= results.pages
    assert results.page * len(results.hits) <= COUNT_CAP
    assert results.hits


def test_a_search_takes_a_few_statements_however_many_match(django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(4):
        few = search(Query("boralde"))
    for key in range(30):
        publish("structure", f"x{key}", label=f"Boralde {key}", at=TODAY)
    with django_assert_max_num_queries(4):
        more = search(Query("boralde"))
    assert isinstance(few, Results)
    assert more.count == few.count + 30
