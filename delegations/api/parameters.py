"""What is asked and what is sent: parameters of addresses, and bodies."""

import re
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from delegations.dates import LAST_YEAR, end_of
from delegations.models import RequestState
from delegations.models.requests import LONGEST_MESSAGE
from delegations.scopes import Scope
from delegations.services.common import UNKNOWN_SCOPE
from delegations.services.ending import LONGEST_REASON
from spico.web.api import MISSING, BodySerializer, PageParameters, TextField

UNKNOWN_STATE = "Cet état n’existe pas."
NOT_AN_ID = "Cet identifiant n’est pas un UUID."
YES_OR_NO: dict[str, Any] = {"invalid": "Répondez par 1 ou 0."}
DELEGATION_STATES = [("in_force", "en vigueur"), ("ended", "terminée")]
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
END = "Fin : un jour (« 2027-03-31 » : ce jour compris), ou un moment avec son fuseau. Nulle : sans date de fin."


class ScopeField(serializers.ChoiceField):
    def __init__(self, **options: Any) -> None:
        errors: dict[str, Any] = {"invalid_choice": UNKNOWN_SCOPE, "required": MISSING, "null": UNKNOWN_SCOPE}
        super().__init__(choices=Scope.choices, error_messages=errors, **options)


class AccountField(serializers.UUIDField):
    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages={"invalid": NOT_AN_ID, "required": MISSING, "null": MISSING}, **options)


@extend_schema_field({"oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]})
class EndField(serializers.Field):
    """The end of what is given, as a moment that it does not hold."""

    default_error_messages = {
        "invalid": "Écrivez un jour, « 2027-03-31 », ou un moment avec son fuseau, « 2027-03-31T18:00:00+02:00 ».",
        "naive": "Dites le fuseau horaire : « 2027-03-31T18:00:00+02:00 ».",
        "too_far": f"Choisissez une fin avant {LAST_YEAR + 1}, ou aucune.",
        "required": MISSING,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, help_text=END, **options)

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            found = date.fromisoformat(data) if DAY.fullmatch(data) else parse_datetime(data)
        except ValueError:
            self.fail("invalid")
        if found is None:
            self.fail("invalid")
        if found.year > LAST_YEAR:
            self.fail("too_far")
        if not isinstance(found, datetime):
            return end_of(found)
        if timezone.is_naive(found):
            self.fail("naive")
        return found


class StatesField(serializers.MultipleChoiceField):
    """Any of the states; none asked for means all."""

    def __init__(self, choices: Any) -> None:
        super().__init__(
            choices=choices,
            required=False,
            help_text="État ; à répéter pour plusieurs. Absent : tous.",
            error_messages={"invalid_choice": UNKNOWN_STATE},
        )

    def get_value(self, dictionary: Any) -> Any:
        """A form sends the fields left empty too."""
        return [value for value in dictionary.getlist(self.field_name) if value] or empty


class RequestParameters(PageParameters):
    state = StatesField(RequestState.choices)
    account = AccountField(required=False, help_text="Identifiant du compte demandé.")
    mine = serializers.BooleanField(
        default=False, help_text="« 1 » : celles que vous avez faites.", error_messages=YES_OR_NO
    )
    to_answer = serializers.BooleanField(
        default=False, help_text="« 1 » : celles auxquelles vous pouvez répondre.", error_messages=YES_OR_NO
    )


class DelegationParameters(PageParameters):
    state = StatesField(DELEGATION_STATES)
    account = AccountField(required=False, help_text="Identifiant du compte délégué.")
    holder = AccountField(required=False, help_text="Identifiant du compte du délégataire.")


class AskBody(BodySerializer):
    account = AccountField(help_text="Identifiant du compte demandé.")
    scope = ScopeField(help_text="Périmètre demandé.")
    message = TextField(
        default="", allow_blank=True, help_text=f"Ce que lira qui répond : {LONGEST_MESSAGE} caractères au plus."
    )


class AcceptBody(BodySerializer):
    scope = ScopeField(
        required=False, help_text="Périmètre accordé. Absent : tout ce que vous pouvez donner de ce qui est demandé."
    )
    until = EndField(default=None)
    person = AccountField(
        default=None,
        allow_null=True,
        help_text="Identifiant du compte de la personne que vous voulez ; demandé quand d’autres ont presque le même "
        "nom.",
    )


class RefuseBody(BodySerializer):
    reason = TextField(
        allow_blank=True, help_text=f"Motif, que lira la personne : {LONGEST_REASON} caractères au plus."
    )


class RevokeBody(BodySerializer):
    reason = TextField(
        default="",
        allow_blank=True,
        help_text=f"Motif, que lira la personne : {LONGEST_REASON} caractères au plus. "
        "Facultatif pour rendre une délégation que vous tenez.",
    )


class RenewBody(BodySerializer):
    until = EndField()


class ReduceBody(BodySerializer):
    scope = ScopeField(help_text="Périmètre que la délégation garde.")


class NothingBody(BodySerializer):
    """Nothing is expected, and so nothing else is taken."""
