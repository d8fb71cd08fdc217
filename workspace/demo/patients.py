"""The dossiers of the demo: fictional people, and no INS that anybody could have, since no month is the thirteenth."""

from dataclasses import dataclass
from datetime import date

from stdnum.fr import nir

from workspace.models import Confidentiality, EntryKind
from workspace.services.dossiers import Identity

OBSERVATION, EVENT = EntryKind.OBSERVATION, EntryKind.EVENT
CIRCLE, ACCOUNT = Confidentiality.CIRCLE, Confidentiality.ACCOUNT


@dataclass(frozen=True)
class Note:
    """`days`: before today. `corrected`: what the text became, an hour later."""

    voice: str
    days: int
    clock: str
    title: str
    text: str
    kind: EntryKind = OBSERVATION
    confidentiality: Confidentiality = CIRCLE
    corrected: str = ""


@dataclass(frozen=True)
class Paper:
    """A document: `file`: its name, by which `files` draws it."""

    voice: str
    days: int
    clock: str
    title: str
    text: str
    file: str


@dataclass(frozen=True)
class Patient:
    """`circle`: beside the account that begins the dossier, the voice of which is `voice`. `urgent`: brought in after
    them, before the patient could be told."""

    key: str
    identity: Identity
    voice: str
    days: int
    circle: tuple[str, ...]
    notes: tuple[Note, ...]
    papers: tuple[Paper, ...] = ()
    readers: tuple[str, ...] = ()
    is_archived: bool = False
    urgent: tuple[str, ...] = ()


def ins_of(sex: int, year: int, order: int) -> str:
    body = f"{sex}{year:02d}13120{order:05d}"
    return body + nir.calc_check_digits(body)


PATIENTS = (
    Patient(
        "leontine",
        Identity("Bastidoux", "Léontine Marie", date(1936, 5, 14), "F", ins_of(2, 36, 99001)),
        "aissatou unite",
        18,
        ("geriatrie", "medecin", "infirmiere", "pharmacie"),
        (
            Note(
                "aissatou unite", 18, "10:20", "Entrée dans l’unité",
                "Arrivée ce matin avec sa fille. Marche avec un déambulateur, entend mal de l’oreille gauche. Aime la "
                "belote et se lever tôt. Sa fille passe le mercredi et le dimanche.", EVENT,
            ),
            Note(
                "infirmiere", 16, "15:05", "Poids et repas",
                "46,2 kg ce matin, 1,8 kg de moins qu’il y a un mois selon sa fille. Mange la moitié du plat, mieux en "
                "petites portions. Compléments proposés au goûter.",
                corrected="46,2 kg ce matin, 1,1 kg de moins qu’il y a un mois selon le carnet de sa fille. Mange la "
                "moitié du plat, mieux en petites portions. Compléments proposés au goûter.",
            ),
            Note(
                "medecin unite", 13, "18:40", "Avis sur la dénutrition",
                "Enrichir les plats, surveiller le poids chaque semaine pendant un mois, revoir l’appareil dentaire. "
                "Pas de cause aiguë retrouvée à l’examen.",
            ),
            Note(
                "aissatou unite", 9, "07:50", "Chute sans gravité",
                "Retrouvée assise au pied du lit à 6 h 30, consciente, sans douleur. Tension 13/7. Sa fille et le "
                "médecin sont prévenus. Lit remis au plus bas.", EVENT,
            ),
            Note(
                "medecin geriatrie", 5, "11:15", "Bilan de chute en hôpital de jour",
                "Pas de lésion. Hypotension au lever : traitement du soir allégé. Équilibre à travailler avec un "
                "kinésithérapeute, deux séances par semaine.",
            ),
            Note(
                "aissatou unite", 5, "19:30", "À dire en équipe",
                "Sa fille semble épuisée et n’ose pas le dire. Lui proposer un moment avec la psychologue sans en "
                "parler devant Mme Bastidoux.", OBSERVATION, ACCOUNT,
            ),
            Note(
                "infirmiere", 2, "16:20", "Poids de la semaine",
                "46,9 kg. Les petites portions passent bien, le complément du goûter aussi.",
            ),
            Note(
                "aissatou unite", 1, "09:10", "Bonne nuit",
                "A dormi de 22 h à 6 h sans se lever. A demandé à rejoindre la table de belote.",
            ),
        ),
        (
            Paper(
                "medecin geriatrie", 5, "11:40", "Compte rendu de l’hôpital de jour",
                "Bilan complet, avec les ordonnances modifiées en page 1.", "bilan-de-chute.pdf",
            ),
            Paper(
                "aissatou unite", 4, "14:05", "Courbe de poids", "Relevée au chariot de pesée, le matin.",
                "courbe-de-poids.png",
            ),
        ),
        ("infirmiere",),
        urgent=("relais",),
    ),
    Patient(
        "marcel",
        Identity("Viallouze", "Marcel", date(1941, 11, 2), "M", ins_of(1, 41, 99002)),
        "medecin geriatrie",
        17,
        ("relais", "ssiad", "kine", "naima", "social"),
        (
            Note(
                "medecin geriatrie", 17, "09:30", "Hospitalisation pour pneumopathie",
                "Entré par les urgences. Oxygène 2 L, antibiotiques par voie veineuse. Vit seul, sa nièce passe le "
                "samedi.", EVENT,
            ),
            Note(
                "soline", 12, "14:10", "Entretien avec M. Viallouze et sa nièce",
                "Souhaite rentrer chez lui. Logement au premier étage sans ascenseur, salle d’eau étroite. Demande "
                "d’aide à domicile déposée.",
            ),
            Note(
                "medecin geriatrie", 8, "17:55", "Sortie prévue la semaine prochaine",
                "Sevré de l’oxygène. Marche 60 m avec une canne. Sortie avec soins infirmiers et kinésithérapie.",
            ),
            Note(
                "coordinatrice relais", 7, "10:45", "Plan de retour à domicile",
                "Passage infirmier matin et soir par le SSIAD, kinésithérapie deux fois par semaine, repas livrés, "
                "téléalarme à poser avant la sortie.",
            ),
            Note(
                "kine", 3, "12:20", "Première séance à domicile",
                "Essoufflé après un étage, récupère en deux minutes. Travail de l’escalier et de l’équilibre.",
            ),
            Note(
                "naima", 1, "18:10", "Visite à domicile",
                "Apyrétique, auscultation claire. Kinésithérapie à poursuivre trois semaines. Vaccin antigrippal fait.",
            ),
        ),
        (),
        ("kine", "coordinatrice relais"),
    ),
    Patient(
        "yvette",
        Identity("Crouzade", "Yvette Jeanne", date(1939, 2, 27), "F"),
        "aissatou unite",
        15,
        ("medecin", "kine"),
        (
            Note(
                "aissatou unite", 15, "11:00", "Habitudes de vie",
                "Préfère la douche le soir. Ancienne couturière, très adroite de ses mains, aide à plier le linge.",
            ),
            Note(
                "kine", 10, "16:30", "Épaule droite",
                "Amplitude en progrès : lève le bras à 110°. Exercices simples laissés à l’équipe.",
            ),
            Note(
                "medecin unite", 4, "18:05", "Réévaluation de la douleur",
                "Douleur à 2 sur 10 au repos. Antalgique du midi arrêté, les deux autres gardés.",
            ),
        ),
    ),
    Patient(
        "elie",
        Identity("Puechmarin", "Élie", date(1934, 9, 8), "M"),
        "coordinatrice relais",
        14,
        ("ssiad", "naima", "infirmiere"),
        (
            Note(
                "coordinatrice relais", 14, "09:50", "Signalement de la mairie",
                "Voisins inquiets : volets fermés depuis plusieurs jours. Vu ce matin chez lui, amaigri, accepte de "
                "l’aide.", EVENT,
            ),
            Note(
                "naima", 11, "12:35", "Première consultation depuis deux ans",
                "Bilan sanguin demandé. Vision très diminuée à droite, rendez-vous d’ophtalmologie à prendre.",
            ),
            Note(
                "coordinatrice relais", 3, "15:25", "Point avec le SSIAD",
                "Place possible à partir du mois prochain. En attendant, passages de l’infirmière libérale.",
            ),
        ),
    ),
    Patient(
        "georgette",
        Identity("Taurignac", "Georgette", date(1944, 7, 19), "F"),
        "kine",
        12,
        ("naima",),
        (
            Note(
                "kine", 12, "10:15", "Prothèse de hanche, troisième semaine",
                "Marche sans canne à l’intérieur. Escalier avec la rampe. Deux séances par semaine jusqu’à Noël.",
            ),
            Note("kine", 2, "10:50", "Sixième séance", "Monte un étage sans s’arrêter. Cicatrice souple."),
        ),
    ),
    Patient(
        "emilien",
        Identity("Salvagnol", "Émilien", date(1932, 1, 30), "M"),
        "aissatou unite",
        19,
        ("medecin",),
        (
            Note(
                "aissatou unite", 19, "10:05", "Retour d’hospitalisation",
                "Revenu avec son traitement et son appareil auditif. Content de retrouver sa chambre.", EVENT,
            ),
            Note(
                "aissatou unite", 7, "13:40", "Départ près de sa fille",
                "A rejoint ce matin une maison proche de chez sa fille, à Cahors. Affaires et papiers remis.", EVENT,
            ),
        ),
        is_archived=True,
    ),
)  # fmt: skip
