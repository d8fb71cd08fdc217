from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from delegations.admin.base import NowOrBeforeFilter, PeriodAdmin, Reason, Tool, View, act, operator
from delegations.admin.forms import ActForm
from delegations.admin.picking import pick
from delegations.admin.telling import account_told, person_told
from delegations.errors import Refused
from delegations.models import Referent
from delegations.orphans import is_last_to_answer
from delegations.services import appoint_referent, end_referent
from delegations.services.referents import NO_LONGER, PERMISSION
from directory.models import Structure
from spico.web.typography import NBSP, of_name


class InOfficeFilter(NowOrBeforeFilter):
    names = [("en-fonction", "en fonction"), ("anciens", "anciens")]
    all_of_them = ("tous", "tous")


@admin.register(Referent)
class ReferentAdmin(PeriodAdmin):
    act_permission = PERMISSION
    found_by = ["account", "structure__account"]
    list_display = ["account", "structure", "since", "until", "appointed_by", "ended_reason"]
    list_filter = [InOfficeFilter]
    list_select_related = ["account", "structure", "appointed_by"]
    fields = ["account", "structure", "since", "until", "appointed_by", "ended_by", "ended_reason"]
    ordering = ["-pk"]

    def act_urls(self) -> list[tuple[str, View, str]]:
        return [
            ("nommer/", self.appoint_view, "appoint"),
            ("<int:pk>/fin/", self.end_view, "dismiss"),
        ]

    def tools(self) -> list[Tool]:
        return [Tool("Nommer un référent", reverse("admin:delegations_appoint"))]

    def row_tools(self, row: Referent, at: datetime) -> list[Tool]:
        if row.ended_reason:
            return []
        return [Tool("Mettre fin", reverse("admin:delegations_dismiss", args=[row.pk]))]

    @act(PERMISSION)
    def appoint_view(self, request: HttpRequest) -> HttpResponse:
        is_post = request.method == "POST"
        asked = request.POST if is_post else request.GET
        structure = pick(asked, "structure", "Structure", "structure")
        person = pick(asked, "personne", "Personne à nommer", "professional")
        form, status = None, 400 if is_post or structure.is_unknown or person.is_unknown else 200
        if structure.account and person.account:
            form = ActForm(request.POST if is_post else None)
            if is_post and form.is_valid():
                place = Structure.objects.get(account=structure.account)
                try:
                    appoint_referent(operator(request), place, person.account, timezone.now())
                except Refused as refused:
                    form.refuse(refused)
                    status = refused.status
                else:
                    return self.to_list(
                        request, f"Le rôle de référent {of_name(str(place))} est confié à {person.account}."
                    )
        context = {"pickers": [structure, person], "form": form}
        return self.page(request, "appoint", "Nommer un référent", context, status=status)

    @act(PERMISSION)
    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        at = timezone.now()
        rows = Referent.objects.select_related("account", "structure__account", "appointed_by")
        row: Referent = self.row_or_404(rows, pk)
        is_last = not row.ended_reason and is_last_to_answer(row.structure.account, row.account, at)
        asked = Reason(
            title="Mettre fin au rôle d’un référent",
            facts=[
                ("Référent", person_told(row.account)),
                ("Structure", account_told(row.structure.account)),
                ("Depuis le", self.since(row)),
                ("Jusqu’au", self.until(row)),
            ],
            button="Mettre fin au rôle",
            done=f"{row.account} n’est plus référent {of_name(str(row.structure))}.",
            over=NO_LONGER if row.ended_reason else "",
            missing=f"Dites pourquoi{NBSP}: ce motif reste dans l’historique.",
            warning=f"Ensuite, plus personne ne répondra au nom {of_name(str(row.structure))}." if is_last else "",
        )
        return self.reason_page(request, asked, lambda reason: end_referent(operator(request), row, reason, at))
