"""The agendas and the tasks of the demo: this week and the next, what is late, what is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from delegations.scopes import Space
from workspace.demo.stage import Stage
from workspace.models import Dossier, EventKind
from workspace.services.agenda import EventDraft, add_event, cancel_event
from workspace.services.tasks import TaskDraft, add_task, finish_task

VISIT, MEETING, APPOINTMENT = EventKind.VISIT, EventKind.MEETING, EventKind.APPOINTMENT


@dataclass(frozen=True)
class Date:
    """`week`: 0 for this one; `weekday`: 0 for Monday."""

    voice: str
    week: int
    weekday: int
    clock: str
    minutes: int
    kind: EventKind
    title: str
    place: str = ""
    notes: str = ""
    patient: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True)
class Todo:
    """`days`: when it was asked, before today; `due`: from today, negative when late; `done`: days before today."""

    voice: str
    days: int
    title: str
    due: int | None = None
    assignee: str = ""
    notes: str = ""
    patient: str = ""
    done: int | None = None


DATES = (
    Date("aissatou unite", 0, 0, "14:00", 30, MEETING, "Transmissions de la semaine", "Salle de soins"),
    Date("medecin unite", 0, 1, "15:00", 120, VISIT, "Visite du médecin coordonnateur", "Salle de soins"),
    Date(
        "aissatou unite", 0, 2, "11:00", 45, MEETING, "Rencontre avec la famille", "Petit salon",
        "Projet d’accompagnement à relire ensemble.", "leontine",
    ),
    Date("aissatou unite", 0, 3, "10:30", 30, VISIT, "Passage du kinésithérapeute", "Chambre 12", "", "yvette"),
    Date("aissatou unite", 0, 4, "16:00", 60, MEETING, "Goûter musical", "Salle d’animation", "", "", True),
    Date("aissatou unite", 1, 0, "14:00", 30, MEETING, "Transmissions de la semaine", "Salle de soins"),
    Date("medecin unite", 1, 1, "15:00", 120, VISIT, "Visite du médecin coordonnateur", "Salle de soins"),
    Date(
        "aissatou unite", 1, 3, "09:15", 75, APPOINTMENT, "Rendez-vous chez le dentiste", "Maison de santé",
        "Prévoir le fauteuil et la carte Vitale. Départ à 8 h 45.", "leontine",
    ),
    Date("medecin geriatrie", 0, 0, "09:00", 60, MEETING, "Réunion d’équipe", "Bureau médical"),
    Date("medecin geriatrie", 0, 2, "08:30", 180, APPOINTMENT, "Consultations de suivi", "Consultations avancées"),
    Date(
        "medecin geriatrie", 0, 3, "14:30", 45, MEETING, "Préparation de sortie", "Salle de staff",
        "Avec le service social et le DAC.", "marcel",
    ),
    Date("medecin geriatrie", 0, 4, "11:00", 60, VISIT, "Avis en médecine polyvalente"),
    Date("medecin geriatrie", 1, 0, "09:00", 60, MEETING, "Réunion d’équipe", "Bureau médical"),
    Date("medecin geriatrie", 1, 2, "08:30", 180, APPOINTMENT, "Consultations de suivi", "Consultations avancées"),
    Date("medecin", 0, 3, "18:30", 90, MEETING, "Groupe de pairs", "Maison de santé du Ségala"),
    Date("medecin", 1, 1, "12:30", 60, MEETING, "Déjeuner de l’association des médecins coordonnateurs", "Rodez"),
    Date("kine", 0, 0, "11:30", 45, VISIT, "Séance à domicile", "Espalion", "", "marcel"),
    Date("kine", 0, 3, "10:00", 45, APPOINTMENT, "Séance au cabinet", "", "Radio de contrôle à regarder.", "georgette"),
    Date("kine", 0, 3, "11:30", 45, VISIT, "Séance à domicile", "Espalion", "", "marcel"),
    Date("kine", 1, 0, "11:30", 45, VISIT, "Séance à domicile", "Espalion", "", "marcel"),
    Date("infirmiere", 0, 2, "13:30", 60, MEETING, "Formation : prévenir la dénutrition", "Salle d’animation"),
    Date("infirmiere", 0, 4, "08:00", 30, APPOINTMENT, "Visite de la médecine du travail", "Rodez"),
    Date("infirmiere", 1, 1, "10:00", 60, MEETING, "Point d’accueil avec la cadre", "Bureau de la cadre"),
    Date("coordinatrice relais", 0, 1, "10:00", 90, MEETING, "Revue des situations complexes", "Salle Aubrac"),
    Date("coordinatrice relais", 0, 4, "14:00", 60, VISIT, "Visite à domicile", "Sainte-Geneviève", "", "elie"),
    Date("coordinatrice relais", 1, 1, "10:00", 90, MEETING, "Revue des situations complexes", "Salle Aubrac"),
    Date("coordinatrice", 0, 3, "09:00", 45, APPOINTMENT, "Entretien annuel", "Rodez"),
    Date("referent", 0, 4, "09:30", 60, MEETING, "Réunion des cadres", "Bureau de la direction"),
    Date("referent", 1, 2, "14:00", 120, MEETING, "Commission de coordination gériatrique", "Salle d’animation"),
)  # fmt: skip

TODOS = (
    Todo("aissatou unite", 6, "Rappeler l’orthoprothésiste", -2, "", "Pour les semelles, avant la fin du mois."),
    Todo("aissatou unite", 4, "Peser chaque mercredi matin", 1, "aissatou", "Au chariot de pesée, à jeun.", "leontine"),
    Todo("medecin unite", 4, "Prendre rendez-vous avec la psychologue", 3, "", "Pour la fille.", "leontine"),
    Todo("aissatou unite", 3, "Relire la fiche de réévaluation de la douleur", 0, "medecin", "", "yvette"),
    Todo("aissatou unite", 8, "Commander un tapis antidérapant", None, "aissatou", "", "leontine", 5),
    Todo("medecin geriatrie", 9, "Transmettre le compte rendu au médecin traitant", -3, "medecin", "", "marcel"),
    Todo("medecin geriatrie", 8, "Vérifier la pose de la téléalarme", 1, "", "Le DAC attend la date.", "marcel"),
    Todo("medecin geriatrie", 5, "Préparer le tour de garde de décembre", 6, "medecin"),
    Todo("medecin geriatrie", 12, "Joindre la nièce avant la sortie", None, "medecin", "", "marcel", 9),
    Todo("medecin", 3, "Renouveler l’inscription au congrès de gériatrie", 9, "medecin"),
    Todo("medecin", 10, "Envoyer l’attestation de formation", None, "medecin", "", "", 7),
    Todo("kine", 5, "Envoyer le bilan au médecin traitant", -1, "kine", "", "georgette"),
    Todo("kine", 3, "Commander des bandes élastiques", 4, "kine"),
    Todo("kine", 9, "Faire signer le consentement", None, "kine", "", "georgette", 8),
    Todo("infirmiere", 6, "Lire le protocole des chutes", 0, "infirmiere"),
    Todo("infirmiere", 4, "Demander la délégation de l’unité", 2, "infirmiere", "À voir avec Maïlis Tournemirande."),
    Todo("infirmiere", 12, "Rendre le dossier d’embauche", None, "infirmiere", "", "", 10),
    Todo("coordinatrice relais", 7, "Chercher un ophtalmologiste disponible", -1, "coordinatrice", "", "elie"),
    Todo("coordinatrice relais", 3, "Appeler la mairie pour les repas livrés", 2, "", "", "elie"),
    Todo("coordinatrice relais", 10, "Déposer la demande de téléalarme", None, "coordinatrice", "", "marcel", 6),
    Todo("coordinatrice", 4, "Mettre à jour la liste des relais de quartier", 8, "coordinatrice"),
    Todo("referent", 5, "Relire les délégations de l’établissement", 5, "referent"),
    Todo("referent", 6, "Préparer l’accueil des nouveaux soignants", -1, "referent"),
)  # fmt: skip


def plan_agenda(stage: Stage, dossiers: dict[str, Dossier]) -> None:
    for number, date in enumerate(DATES):
        stage.plan(stage.at - timedelta(days=4, minutes=number), partial(_add_event, stage, dossiers, date))
    for number, todo in enumerate(TODOS):
        asked = stage.moment(-todo.days, "09:00") + timedelta(minutes=7 * number)
        stage.plan(asked, partial(_add_task, stage, dossiers, todo))


def _add_event(stage: Stage, dossiers: dict[str, Dossier], date: Date, at: datetime) -> None:
    acting = stage.act(date.voice, Space.AGENDA, at)
    starts = stage.in_week(date.week, date.weekday, date.clock)
    ends = starts + timedelta(minutes=date.minutes)
    linked = _linked(dossiers, date.patient)
    event = add_event(acting, EventDraft(date.kind, date.title, starts, ends, date.place, date.notes, linked))
    if date.is_cancelled:
        cancel_event(stage.act(date.voice, Space.AGENDA, stage.at - timedelta(days=1)), event)


def _add_task(stage: Stage, dossiers: dict[str, Dossier], todo: Todo, at: datetime) -> None:
    acting = stage.act(todo.voice, Space.TASKS, at)
    due = None if todo.due is None else stage.today + timedelta(days=todo.due)
    assignee = stage.accounts[todo.assignee].pk if todo.assignee else None
    task = add_task(acting, TaskDraft(todo.title, todo.notes, due, assignee, _linked(dossiers, todo.patient)))
    if todo.done is not None:
        doer = f"{todo.assignee}{todo.voice.removeprefix(todo.voice.partition(' ')[0])}"
        finish_task(stage.act(doer, Space.TASKS, stage.moment(-todo.done, "16:40")), task)


def _linked(dossiers: dict[str, Dossier], patient: str) -> UUID | None:
    return dossiers[patient].pk if patient else None
