"""The pages of what one has been told."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Notification, User
from spico.web.acts import act_of

A_PAGE = 30
LONGEST_KEY = 18  # digits; the database reads no longer number


def _mine(request: HttpRequest) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=cast(User, request.user))


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    mine = _mine(request)
    page = Paginator(mine.order_by("-created_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    newest_unread = mine.filter(read_at=None).order_by("-pk").values_list("pk", flat=True).first()
    return render(request, "accounts/notifications.html", {"page": page, "newest_unread": newest_unread})


@require_safe
def notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening one marks it read and leads where it points; another person's does not exist."""
    found = get_object_or_404(_mine(request), pk=pk)
    _mine(request).filter(pk=found.pk, read_at=None).update(read_at=timezone.now())
    return redirect(found.path or "accounts:notifications")


@act_of("accounts:notifications")
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Marks what the page knew of: what has come since was not seen."""
    until = request.POST.get("until", "")
    if until.isdecimal() and len(until) <= LONGEST_KEY:
        _mine(request).filter(pk__lte=int(until), read_at=None).update(read_at=timezone.now())
        messages.success(request, "Tout est marqué comme lu.")
    else:
        messages.error(request, "Cette page n’était plus à jour\N{NO-BREAK SPACE}: rien n’est marqué. Recommencez.")
    return redirect("accounts:notifications")
