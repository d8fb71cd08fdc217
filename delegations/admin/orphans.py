from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from delegations.admin.base import ActAdmin, Tool
from delegations.models import Orphan
from delegations.orphans import orphans
from delegations.services.referents import PERMISSION


@admin.register(Orphan)
class OrphanAdmin(ActAdmin):
    """Structures that somebody once answered for, and nobody does now."""

    act_permission = PERMISSION
    list_display = ["name", "finess", "city", "department"]
    list_filter = ["department"]
    list_select_related = ["department"]
    fields = ["name", "finess", "city", "department", "account"]
    ordering = ["name", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(pk__in=orphans(timezone.now()).order_by().values("pk"))

    def row_tools(self, row: Orphan, at: datetime) -> list[Tool]:
        return [Tool("Nommer un référent", reverse("admin:delegations_appoint", query={"structure": row.account_id}))]
