import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.states import AccountState
from directory.demo import cast
from directory.demo.build import build
from directory.demo.catalogue import BY_CODE, SORTS
from directory.demo.large import LARGE_FINESS, make_large_structure
from directory.demo.names import family_names
from directory.demo.region import Region
from directory.demo.territory import PREFECTURES
from directory.demo.trades import TRADES, parse
from directory.demo.wards import FIELDS, HOSPITAL, SMALL, STAFF
from directory.demo.words import words
from directory.models import (
    Attachment,
    InternalOrganisation,
    Professional,
    SearchEntry,
    Source,
    Structure,
)
from directory.reference import LISTS
from tests.directory.demonstration import SCALE, counts, make

FICTION = re.compile(r"05 36 49 \d\d \d\d|04 65 71 \d\d \d\d")


@pytest.fixture(scope="module")
def drawn() -> Region:
    """Drawn in memory: no database."""
    return build(scale=SCALE)


def facts(region: Region) -> list[tuple[object, ...]]:
    """Every row, without the numbers that the database gives."""
    return [
        *((row.pk, row.kind, row.state, row.name) for row in region.accounts),
        *((row.finess, row.name, row.address, row.commune_id, row.phone, row.closed_on) for row in region.structures),
        *((row.ror_id, row.name, row.parent and row.parent.ror_id, row.type_id) for row in region.units),
        *(
            (row.rpps, row.family_name, row.given_name, row.title, tuple(row.specialities))
            for row in region.professionals
        ),
        *((row.professional.account_id, row.function, row.since, row.until) for row in region.attachments),
        *((row.key, row.name, row.address, row.phone) for row in region.locations),
        *((row.ror_id, row.name, str(row.hours)) for row in region.offers),
        *((row.value, row.confidentiality) for row in region.contacts),
        *((named.row.name, named.name, named.until) for named in region.former),
    ]


# The region as it is drawn


def test_the_same_seed_draws_the_same_rows(drawn: Region) -> None:
    assert facts(build(scale=SCALE)) == facts(drawn)


def test_another_seed_draws_others(drawn: Region) -> None:
    assert facts(build(seed=2, scale=SCALE)) != facts(drawn)


def test_a_whole_region_has_the_size_that_was_asked() -> None:
    region = build()
    assert 2_900 <= len(region.structures) <= 3_100
    assert 8_500 <= len(region.units) <= 9_500
    assert 19_500 <= len(region.professionals) <= 20_500
    assert {row.department_id for row in region.structures} == set(PREFECTURES)
    assert {row.category_id for row in region.structures} == {sort.code for sort in SORTS}
    assert len(region.former) > 50


def test_numbers_cannot_be_real(drawn: Region) -> None:
    assert all(re.fullmatch(r"\d\dD\d{6}", row.finess) for row in drawn.structures)
    assert all(re.fullmatch(r"\d\dD9\d{5}", row.number or "") for row in drawn.entities)
    assert all(re.fullmatch(r"9991\d{7}", row.rpps) for row in drawn.professionals if row.rpps)
    assert all((row.ror_id or "").startswith("DEMO-") for row in [*drawn.units, *drawn.offers])


def test_numbers_are_given_once(drawn: Region) -> None:
    for numbers in (
        [row.finess for row in drawn.structures],
        [row.number for row in drawn.entities],
        [row.rpps for row in drawn.professionals if row.rpps],
        [row.ror_id for row in drawn.units],
        [row.ror_id for row in drawn.offers],
        [row.pk for row in drawn.accounts],
    ):
        assert len(numbers) == len(set(numbers))


def test_telephones_ring_nowhere(drawn: Region) -> None:
    phones = [row.phone for row in [*drawn.structures, *drawn.locations]]
    phones += [row.value for row in drawn.contacts if row.channel == "phone"]
    assert phones
    assert all(FICTION.fullmatch(phone) for phone in phones)


def test_mailboxes_lead_nowhere(drawn: Region) -> None:
    mailboxes = [row.value for row in drawn.contacts if row.channel != "phone"]
    assert mailboxes
    assert all(mailbox.endswith(".example") for mailbox in mailboxes)


def test_everything_says_that_it_is_a_demonstration(drawn: Region) -> None:
    rows = [*drawn.entities, *drawn.structures, *drawn.units, *drawn.professionals, *drawn.attachments]
    rows += [*drawn.locations, *drawn.offers, *drawn.contacts]
    assert {row.source for row in rows} == {Source.DEMO}


def test_no_establishment_bears_a_persons_name(drawn: Region) -> None:
    """Its town may be that of a saint, and Aude is also a department; its own name holds nobody's."""
    people = {*family_names(), *words("people")["women"], *words("people")["men"]} - {"Aude"}
    own = (row.name.replace(row.city.replace("'", "’"), "") for row in drawn.structures)
    assert not {word for name in own for word in re.split(r"[ ,’-]", name)} & people


def test_there_are_names_enough_of_many_origins() -> None:
    assert len(family_names()) >= 400
    assert len(set(words("people")["women"]) | set(words("people")["men"])) >= 150


def test_a_title_agrees_with_its_bearer(drawn: Region) -> None:
    hers = {trade.title[0] for trade in TRADES.values()}
    his = {trade.title[1] for trade in TRADES.values()}
    untold = [row for row in drawn.professionals if not row.rpps]
    assert untold
    assert all(row.title in (hers if row.civility == "MME" else his) for row in untold)


def test_whoever_has_no_rpps_has_a_title_and_no_profession(drawn: Region) -> None:
    assert all((row.profession_id is None) == (row.rpps is None) == bool(row.title) for row in drawn.professionals)


def test_doctors_have_a_speciality_and_they_alone(drawn: Region) -> None:
    assert all(bool(row.specialities) == (row.profession_id == "10") for row in drawn.professionals)


def test_a_unit_stands_inside_its_own_establishment(drawn: Region) -> None:
    nested = [row for row in drawn.units if row.parent]
    assert nested
    assert all(row.parent and row.parent.structure is row.structure for row in nested)


def test_nobody_is_attached_twice_to_one_place(drawn: Region) -> None:
    places = Counter((row.professional.account_id, place_of(row)) for row in drawn.attachments if not row.until)
    assert max(places.values()) == 1


def test_what_is_closed_keeps_nobody() -> None:
    region = build(scale=0.2)
    closed = [row for row in region.structures if row.closed_on]
    assert closed
    assert {row.account.state for row in closed} == {AccountState.CLOSED}
    assert all(row.closed_on for row in region.units if row.structure.closed_on)
    assert all(row.until for row in region.attachments if structure_of(row).closed_on)
    assert all(row.until for row in region.attachments if row.professional.closed_on)


def test_nobody_works_anywhere_before_it_opens_or_after_they_left(drawn: Region) -> None:
    assert all(row.since >= structure_of(row).opened_on for row in drawn.attachments)  # type: ignore[operator]
    assert all(row.until >= row.since for row in drawn.attachments if row.until)  # type: ignore[operator]
    assert all(row.opened_on < row.closed_on for row in drawn.structures if row.closed_on)  # type: ignore[operator]


def structure_of(row: Attachment) -> Structure:
    return row.structure or row.internal_organisation.structure  # type: ignore[union-attr]


def test_a_sensitive_unit_says_nothing(drawn: Region) -> None:
    sensitive = [row for row in drawn.offers if row.is_sensitive]
    assert sensitive
    assert all(
        (row.name, row.structure, row.internal_organisation, row.hours) == ("", None, None, []) for row in sensitive
    )
    assert not [row for row in drawn.contacts if row.offer in sensitive]


def test_contacts_have_the_three_levels(drawn: Region) -> None:
    assert {row.confidentiality for row in drawn.contacts} == {1, 2, 3}


def test_every_word_of_the_catalogue_is_known() -> None:
    """A misspelt code, trade or field would only show as a hole in the region."""
    assert set(BY_CODE) <= {row.pk for model, read in LISTS.items() for row in read() if "Category" in model.__name__}
    staffs = [parse(sort.staff) for sort in SORTS] + list(STAFF.values())
    assert {trade for staff in staffs for trade in staff} <= set(TRADES)
    assert {sort.units for sort in SORTS} - {""} <= {*SMALL, "chu", "hospital", "clinic", "mind"}
    in_hospital = {service.split("|")[0].split(",")[1] for services in HOSPITAL.values() for service in services}
    assert (in_hospital | {field for units in SMALL.values() for _, field, _, _ in units if field}) <= set(FIELDS)


# The cast


@pytest.fixture(params=["infirmiere", "referent", "medecin", "kine", "coordinatrice"])
def username(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


def test_a_member_of_the_cast_is_always_there(drawn: Region, username: str) -> None:
    for region in (drawn, build(seed=5, scale=0.001)):
        person = region.cast[username]
        assert person.given_name == cast.CAST[username].given
        assert person.account.state == AccountState.OPEN


def places_of(region: Region, username: str) -> set[str | None]:
    rows = [row for row in region.attachments if row.professional is region.cast[username] and not row.until]
    return {place_of(row) for row in rows}


def place_of(row: Attachment) -> str | None:
    return row.structure.finess if row.structure else row.internal_organisation and row.internal_organisation.ror_id


def test_the_cast_stands_where_its_story_needs(drawn: Region) -> None:
    assert places_of(drawn, "infirmiere") == {cast.EHPAD_UNIT}
    assert places_of(drawn, "referent") == {cast.EHPAD_FINESS}
    assert cast.EHPAD_FINESS not in places_of(drawn, "kine")
    assert not [key for key in places_of(drawn, "kine") if cast.EHPAD_FINESS in (key or "")]
    assert places_of(drawn, "medecin") == {cast.GERIATRICS, cast.EHPAD_FINESS}
    assert places_of(drawn, "coordinatrice") == {cast.DAC_TEAM}
    names = {row.ror_id: row.name for row in drawn.units}
    assert names[cast.EHPAD_UNIT] == "Unité protégée Les Aubépines"
    assert names[cast.GERIATRICS] == "Service de gériatrie aiguë"
    assert names[cast.MOBILE_TEAM] == "Équipe mobile de gériatrie"
    assert names[cast.SOCIAL_SERVICE] == "Service social hospitalier"


def test_the_nurse_has_a_homonym(drawn: Region) -> None:
    nurse = drawn.cast["infirmiere"]
    same = [row for row in drawn.professionals if str(row) == str(nurse)]
    assert sorted(row.profession_id or "" for row in same) == ["10", "60"]


# In the database: see `test_demo_stored` for what stands there


def test_a_taken_sign_in_name_is_refused_and_nothing_is_written(db: None) -> None:
    User.objects.create_user("kine")
    with pytest.raises(CommandError, match="« kine »"):
        make()
    assert not Structure.objects.exists()


def test_an_interrupted_run_leaves_nothing_and_the_next_succeeds(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("directory.demo.write.rebuild_dictionary", interrupt)
        with pytest.raises(KeyboardInterrupt):
            make()
    assert set(counts().values()) == {0}
    assert "structures" in make()


def interrupt() -> None:
    raise KeyboardInterrupt


def test_it_is_refused_where_the_demo_is_not_allowed(settings, db: None) -> None:
    settings.IS_DEMO_ALLOWED = False
    for option in ([], ["--if-missing"], ["--logins"]):
        with pytest.raises(CommandError, match="refusée ici"):
            make(*option)


def test_production_refuses_it() -> None:
    from spico.settings import base  # noqa: PLC0415

    assert settings.IS_DEMO_ALLOWED is True
    assert base.IS_DEMO_ALLOWED is False


def test_logins_are_said_without_a_database() -> None:
    said = make("--logins")
    assert [line.split()[0] for line in said.splitlines()[1:-1]] == [*cast.CAST, cast.CENTRE]
    assert cast.PASSWORD in said.splitlines()[-1]


@pytest.mark.parametrize("scale", ["0", "-1", "2", "beaucoup", "nan"])
def test_a_scale_that_means_nothing_is_refused(scale: str) -> None:
    with pytest.raises(CommandError, match="n’est pas une échelle"):
        call_command("demo_region", "--scale", scale)


def test_a_large_structure_is_made_once(db: None) -> None:
    structure = make_large_structure()
    assert make_large_structure() == structure
    assert structure.finess == LARGE_FINESS
    assert InternalOrganisation.objects.filter(structure=structure).count() == 300
    assert Attachment.objects.count() == Professional.objects.count() == 2_000
    assert SearchEntry.objects.filter(kind="professional").count() == 2_000
