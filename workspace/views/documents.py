"""The files of a dossier: one adds them, and reads them back by a view that asks the rule each time."""

from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from delegations.errors import Refused
from delegations.scopes import Space
from workspace.access import documents_in, dossier_or_404
from workspace.acting import Acting
from workspace.forms.documents import DocumentForm
from workspace.forms.dossiers import new_entry
from workspace.models import ContentType
from workspace.services.documents import add_document, open_document
from workspace.services.dossiers import check_open
from workspace.views.doors import in_space, space_context
from workspace.views.dossiers import ONE, of, refuse

# Whatever a browser makes of a file, it runs nothing of it, loads nothing and reaches nothing of the portal.
HARMLESS = "default-src 'none'; sandbox"


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DOSSIERS)
def add(request: HttpRequest, acting: Acting, dossier: UUID) -> HttpResponse:
    found = dossier_or_404(acting, dossier)
    check_open(acting, found)
    back = reverse("spaces:dossier", args=[acting.account.pk, found.pk])
    form, status = DocumentForm(initial=new_entry(acting.at)), HTTPStatus.OK
    if request.method == "POST":
        form, status = DocumentForm(request.POST, request.FILES), HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                add_document(acting, found, **form.said, client_key=form.cleaned_data["client_key"])
            except Refused as refused:
                status = refuse(form, refused)
            else:
                messages.success(request, "Le document est joint.")
                return redirect(back)
        form.ask_again()
    context = {
        **space_context(acting, of(acting, found), ("Joindre un document", "")),
        "dossier": found,
        "form": form,
        "back": back,
    }
    return render(request, "spaces/dossiers/document_add.html", context, status=status)


@require_safe
@in_space(Space.DOSSIERS, is_page=False)
def document(request: HttpRequest, acting: Acting, dossier: UUID, document: UUID) -> HttpResponse:
    """An image is shown; a PDF is saved, since browsers run their own program on those they show."""
    found = documents_in(acting, dossier_or_404(acting, dossier)).select_related("entry").filter(pk=document).first()
    if found is None:
        raise Http404
    is_saved = found.content_type == ContentType.PDF
    if request.method == "HEAD":
        response = HttpResponse(content_type=found.content_type)
        response["Content-Disposition"] = content_disposition_header(is_saved, found.name) or ""
    else:
        file = open_document(acting, found)
        streamed = FileResponse(file, as_attachment=is_saved, filename=found.name, content_type=found.content_type)
        # No page: what decorators do with those, they do not do here.
        response = cast(HttpResponse, streamed)
    response["Content-Length"] = str(found.size)
    response["Content-Security-Policy"] = HARMLESS
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


urlpatterns = [
    path(f"{ONE}documents/ajouter/", add, name="document_add"),
    path(f"{ONE}documents/<uuid:document>/", document, name="document"),
]
