from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request
from rest_framework.response import Response

from directory.api.serializers import PAGE, RESOURCE
from directory.api.telling import ToldSerializer
from directory.kinds import address_of, kinds
from directory.models import Commune, Department, EstablishmentCategory, Profession
from directory.search import Hit, Query, Tier, search
from spico.web.api import ApiView, PageParameters, PageSerializer, answers, page_links

# Kinds that have a sheet in the API, with its route; those of other apps have their page alone.
SHEETS = {"structure": "api:structure", "unit": "api:unit", "professional": "api:professional"}
TIERS = {
    Tier.ALL: "seuls les filtres le retiennent",
    Tier.NUMBER: "numéro exact",
    Tier.WORDS: "tous les mots",
    Tier.BEGINNING: "début de mot",
    Tier.SPELLING: "orthographe approchée",
}


class KindsField(serializers.MultipleChoiceField):
    """Any of the kinds that can be found; none asked for means all."""

    def __init__(self) -> None:
        names = ", ".join(kinds())
        super().__init__(
            choices=[(name, kind.label) for name, kind in kinds().items()],
            required=False,
            help_text="Ce que l’on cherche ; à répéter pour plusieurs sortes. Absent : tout.",
            error_messages={"invalid_choice": f"Cette sorte de fiche n’existe pas : choisissez parmi {names}."},
        )


@extend_schema_field(str)
class CodeParameter(serializers.PrimaryKeyRelatedField):
    """A code of a reference list, kept as a code."""

    def __init__(self, model: type[Model], help_text: str, unknown: str) -> None:
        super().__init__(
            queryset=model._default_manager.all(),
            required=False,
            help_text=help_text,
            error_messages={"does_not_exist": unknown, "incorrect_type": unknown},
        )

    def get_value(self, dictionary: Any) -> Any:
        """A form sends the fields left empty too."""
        return super().get_value(dictionary) or empty

    def to_internal_value(self, data: Any) -> str:
        if not str(data).isalnum():  # a NUL, among others, which PostgreSQL refuses to compare
            self.fail("does_not_exist")
        return str(super().to_internal_value(data).pk)


@extend_schema_field(str)
class SearchTextField(serializers.Field):
    """Whatever was typed: the search knows what to do with any text."""

    def to_internal_value(self, data: Any) -> str:
        return str(data)


class Sought(serializers.Serializer):
    q = SearchTextField(
        default="", help_text="Un nom, des mots, un numéro FINESS, RPPS ou SIRET. Accents et casse ne comptent pas."
    )
    kind = KindsField()
    department = CodeParameter(Department, "Code du département, « 31 ».", "Ce département n’existe pas.")
    commune = CodeParameter(Commune, "Code INSEE de la commune, « 31555 ».", "Cette commune n’est pas connue.")
    category = CodeParameter(EstablishmentCategory, "Catégorie FINESS, « 500 ».", "Cette catégorie n’existe pas.")
    profession = CodeParameter(Profession, "Profession (TRE_G15), « 60 ».", "Cette profession n’existe pas.")
    closed = serializers.BooleanField(
        default=False,
        help_text="« 1 » : avec ce qui est fermé.",
        error_messages={"invalid": "Répondez par 1 ou 0."},
    )


class SearchParameters(Sought, PageParameters):
    @property
    def query(self) -> Query:
        asked = self.validated_data
        codes = {name: asked.get(name, "") for name in ("department", "commune", "category", "profession")}
        return Query(
            text=asked["q"],
            kinds=tuple(name for name in kinds() if name in asked.get("kind", kinds())),
            with_closed=asked["closed"],
            page=asked["page"],
            page_size=asked["page_size"],
            **codes,
        )


class TierField(serializers.ChoiceField):
    def __init__(self) -> None:
        super().__init__(choices=[(str(tier), told) for tier, told in TIERS.items()], help_text="Comment il répond.")

    def to_representation(self, tier: Tier) -> str:  # type: ignore[override]
        return str(tier)


class MatchSerializer(ToldSerializer):
    tier = TierField()
    reason = serializers.CharField(help_text="La même chose en une phrase.")


class HitSerializer(ToldSerializer):
    kind = serializers.ChoiceField(
        choices=[(name, kind.label) for name, kind in kinds().items()], help_text="Sorte de fiche."
    )
    id = serializers.CharField(source="key", help_text="Numéro FINESS d’une structure, identifiant des autres fiches.")
    label = serializers.CharField(help_text="Nom.")  # type: ignore[assignment]
    detail = serializers.CharField(help_text="De quoi les distinguer : ville, structure, profession.")
    department = serializers.CharField(help_text="Code du département ; vide s’il n’est pas connu.")
    is_closed = serializers.BooleanField(help_text="Vrai si la fiche est fermée.")
    match = MatchSerializer(help_text="Pourquoi ce résultat répond.")
    url = serializers.SerializerMethodField(help_text=PAGE)
    api_url = serializers.SerializerMethodField(help_text=f"{RESOURCE} Nulle si elle n’y est pas.")
    account = serializers.UUIDField(allow_null=True, help_text="Identifiant de son compte, s’il en a un.")

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, hit: Hit) -> str:
        return f"{self.context['portal']}{hit.url}"

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_api_url(self, hit: Hit) -> str | None:
        route = SHEETS.get(hit.kind)
        return f"{self.context['portal']}{address_of(route, hit.key)}" if route else None


class FoundSerializer(ToldSerializer, PageSerializer):
    count_is_exact = serializers.BooleanField(
        help_text="Faux quand les résultats sont trop nombreux pour être tous comptés : « count » est alors un minimum."
    )
    results = HitSerializer(many=True, help_text="Les résultats, les meilleurs d’abord.")


class DirectoryView(ApiView):
    @extend_schema(
        operation_id="directory",
        summary="Chercher dans l’annuaire",
        description="Les structures, les unités et les professionnels qui répondent à une recherche. "
        "Sans texte, tout ce que les filtres retiennent.",
        parameters=[SearchParameters],
        responses=answers(FoundSerializer, 400),
        tags=["annuaire"],
    )
    def get(self, request: Request) -> Response:
        query = self.read(SearchParameters).query
        results = search(query)
        # Beyond its last page the search gives the last again, which a program would take for new results.
        is_there = query.page == results.page
        page = {
            "count": results.count,
            "count_is_exact": results.count_is_exact,
            "results": results.hits if is_there else [],
            **page_links(request, query.page, is_there and results.has_next),
        }
        portal = request.build_absolute_uri("/").removesuffix("/")
        return Response(FoundSerializer(page, context={"portal": portal}).data)
