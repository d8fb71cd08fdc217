"""What the lists and the acts of this app share: a search by the directory, filters that begin somewhere, and doors
that ask for the right to act before anything is read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin import ReadOnlyAdmin
from accounts.models import User
from delegations.admin.forms import NBSP, ReasonForm
from delegations.admin.telling import PLACE, account_told, person_told, placed
from delegations.errors import Refused
from delegations.explaining import granter
from delegations.models import Delegation
from delegations.scopes import Scope
from delegations.services.common import TICK
from directory.search import COUNT_CAP, Query, search
from spico.web.typography import french_date

View = Callable[..., HttpResponse]
LARGEST_KEY = 2**63
PLACES = [f"account__{one}" for one in PLACE]


@dataclass(frozen=True)
class Tool:
    """A link to an act, shown to whoever may do it."""

    label: str
    url: str


@dataclass(frozen=True)
class Reason:
    """A page that asks why. `facts`: what it is about; `missing`: when nothing is written, which tells who will
    read it; `over`: why it cannot be done any more; `done`: what is said afterwards."""

    title: str
    facts: list[tuple[str, object]]
    button: str
    done: str
    warning: str = ""
    label: str = "Motif"
    over: str = ""
    missing: str = f"Dites pourquoi{NBSP}: la personne lira ce motif."


def act(permission: str) -> Callable[[View], View]:
    """A page of the administration that acts, or asks before acting: with this right alone, by GET or POST."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(self: "ActAdmin", request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in ("GET", "HEAD", "POST"):
                return HttpResponseNotAllowed(["GET", "POST"])
            if not operator(request).has_perm(permission):
                raise PermissionDenied("Votre identifiant ne permet pas cet acte du centre de service.")
            return view(self, request, *args, **kwargs)

        return guarded

    return decorate


def operator(request: HttpRequest) -> User:
    """The administration's own guard has let them in: a signed-in member of staff."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


class ActAdmin(ReadOnlyAdmin):
    """A read-only list, found by the directory's search, whose rows and head lead to acts.

    `found_by`: the keys to accounts among which a search looks. `act_permission`: whoever lacks it sees no link.
    """

    search_help_text = "Nom, commune ou numéro, avec ou sans accents"
    search_fields = ["pk"]
    show_facets = admin.ShowFacets.NEVER
    found_by: ClassVar[Sequence[str]] = ["account"]
    act_permission = ""
    actions = None
    change_list_template = "admin/delegations/list.html"
    change_form_template = "admin/delegations/row.html"

    def act_urls(self) -> list[tuple[str, View, str]]:
        """Address, view, name."""
        return []

    def get_urls(self) -> list[URLPattern]:
        mine = [
            path(route, self.admin_site.admin_view(view), name=f"delegations_{name}")
            for route, view, name in self.act_urls()
        ]
        return mine + super().get_urls()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        found = search(Query(text=search_term, with_closed=True, page_size=COUNT_CAP))
        accounts = [hit.account for hit in found.hits if hit.account]
        wanted = Q()
        for key in self.found_by:
            wanted |= Q(**{f"{key}__in": accounts})
        return queryset.filter(wanted), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # type: ignore[override]
        """The filters of ours too, which are no field."""
        filters = [found for found in self.list_filter if isinstance(found, type)]
        ours = [found.parameter_name for found in filters if issubclass(found, FirstChoiceFilter)]
        return lookup in ours or super().lookup_allowed(lookup, value, request)

    def may_act(self, request: HttpRequest) -> bool:
        return bool(self.act_permission) and operator(request).has_perm(self.act_permission)

    def tools(self) -> list[Tool]:
        """What can be done from the head of the list."""
        return []

    def row_tools(self, row: Any, at: datetime) -> list[Tool]:
        """What can be done with a row, now."""
        return []

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = super().get_list_display(request)
        return [*shown, "acts"] if self.may_act(request) else [*shown]

    @admin.display(description="compte", ordering="account__name")
    def place(self, row: Any) -> SafeString | str:
        """The account of a row, whose list reads `account` with its `PLACES`."""
        return placed(row.account)

    @admin.display(description="à faire")
    def acts(self, row: Model) -> SafeString | str:
        links = [
            format_html('<a href="{}">{}<span class="visually-hidden"> : {}</span></a>', tool.url, tool.label, row)
            for tool in self.row_tools(row, timezone.now())
        ]
        return format_html('<span class="row-acts">{}</span>', joined(links)) if links else "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Without the sidebar, so that a row is read whole, its acts included."""
        shown = {
            "tools": self.tools() if self.may_act(request) else [],
            "is_nav_sidebar_enabled": False,
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if self.may_act(request) else None
        tools = self.row_tools(row, timezone.now()) if row else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tools": tools})

    def page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "subtitle": None}
        return render(request, f"admin/delegations/{template}.html", shared | context, status=status)

    def reason_page(self, request: HttpRequest, asked: "Reason", do: Callable[[str], None]) -> HttpResponse:
        """An act that asks why: drawn by GET, done by POST, drawn again with the service's sentence when refused."""
        form = ReasonForm(request.POST if request.method == "POST" else None)
        form.fields["reason"].label = asked.label
        form.fields["reason"].error_messages["required"] = asked.missing
        status = 200
        if request.method == "POST":
            status = 400
            if form.is_valid():
                try:
                    do(form.cleaned_data["reason"])
                except Refused as refused:
                    form.refuse(refused)
                    status = refused.status
                else:
                    return self.to_list(request, asked.done)
        # After an answer, the form stays with what was typed.
        over = "" if request.method == "POST" else asked.over
        context = {"form": form, "facts": asked.facts, "warning": asked.warning, "button": asked.button, "over": over}
        return self.page(request, "reason", asked.title, context, status=status)

    def to_list(self, request: HttpRequest, sentence: str, level: int = messages.SUCCESS) -> HttpResponse:
        messages.add_message(request, level, sentence)
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def row_or_404(self, rows: QuerySet[Any], key: int) -> Any:
        row = rows.filter(pk=key).first() if key < LARGEST_KEY else None
        if row is None:
            raise Http404
        return row


class PeriodAdmin(ActAdmin):
    """Rows that hold for a `period`."""

    readonly_fields = ["since", "until"]

    @admin.display(description="depuis le")
    def since(self, row: Any) -> str:
        return french_date(row.period.lower)

    @admin.display(description="jusqu’au")
    def until(self, row: Any) -> str:
        return last_day_of(row.period.upper)


class HeldAdmin(PeriodAdmin):
    """Delegations, whichever a list chooses."""

    found_by = ["holder", "account"]
    readonly_fields = ["since", "until", "by"]

    @admin.display(description="accordée par")
    def by(self, row: Any) -> str:
        return granter(row)

    def facts(self, row: Delegation) -> list[tuple[str, object]]:
        return [
            ("Délégataire", person_told(row.holder)),
            ("Compte", account_told(row.account)),
            ("Périmètre", Scope(row.scope).label),
            ("Depuis le", self.since(row)),
            ("Jusqu’au", self.until(row)),
            ("Accordée par", self.by(row)),
        ]


def joined(links: list[SafeString]) -> SafeString:
    return format_html("{}" * len(links), *links)


class FirstChoiceFilter(admin.SimpleListFilter):
    """Its first choice is in force until another is chosen: it is what the service centre comes for."""

    def value(self) -> str:
        asked, values = super().value(), [str(value) for value, _ in self.lookup_choices]
        return asked if asked in values else values[0]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({str(self.parameter_name): value}),
                "display": label,
            }


class NowOrBeforeFilter(FirstChoiceFilter):
    """Rows whose period holds now, or has ended. `names`: of the two, as the address and the page say."""

    title = "état"
    parameter_name = "etat"
    names: ClassVar[list[tuple[str, str]]] = []
    all_of_them = ("", "")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*self.names, self.all_of_them]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        at = timezone.now()
        if self.value() == self.all_of_them[0]:
            return queryset
        is_now = self.value() == self.names[0][0]
        return queryset.filter(Q(period__contains=at) if is_now else Q(period__endswith__lte=at))


def last_day_of(until: datetime | None) -> str:
    """`until` is exclusive: what ends at midnight is good for the whole day before."""
    return french_date(until - TICK) if until else "–"


def read_id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
