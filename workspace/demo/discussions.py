"""The conversations of the demo: two accounts or many, some read and some not, one about a dossier."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from delegations.scopes import Space
from workspace.access import participation_or_404
from workspace.demo.stage import Stage, key_of
from workspace.models import Conversation, Dossier
from workspace.services.discussions import begin_conversation, link_dossier
from workspace.services.messages import read_conversation, send_message


@dataclass(frozen=True)
class Line:
    voice: str
    days: int
    clock: str
    text: str


@dataclass(frozen=True)
class Thread:
    """`members`: beside the account that writes the first line. `readers`: who has read all of it."""

    key: str
    title: str
    members: tuple[str, ...]
    lines: tuple[Line, ...]
    readers: tuple[str, ...] = ()
    patient: str = ""


THREADS = (
    Thread(
        "sortie",
        "Retour à domicile, semaine prochaine",
        ("relais", "ssiad", "social", "kine"),
        (
            Line("medecin geriatrie", 9, "17:20", "Bonjour à tous. Sortie possible lundi prochain, si le domicile est "
                 "prêt. Il faudrait deux passages infirmiers par jour et la kinésithérapie."),
            Line("coordinatrice relais", 8, "09:05", "Bonjour. Je vois le SSIAD ce matin et je reviens vers vous "
                 "avant midi."),
            Line("coordinatrice relais", 8, "11:40", "C’est d’accord pour le matin et le soir à partir de lundi. Reste "
                 "la téléalarme : pose jeudi entre 9 h et 12 h."),
            Line("kine", 8, "13:15", "Je peux passer le lundi et le jeudi en fin de matinée."),
            Line("medecin geriatrie", 8, "18:02", "Parfait, merci. Je prépare les ordonnances et le compte rendu."),
            Line("coordinatrice relais", 1, "10:25", "Tout est en place. La nièce est prévenue et garde un double des "
                 "clés.\nRappel des passages :\n- infirmier : 8 h et 18 h ;\n- kinésithérapeute : lundi et jeudi."),
        ),
        (),
        "marcel",
    ),
    Thread(
        "unite-geriatrie",
        "Suites de l’hôpital de jour",
        ("geriatrie", "medecin"),
        (
            Line("aissatou unite", 6, "08:50", "Bonjour, à quelle heure la faire manger avant le bilan de demain ?"),
            Line("medecin geriatrie", 6, "09:30", "Bonjour. Petit déjeuner normal avant 7 h 30, puis rien jusqu’à la "
                 "fin des examens, vers 11 h."),
            Line("aissatou unite", 6, "09:34", "Merci, c’est noté pour l’équipe de nuit."),
            Line("medecin geriatrie", 5, "12:15", "Tout s’est bien passé. Le compte rendu est dans le dossier."),
            Line("thuy unite", 5, "14:00", "Bonjour, je la vois vendredi. Y a-t-il un point à surveiller ?"),
            Line("aissatou unite", 1, "07:55", "Elle demande à reprendre la belote. Je vous tiens au courant."),
        ),
    ),
    Thread(
        "accueil",
        "Votre arrivée dans l’équipe",
        ("infirmiere",),
        (
            Line("referent", 15, "09:00", "Bienvenue ! Vous trouverez votre planning au bureau des soins. Pour les "
                 "dossiers de l’unité, demandez une délégation depuis sa page : je la verrai aussitôt."),
            Line("infirmiere", 15, "12:40", "Merci pour votre accueil. Je m’en occupe cette semaine."),
            Line("referent", 1, "17:35", "N’oubliez pas notre point de mardi, à 10 h dans mon bureau."),
        ),
    ),
    Thread(
        "kine-gp",
        "Ordonnances à renouveler",
        ("naima",),
        (
            Line("kine", 5, "19:10", "Bonsoir. Trois ordonnances arrivent à leur fin cette semaine, puis-je passer "
                 "les prendre au secrétariat ?"),
            Line("naima", 4, "08:15", "Bonjour, elles seront prêtes demain midi."),
            Line("kine", 4, "08:30", "Merci beaucoup."),
            Line("naima", 0, "07:40", "Elles sont à l’accueil, dans la pochette à votre nom."),
        ),
    ),
    Thread(
        "medicaments",
        "Livraison du pilulier",
        ("pharmacie", "infirmiere"),
        (
            Line("aissatou unite", 3, "10:10", "Bonjour, le pilulier de la semaine n’est pas encore arrivé. "
                 "Pouvez-vous vérifier ?"),
            Line("infirmiere", 3, "10:45", "Je peux passer le chercher en rentrant de la tournée."),
        ),
    ),
    Thread(
        "reunion",
        "Réunion territoriale du mois prochain",
        ("relais", "medecin", "kine", "referent", "infirmiere", "ssiad", "naima", "jaufre", "soline"),
        (
            Line("coordinatrice", 7, "11:30", "Bonjour à toutes et à tous. La prochaine réunion portera sur les "
                 "sorties d’hôpital le vendredi. Quelles sont vos disponibilités ?"),
            Line("naima", 6, "20:05", "Plutôt le mardi soir pour moi."),
            Line("jaufre", 6, "21:10", "Le SSIAD sera représenté, mardi convient."),
            Line("soline", 5, "09:25", "Mardi aussi, à partir de 18 h."),
            Line("medecin", 4, "18:50", "Mardi 18 h 30, à la maison de santé ?"),
            Line("coordinatrice relais", 0, "08:05", "Adopté : mardi, 18 h 30, maison de santé. Je réserve la salle."),
        ),
        ("kine",),
    ),
    Thread(
        "avis",
        "Demande d’avis",
        ("geriatrie",),
        (
            Line("naima", 2, "12:55", "Bonjour, une patiente de 84 ans chute pour la troisième fois. Quel délai pour "
                 "un bilan en hôpital de jour ?"),
            Line("medecin geriatrie", 2, "18:20", "Bonjour, une place se libère dans dix jours. Je vous envoie la "
                 "fiche à remplir."),
            Line("naima", 1, "08:20", "Merci, je la préviens aujourd’hui."),
        ),
    ),
)  # fmt: skip


def plan_discussions(stage: Stage, dossiers: dict[str, Dossier]) -> None:
    threads: dict[str, Conversation] = {}
    for thread in THREADS:
        for number, line in enumerate(thread.lines):
            stage.plan(stage.moment(-line.days, line.clock), partial(_say, stage, threads, thread, number))
        for reader in thread.readers:
            stage.plan(stage.at, partial(_read, stage, threads, thread, reader))
        if thread.patient:
            stage.plan(stage.moment(-7, "18:10"), partial(_link, stage, threads, thread, dossiers))


def _say(stage: Stage, threads: dict[str, Conversation], thread: Thread, number: int, at: datetime) -> None:
    line = thread.lines[number]
    acting, key = stage.act(line.voice, Space.DISCUSSIONS, at), key_of(f"{thread.key}-{number}")
    if number == 0:
        members = [stage.accounts[member].pk for member in thread.members]
        threads[thread.key] = begin_conversation(acting, thread.title, members, line.text, key)
        return
    participant = participation_or_404(acting, threads[thread.key].pk)
    read_conversation(acting, participant, participant.conversation.last_message_id)
    send_message(acting, participant, line.text, key)


def _read(stage: Stage, threads: dict[str, Conversation], thread: Thread, voice: str, at: datetime) -> None:
    acting = stage.act(voice, Space.DISCUSSIONS, at)
    participant = participation_or_404(acting, threads[thread.key].pk)
    read_conversation(acting, participant, participant.conversation.last_message_id)


def _link(
    stage: Stage, threads: dict[str, Conversation], thread: Thread, dossiers: dict[str, Dossier], at: datetime
) -> None:
    acting = stage.act(thread.lines[0].voice, Space.DISCUSSIONS, at)
    link_dossier(acting, participation_or_404(acting, threads[thread.key].pk), dossiers[thread.patient].pk)
