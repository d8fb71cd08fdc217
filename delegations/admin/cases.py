from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.journal import verb_label
from delegations.admin.base import ActAdmin, FirstChoiceFilter, Reason, Tool, View, act, operator
from delegations.admin.telling import account_told
from delegations.models import AccessCase
from delegations.services import close_case
from delegations.services.cases import CLOSED
from spico.web.typography import NBSP, french_moment

PERMISSION = "delegations.change_accesscase"


class CaseFilter(FirstChoiceFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("a-traiter", "à traiter"), ("traites", "traités"), ("tous", "tous")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "tous":
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "a-traiter")


@admin.register(AccessCase)
class AccessCaseAdmin(ActAdmin):
    """« Cela me surprend »: an access that somebody does not recognise, until the service centre concludes."""

    act_permission = PERMISSION
    list_display = ["opened_at", "account", "what", "opened_by", "note", "closed_at"]
    list_filter = [CaseFilter]
    list_select_related = ["account", "opened_by", "entry__actor"]
    fields = ["account", "entry", "what", "opened_by", "opened_at", "note", "closed_by", "closed_at", "conclusion"]
    readonly_fields = ["what"]
    ordering = ["opened_at", "pk"]

    def act_urls(self) -> list[tuple[str, View, str]]:
        return [("<int:pk>/conclure/", self.close_view, "conclude")]

    def row_tools(self, row: AccessCase, at: datetime) -> list[Tool]:
        return [] if row.closed_at else [Tool("Conclure", reverse("admin:delegations_conclude", args=[row.pk]))]

    @admin.display(description="accès")
    def what(self, row: AccessCase) -> str:
        actor = row.entry.actor.display_name if row.entry.actor else "SPICO"
        return f"{actor} {verb_label(row.entry.verb)}, le {french_moment(row.entry.at)}"

    @act(PERMISSION)
    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row: AccessCase = self.row_or_404(
            AccessCase.objects.select_related("account", "opened_by", "entry__actor", "closed_by"), pk
        )
        at = timezone.now()
        asked = Reason(
            title="Conclure un accès signalé",
            facts=[
                ("Compte", account_told(row.account)),
                ("Accès", self.what(row)),
                ("Signalé par", f"{row.opened_by.display_name}, le {french_moment(row.opened_at)}"),
                ("Ce qui surprend", row.note or "–"),
                ("Conclusion", row.conclusion or "–"),
            ],
            button="Conclure et prévenir",
            done=f"Le signalement sur {row.account} est traité.",
            label="Conclusion",
            over=CLOSED if row.closed_at else "",
            missing=f"Écrivez une conclusion{NBSP}: la personne qui a signalé cet accès la lira.",
        )
        return self.reason_page(request, asked, lambda text: close_case(operator(request), row, text, at))
