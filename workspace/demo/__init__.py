"""What the spaces of the demo region hold: fictional people, dossiers, agendas, tasks and conversations, in the days
around the one on which it is loaded."""

from datetime import datetime

from django.db import transaction

from accounts.journal.sealing import seal
from accounts.models import Notification, OutgoingMail
from workspace.demo.agenda import plan_agenda
from workspace.demo.discussions import plan_discussions
from workspace.demo.dossiers import add_paper, papers_missing, plan_dossiers
from workspace.demo.stage import Stage, key_of
from workspace.models import Message


def fill_the_spaces(at: datetime) -> bool:
    """Once: False when all of it is there already. The delegations of the demo come first: `NotYetHeldError` when they
    are not those that the story needs, as in a region made by an earlier SPICO."""
    is_told = Message.objects.filter(client_key=key_of("sortie-0")).exists()
    if is_told and not papers_missing():
        return False
    with transaction.atomic():
        stage = Stage(at)
        if not is_told:
            _tell(stage)
    for patient, paper in papers_missing():
        add_paper(stage, patient, paper)
    seal(at)
    return True


def _tell(stage: Stage) -> None:
    stage.check_delegations()
    dossiers = plan_dossiers(stage)
    plan_agenda(stage, dossiers)
    plan_discussions(stage, dossiers)
    stage.play()
    # Of what happened days ago, the portal tells them; their mails would all leave now.
    told = Notification.objects.filter(kind__startswith="workspace.", recipient__in=stage.people.values())
    mails = list(told.values_list("mail", flat=True))
    told.update(mail=None)
    OutgoingMail.objects.filter(pk__in=mails).delete()
