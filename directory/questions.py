"""What a page of the directory asks at each visit, written to SQL once."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Value

from accounts.models import User
from accounts.prepared import Prepared
from accounts.prepared_lists import PreparedList
from directory.models import (
    Attachment,
    ContactPoint,
    InternalOrganisation,
    Offer,
    PracticeLocation,
    Professional,
    RorLocation,
    SearchEntry,
    Structure,
)
from directory.people import people_of
from directory.querysets import AttachmentQuerySet

FIRST_PEOPLE = 8


Place = type[Structure] | type[InternalOrganisation]


def attachments_in(place: Place, pk: int) -> AttachmentQuerySet:
    """Those of today to a structure and its units, or to one unit, of people of today."""
    return current_in(place, pk).filter(professional__closed_on=None)


def current_in(place: Place, pk: int) -> AttachmentQuerySet:
    """The same, before anybody looks at the people: who asks for people looks at them once."""
    here = Attachment.objects.current()
    return here.in_structure(Structure(pk=pk)) if place is Structure else here.in_unit(InternalOrganisation(pk=pk))


def _count(*, pk: int, place: Any) -> Any:
    """Each person once, however many places they have here. Those who left are few, and known by an index of their own:
    looking at each of two thousand people takes longer than counting them."""
    gone = Exists(Professional.objects.filter(pk=OuterRef("professional_id"), closed_on__isnull=False))
    everybody = current_in(place, pk).filter(~gone).order_by().annotate(all=Value(1)).values("all")
    return everybody.annotate(people=Count("professional_id", distinct=True)).values_list("people", flat=True)


structures = Prepared(
    lambda *, finess: Structure.objects.select_related(
        "account", "legal_entity", "category", "commune", "department"
    ).filter(finess=finess),
    finess=str,
)
units = Prepared(
    lambda *, pk: InternalOrganisation.objects.select_related(
        "account", "type", "structure__department", "structure__commune"
    ).filter(pk=pk),
    pk=int,
)
professionals = Prepared(
    lambda *, pk: Professional.objects.select_related("account", "profession").filter(pk=pk), pk=int
)
aliases = Prepared(
    lambda *, key, kind: SearchEntry.objects.filter(kind=kind, key=key).values_list("aliases", flat=True), key=str
)
tree_of_structure = Prepared(lambda *, pk: InternalOrganisation.objects.open().filter(structure=pk).for_tree(), pk=int)
tree_below = Prepared(
    lambda *, pk: InternalOrganisation.objects.open().below(InternalOrganisation(pk=pk)).for_tree(), pk=int
)
offers = Prepared(
    lambda *, pk, provider: (
        Offer.objects.shown()
        .filter(**{provider: pk})
        .prefetch_related(Prefetch("contacts", ContactPoint.objects.public(), to_attr="public_contacts"))
        .order_by("name", "pk")
    ),
    pk=int,
)
contacts = Prepared(
    lambda *, pk, owner: ContactPoint.objects.public().filter(**{owner: pk}).order_by("channel", "pk"), pk=int
)
my_attachments = Prepared(
    lambda *, pk, user, place: (
        attachments_in(place, pk)
        .filter(professional__account__user=user)
        .select_related("professional")
        .order_by("pk")[:1]
    ),
    pk=int,
    user=User,
)
first_people = Prepared(lambda *, pk, place: people_of(current_in(place, pk))[:FIRST_PEOPLE], by_value=True, pk=int)
places_of_people = Prepared(
    lambda *, pk, people, place: attachments_in(place, pk).with_units().filter(professional__in=people),
    pk=int,
    people=list[int],
)
people_count = Prepared(_count, pk=int)
people = PreparedList(
    lambda *, pk, place: people_of(current_in(place, pk)),
    _count,
    by_value=True,
    pk=int,
)
practices = Prepared(
    lambda *, pk: (
        PracticeLocation.objects.filter(professional=pk, closed_on=None).select_related("commune").order_by("pk")
    ),
    pk=int,
)
places_of_offers = Prepared(
    lambda *, references: RorLocation.objects.filter(ror_reference__in=references), references=list[str]
)
attachments_of_person = Prepared(lambda *, pk: Attachment.objects.filter(professional=pk).with_places(), pk=int)
