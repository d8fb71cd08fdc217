from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from directory.models import (
    Attachment,
    ContactPoint,
    InternalOrganisation,
    Offer,
    Professional,
    RorLocation,
    SearchEntry,
    Structure,
)
from directory.people import AttachedPerson, people_of, with_attachments
from directory.querysets import AttachmentQuerySet
from directory.throttle import throttled_reading
from directory.trees import flatten
from spico.web.typography import french_date

Place = Structure | InternalOrganisation
FIRST_PEOPLE = 8
PEOPLE_A_PAGE = 50
STRUCTURES = Structure.objects.select_related("account", "legal_entity", "category", "commune", "department")
UNITS = InternalOrganisation.objects.select_related("account", "type", "structure__department", "structure__commune")


def _trail(structure: Structure | None, *places: Place) -> dict[str, Any]:
    """The way down to a page: the directory, the structure's department, then what holds the page."""
    search = reverse("directory:search")
    crumbs = [("Annuaire", search)]
    if structure and structure.department:
        crumbs.append((structure.department.name, f"{search}?department={structure.department.code}"))
    return {"crumbs": [*crumbs, *((place.name, place.get_absolute_url()) for place in places)]}


def _closed_since(day: date | None) -> str:
    return f"Depuis le {french_date(day)}. La fiche est gardée pour mémoire : elle n’ouvre plus rien." if day else ""


def _old_names(kind: str, key: str) -> list[dict[str, str]]:
    found = SearchEntry.objects.filter(kind=kind, key=key).values_list("aliases", flat=True).first()
    return list(reversed(found or []))


def _offers(**provider: Any) -> list[Offer]:
    """What the ROR says of this provider; each offer with its public contacts and its places."""
    public = Prefetch("contacts", ContactPoint.objects.public(), to_attr="public_contacts")
    offers = list(Offer.objects.shown().filter(**provider).prefetch_related(public).order_by("name", "pk"))
    wanted = {reference for offer in offers for reference in offer.location_references}
    places = {place.ror_reference: place for place in RorLocation.objects.filter(ror_reference__in=wanted)}
    for offer in offers:
        offer.places = [places[reference] for reference in offer.location_references if reference in places]
    return offers


def _mine(request: HttpRequest, attachments: AttachmentQuerySet) -> Attachment | None:
    """The visitor's own attachment here, if any: said at the top, with what it does not open."""
    mine = attachments.filter(professional__account__user=request.user.pk)
    return mine.select_related("professional").order_by("pk").first()


def _first_people(attachments: AttachmentQuerySet) -> dict[str, Any]:
    first = people_of(attachments)[:FIRST_PEOPLE]
    return {"people": with_attachments(first, attachments.with_units()), "people_count": attachments.count_people()}


@require_safe
@throttled_reading
def structure(request: HttpRequest, finess: str) -> HttpResponse:
    found = get_object_or_404(STRUCTURES, finess=finess)
    attachments = Attachment.objects.open().in_structure(found)
    units = found.internal_organisations.open().for_tree()
    context = {
        "structure": found,
        "people_url": reverse("directory:people", args=[finess]),
        "closed_sentence": _closed_since(found.closed_on),
        "old_names": _old_names("structure", finess),
        **_trail(found),
        "nodes": flatten(units),
        "contacts": found.contacts.public().order_by("channel", "pk"),
        "offers": _offers(structure=found),
        "my_attachment": _mine(request, attachments),
        **_first_people(attachments),
    }
    return render(request, "directory/structure.html", context)


@require_safe
@throttled_reading
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(UNITS, pk=pk)
    attachments = Attachment.objects.open().in_unit(found)
    context = {
        "unit": found,
        "structure": found.structure,
        "people_url": reverse("directory:unit_people", args=[pk]),
        "closed_sentence": _closed_since(found.closed_on or found.structure.closed_on),
        **_trail(found.structure, found.structure, *InternalOrganisation.objects.all().above(found)),
        "old_names": _old_names("unit", str(pk)),
        "nodes": flatten(InternalOrganisation.objects.open().below(found).for_tree()),
        "contacts": found.contacts.public().order_by("channel", "pk"),
        "offers": _offers(internal_organisation=found),
        "my_attachment": _mine(request, attachments),
        **_first_people(attachments),
    }
    return render(request, "directory/unit.html", context)


@require_safe
@throttled_reading
def structure_people(request: HttpRequest, finess: str) -> HttpResponse:
    found = get_object_or_404(STRUCTURES, finess=finess)
    return _people_page(request, Attachment.objects.open().in_structure(found), _people_place(found, found))


@require_safe
@throttled_reading
def unit_people(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(UNITS, pk=pk)
    above = InternalOrganisation.objects.all().above(found)
    return _people_page(
        request, Attachment.objects.open().in_unit(found), _people_place(found, found.structure, *above, found)
    )


def _people_place(place: Place, structure: Structure, *units: InternalOrganisation) -> dict[str, Any]:
    return {"place": place, **_trail(structure, structure, *units)}


def _people_page(request: HttpRequest, attachments: AttachmentQuerySet, context: dict[str, Any]) -> HttpResponse:
    paginator = Paginator(people_of(attachments), PEOPLE_A_PAGE)
    page: Page[Professional] = paginator.get_page(request.GET.get("page"))
    people: list[AttachedPerson] = with_attachments(page.object_list, attachments.with_units())
    return render(request, "directory/people.html", {**context, "page": page, "people": people})


@require_safe
@throttled_reading
def professional(request: HttpRequest, pk: int) -> HttpResponse:
    people = Professional.objects.select_related("account", "profession")
    found = get_object_or_404(people, pk=pk)
    attachments = list(found.attachments.all().with_places())
    context = {
        "professional": found,
        **_trail(None),
        "closed_sentence": _closed_since(found.closed_on),
        "is_me": found.account.user_id == request.user.pk,
        "attachments": [attachment for attachment in attachments if attachment.until is None],
        "past_attachments": [attachment for attachment in attachments if attachment.until is not None],
        "practices": found.practice_locations.filter(closed_on=None).select_related("commune").order_by("pk"),
        "contacts": found.contacts.public().order_by("channel", "pk"),
        "old_names": _old_names("professional", str(pk)),
    }
    return render(request, "directory/professional.html", context)
