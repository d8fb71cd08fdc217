"""What people do: RPPS professions by their code, social work by its title, said in each person's gender."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """`code`: TRE_G15, empty for who has no RPPS and is known by `title`. Pairs are (her, him)."""

    women: float
    code: str = ""
    title: tuple[str, str] = ("", "")
    function: tuple[str, str] = ("", "")


def same(words: str) -> tuple[str, str]:
    return (words, words)


TRADES = {
    "doctor": Trade(0.48, "10"),
    "head": Trade(0.40, "10", function=("cheffe de service", "chef de service")),
    "coordinating_doctor": Trade(0.45, "10", function=("médecin coordonnatrice", "médecin coordonnateur")),
    "pharmacist": Trade(0.66, "21", function=("", "")),
    "dentist": Trade(0.48, "40"),
    "dental_assistant": Trade(0.95, "31"),
    "midwife": Trade(0.97, "50"),
    "nurse": Trade(0.86, "60"),
    "nurse_manager": Trade(0.83, "60", function=same("cadre de santé")),
    "nurse_coordinator": Trade(0.88, "60", function=("infirmière coordinatrice", "infirmier coordinateur")),
    "advanced_nurse": Trade(0.84, "60", function=("infirmière en pratique avancée", "infirmier en pratique avancée")),
    "child_nurse": Trade(0.98, "60", function=("infirmière puéricultrice", "infirmier puériculteur")),
    "physio": Trade(0.53, "70"),
    "podiatrist": Trade(0.68, "80"),
    "prosthetist": Trade(0.35, "81"),
    "lab_technician": Trade(0.78, "86"),
    "speech": Trade(0.96, "91"),
    "orthoptist": Trade(0.88, "92"),
    "ergo": Trade(0.86, "94"),
    "dietician": Trade(0.93, "95"),
    "psychomotor": Trade(0.88, "96"),
    "radiographer": Trade(0.73, "98"),
    "physicist": Trade(0.40, "32"),
    "hearing": Trade(0.50, "26"),
    "optician": Trade(0.50, "28"),
    "psychologist": Trade(0.87, title=same("psychologue")),
    "care_assistant": Trade(0.90, title=("aide-soignante", "aide-soignant")),
    "social_worker": Trade(0.92, title=("assistante de service social", "assistant de service social")),
    "educator": Trade(0.72, title=("éducatrice spécialisée", "éducateur spécialisé")),
    "youth_educator": Trade(0.70, title=("monitrice-éducatrice", "moniteur-éducateur")),
    "social_economy": Trade(
        0.94, title=("conseillère en économie sociale et familiale", "conseiller en économie sociale et familiale")
    ),
    "pathway": Trade(0.88, title=("coordinatrice de parcours", "coordinateur de parcours")),
    "life_assistant": Trade(0.87, title=("accompagnante éducative et sociale", "accompagnant éducatif et social")),
    "mediator": Trade(0.75, title=("médiatrice en santé", "médiateur en santé")),
    "sector_manager": Trade(0.86, title=same("responsable de secteur")),
    "workshop": Trade(0.42, title=("monitrice d’atelier", "moniteur d’atelier")),
    "director": Trade(0.58, title=("directrice d’établissement", "directeur d’établissement")),
    "guardian": Trade(
        0.78,
        title=(
            "mandataire judiciaire à la protection des majeurs",
            "mandataire judiciaire à la protection des majeurs",
        ),
    ),
    "evaluator": Trade(0.85, title=("évaluatrice médico-sociale", "évaluateur médico-social")),
}

# Who practises on their own account, outside any establishment (weights).
LIBERALS = {
    "nurse": 34.0,
    "doctor": 22.0,
    "physio": 18.0,
    "dentist": 9.0,
    "speech": 5.0,
    "podiatrist": 4.0,
    "midwife": 2.0,
    "optician": 1.5,
    "hearing": 1.0,
    "orthoptist": 1.0,
    "ergo": 0.8,
    "psychomotor": 0.7,
    "dietician": 1.0,
}
GENERAL = "Médecine générale"
LIBERAL_SPECIALITIES = {
    GENERAL: 60,
    "Ophtalmologie": 5,
    "Psychiatrie": 5,
    "Cardiologie et maladies vasculaires": 5,
    "Dermatologie et vénéréologie": 4,
    "Gynécologie médicale": 4,
    "Pédiatrie": 4,
    "Gastro-entérologie et hépatologie": 3,
    "Oto-rhino-laryngologie et chirurgie cervico-faciale": 3,
    "Rhumatologie": 3,
    "Endocrinologie et métabolisme": 2,
    "Gériatrie": 1,
    "Neurologie": 1,
}


def parse(staff: str) -> dict[str, float]:
    """« nurse 4, doctor 0.5 »: how many of each trade one such place has on average."""
    pairs = (item.split() for item in staff.split(",") if item.strip())
    return {trade: float(number) for trade, number in pairs}
