"""Which mode gives what: the summary of the guide « Être contacté en tant qu’équipe », as data.

The guide draws it; a scenario plays each cell on the running system, so that page and behaviour cannot differ. The
source document has lost its ticks: this reading follows its definitions, and a correction is one line here.
"""

from dataclasses import dataclass
from enum import Enum

from django.db import models

from workspace.models import ConversationOrigin


class Mode(models.TextChoices):
    ATTACHMENT = "attachment", "Rattachement"
    DELEGATION = "delegation", "Délégation"
    FAVORITE_GROUP = "favorite_group", "Groupe de favoris"
    RESOURCE_TEAM = "resource_team", "Équipe ressource"


class Question(models.TextChoices):
    SHARE = "share", "Partager un dossier avec mes collègues"
    FOUND = "found", "Être identifié et contacté en tant qu’équipe"
    FORM = "form", "Être sollicité via un formulaire spécifique"
    TITLE = "title", "Modifier le titre d’une conversation"
    MESSAGES = "messages", "Envoyer et recevoir des messages à un groupe"


class Verdict(Enum):
    """`NOT_ALONE`: not by this mode alone; the sentence says what makes the difference. Shown by `verdict_words`."""

    YES = "oui"
    NO = "non"
    NOT_ALONE = "pas seul"


@dataclass(frozen=True)
class Answer:
    """`route`: the name of the page where one begins; empty when there is nothing to do."""

    verdict: Verdict
    sentence: str
    route: str = ""


_Y, _N, _A = Verdict.YES, Verdict.NO, Verdict.NOT_ALONE
ANSWERS: dict[Mode, dict[Question, Answer]] = {
    Mode.ATTACHMENT: {
        Question.SHARE: Answer(
            _N, "Être rattaché ne donne aucun accès aux dossiers. Demandez une délégation.", "delegations:ask"
        ),
        Question.FOUND: Answer(
            _Y, "Votre structure et votre unité sont dans l’annuaire, et vous y figurez.", "directory:search"
        ),
        Question.FORM: Answer(_N, "Seule une équipe ressource reçoit des sollicitations par un formulaire."),
        Question.TITLE: Answer(
            _N, "Il faut agir au nom d’un compte qui participe à la conversation.", "delegations:ask"
        ),
        Question.MESSAGES: Answer(
            _N, "Être rattaché n’ouvre pas les discussions de la structure. Demandez une délégation.", "delegations:ask"
        ),
    },
    Mode.DELEGATION: {
        Question.SHARE: Answer(
            _Y,
            "Les dossiers dont le cercle de soins contient le compte s’ouvrent à vous et à vos collègues.",
            "spaces:index",
        ),
        Question.FOUND: Answer(
            _A, "C’est le compte délégué qui est visible dans l’annuaire, pas votre délégation.", "directory:search"
        ),
        Question.FORM: Answer(_N, "Seule une équipe ressource reçoit des sollicitations par un formulaire."),
        Question.TITLE: Answer(
            _Y, "Au nom du compte, sauf si la conversation vient d’une sollicitation.", "spaces:index"
        ),
        Question.MESSAGES: Answer(_Y, "Vous lisez et répondez au nom du compte, avec vos collègues.", "spaces:index"),
    },
    Mode.FAVORITE_GROUP: {
        Question.SHARE: Answer(_A, "Il ajoute ses membres à un cercle de soins, en une fois."),
        Question.FOUND: Answer(_A, "Oui s’il est public\N{NO-BREAK SPACE}: il est alors dans l’annuaire."),
        Question.FORM: Answer(_N, "Seule une équipe ressource reçoit des sollicitations par un formulaire."),
        Question.TITLE: Answer(_Y, "Chaque participant d’une conversation de groupe peut en changer le titre."),
        Question.MESSAGES: Answer(_Y, "Un message part à tous les membres du groupe."),
    },
    Mode.RESOURCE_TEAM: {
        Question.SHARE: Answer(
            _A, "Une sollicitation peut joindre un dossier\N{NARROW NO-BREAK SPACE}; l’équipe n’en ouvre aucun autre."
        ),
        Question.FOUND: Answer(_Y, "L’équipe est dans l’annuaire, avec son expertise et son territoire."),
        Question.FORM: Answer(_Y, "Chaque sollicitation arrive par le formulaire de l’équipe."),
        Question.TITLE: Answer(_N, "Le titre d’une sollicitation vient de son formulaire."),
        Question.MESSAGES: Answer(_Y, "Les membres de l’équipe lisent et répondent au nom de l’équipe."),
    },
}


_FEMININE = {Mode.DELEGATION, Mode.RESOURCE_TEAM}


def verdict_words(mode: Mode, question: Question) -> str:
    """« Oui », « Non », « Pas à elle seule »: as the guide writes it, in agreement with the mode."""
    verdict = ANSWERS[mode][question].verdict
    if verdict == Verdict.NOT_ALONE:
        return "Pas à elle seule" if mode in _FEMININE else "Pas à lui seul"
    return str(verdict.value).capitalize()


def title_may_change(origin: ConversationOrigin | str) -> bool:
    """By any account that takes part, through somebody with its discussions."""
    return ConversationOrigin(origin) != ConversationOrigin.SOLICITATION
