from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AccountKind
from delegations.admin.base import PLACES, ActAdmin, FirstChoiceFilter, Tool
from delegations.models import Delegation, DelegationRequest, Referent, RequestState
from delegations.querysets import OPENING_STATES
from delegations.scopes import Scope
from delegations.services.service_centre import PERMISSION
from spico.web.typography import counted


def with_answerers(requests: QuerySet[DelegationRequest], at: datetime) -> QuerySet[DelegationRequest]:
    """`is_answerable`: could somebody who signs in answer now? In the same query, whatever the number of rows."""

    def who_sign_in(prefix: str) -> dict[str, Any]:
        return {f"{prefix}__state__in": OPENING_STATES, f"{prefix}__user__is_active": True}

    here = Q(structure__account=OuterRef("account")) | Q(structure__internal_organisations__account=OuterRef("account"))
    referents = Referent.objects.in_force(at).filter(here, **who_sign_in("account"))
    holders = Delegation.objects.in_force(at).filter(account=OuterRef("account"), **who_sign_in("holder"))
    of_what_is_asked = holders.filter(Q(scope=Scope.TOTAL) | Q(scope=OuterRef("remaining")))
    moral = (
        Exists(referents.exclude(account=OuterRef("requester")).exclude(appointed_by=OuterRef("requester__user")))
        | Exists(of_what_is_asked.exclude(holder=OuterRef("requester")))
        | (Q(remaining=Scope.TOTAL) & Exists(holders.exclude(holder=OuterRef("requester"))))
    )
    a_person = Q(account__kind=AccountKind.PP)
    return requests.annotate(
        is_answerable=Case(
            When(a_person & Q(**who_sign_in("account")), then=Value(True)),
            When(~a_person & Q(moral), then=Value(True)),
            default=Value(False),
        )
    )


class QueueFilter(FirstChoiceFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("sans-reponse", "sans réponse, à traiter"),
            ("en-attente", "en attente"),
            ("traitees", "traitées"),
            ("toutes", "toutes"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        pending = Q(state=RequestState.PENDING)
        wanted = {
            "sans-reponse": pending & Q(escalated_at__isnull=False),
            "en-attente": pending,
            "traitees": ~pending,
            "toutes": Q(),
        }
        return queryset.filter(wanted[self.value()])


@admin.register(DelegationRequest)
class DelegationRequestAdmin(ActAdmin):
    """The queue of requests that nobody answered, the oldest first; the others behind a filter."""

    act_permission = PERMISSION
    found_by = ["requester", "account"]
    list_display = ["requester", "place", "asks", "waits"]
    list_filter = [QueueFilter, "remaining"]
    list_select_related = ["requester", "account", "claimed_by", *PLACES]
    fields = [
        *("requester", "account", "scope", "remaining", "message", "state", "asked_at", "why"),
        *("claimed_by", "claimed_at", "escalated_at", "decided_at", "decided_by", "decided_ground", "reason"),
    ]
    readonly_fields = ["why"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_answerers(super().get_queryset(request), timezone.now())

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Those of the queue first, then those that wait, the oldest first."""
        waits, escalated = Q(state=RequestState.PENDING), Q(escalated_at__isnull=False)
        place = Case(When(waits & escalated, then=0), When(waits, then=1), default=2)
        return [place.asc(), "asked_at", "pk"]

    @admin.display(description="périmètre")
    def asks(self, row: DelegationRequest) -> str:
        return Scope(row.remaining).label

    @admin.display(description="attente")
    def waits(self, row: Any) -> str:
        days = (timezone.now() - row.asked_at).days
        age = f"il y a {counted(days, 'jour')}" if days else "aujourd’hui"
        taken = f"\N{NO-BREAK SPACE}; pris en charge par {row.claimed_by.display_name}" if row.claimed_by else ""
        return f"Demandée {age}\N{NO-BREAK SPACE}: {self.why(row)}{taken}"

    @admin.display(description="pourquoi")
    def why(self, row: Any) -> str:
        if row.state != RequestState.PENDING:
            return RequestState(row.state).label
        if not row.is_answerable:
            return "personne ne peut répondre"
        return "pas encore de réponse"

    def row_tools(self, row: DelegationRequest, at: datetime) -> list[Tool]:
        if row.state != RequestState.PENDING:
            return []
        tools = [Tool("Accorder", reverse("admin:delegations_grant", query={"demande": row.pk}))]
        if structure := _structure_account(row.account):
            appoint = reverse("admin:delegations_appoint", query={"structure": structure})
            tools.append(Tool("Nommer un référent", appoint))
        return tools


def _structure_account(account: Account) -> Any:
    """From what the list has read with its rows."""
    if account.kind == AccountKind.STRUCTURE:
        return account.pk
    return account.internalorganisation.structure.account_id if account.kind == AccountKind.UNIT else None
