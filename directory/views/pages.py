from datetime import date
from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from directory import questions
from directory.models import (
    InternalOrganisation,
    Offer,
    Structure,
)
from directory.people import attached
from directory.throttle import throttled_reading
from directory.trees import UnitLine, drawn
from spico.web.typography import french_date

Place = Structure | InternalOrganisation
Row = TypeVar("Row")
PEOPLE_A_PAGE = 30


def _found(row: Row | None) -> Row:
    if row is None:
        raise Http404
    return row


def _trail(structure: Structure | None, *places: Place) -> dict[str, Any]:
    """The way down to a page: the directory, the structure's department, then what holds the page."""
    search = reverse("directory:search")
    crumbs = [("Annuaire", search)]
    if structure and structure.department:
        crumbs.append((structure.department.name, f"{search}?department={structure.department.code}"))
    return {"crumbs": [*crumbs, *((place.name, place.get_absolute_url()) for place in places)]}


def _closed_since(day: date | None) -> str:
    return f"Depuis le {french_date(day)}. La fiche est gardée pour mémoire : elle n’ouvre plus rien." if day else ""


def _old_names(kind: str, key: str) -> list[dict[str, str]]:
    return list(reversed(questions.aliases.first(key=key, kind=kind) or []))


def _offers(provider: str, pk: int) -> list[Offer]:
    """What the ROR says of this provider; each offer with its public contacts and its places."""
    offers = questions.offers.rows(provider=provider, pk=pk)
    wanted = {reference for offer in offers for reference in offer.location_references}
    places = {place.ror_reference: place for place in questions.places_of_offers.rows(references=sorted(wanted))}
    for offer in offers:
        offer.places = [places[reference] for reference in offer.location_references if reference in places]
    return offers


def _units(rows: list[tuple[int, str, int | None]]) -> dict[str, Any]:
    return {"units_count": len(rows), "units": drawn(UnitLine(*row) for row in rows)}


def _people(request: HttpRequest, place: Place) -> dict[str, Any]:
    """The first people of a place, how many there are, and the visitor's own attachment there, if any: said at the top,
    with what it does not open."""
    here = {"pk": place.pk, "place": type(place)}
    first = questions.first_people.rows(**here)
    theirs = questions.places_of_people.rows(**here, people=[person.pk for person in first])
    return {
        "people": attached(first, theirs),
        "people_count": questions.people_count.first(**here) or 0,
        "my_attachment": questions.my_attachments.first(**here, user=request.user),
    }


@require_safe
@throttled_reading
def structure(request: HttpRequest, finess: str) -> HttpResponse:
    found = _found(questions.structures.first(finess=finess))
    context = {
        "structure": found,
        "people_url": reverse("directory:people", args=[finess]),
        "closed_sentence": _closed_since(found.closed_on),
        "old_names": _old_names("structure", finess),
        **_trail(found),
        **_units(questions.tree_of_structure.rows(pk=found.pk)),
        "contacts": questions.contacts.rows(owner="structure", pk=found.pk),
        "offers": _offers("structure", found.pk),
        **_people(request, found),
    }
    return render(request, "directory/structure.html", context)


@require_safe
@throttled_reading
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(questions.units.first(pk=pk))
    context = {
        "unit": found,
        "structure": found.structure,
        "people_url": reverse("directory:unit_people", args=[pk]),
        "closed_sentence": _closed_since(found.closed_on or found.structure.closed_on),
        **_trail(found.structure, found.structure, *InternalOrganisation.objects.all().above(found)),
        "old_names": _old_names("unit", str(pk)),
        **_units(questions.tree_below.rows(pk=found.pk)),
        "contacts": questions.contacts.rows(owner="internal_organisation", pk=found.pk),
        "offers": _offers("internal_organisation", found.pk),
        **_people(request, found),
    }
    return render(request, "directory/unit.html", context)


@require_safe
@throttled_reading
def structure_people(request: HttpRequest, finess: str) -> HttpResponse:
    found = _found(questions.structures.first(finess=finess))
    return _people_page(request, found, _people_place(found, found))


@require_safe
@throttled_reading
def unit_people(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(questions.units.first(pk=pk))
    above = InternalOrganisation.objects.all().above(found)
    return _people_page(request, found, _people_place(found, found.structure, *above, found))


def _people_place(place: Place, structure: Structure, *units: InternalOrganisation) -> dict[str, Any]:
    return {"place": place, **_trail(structure, structure, *units)}


def _people_page(request: HttpRequest, place: Place, context: dict[str, Any]) -> HttpResponse:
    """As many people as its own page counts."""
    here = {"pk": place.pk, "place": type(place)}
    page = Paginator(questions.people.of(**here), PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    chosen = list(page.object_list)
    theirs = questions.places_of_people.rows(**here, people=[person.pk for person in chosen])
    return render(request, "directory/people.html", {**context, "page": page, "people": attached(chosen, theirs)})


@require_safe
@throttled_reading
def professional(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(questions.professionals.first(pk=pk))
    attachments = questions.attachments_of_person.rows(pk=found.pk)
    context = {
        "professional": found,
        **_trail(None),
        "closed_sentence": _closed_since(found.closed_on),
        "is_me": found.account.user_id == request.user.pk,
        "attachments": [attachment for attachment in attachments if attachment.until is None],
        "past_attachments": [attachment for attachment in attachments if attachment.until is not None],
        "practices": questions.practices.rows(pk=found.pk),
        "contacts": questions.contacts.rows(owner="professional", pk=found.pk),
        "old_names": _old_names("professional", str(pk)),
    }
    return render(request, "directory/professional.html", context)
