"""One request, as the person who looks at it may see it: who asks, who answers, what each answer would open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from accounts.grounds import Ground
from accounts.models import User
from delegations.abilities import RequestCan, of_requests
from delegations.dates import last_day
from delegations.drawing import Cell
from delegations.forms import REFUSE, AnswerForm
from delegations.homonyms import Homonyms, homonyms_of
from delegations.identities import Identity, differences, identities, identity_of
from delegations.models import DelegationRequest, RequestState
from delegations.previews import Held, Preview, held_by, previews
from delegations.scopes import DETAIL, OPENS, Scope, Space, without
from delegations.services.answers import OUT_OF_REACH
from delegations.services.common import end_words
from directory.owners import Owner, owners_of

WHY_YOU = {
    Ground.OWN: "C’est votre compte\N{NO-BREAK SPACE}: c’est à vous de décider qui l’ouvre.",
    Ground.REFERENT: "Vous répondez au titre de référent de la structure\N{NO-BREAK SPACE}: ce rôle n’ouvre aucun "
    "espace.",
    Ground.DELEGATION: "Vous tenez une délégation sur ce compte\N{NO-BREAK SPACE}: vous n’en donnez pas plus, ni plus "
    "longtemps.",
}
NOTHING_TO_ACCEPT = (
    "Cette personne tient déjà une délégation {ends}, plus longtemps que la vôtre\N{NO-BREAK SPACE}: vous ne pouvez "
    "pas l’élargir. Laissez une autre personne accepter, ou refusez."
)


@dataclass(frozen=True)
class Choice:
    """One answer, with the four spaces as they would be."""

    value: str
    label: str
    detail: str
    cells: list[Cell]
    is_chosen: bool
    is_open_already: bool = False


@dataclass
class RequestPage:
    """Everything a page or an act needs about one request; each part is read once, when asked for."""

    user: User
    request: DelegationRequest
    at: datetime
    can: RequestCan = field(init=False)

    def __post_init__(self) -> None:
        self.can = of_requests(self.user, [self.request], self.at)[self.request.pk]

    @property
    def is_mine(self) -> bool:
        return self.request.requester.user_id == self.user.pk

    @property
    def is_out_of_reach(self) -> bool:
        """It waits, and only others may answer what is left of it."""
        return self.request.state == RequestState.PENDING and not self.is_mine and not self.can.answer

    @cached_property
    def identity(self) -> Identity | None:
        return identity_of(self.request.requester_id)

    @cached_property
    def homonyms(self) -> Homonyms:
        return homonyms_of(self.identity.professional) if self.identity else Homonyms([], 0)

    @cached_property
    def held(self) -> Held | None:
        return held_by(self.request.requester, self.request.account, self.at)

    def form(self, data: QueryDict | None = None) -> AnswerForm:
        end = self.held.until if self.held and self.is_end_kept else self.can.until
        return AnswerForm(data, initial={"until": last_day(end)} if end else {})

    @cached_property
    def is_end_kept(self) -> bool:
        """Whatever is accepted ends when what is open already does: this answerer does not hold all of it."""
        outcomes = previews(self.held, self.can.accept, self.can.most, self.can.until)
        return bool(outcomes) and all(one.is_kept for one in outcomes.values())

    def context(self, form: AnswerForm | None) -> dict[str, Any]:
        row = self.request
        owners = owners_of([row.requester_id, row.account_id])
        shown: dict[str, Any] = {
            "row": row,
            "can": self.can,
            "is_mine": self.is_mine,
            "out_of_reach": OUT_OF_REACH if self.is_out_of_reach else "",
            "identity": self.identity,
            "asker": owners.get(row.requester_id),
            "about": owners.get(row.account_id),
            "granted": row.delegations.told().order_by("period"),
            "scope_detail": DETAIL[Scope(row.remaining)],
            "is_on_mine": row.account.user_id == self.user.pk,
            "may_ask_again": row.state not in (RequestState.PENDING, RequestState.ACCEPTED) and self._may_ask(owners),
            "crumbs": [("Délégations", reverse("delegations:index")), ("Demandes", reverse("delegations:requests"))],
        }
        return shown | self._answering(form or self.form()) if self.can.answer else shown

    def _may_ask(self, owners: Mapping[UUID, Owner]) -> bool:
        """Of an account that is still there to be asked: the button leads to no refusal."""
        return self.request.account_id in owners and self.request.account.permits.requested

    def _answering(self, form: AnswerForm) -> dict[str, Any]:
        assert self.can.ground is not None  # noqa: S101, who may answer has a ground
        others = identities(self.homonyms.shown)
        more = self.homonyms.count - len(others)
        return {
            "form": form,
            "choices": self._choices(form),
            "others": [(str(other.professional.account_id), other) for other in others],
            "differs": differences(self.identity, others) if self.identity else set(),
            "chosen_person": str(form["person"].value() or ""),
            "this_person": str(self.request.requester_id),
            "more_homonyms": more if more > 0 else 0,
            "why_you": WHY_YOU[self.can.ground],
            "is_for_another": self.can.ground != Ground.OWN,
            "is_partial": bool(self.can.accept) and self.can.accept[0] != self.request.remaining,
            "nothing_to_accept": self._nothing_to_accept(),
            "limit": self.can.until,
            "kept_end": end_words(self.held.until) if self.held and self.is_end_kept else "",
        }

    def _nothing_to_accept(self) -> str:
        if self.can.accept or self.held is None:
            return ""
        return NOTHING_TO_ACCEPT.format(ends=end_words(self.held.until))

    def _choices(self, form: AnswerForm) -> list[Choice]:
        chosen = str(form["answer"].value() or "")
        typed = form.cleaned_data.get("until") if form.is_bound else None
        outcomes = previews(self.held, self.can.accept, self.can.most, typed or self.can.until)
        found = [self._choice(scope, one, chosen, typed is not None) for scope, one in outcomes.items()]
        return [*found, self._refusal(chosen == REFUSE)]

    def _choice(self, scope: Scope, preview: Preview, chosen: str, is_typed: bool) -> Choice:
        rest = without(self.request.remaining, scope)
        cells = [Cell(one.space, one.opens) for one in preview.spaces]
        notes = preview.told(is_typed)
        if rest is None:
            label = "Tout accepter" if scope == Scope.TOTAL else f"Accepter\N{NO-BREAK SPACE}: {DETAIL[scope]}"
        else:
            label = f"Accepter une partie\N{NO-BREAK SPACE}: {DETAIL[scope]}"
            notes.append(f"Le reste de la demande ({DETAIL[rest]}) attendra une autre réponse.")
        return Choice(scope.value, label, " ".join(notes), cells, chosen == scope.value)

    def _refusal(self, is_chosen: bool) -> Choice:
        held = self.held
        stays = OPENS[held.scope] if held else frozenset()
        detail = "Donnez un motif\N{NO-BREAK SPACE}: la personne le lira, et pourra redemander."
        if held:
            detail += f" Ce qui est ouvert le reste\N{NO-BREAK SPACE}: {DETAIL[held.scope]}, {end_words(held.until)}."
        return Choice(REFUSE, "Refuser", detail, [Cell(space, space in stays) for space in Space], is_chosen)
