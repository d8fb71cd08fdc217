from celery import shared_task
from django.utils import timezone

from accounts.notifications.sending import send_waiting


@shared_task
def send_waiting_mails() -> None:
    """After each act that told somebody, and every minute for what was left."""
    send_waiting(timezone.now())
