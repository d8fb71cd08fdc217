"""Draws what a ROR would say: offers, hours, contacts of the three levels; of a sensitive unit, nothing."""

from random import Random

from directory.demo.numbers import generator, phone_like, ror_like
from directory.demo.region import DRAWN_ON, House, Region, a_day
from directory.models import ContactPoint, InternalOrganisation, Offer, Source, Structure

SHARE_OF_UNITS, SHARE_OF_HOUSES, SHARE_OF_MAILBOXES = 0.3, 0.45, 0.2
SENSITIVE_PER_STRUCTURE = 0.004
FREE, RESTRICTED, VERY_RESTRICTED = 1, 2, 3

# Field of a unit, or FINESS category -> name, field of activity, activities, modes, whom they receive.
Said = tuple[str, str, list[str], list[str], str]
FULL, DAY, SEEN, AT_HOME = "Hospitalisation complète", "Hospitalisation de jour", "Consultation", "À domicile"
STAY = "Hébergement"
ADULTS, ELDERS, CHILDREN, ALL = "Adultes", "Personnes âgées", "Enfants et adolescents", "Tout public"
MCO, SMR, PSY, CITY, SOCIAL = (
    "Médecine, chirurgie, obstétrique", "Soins médicaux et de réadaptation", "Psychiatrie", "Ville", "Médico-social",
)  # fmt: skip
OFFERS: dict[str, Said] = {
    "elders": ("Court séjour gériatrique", MCO, ["Gériatrie aiguë", "Évaluation gérontologique"], [FULL, DAY], ELDERS),
    "elders_mobile": (
        "Équipe mobile de gériatrie",
        MCO,
        ["Avis gériatrique", "Évaluation à domicile"],
        [AT_HOME],
        ELDERS,
    ),
    "elders_rehab": ("Réadaptation gériatrique", SMR, ["Réadaptation de la personne âgée"], [FULL], ELDERS),
    "cardiology": ("Prise en charge cardiologique", MCO, ["Cardiologie", "Rythmologie"], [FULL, SEEN], ADULTS),
    "nerves": ("Prise en charge neurologique", MCO, ["Neurologie", "Consultation mémoire"], [FULL, DAY, SEEN], ADULTS),
    "emergency": ("Accueil des urgences", MCO, ["Urgences adultes", "Urgences pédiatriques"], ["Urgence"], ALL),
    "birth": ("Maternité", MCO, ["Obstétrique", "Suivi de grossesse"], [FULL, SEEN], "Femmes et nouveau-nés"),
    "children": ("Prise en charge pédiatrique", MCO, ["Pédiatrie générale"], [FULL, DAY, SEEN], CHILDREN),
    "palliative": ("Soins palliatifs", MCO, ["Soins palliatifs", "Soutien des proches"], [FULL, AT_HOME], ALL),
    "rehab": ("Rééducation", SMR, ["Kinésithérapie", "Ergothérapie"], [DAY, SEEN], ADULTS),
    "mind": ("Psychiatrie adulte", PSY, ["Psychiatrie générale"], [FULL, DAY, SEEN], ADULTS),
    "young_mind": ("Psychiatrie infanto-juvénile", PSY, ["Psychiatrie de l’enfant"], [DAY, SEEN], CHILDREN),
    "imaging": ("Imagerie", MCO, ["Radiologie", "Scanner", "Échographie"], [SEEN], ALL),
    "home_care": ("Hébergement médicalisé", SOCIAL, ["Accompagnement de la dépendance"], [STAY], ELDERS),
    "pasa": (
        "Pôle d’activités et de soins adaptés",
        SOCIAL,
        ["Troubles du comportement modérés"],
        ["Accueil de jour"],
        ELDERS,
    ),
    "day_care": ("Accueil de jour", SOCIAL, ["Maintien de l’autonomie"], ["Accueil de jour"], ELDERS),
    "memory": ("Équipe spécialisée Alzheimer", SOCIAL, ["Réhabilitation et accompagnement"], [AT_HOME], ELDERS),
    "orientation": ("Accueil et orientation", CITY, ["Information", "Orientation"], ["Téléphone"], "Professionnels"),
    "pathway": ("Coordination de parcours complexes", CITY, ["Coordination", "Évaluation"], [AT_HOME], ALL),
    "500": ("Hébergement permanent", SOCIAL, ["Hébergement de personnes âgées"], [STAY], ELDERS),
    "354": ("Soins infirmiers à domicile", SOCIAL, ["Soins d’hygiène", "Soins infirmiers"], [AT_HOME], ELDERS),
    "127": ("Hospitalisation à domicile", MCO, ["Soins de suite à domicile", "Pansements complexes"], [AT_HOME], ALL),
    "603": ("Soins de premier recours", CITY, ["Médecine générale", "Soins infirmiers"], [SEEN, AT_HOME], ALL),
    "124": ("Soins de premier recours", CITY, ["Médecine générale"], [SEEN], ALL),
    "156": ("Consultations médico-psychologiques", PSY, ["Suivi ambulatoire"], [SEEN], ADULTS),
    "197": ("Addictologie", SOCIAL, ["Accompagnement en addictologie"], [SEEN], ADULTS),
    "183": ("Accompagnement éducatif et thérapeutique", SOCIAL, ["Éducation spécialisée"], ["Semi-internat"], CHILDREN),
}
WEEK = ["mon", "tue", "wed", "thu", "fri"]
ALL_WEEK = [*WEEK, "sat", "sun"]


def span(days: list[str], start: str, end: str) -> dict[str, object]:
    return {"days": days, "start": start, "end": end}


def add_offers(region: Region) -> None:
    Offers(region).add()


class Offers:
    def __init__(self, region: Region) -> None:
        self.region = region
        self.random: Random = generator(region.seed, "offers")

    def add(self) -> None:
        for house in self.region.houses:
            if not house.structure.closed_on:
                self.add_house(house)
        for rank in range(1, 2 + int(len(self.region.structures) * SENSITIVE_PER_STRUCTURE)):
            self.add_sensitive(rank)

    def add_house(self, house: House) -> None:
        self.add_reception(house.structure)
        if house.sort in OFFERS and self.random.random() < SHARE_OF_HOUSES:
            self.add_offer(OFFERS[house.sort], house.structure, None)
        for unit, ward in house.units:
            if ward.field in OFFERS and self.random.random() < SHARE_OF_UNITS:
                self.add_offer(OFFERS[ward.field], house.structure, unit)

    def add_offer(self, said: Said, structure: Structure, unit: InternalOrganisation | None) -> None:
        name, field, activities, modes, patients = said
        key = unit.ror_id.removeprefix("DEMO-") if unit and unit.ror_id else structure.finess
        offer = Offer(
            ror_id=ror_like(f"{key}-O"),
            structure=None if unit else structure,
            internal_organisation=unit,
            name=name,
            category="Offre de soins et d’accompagnement",
            field=field,
            activities=activities,
            care_modes=modes,
            hours=self.hours(modes),
            patients=patients,
            record_updated_on=a_day(self.random, DRAWN_ON.replace(year=2025), DRAWN_ON),
            source=Source.DEMO,
            source_date=DRAWN_ON,
        )
        self.region.offers.append(offer)
        self.add_contacts(offer, structure)

    def add_sensitive(self, rank: int) -> None:
        """A sensitive unit's offer says nothing, not even whose it is."""
        ror_id = ror_like(f"S{rank:04d}")
        self.region.offers.append(Offer(ror_id=ror_id, is_sensitive=True, source=Source.DEMO, source_date=DRAWN_ON))

    def hours(self, modes: list[str]) -> list[dict[str, object]]:
        """Day and night where people sleep, otherwise the hours of an office, with or without a break."""
        if set(modes) & {FULL, STAY, "Urgence"}:
            return [span(ALL_WEEK, "00:00", "23:59")]
        start, end = self.random.choice([("08:30", "17:30"), ("09:00", "18:00"), ("08:00", "19:00")])
        if self.random.random() < 0.4:
            return [span(WEEK, start, "12:00"), span(WEEK, "13:30", end)]
        return [span(WEEK, start, end), *([span(["sat"], "09:00", "12:00")] if self.random.random() < 0.2 else [])]

    def add_reception(self, structure: Structure) -> None:
        """Some establishments give a secure mailbox to everybody, and a number to the service centre alone."""
        host = f"{structure.finess.lower()}.example"
        if self.random.random() < SHARE_OF_MAILBOXES:
            self.contact("mss", "accueil", f"accueil@mss.{host}", FREE, structure)
            self.contact("phone", "astreinte", self.phone(structure.department_id or ""), RESTRICTED, structure)

    def add_contacts(self, offer: Offer, structure: Structure) -> None:
        """Level 1 for everybody, levels 2 and 3 for the service centre."""
        department = structure.department_id or ""
        self.contact("phone", "secrétariat", self.phone(department), FREE, offer)
        mailbox = f"offre-{len(self.region.offers)}@{structure.finess.lower()}.example"
        self.contact("email", "secrétariat", mailbox, RESTRICTED, offer)
        if self.random.random() < 0.4:
            self.contact("phone", "ligne directe du médecin", self.phone(department), VERY_RESTRICTED, offer)

    def phone(self, department: str) -> str:
        return phone_like(department, self.random.randrange(10_000))

    def contact(self, channel: str, purpose: str, value: str, level: int, owner: Structure | Offer) -> None:
        self.region.contacts.append(
            ContactPoint(
                structure=owner if isinstance(owner, Structure) else None,
                offer=owner if isinstance(owner, Offer) else None,
                channel=channel,
                purpose=purpose,
                value=value,
                confidentiality=level,
                source=Source.DEMO,
            )
        )
