from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import Account, User
from delegations.asks import asks_for, attachments_of
from delegations.drawing import cells
from delegations.errors import Refused
from delegations.explaining import Explanation, explain
from delegations.forms import AskForm
from delegations.scopes import DETAIL, Scope, holds
from delegations.services import request_delegation
from directory.owners import Owner, owners_of


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """« Demander une délégation » on the account named in the address; without one, the places to choose from."""
    named = request.GET.get("compte", "")
    if not named and request.method != "POST":
        return _places(request)
    account, owner = _find(named)
    user = cast(User, request.user)
    form = AskForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        form, status = AskForm(request.POST), HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                made = request_delegation(user, account.pk, at=timezone.now(), **form.cleaned_data)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
                status = HTTPStatus(refused.status)
            else:
                messages.success(request, "Votre demande est envoyée. Une notification vous dira la réponse.")
                return redirect("delegations:request", made.pk)
    return render(request, "delegations/ask.html", _context(user, account, owner, form), status=status)


def _find(named: str) -> tuple[Account, Owner]:
    """The account and who stands behind it; what the directory does not list does not exist."""
    try:
        account = Account.objects.filter(pk=UUID(named)).first()
    except ValueError:
        account = None
    owner = owners_of([account]).get(account.pk) if account else None
    if account is None or owner is None:
        raise Http404
    return account, owner


def _context(user: User, account: Account, owner: Owner, form: AskForm) -> dict[str, Any]:
    explanation = explain(user, account, timezone.now())
    return {
        "account": account,
        "owner": owner,
        "form": form,
        "explanation": explanation,
        "choices": _choices(form, explanation),
        "escalated_after": settings.REQUEST_ESCALATED_DAYS,
        "crumbs": [("Annuaire", reverse("directory:search")), (owner.label, owner.url)],
    }


def _choices(form: AskForm, explanation: Explanation) -> list[dict[str, Any]]:
    """Each scope with what it opens; one that is open already keeps its place, closed, and says so."""
    held = explanation.delegation.scope if explanation.delegation else None
    return [
        {
            "value": scope.value,
            "label": scope.label,
            "detail": "" if scope == Scope.DISCUSSIONS else DETAIL[scope].capitalize(),
            "cells": cells(scope),
            "is_chosen": form["scope"].value() == scope.value,
            "is_open_already": holds(held, scope),
        }
        for scope in Scope
    ]


def _places(request: HttpRequest) -> HttpResponse:
    """Where I work, each with what may be asked there; the rest of the directory is a search away."""
    user = cast(User, request.user)
    attachments = attachments_of(user)
    accounts = [attachment.place.account for attachment in attachments]
    context = {"attachments": attachments, "asks": asks_for(user, accounts, timezone.now())}
    return render(request, "delegations/ask_places.html", context)


urlpatterns = [path("demander/", ask, name="ask")]
