"""« Accorder une délégation »: one, on the word of a referent or of the owner of the account."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models import Account, AccountKind
from delegations.admin.base import LARGEST_KEY, ActAdmin, operator
from delegations.admin.forms import GrantForm
from delegations.admin.picking import Picker, pick
from delegations.errors import Refused
from delegations.homonyms import homonyms_of
from delegations.identities import identities
from delegations.models import Delegation, DelegationRequest, GrantProposal, Origin
from delegations.scopes import Scope
from delegations.services import grant_by_service_centre
from delegations.services.common import end_words, referents_of
from delegations.services.service_centre import Word
from directory.models import Professional, Structure

ACCOUNT, HOLDER, SCOPE, REQUEST = "compte", "personne", "perimetre", "demande"


def grant_page(page: ActAdmin, request: HttpRequest, at: datetime) -> HttpResponse:
    if REQUEST in request.GET:
        return _from_request(request.GET[REQUEST])
    is_post = request.method == "POST"
    asked = request.POST if is_post else request.GET
    account = pick(asked, ACCOUNT, "Compte sur lequel agir")
    holder = pick(asked, HOLDER, "Personne qui reçoit la délégation", "professional")
    form, status = None, 400 if is_post or account.is_unknown or holder.is_unknown else 200
    if account.account and holder.account:
        form = GrantForm(
            request.POST if is_post else None,
            people=who_may_speak(account.account, at),
            alike=_alike(holder.account),
            initial={"scope": asked.get(SCOPE)},
        )
        if is_post and form.is_valid():
            try:
                outcome = grant_by_service_centre(operator(request), _word(account, holder, form), at)
            except Refused as refused:
                form.refuse(refused)
                status = refused.status
            else:
                return _done(request, outcome)
    context = {
        "pickers": [account, holder],
        "form": form,
        "appoint_url": _appoint_url(account.account),
        "is_person": bool(account.account and account.account.kind == AccountKind.PP),
    }
    return page.page(request, "grant", "Accorder une délégation", context, status=status)


def who_may_speak(account: Account, at: datetime) -> list[Account]:
    """The owner of a PP account; the referents in office of a PM account."""
    if account.kind == AccountKind.PP:
        return [account]
    referents = referents_of(account, at).select_related("account").order_by("account__name", "pk")
    return [referent.account for referent in referents]


def _alike(holder: Account) -> list[tuple[UUID, str]]:
    """The person chosen, then those of nearly the same name; nothing when there is none."""
    named = Professional.objects.select_related("profession").get(account=holder)
    others = homonyms_of(named).shown
    if not others:
        return []
    return [(one.professional.account_id, one.described) for one in identities([named, *others])]


def _word(account: Picker, holder: Picker, form: GrantForm) -> Word:
    assert account.account and holder.account  # noqa: S101, asked for before the form is drawn
    given = form.cleaned_data
    scope, origin = Scope(given["scope"]), Origin(given["origin"])
    return Word(holder.account, account.account, scope, given["until"], origin, form.word_of_account, form.meant)


def _done(request: HttpRequest, outcome: Delegation | GrantProposal) -> HttpResponse:
    where = f"{outcome.holder} sur {outcome.account}"
    if isinstance(outcome, GrantProposal):
        text = f"Rien n’est ouvert encore : une seconde personne du centre doit confirmer la délégation de {where}."
        messages.warning(request, text)
        return HttpResponseRedirect(reverse("admin:delegations_grantproposal_changelist"))
    scope, ends = Scope(outcome.scope).label, end_words(outcome.period.upper)
    messages.success(request, f"La délégation de {where} est accordée : {scope}, {ends}.")
    return HttpResponseRedirect(reverse("admin:delegations_delegation_changelist"))


def _from_request(key: str) -> HttpResponse:
    """A waiting request, as choices already made."""
    waiting = DelegationRequest.objects.pending()
    # Fewer digits than the largest key: thousands of them are refused by `int` itself.
    is_key = key.isascii() and key.isdigit() and len(key) < len(str(LARGEST_KEY))
    row = waiting.filter(pk=int(key)).first() if is_key else None
    if row is None:
        raise Http404
    query = {ACCOUNT: row.account_id, HOLDER: row.requester_id, SCOPE: row.remaining}
    return HttpResponseRedirect(reverse("admin:delegations_grant", query=query))


def structure_account(account: Account) -> UUID | None:
    """The account of the structure that this account is, or that its unit stands in; None for a person."""
    if account.kind == AccountKind.STRUCTURE:
        return account.pk
    above = Structure.objects.filter(internal_organisations__account=account).values_list("account", flat=True)
    return above.first() if account.kind == AccountKind.UNIT else None


def _appoint_url(account: Account | None) -> str:
    found = structure_account(account) if account else None
    return reverse("admin:delegations_appoint", query={"structure": found}) if found else ""
