"""What the administration's own pages, in Django's language, take from the portal."""

from typing import cast

from django import template
from django.template import Context
from django.utils import timezone

from accounts.models import User
from delegations.queues import Queue, queues
from spico.web import filters
from spico.web.look import icon

register = template.Library()
register.filter(filters.counted)
register.filter(filters.french_date)
register.simple_tag(icon)


@register.simple_tag(takes_context=True)
def centre_queues(context: Context) -> list[Queue]:
    """What waits for the service centre, of what the reader may see."""
    return queues(cast(User, context["user"]), timezone.now())
