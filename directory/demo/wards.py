"""Trees of units: what stands inside each sort of establishment, and who works there."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from directory.demo.trades import GENERAL, parse
from directory.demo.words import words

FLOWERS = words("places")["flowers"]
POLE, SERVICE, FUNCTIONAL, ELEMENTARY = "1", "2", "3", "4"


@dataclass(frozen=True)
class Ward:
    """A unit to be: `parent` is the rank, in the same list, of the one that contains it."""

    name: str
    type: str
    field: str = ""
    parent: int | None = None


# Pole > service, field | units that it may have.
HOSPITAL: dict[str, list[str]] = {
    "Pôle médecine": [
        "Service de médecine polyvalente,medicine|Unité A|Unité B|Hôpital de jour de médecine",
        "Service de cardiologie,cardiology|Soins intensifs de cardiologie|Hôpital de jour de cardiologie"
        "|Consultations de cardiologie",
        "Service de pneumologie,lungs|Unité du sommeil|Consultations de pneumologie|Unité d’hospitalisation",
        "Service de diabétologie et endocrinologie,hormones|Hôpital de semaine|Unité d’éducation thérapeutique",
        "Service de neurologie,nerves|Unité neurovasculaire|Consultation mémoire|Hôpital de jour de neurologie",
        "Service d’hépato-gastro-entérologie,digestion|Unité d’endoscopie|Unité d’hospitalisation",
        "Service de rhumatologie,joints|Hôpital de jour de rhumatologie|Consultations de rhumatologie",
    ],
    "Pôle gériatrie": [
        "Service de gériatrie aiguë,elders|Unité de soins A|Unité de soins B|Hôpital de jour gériatrique",
        "Soins médicaux et de réadaptation gériatriques,elders_rehab|Unité des Cèdres|Unité des Tilleuls",
        "Unité de soins de longue durée,elders|Secteur est|Secteur ouest",
        "Équipe mobile de gériatrie,elders_mobile",
    ],
    "Pôle urgences et soins critiques": [
        "Service des urgences,emergency|Accueil des urgences|Unité d’hospitalisation de courte durée|SMUR",
        "Réanimation et soins continus,critical|Réanimation|Surveillance continue",
    ],
    "Pôle chirurgie": [
        "Service de chirurgie viscérale,surgery|Unité d’hospitalisation|Consultations de chirurgie",
        "Service de chirurgie orthopédique,bones|Unité d’hospitalisation|Consultations d’orthopédie",
        "Service d’urologie,urology|Unité d’hospitalisation|Explorations urodynamiques",
        "Chirurgie ambulatoire,surgery|Accueil ambulatoire|Salle de réveil",
        "Bloc opératoire et anesthésie,anaesthesia|Bloc opératoire|Consultations d’anesthésie",
    ],
    "Pôle femme, mère, enfant": [
        "Maternité,birth|Salle de naissance|Suites de couches|Consultations de grossesse|Centre périnatal de proximité",
        "Service de gynécologie,gynaecology|Consultations de gynécologie|Unité d’orthogénie",
        "Service de pédiatrie,children|Néonatologie|Urgences pédiatriques|Hôpital de jour de pédiatrie",
    ],
    "Pôle cancer et soins de support": [
        "Service d’oncologie,cancer|Hôpital de jour d’oncologie|Consultations d’annonce",
        "Équipe mobile de soins palliatifs,palliative",
        "Unité de soins palliatifs,palliative",
        "Consultation de la douleur,pain",
    ],
    "Pôle psychiatrie": [
        "Service de psychiatrie adulte,mind|Unité d’admission|Unité ouverte|Hôpital de jour|Équipe mobile de crise",
        "Service de psychiatrie de l’enfant et de l’adolescent,young_mind|Hôpital de jour enfants"
        "|Unité pour adolescents",
        "Psychiatrie de liaison,mind",
        "Équipe mobile de psychiatrie et précarité,mind",
        "Équipe mobile de psychiatrie de la personne âgée,mind",
    ],
    "Pôle réadaptation": [
        "Service de médecine physique et de réadaptation,rehab|Plateau technique|Hôpital de jour de réadaptation",
        "Plateau de rééducation,rehab|Kinésithérapie|Ergothérapie|Orthophonie",
        "Unité de diététique et de nutrition,diet",
    ],
    "Pôle médico-technique": [
        "Imagerie médicale,imaging|Radiologie|Scanner|IRM|Échographie",
        "Laboratoire de biologie médicale,laboratory|Biochimie|Hématologie|Microbiologie",
        "Pharmacie à usage intérieur,pharmacy|Dispensation|Stérilisation",
    ],
    "Pôle parcours et santé publique": [
        "Service social hospitalier,social",
        "Permanence d’accès aux soins de santé,access",
        "Équipe de liaison et de soins en addictologie,addiction",
        "Hospitalisation à domicile,home",
        "Unité transversale d’éducation du patient,education",
    ],
}
# Sort of tree -> units, field, type, chance; a deeper one begins with « > »; « * » is a flower's name.
SMALL: dict[str, list[tuple[str, str, str, float]]] = {
    "home": [
        ("Hébergement permanent", "home_care", SERVICE, 1.0),
        (">Unité *", "", ELEMENTARY, 0.95),
        (">Unité *", "", ELEMENTARY, 0.75),
        (">Unité *", "", ELEMENTARY, 0.45),
        ("Unité protégée *", "home_care", FUNCTIONAL, 0.62),
        ("Pôle d’activités et de soins adaptés (PASA)", "pasa", FUNCTIONAL, 0.55),
        ("Accueil de jour", "day_care", FUNCTIONAL, 0.55),
        ("Hébergement temporaire", "", FUNCTIONAL, 0.7),
        ("Unité d’hébergement renforcé", "home_care", FUNCTIONAL, 0.07),
        ("Plateforme de répit et d’accompagnement des aidants", "respite", FUNCTIONAL, 0.07),
    ],
    "local_hospital": [
        ("Service de médecine", "medicine", SERVICE, 1.0),
        ("Soins médicaux et de réadaptation", "elders_rehab", SERVICE, 0.9),
        ("Unité de soins de longue durée", "elders", SERVICE, 0.6),
        (">Secteur *", "", ELEMENTARY, 0.7),
        ("Consultations avancées", "consultations", SERVICE, 0.8),
        (">Consultation mémoire", "", FUNCTIONAL, 0.4),
        ("Équipe mobile de soins palliatifs", "palliative", FUNCTIONAL, 0.3),
        ("Plateau de rééducation", "rehab", FUNCTIONAL, 0.6),
        ("Service social", "social", FUNCTIONAL, 0.6),
    ],
    "rehab": [
        ("Hospitalisation complète", "elders_rehab", SERVICE, 1.0),
        (">Unité *", "", ELEMENTARY, 0.9),
        (">Unité *", "", ELEMENTARY, 0.6),
        ("Hôpital de jour de réadaptation", "rehab", SERVICE, 0.7),
        ("Plateau de rééducation", "rehab", FUNCTIONAL, 0.8),
        ("Service social", "social", FUNCTIONAL, 0.4),
    ],
    "at_home": [
        ("Équipe de jour", "at_home", FUNCTIONAL, 0.5),
        ("Équipe spécialisée Alzheimer", "memory", FUNCTIONAL, 0.35),
        ("Équipe d’astreinte de nuit", "at_home", FUNCTIONAL, 0.2),
    ],
    "hospital_at_home": [
        ("Coordination des entrées", "home", SERVICE, 1.0),
        ("Équipe nord", "home", FUNCTIONAL, 0.8),
        ("Équipe sud", "home", FUNCTIONAL, 0.8),
    ],
    "children": [
        ("Section d’éducation et d’enseignement spécialisés", "education_special", SERVICE, 0.9),
        ("Section d’initiation à la première formation professionnelle", "education_special", SERVICE, 0.6),
        (">Unité d’enseignement externalisée", "", FUNCTIONAL, 0.4),
        ("Internat *", "education_special", FUNCTIONAL, 0.4),
        ("Pôle ressources soins", "children_care", FUNCTIONAL, 0.5),
    ],
    "workshops": [
        ("Atelier espaces verts", "workshop", FUNCTIONAL, 0.8),
        ("Atelier blanchisserie", "workshop", FUNCTIONAL, 0.5),
        ("Atelier conditionnement", "workshop", FUNCTIONAL, 0.6),
        ("Atelier restauration", "workshop", FUNCTIONAL, 0.4),
        ("Atelier maraîchage", "workshop", FUNCTIONAL, 0.3),
    ],
    "living": [
        ("Unité de vie *", "living", FUNCTIONAL, 1.0),
        ("Unité de vie *", "living", FUNCTIONAL, 0.7),
        ("Accueil de jour", "day_care", FUNCTIONAL, 0.4),
        ("Accueil temporaire", "", FUNCTIONAL, 0.3),
    ],
    "support": [
        ("Accueil et orientation", "orientation", SERVICE, 1.0),
        ("Équipe territoriale nord", "pathway", FUNCTIONAL, 1.0),
        ("Équipe territoriale sud", "pathway", FUNCTIONAL, 1.0),
        ("Cellule situations complexes", "pathway", FUNCTIONAL, 0.6),
    ],
    "mental_day": [
        ("Consultations adultes", "mind_day", FUNCTIONAL, 0.5),
        ("Consultations enfants et adolescents", "mind_day", FUNCTIONAL, 0.4),
        ("Visites à domicile", "mind_day", FUNCTIONAL, 0.2),
    ],
    "health_centre": [
        ("Cabinet médical", "practice", FUNCTIONAL, 0.5),
        ("Cabinet dentaire", "teeth", FUNCTIONAL, 0.45),
        ("Soins infirmiers", "nursing", FUNCTIONAL, 0.35),
    ],
    "addiction": [
        ("Consultation jeunes consommateurs", "addiction_day", FUNCTIONAL, 0.7),
        ("Appartements thérapeutiques", "addiction_day", FUNCTIONAL, 0.3),
    ],
}  # fmt: skip

USUAL = (
    "nurse 7, care_assistant 2.5, doctor 3, head 0.5, nurse_manager 0.7, physio 0.5, psychologist 0.2, dietician 0.2"
)
# Field -> speciality of its doctors, who works there on average.
FIELDS: dict[str, tuple[str, str]] = {
    "medicine": ("Médecine interne", USUAL),
    "cardiology": ("Cardiologie et maladies vasculaires", USUAL),
    "lungs": ("Pneumologie", USUAL),
    "hormones": ("Endocrinologie et métabolisme", USUAL),
    "nerves": ("Neurologie", USUAL + ", speech 0.5"),
    "digestion": ("Gastro-entérologie et hépatologie", USUAL),
    "joints": ("Rhumatologie", USUAL),
    "elders": ("Gériatrie", USUAL + ", ergo 0.4, social_worker 0.3"),
    "elders_rehab": ("Gériatrie", "nurse 5, care_assistant 3, doctor 1.5, physio 1.5, ergo 0.7, nurse_manager 0.6"),
    "elders_mobile": ("Gériatrie", "nurse 1.5, doctor 1, ergo 0.7, psychologist 0.5, social_worker 0.5"),
    "emergency": ("Médecine d’urgence", "nurse 12, doctor 7, head 0.7, care_assistant 3, nurse_manager 1"),
    "critical": ("Médecine intensive-réanimation", "nurse 12, doctor 5, head 0.7, nurse_manager 1, physio 0.7"),
    "surgery": ("Chirurgie viscérale et digestive", USUAL),
    "bones": ("Chirurgie orthopédique et traumatologie", USUAL),
    "urology": ("Chirurgie urologique", USUAL),
    "anaesthesia": ("Anesthésie-réanimation", "nurse 9, doctor 6, head 0.6, nurse_manager 0.8"),
    "birth": ("Gynécologie-obstétrique", "midwife 9, child_nurse 2.5, doctor 3, nurse 2, care_assistant 1"),
    "gynaecology": ("Gynécologie médicale", "nurse 3, doctor 3, midwife 1"),
    "children": ("Pédiatrie", "child_nurse 5, nurse 2, doctor 4, head 0.6, psychologist 0.4"),
    "cancer": ("Oncologie option médicale", USUAL + ", social_worker 0.3"),
    "palliative": (GENERAL, "nurse 3, doctor 1.3, psychologist 0.5, social_worker 0.2"),
    "pain": ("Anesthésie-réanimation", "nurse 1, doctor 1, psychologist 0.4"),
    "mind": ("Psychiatrie", "nurse 7, doctor 2, psychologist 1.2, social_worker 0.6, educator 0.4, nurse_manager 0.6"),
    "young_mind": (
        "Psychiatrie option enfant et adolescent",
        "nurse 4, doctor 1.5, psychologist 1.5, psychomotor 0.8, speech 0.6, educator 1, social_worker 0.4",
    ),
    "rehab": (
        "Médecine physique et de réadaptation",
        "physio 3, ergo 1.5, speech 0.5, psychomotor 0.5, doctor 0.6, nurse 1",
    ),
    "diet": ("Nutrition", "dietician 3"),
    "imaging": ("Radiodiagnostic et imagerie médicale", "radiographer 7, doctor 3, nurse_manager 0.3, physicist 0.15"),
    "laboratory": ("Biologie médicale", "lab_technician 7, doctor 1, pharmacist 1.5"),
    "pharmacy": ("", "pharmacist 3"),
    "social": ("", "social_worker 2.5, social_economy 0.3"),
    "access": (GENERAL, "nurse 1, doctor 0.5, social_worker 0.7, mediator 0.4"),
    "addiction": ("Psychiatrie", "nurse 1.5, doctor 0.7, psychologist 0.5"),
    "addiction_day": (GENERAL, "psychologist 0.5, educator 0.8, nurse 0.4"),
    "home": (GENERAL, "nurse 3, doctor 0.6, nurse_manager 0.4, social_worker 0.2"),
    "education": (GENERAL, "nurse 1.5, dietician 0.7, psychologist 0.3"),
    "home_care": (GENERAL, "nurse 1.3, care_assistant 1.2, psychologist 0.1"),
    "pasa": ("", "psychomotor 0.2, ergo 0.3, life_assistant 0.5"),
    "day_care": ("", "nurse 0.2, life_assistant 0.5, psychologist 0.15"),
    "respite": ("", "social_economy 0.4, psychologist 0.4, pathway 0.3"),
    "consultations": (GENERAL, "doctor 1.5, nurse 1"),
    "at_home": (GENERAL, "nurse 1.5, care_assistant 1"),
    "memory": ("", "ergo 0.7, psychomotor 0.5, care_assistant 0.5"),
    "education_special": ("", "educator 1.8, youth_educator 1"),
    "children_care": ("Pédiatrie", "psychologist 0.7, psychomotor 0.7, speech 0.5, nurse 0.4, doctor 0.2"),
    "workshop": ("", "workshop 0.9, youth_educator 0.2"),
    "living": (GENERAL, "life_assistant 1.2, nurse 0.6, youth_educator 0.5"),
    "orientation": ("", "social_worker 1.5, nurse 1"),
    "pathway": (GENERAL, "pathway 2.5, social_worker 0.6, doctor 0.3"),
    "mind_day": ("Psychiatrie", "nurse 1.5, psychologist 0.8, doctor 0.5, social_worker 0.3"),
    "practice": (GENERAL, "doctor 1.8"),
    "teeth": ("", "dentist 1.6, dental_assistant 1.2"),
    "nursing": ("", "nurse 2.5, nurse_coordinator 0.3"),
}
STAFF = {field: parse(staff) for field, (_, staff) in FIELDS.items()}
# How much of the hospital each size has: chance of a pole, of a service of it, of a unit of that.
SIZES = {"chu": (0.97, 0.9, 0.85), "hospital": (0.62, 0.55, 0.55), "clinic": (0.42, 0.5, 0.5), "mind": (0.0, 0.0, 0.0)}


def tree(sort: str, random: Random) -> list[Ward]:
    if sort in SMALL:
        return list(small(sort, random))
    if sort in SIZES:
        return list(mental_hospital(random) if sort == "mind" else hospital(SIZES[sort], random))
    return []


def small(sort: str, random: Random) -> Iterator[Ward]:
    flowers = random.sample(FLOWERS, len(FLOWERS))
    top, rank = None, -1
    for name, field, type_, chance in SMALL[sort]:
        is_deeper = name.startswith(">")
        if random.random() >= chance or (is_deeper and top is None):
            top = top if is_deeper else None
            continue
        rank += 1
        full_name = name.removeprefix(">").replace("*", flowers.pop() if "*" in name else "")
        yield Ward(full_name, type_, field, top if is_deeper else None)
        top = top if is_deeper else rank


def hospital(size: tuple[float, float, float], random: Random) -> Iterator[Ward]:
    """Poles, their services and their units; a pole without service is left out."""
    rank = 0
    for pole, services in HOSPITAL.items():
        kept = [service for service in services if random.random() < size[1]] if random.random() < size[0] else []
        if kept:
            yield Ward(pole, POLE)
            pole_rank, rank = rank, rank + 1
            for service in kept:
                wards = list(service_wards(service, pole_rank, rank, size[2], random))
                yield from wards
                rank += len(wards)


def service_wards(service: str, pole: int | None, rank: int, chance: float, random: Random) -> Iterator[Ward]:
    head, *units = service.split("|")
    name, field = head.split(",")
    yield Ward(name, SERVICE, field, pole)
    for unit in units:
        if random.random() < chance:
            yield Ward(unit, FUNCTIONAL, "", rank)


def mental_hospital(random: Random) -> Iterator[Ward]:
    """Sectors as poles, each with the services of psychiatry."""
    rank = 0
    for sector in ("Secteur nord", "Secteur centre", "Secteur sud", "Secteur infanto-juvénile"):
        yield Ward(f"Pôle de psychiatrie, {sector.lower()}", POLE)
        pole, rank = rank, rank + 1
        for service in random.sample(HOSPITAL["Pôle psychiatrie"], 3):
            wards = list(service_wards(service, pole, rank, 0.8, random))
            yield from wards
            rank += len(wards)
