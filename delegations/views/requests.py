from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import AccountKind, User
from delegations.access import accounts_answered_by, requests_answerable_by, requests_visible_to
from delegations.errors import Refused, conflict, forbidden
from delegations.forms import REFUSE, AnswerForm, typed_in
from delegations.models import Delegation, DelegationRequest, Referent, RequestState
from delegations.periods import period
from delegations.querysets import DelegationRequestQuerySet
from delegations.request_rows import RequestRow, rows_of
from delegations.scopes import Scope, common
from delegations.services import accept as accept_service
from delegations.services import claim as claim_service
from delegations.services import refuse as refuse_service
from delegations.services import withdraw as withdraw_service
from delegations.services.answers import NOT_ANY_MORE, NOT_FOR_ONESELF, OUT_OF_REACH
from delegations.services.asking import already
from delegations.services.common import end_words
from delegations.views.request_page import RequestPage
from spico.web.acts import act_of
from spico.web.typography import of_name

ROWS_A_PAGE = 20
PAGE = ("delegations:request", "pk")


# --- The list -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    icon: str
    none: tuple[str, str]
    rows: Callable[[User, datetime], DelegationRequestQuerySet]


def _to_answer(user: User, at: datetime) -> DelegationRequestQuerySet:
    return requests_answerable_by(user, at).order_by("asked_at", "pk")


def _mine(user: User, at: datetime) -> DelegationRequestQuerySet:
    return DelegationRequest.objects.filter(requester__user=user).order_by("-asked_at", "-pk")


def _answered(user: User, at: datetime) -> DelegationRequestQuerySet:
    accounts = accounts_answered_by(user, at).values("pk")
    answered = DelegationRequest.objects.filter(account__in=accounts).exclude(state=RequestState.PENDING)
    return answered.exclude(requester__user=user).order_by("-decided_at", "-pk")


TABS = [
    Tab(
        "a-traiter",
        "À traiter",
        "inbox",
        ("Aucune demande à traiter", "Les demandes reçues par vos comptes arrivent ici."),
        _to_answer,
    ),
    Tab(
        "mes-demandes",
        "Mes demandes",
        "send",
        (
            "Vous n’avez rien demandé",
            "«\N{NO-BREAK SPACE}Demander une délégation\N{NO-BREAK SPACE}» est sur chaque fiche de l’annuaire.",
        ),
        _mine,
    ),
    Tab(
        "traitees",
        "Traitées",
        "check",
        ("Aucune demande traitée", "Les réponses données au nom de vos comptes sont gardées ici."),
        _answered,
    ),
]


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Requests to answer, mine, and those answered: one tab each, the first shown unless another is asked for."""
    user, at = cast(User, request.user), timezone.now()
    chosen = next((tab for tab in TABS if tab.name == request.GET.get("vue")), TABS[0])
    counts = [(tab, tab.rows(user, at).count()) for tab in TABS]
    page = Paginator(chosen.rows(user, at).told(), ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows: list[RequestRow] = rows_of(user, page.object_list, at)
    context = {
        "tabs": counts,
        "chosen": chosen,
        "page": page,
        "rows": rows,
        "waiting_count": counts[0][1],
        "crumbs": [("Délégations", reverse("delegations:index"))],
    }
    return render(request, "delegations/requests.html", context)


# --- One request --------------------------------------------------------------------------------------------------


def _find(user: User, pk: int, at: datetime) -> DelegationRequest:
    row = requests_visible_to(user, at).told().filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@require_safe
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = cast(User, request.user), timezone.now()
    return _show(request, RequestPage(user, _find(user, pk, at), at))


def _show(
    request: HttpRequest, page: RequestPage, form: AnswerForm | None = None, refused: Refused | None = None
) -> HttpResponse:
    """`refused`: why the act that was just tried did nothing; what was typed stays on the page."""
    context = page.context(form)
    context["refused"] = refused.sentence if refused else ""
    context["typed"] = typed_in(form, "until", "reason") if form and not page.can.answer else []
    status = refused.status if refused else HTTPStatus.BAD_REQUEST if form else HTTPStatus.OK
    return render(request, "delegations/request.html", context, status=status)


# --- Acts ---------------------------------------------------------------------------------------------------------


def _find_for_act(user: User, pk: int, at: datetime) -> tuple[DelegationRequest, bool]:
    """The request and whether it may still be seen: who could answer when it was asked is told why they no longer can,
    others learn nothing."""
    row = requests_visible_to(user, at).told().filter(pk=pk).first()
    if row:
        return row, True
    row = DelegationRequest.objects.told().filter(pk=pk).first()
    if row is None or not _could_answer(user, row, at):
        raise Http404
    return row, False


def _could_answer(user: User, row: DelegationRequest, at: datetime) -> bool:
    """Rule 5 at some moment since it was asked: a person's account has its owner alone, who sees the request anyway; of
    what is asked, a holder held something."""
    if row.account.kind == AccountKind.PP:
        return False
    since, scopes = period(row.asked_at, at), [scope for scope in Scope if common(scope, row.scope)]
    of_the_structure = Q(structure__account=row.account_id) | Q(
        structure__internal_organisations__account=row.account_id
    )
    return (
        Delegation.objects.filter(
            holder__user=user, account=row.account_id, scope__in=scopes, period__overlap=since
        ).exists()
        or Referent.objects.filter(of_the_structure, account__user=user, period__overlap=since).exists()
    )


@act_of(*PAGE)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of the request's page: accept in full, accept a part, or refuse."""
    return _answer(request, pk, request.POST)


@act_of(*PAGE)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    data = request.POST.copy()
    data["answer"] = REFUSE
    return _answer(request, pk, data)


def _answer(request: HttpRequest, pk: int, data: QueryDict) -> HttpResponse:
    user, at = cast(User, request.user), timezone.now()
    row, is_visible = _find_for_act(user, pk, at)
    page = RequestPage(user, row, at)
    form = page.form(data)
    if not page.can.answer:
        return _too_late(request, page, form, _why_not(page, is_visible), is_visible)
    if not form.is_valid():
        return _show(request, page, form)
    try:
        sentence = _give(user, row, form, at)
    except Refused as refused:
        return _refused(request, pk, data, refused)
    messages.success(request, sentence)
    return _lead_on(user, pk)


def _give(user: User, row: DelegationRequest, form: AnswerForm, at: datetime) -> str:
    """Do what was chosen, and say what was done."""
    chosen = form.cleaned_data
    if form.is_refusal:
        refuse_service(user, row, chosen["reason"], at)
        return f"La demande {of_name(row.requester.name)} est refusée. Votre motif lui est transmis."
    given = accept_service(user, row, at, scope=chosen["answer"], until=chosen["until"], person=chosen["person"])
    return f"Délégation accordée à {row.requester.name}, {end_words(given.period.upper)}."


def _why_not(page: RequestPage, is_visible: bool) -> Refused:
    if page.request.state != RequestState.PENDING:
        return conflict(already(page.request))
    if is_visible and page.is_out_of_reach:
        return forbidden(OUT_OF_REACH)
    return forbidden(NOT_FOR_ONESELF if page.is_mine else NOT_ANY_MORE)


def _refused(request: HttpRequest, pk: int, data: QueryDict, refused: Refused) -> HttpResponse:
    """The service said no: the page as it is now, who answered meanwhile included, with what was typed."""
    user, at = cast(User, request.user), timezone.now()
    row, is_visible = _find_for_act(user, pk, at)
    page = RequestPage(user, row, at)
    form = page.form(data)
    if not page.can.answer:
        return _too_late(request, page, form, refused, is_visible)
    form.full_clean()
    name = "answer" if refused.field == "scope" else refused.field
    form.add_error(name if name in form.fields else None, refused.sentence)
    return _show(request, page, form, refused)


def _too_late(
    request: HttpRequest, page: RequestPage, form: AnswerForm, refused: Refused, is_visible: bool
) -> HttpResponse:
    return (
        _show(request, page, form, refused)
        if is_visible
        else _gone(request, refused, typed_in(form, "until", "reason"))
    )


def _gone(request: HttpRequest, refused: Refused, typed: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    context = {"refused": refused.sentence, "typed": typed}
    return render(request, "delegations/request_gone.html", context, status=refused.status)


def _lead_on(user: User, pk: int) -> HttpResponse:
    """The request's page, unless whoever answered has nothing to do with it any more."""
    if requests_visible_to(user, timezone.now()).filter(pk=pk).exists():
        return redirect("delegations:request", pk)
    return redirect("delegations:requests")


Act = Callable[[User, DelegationRequest, datetime], None]


def _simple_act(request: HttpRequest, pk: int, service: Act, done: str) -> HttpResponse:
    user, at = cast(User, request.user), timezone.now()
    row, is_visible = _find_for_act(user, pk, at)
    try:
        service(user, row, at)
    except Refused as refused:
        page = RequestPage(user, DelegationRequest.objects.told().get(pk=pk), at)
        return _show(request, page, refused=refused) if is_visible else _gone(request, refused)
    messages.success(request, done)
    return redirect("delegations:request", pk)


@act_of(*PAGE)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    return _simple_act(
        request, pk, claim_service, "C’est noté\N{NO-BREAK SPACE}: les autres voient que vous vous en occupez."
    )


@act_of(*PAGE)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    return _simple_act(request, pk, withdraw_service, "Votre demande est retirée.")


urlpatterns = [
    path("demandes/", requests, name="requests"),
    path("demandes/<int:pk>/", request_page, name="request"),
    path("demandes/<int:pk>/prendre/", claim, name="claim"),
    path("demandes/<int:pk>/accepter/", accept, name="accept"),
    path("demandes/<int:pk>/refuser/", refuse, name="refuse"),
    path("demandes/<int:pk>/retirer/", withdraw, name="withdraw"),
]
