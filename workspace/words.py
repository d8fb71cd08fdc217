"""The verbs of the journal and the kinds of notification that this floor adds, read once at start."""

from accounts.journal import register_things, register_verbs
from accounts.notifications import register_kinds

register_verbs(
    {
        "dossier.created": "a créé un dossier",
        "dossier.opened": "a ouvert un dossier",
        "dossier.printed": "a imprimé un dossier",
        "dossier.corrected": "a corrigé l’identité d’un dossier",
        "dossier.archived": "a archivé un dossier",
        "dossier.restored": "a repris un dossier archivé",
        "dossier.searched": "a cherché parmi les dossiers",
        "circle.added": "a ajouté un membre à un cercle de soins",
        "circle.informed": "a dit comment le patient a été informé",
        "circle.left": "a quitté un cercle de soins",
        "circle.removed": "a retiré un membre d’un cercle de soins",
        "entry.written": "a écrit dans un dossier",
        "entry.corrected": "a corrigé une entrée d’un dossier",
        "document.opened": "a ouvert un document",
    },
    group="Dossiers",
)
register_verbs(
    {
        "event.created": "a ajouté un événement à l’agenda",
        "event.changed": "a modifié un événement de l’agenda",
        "event.cancelled": "a annulé un événement de l’agenda",
        "feed.created": "a créé un lien d’agenda",
        "feed.revoked": "a révoqué un lien d’agenda",
        "feed.read": "a lu l’agenda par son lien",
        "feed.refused": "n’a pas pu lire l’agenda par son lien",
    },
    group="Agenda",
)
register_verbs(
    {
        "task.created": "a ajouté une tâche",
        "task.changed": "a modifié une tâche",
        "task.done": "a fait une tâche",
        "task.reopened": "a rouvert une tâche",
        "task.cancelled": "a annulé une tâche",
    },
    group="Tâches",
)
register_verbs(
    {
        "conversation.begun": "a commencé une conversation",
        "conversation.opened": "a ouvert une conversation",
        "conversation.titled": "a modifié le titre d’une conversation",
        "conversation.linked": "a lié un dossier à une conversation",
        "conversation.muted": "a changé les annonces d’une conversation",
        "conversation.archived": "a rangé une conversation",
        "conversation.searched": "a cherché parmi les conversations",
        "participant.added": "a ajouté un participant à une conversation",
        "participant.left": "a quitté une conversation",
        "participant.removed": "a retiré un participant d’une conversation",
        "message.sent": "a écrit un message",
    },
    group="Discussions",
)
register_things(
    {
        "conversation": "conversation",
        "document": "document",
        "dossier": "dossier",
        "entry": "entrée d’un dossier",
        "event": "événement",
        "feed": "lien d’un agenda",
        "message": "message",
        "task": "tâche",
    }
)
register_kinds(
    {
        "workspace.message": "Un message vous attend",
        "workspace.task": "Une tâche vous est attribuée",
        "workspace.circle": "Un dossier est partagé avec vous",
        "workspace.left_alone": "Des dossiers ne s’ouvrent plus à personne",
    }
)
