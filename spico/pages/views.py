from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.forms import ThemeForm
from accounts.models import User
from accounts.tokens import tokens_of
from directory.kinds import Kind, kinds
from directory.models import Professional
from spico.pages.sources import data_sources


def listing_of(user: User) -> Professional | None:
    """The user's own listing in the directory, if the service centre tied one to this sign-in."""
    return Professional.objects.select_related("account", "profession").filter(account__user=user).first()


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


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits comes first, once later floors have something that waits; today, who I am and how to find."""
    listing = listing_of(cast(User, request.user))
    attachments = list(listing.attachments.open().with_places()) if listing else []
    context = {
        "listing": listing,
        "attachments": attachments,
        "first_place": attachments[0].place if attachments else None,
        "boxes": kinds().values(),
        "ways": ways(),
    }
    return render(request, "pages/home.html", context)


@require_safe
def my_account(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {
        "listing": listing_of(user),
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
