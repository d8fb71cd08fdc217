"""Every piece a page is made of, for those who build: the routes exist only where the demo is allowed."""

from http import HTTPStatus

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from directory.kinds import kinds
from spico.pages.errors import server_error
from spico.web.errors import error_page, too_many
from spico.web.look import icon_names


class ExampleForm(forms.Form):
    reason = forms.CharField(
        label="Motif de la demande",
        help_text="Sans donnée de santé ni nom de patient.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until = forms.DateField(
        label="Date de fin",
        error_messages={"invalid": "Écrivez une date, comme 31/03/2027."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    scope = forms.ChoiceField(label="Périmètre", choices=[("total", "Total"), ("dossier", "Dossier")])
    by_mail = forms.BooleanField(label="Me prévenir par courriel", help_text="Une fois, à la réponse.", required=False)


EXAMPLE = {"reason": "Remplacement jusqu’à l’été.", "until": "bientôt", "scope": "total", "by_mail": True}
FACTS = [("FINESS", "12 099 901 7"), ("Adresse", "4, chemin des Lavandières, 12500 Espalion")]
ERRORS = (400, 403, 404, 429, 500)


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    directory = reverse("directory:search")
    context = {
        "form": ExampleForm(EXAMPLE),
        "facts": FACTS,
        "crumbs": [("Annuaire", directory), ("Aveyron", f"{directory}?department=12")],
        "boxes": kinds().values(),
        "page": Paginator(range(200), 10).page(4),
        "icons": sorted(icon_names()),
        "errors": ERRORS,
    }
    return render(request, "pages/components.html", context)


@require_safe
def error(request: HttpRequest, code: int) -> HttpResponse:
    """An error page as its reader sees it, with its status."""
    if code not in ERRORS:
        raise Http404
    if code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return server_error(request)
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        return too_many(request)
    return error_page(request, HTTPStatus(code))
