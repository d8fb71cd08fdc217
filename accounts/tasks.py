"""Where Celery finds the tasks of this app."""

from accounts.journal.tasks import export_journal_head, seal_journal
from accounts.notifications.tasks import send_waiting_mails

__all__ = ["export_journal_head", "seal_journal", "send_waiting_mails"]
