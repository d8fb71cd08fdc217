from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin import ReadOnlyAdmin
from directory.models import (
    Attachment,
    ContactPoint,
    InternalOrganisation,
    LegalEntity,
    Offer,
    PracticeLocation,
    Professional,
    SearchEntry,
    Structure,
)
from directory.search import Query, search

FOUND_AT_MOST = 100


class ListedAdmin(ReadOnlyAdmin):
    """Found by the directory's own search: without accents, by number, by an old name."""

    kind = ""
    key_field = "pk"
    search_help_text = "Nom, commune ou numéro"
    search_fields = ["pk"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        found = search(Query(text=search_term, kinds=(self.kind,), with_closed=True, page_size=FOUND_AT_MOST))
        return queryset.filter(**{f"{self.key_field}__in": [hit.key for hit in found.hits]}), False


class ContactPointInline(admin.TabularInline):
    """With those that the source keeps from the public: the service centre alone reads them."""

    model = ContactPoint
    fields = ["channel", "purpose", "value", "confidentiality"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Structure)
class StructureAdmin(ListedAdmin):
    kind = "structure"
    key_field = "finess"
    list_display = ["name", "finess", "category", "city", "department", "closed_on", "source"]
    list_filter = ["source", ("closed_on", admin.EmptyFieldListFilter), "department"]
    list_select_related = ["category", "department"]
    inlines = [ContactPointInline]


@admin.register(InternalOrganisation)
class InternalOrganisationAdmin(ListedAdmin):
    kind = "unit"
    list_display = ["name", "structure", "type", "closed_on", "source"]
    list_filter = ["source", ("closed_on", admin.EmptyFieldListFilter), "type"]
    list_select_related = ["structure", "type"]
    inlines = [ContactPointInline]


@admin.register(Professional)
class ProfessionalAdmin(ListedAdmin):
    kind = "professional"
    list_display = ["family_name", "given_name", "occupation", "rpps", "closed_on", "source"]
    list_filter = ["source", ("closed_on", admin.EmptyFieldListFilter), "profession"]
    list_select_related = ["profession"]
    inlines = [ContactPointInline]


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ["professional", "structure", "internal_organisation", "since", "until", "confirmed_by", "source"]
    list_filter = ["source", ("until", admin.EmptyFieldListFilter)]
    list_select_related = ["professional", "structure", "internal_organisation", "confirmed_by"]
    search_fields = ["=professional__rpps", "professional__family_name__istartswith", "=structure__finess"]


@admin.register(LegalEntity)
class LegalEntityAdmin(ReadOnlyAdmin):
    list_display = ["name", "number", "siren", "source", "source_date"]
    list_filter = ["source"]
    search_fields = ["=number", "=siren", "name__istartswith"]


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ["name", "ror_id", "structure", "internal_organisation", "is_sensitive", "closed_on"]
    list_filter = ["is_sensitive", ("closed_on", admin.EmptyFieldListFilter)]
    list_select_related = ["structure", "internal_organisation"]
    search_fields = ["=ror_id", "name__istartswith"]
    inlines = [ContactPointInline]


@admin.register(PracticeLocation)
class PracticeLocationAdmin(ReadOnlyAdmin):
    list_display = ["professional", "name", "city", "mode", "closed_on"]
    list_select_related = ["professional"]
    search_fields = ["=professional__rpps", "city__istartswith"]


@admin.register(SearchEntry)
class SearchEntryAdmin(ReadOnlyAdmin):
    list_display = ["label", "kind", "key", "department", "is_closed"]
    list_filter = ["kind", "is_closed"]
    search_fields = ["=key"]
