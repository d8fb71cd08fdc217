from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from delegations.admin.base import PLACES, HeldAdmin, Tool, View, act, operator
from delegations.admin.forms import ActForm
from delegations.errors import Refused
from delegations.models import Delegation, ToReview
from delegations.reviews import to_review
from delegations.services import keep_by_service_centre
from delegations.services.service_centre import PERMISSION
from spico.web.typography import of_name


@admin.register(ToReview)
class ToReviewAdmin(HeldAdmin):
    """Delegations whose granter has left the directory, until somebody keeps or ends them."""

    act_permission = PERMISSION
    found_by = ["holder", "account", "granted_by_account"]
    list_display = ["holder", "place", "scope", "since", "until", "by"]
    list_filter = ["scope"]
    list_select_related = ["holder", "account", "granted_by_account", *PLACES]
    fields = ["holder", "account", "scope", "origin", "since", "until", "by"]
    ordering = ["created_at", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        waiting = to_review(timezone.now()).order_by().values("pk")
        return super().get_queryset(request).filter(pk__in=waiting)

    def act_urls(self) -> list[tuple[str, View, str]]:
        return [("<int:pk>/garder/", self.keep_view, "keep")]

    def row_tools(self, row: ToReview, at: datetime) -> list[Tool]:
        return [
            Tool("Garder", reverse("admin:delegations_keep", args=[row.pk])),
            Tool("Mettre fin", reverse("admin:delegations_end", args=[row.pk])),
        ]

    @act(PERMISSION)
    def keep_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row: Delegation = self.row_or_404(Delegation.objects.told(), pk)
        form, status = ActForm(request.POST if request.method == "POST" else None), 200
        if form.is_valid():
            try:
                keep_by_service_centre(operator(request), row, timezone.now())
            except Refused as refused:
                form.refuse(refused)
                status = refused.status
            else:
                return self.to_list(request, f"La délégation {of_name(str(row.holder))} sur {row.account} est gardée.")
        context = {"form": form, "facts": self.facts(row), "warning": "", "over": "", "button": "Garder la délégation"}
        return self.page(request, "reason", "Garder une délégation à revoir", context, status=status)
