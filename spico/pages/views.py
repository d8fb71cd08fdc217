from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.forms import ThemeForm
from accounts.models import User
from accounts.prepared import Prepared
from accounts.tokens import tokens_of
from delegations.access import requests_answerable_by
from delegations.asks import asks_for, attachments_of
from delegations.models import DelegationRequest
from delegations.request_rows import rows_of
from directory.kinds import Kind, kinds
from directory.models import Professional
from spico.pages.sources import data_sources

_listing = Prepared(
    lambda *, user: Professional.objects.select_related("account", "profession").filter(account__user=user), user=User
)


def listing_of(user: User) -> Professional | None:
    """The user's own listing in the directory, if the service centre tied one to this sign-in."""
    return _listing.first(user=user)


@dataclass(frozen=True)
class Way:
    """A way of finding: the search with one kind ticked."""

    kind: Kind
    title: str
    detail: str

    @property
    def url(self) -> str:
        return f"{reverse('directory:search')}?kind={self.kind.name}"


WAYS = {
    "structure": ("Une structure", "Hôpital, EHPAD, maison de santé, service à domicile"),
    "unit": ("Une unité ou un service", "Un pôle, un service, à l’intérieur d’une structure"),
    "professional": ("Un professionnel", "Par son nom, son métier, son numéro RPPS"),
}


def ways() -> list[Way]:
    return [Way(kind, *WAYS.get(name, (kind.plural, ""))) for name, kind in kinds().items()]


MOST_WAITING = 5


_answerable = Prepared(
    lambda *, user, at: requests_answerable_by(user, at).told().order_by("asked_at", "pk")[:MOST_WAITING],
    user=User,
    at=datetime,
)
_asked = Prepared(
    lambda *, user: (
        DelegationRequest.objects.pending()
        .filter(requester__user=user)
        .told()
        .order_by("-asked_at", "-pk")[:MOST_WAITING]
    ),
    user=User,
)


def waiting_for(user: User, at: datetime) -> dict[str, object]:
    """What waits for this person, the oldest first; then what they wait for themselves."""
    first, asked = _answerable.rows(user=user, at=at), _asked.rows(user=user)
    count = len(first) if len(first) < MOST_WAITING else requests_answerable_by(user, at).count()
    rows = rows_of(user, [*first, *asked], at)
    return {"waiting_count": count, "to_answer": rows[: len(first)], "my_requests": rows[len(first) :]}


def places_of(user: User, listing: Professional | None, at: datetime) -> dict[str, object]:
    """Where they work, each place with what may be asked there."""
    if listing is None:
        return {"attachments": [], "asks": {}, "first_place": None}
    attachments = attachments_of(user)
    places = [attachment.place for attachment in attachments]
    asks = asks_for(user, [place.account for place in places], at)
    return {"attachments": attachments, "asks": asks, "first_place": places[0] if places else None}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits comes first; then who I am and how to find."""
    user, at = cast(User, request.user), timezone.now()
    listing = listing_of(user)
    context = {
        **waiting_for(user, at),
        **places_of(user, listing, at),
        "listing": listing,
        "boxes": kinds().values(),
        "ways": ways(),
    }
    return render(request, "pages/home.html", context)


@require_safe
def my_account(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    listing = listing_of(user)
    context = {
        "listing": listing,
        **places_of(user, listing, timezone.now()),
        "theme_form": ThemeForm(instance=user),
        "token_count": len(tokens_of(user)),
    }
    return render(request, "pages/my_account.html", context)


TEXTS = [
    ("pages:legal", "Mentions légales"),
    ("pages:accessibility", "Accessibilité"),
    ("pages:privacy", "Données personnelles"),
    ("pages:sources", "Sources des données"),
]


def _text(request: HttpRequest, name: str, **context: object) -> HttpResponse:
    return render(request, f"pages/{name}.html", {"texts": TEXTS, **context})


@login_not_required
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    return _text(request, "legal", publisher=settings.PUBLISHER)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return _text(request, "accessibility")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return _text(request, "privacy")


@login_not_required
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    return _text(request, "sources", sources=data_sources())
