from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from delegations.admin.base import PLACES, ActAdmin, FirstChoiceFilter, Tool, View, act, last_day_of, operator
from delegations.admin.forms import ORIGINS
from delegations.admin.telling import account_told, person_told
from delegations.errors import Refused
from delegations.models import GrantProposal, Origin, ProposalState
from delegations.scopes import Scope
from delegations.services import confirm_proposal, reject_proposal
from delegations.services.service_centre import PERMISSION, check_confirmation
from spico.web.typography import french_moment, of_name


class ProposalFilter(FirstChoiceFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, state.label) for state in ProposalState] + [("all", "toutes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() == "all" else queryset.filter(state=self.value())


@admin.register(GrantProposal)
class GrantProposalAdmin(ActAdmin):
    """What one operator proposed and a second one confirms, or sets aside."""

    act_permission = PERMISSION
    found_by = ["holder", "account"]
    list_display = ["holder", "place", "scope", "ends", "word_of", "proposed_by", "proposed_at", "state"]
    list_filter = [ProposalFilter]
    list_select_related = ["proposed_by"]
    fields = [
        *("holder", "account", "scope", "ends", "origin", "word_of", "state"),
        *("proposed_by", "proposed_at", "decided_by", "decided_at"),
    ]
    readonly_fields = ["ends"]
    ordering = ["proposed_at", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The accounts by queries of their own: joined three times, a table that is not analysed yet is read in full
        for each row of the others."""
        return super().get_queryset(request).prefetch_related("holder", "account", "word_of", *PLACES)

    def act_urls(self) -> list[tuple[str, View, str]]:
        return [
            ("<int:pk>/examiner/", self.examine_view, "examine"),
            ("<int:pk>/confirmer/", self.confirm_view, "confirm"),
            ("<int:pk>/ecarter/", self.reject_view, "reject"),
        ]

    def row_tools(self, row: GrantProposal, at: datetime) -> list[Tool]:
        if row.state != ProposalState.PROPOSED:
            return []
        return [Tool("Examiner", reverse("admin:delegations_examine", args=[row.pk]))]

    @admin.display(description="jusqu’au")
    def ends(self, row: GrantProposal) -> str:
        return last_day_of(row.until)

    @act(PERMISSION)
    def examine_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method == "POST":
            return HttpResponseRedirect(request.path)
        return self._examined(request, self._row(pk))

    @act(PERMISSION)
    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._row(pk)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:delegations_examine", args=[pk]))
        try:
            confirm_proposal(operator(request), row, timezone.now())
        except Refused as refused:
            return self._examined(request, row, refused)
        return self.to_list(request, f"La délégation {of_name(str(row.holder))} sur {row.account} est accordée.")

    @act(PERMISSION)
    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._row(pk)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:delegations_examine", args=[pk]))
        try:
            reject_proposal(operator(request), row, timezone.now())
        except Refused as refused:
            return self._examined(request, row, refused)
        return self.to_list(
            request, f"La délégation {of_name(str(row.holder))} sur {row.account} est écartée : rien ne s’ouvre."
        )

    def _row(self, pk: int) -> GrantProposal:
        rows = GrantProposal.objects.select_related("holder", "account", "word_of", "proposed_by", "decided_by")
        row: GrantProposal = self.row_or_404(rows, pk)
        return row

    def _examined(self, request: HttpRequest, row: GrantProposal, refused: Refused | None = None) -> HttpResponse:
        context = {
            "proposal": row,
            "facts": [
                ("Délégataire", person_told(row.holder)),
                ("Compte", account_told(row.account)),
                ("Périmètre", Scope(row.scope).label),
                ("Jusqu’au", self.ends(row)),
                ("Origine", ORIGINS.get(Origin(row.origin), Origin(row.origin).label)),
                ("Sur la parole de", person_told(row.word_of)),
                ("Proposée par", f"{row.proposed_by.display_name}, le {french_moment(row.proposed_at)}"),
                ("État", ProposalState(row.state).label),
            ],
            "waits": row.state == ProposalState.PROPOSED,
            "alert": refused.sentence if refused else "",
            "obstacle": _obstacle(operator(request), row, timezone.now()),
        }
        status = refused.status if refused else 200
        return self.page(request, "proposal", "Confirmer une délégation", context, status=status)


def _obstacle(user: User, row: GrantProposal, at: datetime) -> str:
    """Why this operator may not confirm it, in the service's own words."""
    try:
        check_confirmation(user, row, at)
    except Refused as refused:
        return refused.sentence
    return ""
