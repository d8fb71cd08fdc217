from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountKind
from delegations.admin.base import ActAdmin, Tool
from delegations.models import Orphan
from delegations.orphans import orphans
from delegations.services.referents import PERMISSION
from directory.models import Structure


@admin.register(Orphan)
class OrphanAdmin(ActAdmin):
    """Structures and units that somebody once answered for, and nobody does now."""

    act_permission = PERMISSION
    list_display = ["name", "kind", "structure_name", "city", "department"]
    list_filter = ["kind"]
    list_select_related = ["structure__department", "internalorganisation__structure__department"]
    fields = ["name", "kind", "structure_name", "city", "department"]
    ordering = ["name", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(pk__in=orphans(timezone.now()).order_by().values("pk"))

    @admin.display(description="structure")
    def structure_name(self, row: Orphan) -> str:
        return _structure(row).name

    @admin.display(description="ville")
    def city(self, row: Orphan) -> str:
        return _structure(row).city

    @admin.display(description="département")
    def department(self, row: Orphan) -> str:
        return str(_structure(row).department or "")

    def row_tools(self, row: Orphan, at: datetime) -> list[Tool]:
        structure = _structure(row).account_id
        return [Tool("Nommer un référent", reverse("admin:delegations_appoint", query={"structure": structure}))]


def _structure(row: Orphan) -> Structure:
    """The structure itself, or that of the unit."""
    found: Structure = row.structure if row.kind == AccountKind.STRUCTURE else row.internalorganisation.structure
    return found
