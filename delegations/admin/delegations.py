from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from delegations.access import is_in_force
from delegations.admin.base import PLACES, HeldAdmin, NowOrBeforeFilter, Reason, Tool, View, act, operator
from delegations.admin.granting import grant_page
from delegations.admin.listing import list_page, write_page
from delegations.models import Delegation, EndKind
from delegations.orphans import is_last_to_answer
from delegations.scopes import Scope
from delegations.services import end_by_service_centre
from delegations.services.cutting import ALREADY
from delegations.services.service_centre import PERMISSION
from spico.web.typography import of_name


class InForceFilter(NowOrBeforeFilter):
    names = [("en-vigueur", "en vigueur"), ("terminees", "terminées")]
    all_of_them = ("toutes", "toutes")


class GroundFilter(admin.ChoicesFieldListFilter):
    """By the ground of whoever granted, under a word that « par » may come before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "titre de qui l’a accordée"


@admin.register(Delegation)
class DelegationAdmin(HeldAdmin):
    """Who holds what, on which account. It opens nothing to whoever reads it."""

    act_permission = PERMISSION
    list_display = ["holder", "place", "scope", "since", "until", "by", "state"]
    list_filter = [InForceFilter, "scope", "origin", ("granted_ground", GroundFilter)]
    list_select_related = ["holder", "account", "granted_by_account", "confirmed_by", *PLACES]
    fields = [
        *("holder", "account", "scope", "origin", "since", "until", "state"),
        *("by", "granted_by", "confirmed_by", "request", "replaces"),
        *("ended_by", "ended_by_account", "ended_ground", "ended_reason"),
    ]
    readonly_fields = ["since", "until", "state", "by"]
    ordering = ["-pk"]

    def act_urls(self) -> list[tuple[str, View, str]]:
        return [
            ("accorder/", self.grant_view, "grant"),
            ("liste/", self.list_view, "list"),
            ("liste/accorder/", self.write_view, "write"),
            ("<int:pk>/fin/", self.end_view, "end"),
        ]

    def tools(self) -> list[Tool]:
        return [
            Tool("Accorder une délégation", reverse("admin:delegations_grant")),
            Tool("Accorder d’après une liste", reverse("admin:delegations_list")),
        ]

    def row_tools(self, row: Delegation, at: datetime) -> list[Tool]:
        if row.ended_kind or not is_in_force(row, at):
            return []
        return [Tool("Mettre fin", reverse("admin:delegations_end", args=[row.pk]))]

    @admin.display(description="état")
    def state(self, row: Delegation) -> str:
        if row.ended_kind:
            return EndKind(row.ended_kind).label
        return "en vigueur" if is_in_force(row, timezone.now()) else "arrivée à son terme"

    @act(PERMISSION)
    def grant_view(self, request: HttpRequest) -> HttpResponse:
        return grant_page(self, request, timezone.now())

    @act(PERMISSION)
    def list_view(self, request: HttpRequest) -> HttpResponse:
        return list_page(self, request, timezone.now())

    @act(PERMISSION)
    def write_view(self, request: HttpRequest) -> HttpResponse:
        return write_page(self, request, timezone.now())

    @act(PERMISSION)
    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        at = timezone.now()
        row: Delegation = self.row_or_404(Delegation.objects.told(), pk)
        warning = ""
        if row.scope == Scope.TOTAL and is_in_force(row, at) and is_last_to_answer(row.account, row.holder, at):
            warning = f"Ensuite, plus personne ne répondra au nom {of_name(str(row.account))}."
        asked = Reason(
            title="Mettre fin à une délégation",
            facts=[*self.facts(row), ("État", self.state(row))],
            button="Mettre fin à la délégation",
            done=f"La délégation {of_name(str(row.holder))} sur {row.account} a pris fin.",
            warning=warning,
            over="" if is_in_force(row, at) else ALREADY,
        )
        return self.reason_page(
            request, asked, lambda reason: end_by_service_centre(operator(request), row, reason, at)
        )
