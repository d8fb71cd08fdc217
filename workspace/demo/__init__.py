"""What the spaces of the demo region hold: fictional people, dossiers, agendas, tasks and conversations, in the days
around the one on which it is loaded."""

from datetime import datetime

from django.db import transaction

from accounts.journal.sealing import seal
from accounts.models import Notification, OutgoingMail
from workspace.demo.agenda import plan_agenda
from workspace.demo.discussions import plan_discussions
from workspace.demo.dossiers import add_papers, plan_dossiers
from workspace.demo.stage import Stage, key_of
from workspace.models import Message


def fill_the_spaces(at: datetime) -> bool:
    """Once: False when all of it is there already. The delegations of the demo come first."""
    done = False
    with transaction.atomic():
        stage = Stage(at)
        if not Message.objects.filter(client_key=key_of("sortie-0")).exists():
            dossiers = plan_dossiers(stage)
            plan_agenda(stage, dossiers)
            plan_discussions(stage, dossiers)
            stage.play()
            # Of what happened days ago, the portal tells them; their mails would all leave now.
            told = Notification.objects.filter(kind__startswith="workspace.", recipient__in=stage.people.values())
            mails = list(told.values_list("mail", flat=True))
            told.update(mail=None)
            OutgoingMail.objects.filter(pk__in=mails).delete()
            done = True
    done |= add_papers(stage)
    if done:
        seal(at)
    return done
