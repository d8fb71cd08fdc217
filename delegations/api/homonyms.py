"""The 409 that lists who has nearly the same name, to choose from."""

import json
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers

from delegations.identities import Identity, identities
from delegations.services.homonyms import Homonymous
from directory.models import Attachment
from spico.web.api import ProblemSerializer


class WorkplaceSerializer(serializers.Serializer):
    name = serializers.CharField(source="place.name", help_text="Nom de la structure ou de l’unité.")
    confirmed = serializers.SerializerMethodField(help_text="Faux si personne n’a confirmé ce rattachement.")

    def get_confirmed(self, attachment: Attachment) -> bool:
        return not attachment.is_declared_only


class AlikeSerializer(serializers.Serializer):
    """`context["asker"]`: the account of who would be let in."""

    person = serializers.UUIDField(
        source="professional.account_id", help_text="Identifiant de son compte, à renvoyer comme « person »."
    )
    asks = serializers.SerializerMethodField(help_text="Vrai pour la personne dont vient la demande.")
    name = serializers.CharField(source="professional.display_name", help_text="Nom.")
    occupation = serializers.CharField(help_text="Profession.")
    towns = serializers.ListField(child=serializers.CharField(), help_text="Communes où elle exerce.")
    workplaces = WorkplaceSerializer(source="places", many=True, help_text="Structures et unités où elle exerce.")
    rpps_end = serializers.CharField(help_text="Fin de son numéro RPPS ; vide sans RPPS.")

    def get_asks(self, identity: Identity) -> bool:
        return bool(identity.professional.pk == self.context["asker"])


class HomonymsProblemSerializer(ProblemSerializer):
    """A conflict; `homonyms` when what is missing is which person is meant."""

    homonyms = AlikeSerializer(
        many=True,
        required=False,
        help_text="Quand plusieurs personnes ont presque le même nom : celle dont vient la demande, puis les plus "
        "proches.",
    )
    more = serializers.IntegerField(required=False, help_text="Nombre d’homonymes qui ne sont pas donnés ici.")


def list_homonyms(problem: HttpResponse, error: Homonymous) -> None:
    """In this problem, the people among whom to choose."""
    shown = error.homonyms.shown
    alike = identities([error.holder, *shown])
    told: dict[str, Any] = json.loads(problem.content)
    told["homonyms"] = AlikeSerializer(alike, many=True, context={"asker": error.holder.pk}).data
    told["more"] = error.homonyms.count - len(shown)
    problem.content = json.dumps(told, ensure_ascii=False).encode()
