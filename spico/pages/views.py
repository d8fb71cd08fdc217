from dataclasses import dataclass
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.forms import ThemeForm
from accounts.models import User
from directory.kinds import Kind, kinds
from directory.models import Attachment, ImportRun, ImportState, Professional, Source


def listing_of(user: User) -> Professional | None:
    """The user's own listing in the directory, if the service centre tied one to this sign-in."""
    return Professional.objects.select_related("account", "profession").filter(account__user=user).first()


def places_of(listing: Professional) -> QuerySet[Attachment]:
    """Where they work now. It says where, and opens nothing there."""
    return (
        Attachment.objects.open()
        .filter(professional=listing)
        .select_related("structure__commune", "internal_organisation__structure__commune")
        .order_by("-since", "pk")
    )


@dataclass(frozen=True)
class Way:
    """A way of finding: the search with one kind ticked."""

    kind: Kind
    title: str
    detail: str


WAYS = {
    "structure": ("Une structure", "Hôpital, EHPAD, maison de santé, service à domicile"),
    "unit": ("Une unité ou un service", "Un pôle, une unité, à l’intérieur d’une structure"),
    "professional": ("Un professionnel", "Par son nom, son métier, son numéro RPPS"),
}


def ways() -> list[Way]:
    return [Way(kind, *WAYS.get(name, (kind.plural, ""))) for name, kind in kinds().items()]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    listing = listing_of(cast(User, request.user))
    context = {"listing": listing, "attachments": places_of(listing) if listing else [], "ways": ways()}
    return render(request, "pages/home.html", context)


@require_safe
def my_account(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {"listing": listing_of(user), "theme_form": ThemeForm(instance=user)}
    return render(request, "pages/my_account.html", context)


@login_not_required
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/legal.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@login_not_required
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """The dates are those of the files last read in full or in part, whatever their origin says."""
    runs = ImportRun.objects.filter(state=ImportState.DONE, is_dry_run=False).values("source")
    dates = {run["source"]: run["date"] for run in runs.order_by().annotate(date=Max("file_date"))}
    context = {f"{source.value}_date": dates.get(source.value) for source in Source}
    return render(request, "pages/sources.html", context)


@login_not_required
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every piece a page is made of, for those who build; the route exists only where the demo is allowed."""
    return render(request, "pages/components.html")
