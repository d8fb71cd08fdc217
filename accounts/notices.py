"""The pages of what one has been told."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Notification, User
from spico.web.acts import act_of

A_PAGE = 30


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    mine = Notification.objects.filter(recipient=cast(User, request.user)).order_by("-created_at", "-pk")
    page = Paginator(mine, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "accounts/notifications.html", {"page": page, "has_unread": mine.filter(read_at=None).exists()}
    )


@require_safe
def notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening one marks it read and leads where it points; another person's does not exist."""
    found = get_object_or_404(Notification, pk=pk, recipient=cast(User, request.user))
    Notification.objects.filter(pk=found.pk, read_at=None).update(read_at=timezone.now())
    return redirect(found.path or "accounts:notifications")


@act_of("accounts:notifications")
def notifications_read(request: HttpRequest) -> HttpResponse:
    Notification.objects.filter(recipient=cast(User, request.user), read_at=None).update(read_at=timezone.now())
    messages.success(request, "Tout est marqué comme lu.")
    return redirect("accounts:notifications")
