"""The people who sign in to the demo, and the places that their story needs: always there, whatever the scale."""

from dataclasses import dataclass
from datetime import date

from directory.demo.wards import ELEMENTARY, FUNCTIONAL, POLE, SERVICE, Ward

PASSWORD = "spico-demo"  # noqa: S105, printed by `make run` and refused in production
# Reserved: no mail to it ever leaves.
MAIL_DOMAIN = "spico.example"

EHPAD_FINESS = "12D099017"
CH_FINESS = "12D099025"
MSP_FINESS = "12D099033"
DAC_FINESS = "12D099041"
SSIAD_FINESS = "12D099058"
PHARMACY_FINESS = "12D099066"

# Identifiers (`ror_id`) of units: the structure's number, then the rank of the unit in its list, from 1.
EHPAD_UNIT = "DEMO-12D099017-04"
GERIATRICS = "DEMO-12D099025-02"
MOBILE_TEAM = "DEMO-12D099025-05"
SOCIAL_SERVICE = "DEMO-12D099025-12"
DAC_TEAM = "DEMO-12D099041-02"


def address_of(username: str) -> str:
    return f"{username}@{MAIL_DOMAIN}"


@dataclass(frozen=True)
class Place:
    """`sort`: a FINESS category of the catalogue. `units`: when absent, the tree is drawn like any other."""

    finess: str
    sort: str
    name: str
    long_name: str
    insee_code: str
    address: str
    phone: str
    entity: str
    units: tuple[Ward, ...] | None = None
    former_name: str = ""
    former_until: date | None = None


@dataclass(frozen=True)
class Member:
    """`places`: structures' numbers, units' identifiers, and `functions` there, in the same order.

    `trade`: a key of `trades.TRADES`, whose function is the usual one.
    """

    civility: str
    given: str
    family: str
    trade: str
    places: tuple[str, ...]
    functions: tuple[str, ...] = ()
    since: date = date(2019, 9, 2)
    speciality: str = ""
    is_liberal: bool = False


EHPAD_UNITS = (
    Ward("Hébergement permanent", SERVICE, "home_care"),
    Ward("Unité Les Genévriers", ELEMENTARY, "", 0),
    Ward("Unité Les Orchis", ELEMENTARY, "", 0),
    Ward("Unité protégée Les Aubépines", FUNCTIONAL, "home_care"),
    Ward("Pôle d’activités et de soins adaptés (PASA)", FUNCTIONAL, "pasa"),
    Ward("Accueil de jour Le Pigeonnier", FUNCTIONAL, "day_care"),
    Ward("Hébergement temporaire", FUNCTIONAL),
)
CH_UNITS = (
    Ward("Pôle gériatrie", POLE),
    Ward("Service de gériatrie aiguë", SERVICE, "elders", 0),
    Ward("Unité de soins A", FUNCTIONAL, "", 1),
    Ward("Unité de soins B", FUNCTIONAL, "", 1),
    Ward("Équipe mobile de gériatrie", FUNCTIONAL, "elders_mobile", 1),
    Ward("Hôpital de jour", FUNCTIONAL, "", 1),
    Ward("Pôle médecine et urgences", POLE),
    Ward("Service des urgences", SERVICE, "emergency", 6),
    Ward("Médecine polyvalente", SERVICE, "medicine", 6),
    Ward("Consultations avancées", FUNCTIONAL, "consultations", 8),
    Ward("Plateau de rééducation", SERVICE, "rehab"),
    Ward("Service social hospitalier", SERVICE, "social"),
    Ward("Pharmacie à usage intérieur", SERVICE, "pharmacy"),
)
DAC_UNITS = (
    Ward("Accueil et orientation", SERVICE, "orientation"),
    Ward("Équipe territoriale nord", FUNCTIONAL, "pathway"),
    Ward("Équipe territoriale sud", FUNCTIONAL, "pathway"),
    Ward("Cellule situations complexes", FUNCTIONAL, "pathway"),
)
PLACES = (
    Place(
        EHPAD_FINESS, "500", "EHPAD Les Genêts du Causse",
        "Établissement d’hébergement pour personnes âgées dépendantes Les Genêts du Causse",
        "12033", "7, chemin de la Draille", "05 36 49 12 01", "Association Les Genêts du Causse", EHPAD_UNITS,
        "Maison de retraite du Causse", date(2014, 6, 30),
    ),
    Place(
        CH_FINESS, "355", "CH de la Boralde", "Centre hospitalier de la Boralde", "12096", "4, chemin des Lavandières",
        "05 36 49 12 02", "Établissement public de santé de la Boralde", CH_UNITS,
        "Hôpital rural d’Espalion", date(2011, 12, 31),
    ),
    Place(
        MSP_FINESS, "603", "Maison de santé du Ségala", "Maison de santé pluriprofessionnelle du Ségala", "12169",
        "2, place du Foirail", "05 36 49 12 03", "SISA du Ségala", (),
    ),
    Place(
        DAC_FINESS, "606", "DAC Aveyron Relais", "Dispositif d’appui à la coordination Aveyron Relais", "12202",
        "18, avenue de la Gare", "05 36 49 12 04", "Association Aveyron Relais", DAC_UNITS,
    ),
    Place(
        SSIAD_FINESS, "354", "SSIAD de la vallée du Lot", "Service de soins infirmiers à domicile de la vallée du Lot",
        "12096", "11, rue du Pont", "05 36 49 12 05", "Association d’entraide de la vallée du Lot", None,
    ),
    Place(
        PHARMACY_FINESS, "620", "Pharmacie du Vieux Pont", "", "12096", "1, rue du Pont", "05 36 49 12 06",
        "SELARL du Vieux Pont", (),
    ),
)  # fmt: skip

CAST = {
    "infirmiere": Member("MME", "Bénédicte", "Lagarrousse", "nurse", (EHPAD_UNIT,), since=date(2026, 11, 2)),
    "referent": Member("MME", "Maïlis", "Tournemirande", "nurse_manager", (EHPAD_FINESS,), since=date(2015, 3, 2)),
    "medecin": Member(
        "M",
        "Rémi",
        "Aubrespin",
        "doctor",
        (GERIATRICS, EHPAD_FINESS),
        ("praticien hospitalier", "médecin coordonnateur"),
        speciality="Gériatrie",
    ),
    "kine": Member("M", "Loïc", "Vaysserat", "physio", (MSP_FINESS,), is_liberal=True),
    "coordinatrice": Member("MME", "Hélène", "Carbonnac", "pathway", (DAC_TEAM,), since=date(2021, 1, 4)),
}
# What already uses SPICO, besides the places above.
OPEN_UNITS = {EHPAD_UNIT, GERIATRICS, MOBILE_TEAM, SOCIAL_SERVICE, DAC_TEAM}

# No listing and no account: the service centre runs the directory, it is not in it.
CENTRE = "centre"
CENTRE_NAME = ("Jourdan", "Massabielle")

# Who they meet; the second one is the nurse's homonym.
AROUND = (
    Member("MME", "Soline", "Estorgues", "social_worker", (SOCIAL_SERVICE,)),
    Member("MME", "Bénédicte", "Lagarrousse", "doctor", (MSP_FINESS,), speciality="Médecine générale", is_liberal=True),
    Member("M", "Paulin", "Estorgues", "ergo", (MOBILE_TEAM,)),
    Member("MME", "Naïma", "Belhartoun", "doctor", (MSP_FINESS,), speciality="Médecine générale", is_liberal=True),
    Member("M", "Jaufré", "Castelbiran", "nurse_coordinator", (SSIAD_FINESS,)),
    Member("MME", "Aïssatou", "Ndiayane", "care_assistant", (EHPAD_UNIT,)),
    Member("MME", "Odile", "Malavelle", "director", (EHPAD_FINESS,)),
    Member("M", "Amans", "Peyrelade", "pharmacist", (PHARMACY_FINESS,)),
    Member("MME", "Thuy", "Phamvinh", "psychologist", (EHPAD_UNIT,)),
)
ROLES = {
    "infirmiere": "infirmière, nouvelle dans un EHPAD",
    "referent": "cadre de santé, référente de cet EHPAD",
    "medecin": "médecin gériatre, à l’hôpital et à l’EHPAD",
    "kine": "masseur-kinésithérapeute, sans lien avec cet EHPAD",
    "coordinatrice": "coordinatrice de parcours d’un DAC",
    CENTRE: "centre de service",
}
