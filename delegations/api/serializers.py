"""What the API says of a request, a delegation, an access, an entry of the journal. Each field is described."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.grounds import Ground
from accounts.models import JournalEntry, User
from delegations.abilities import DelegationCan
from delegations.api.parameters import DELEGATION_STATES
from delegations.explaining import BY_CENTRE
from delegations.models import Delegation, DelegationRequest, EndKind, Origin, RequestState
from delegations.scopes import Scope
from spico.web.api import PageSerializer

SYSTEM = "SPICO"
Moment = serializers.DateTimeField


def name_of(user: User | None, ground: str) -> str:
    """Of the service centre it is said that it did, not who there."""
    if ground == Ground.SERVICE_CENTRE:
        return BY_CENTRE
    return user.display_name if user else ""


class RequestCanSerializer(serializers.Serializer):
    accept = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices),
        help_text="Périmètres que vous pouvez accorder, le plus large d’abord ; vide si vous ne pouvez rien accorder.",
    )
    until = Moment(allow_null=True, help_text="Fin la plus lointaine que vous pouvez donner ; nulle : sans limite.")
    refuse = serializers.BooleanField(source="answer", help_text="Vrai si vous pouvez refuser.")
    claim = serializers.BooleanField(source="answer", help_text="Vrai si vous pouvez dire « Je m’en occupe ».")
    withdraw = serializers.BooleanField(help_text="Vrai si vous pouvez retirer la demande.")


class RequestSerializer(serializers.Serializer):
    """`context["can"]`: by key, what the caller may do (`abilities.of_requests`)."""

    id = serializers.IntegerField(help_text="Numéro de la demande.")
    account = serializers.UUIDField(source="account_id", help_text="Identifiant du compte demandé.")
    account_name = serializers.CharField(source="account.name", help_text="Nom de ce compte.")
    requester = serializers.UUIDField(source="requester_id", help_text="Identifiant du compte qui demande.")
    requester_name = serializers.CharField(source="requester.name", help_text="Nom de la personne qui demande.")
    scope = serializers.ChoiceField(choices=Scope.choices, help_text="Périmètre demandé.")
    remaining = serializers.ChoiceField(
        choices=Scope.choices, help_text="Périmètre encore demandé, quand une partie est accordée ou déjà tenue."
    )
    message = serializers.CharField(help_text="Message de la personne ; vide si elle n’en a pas laissé.")
    state = serializers.ChoiceField(choices=RequestState.choices, help_text="État de la demande.")
    asked_at = Moment(help_text="Date de la demande.")
    claimed_at = Moment(allow_null=True, help_text="Date de la prise en charge, qui n’engage personne.")
    claimed_by = serializers.SerializerMethodField(help_text="Qui s’en occupe ; vide si personne ne l’a dit.")
    escalated_at = Moment(allow_null=True, help_text="Depuis quand le centre de service l’a dans sa file.")
    decided_at = Moment(allow_null=True, help_text="Date de la réponse, du retrait ou de l’expiration.")
    decided_by = serializers.SerializerMethodField(help_text="Qui a répondu ; vide tant que personne ne l’a fait.")
    reason = serializers.CharField(help_text="Motif du refus.")
    delegations = serializers.SerializerMethodField(help_text="Numéros des délégations qu’elle a ouvertes.")
    can = serializers.SerializerMethodField(help_text="Ce que vous pouvez faire de cette demande.")

    @cached_property
    def cans(self) -> RequestCanSerializer:
        """Made once for a whole list: making it costs more than using it."""
        return RequestCanSerializer()

    def get_claimed_by(self, row: DelegationRequest) -> str:
        return row.claimed_by.display_name if row.claimed_by else ""

    def get_decided_by(self, row: DelegationRequest) -> str:
        return name_of(row.decided_by, row.decided_ground)

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_delegations(self, row: DelegationRequest) -> list[int]:
        return sorted(delegation.pk for delegation in row.delegations.all())

    @extend_schema_field(RequestCanSerializer)
    def get_can(self, row: DelegationRequest) -> dict[str, Any]:
        return dict(self.cans.to_representation(self.context["can"][row.pk]))


class RequestsSerializer(PageSerializer):
    results = RequestSerializer(many=True, help_text="Les demandes, les plus récentes d’abord.")


class PeriodSerializer(serializers.Serializer):
    until = Moment(source="upper", allow_null=True, help_text="Fin, exclue ; nulle : sans date de fin.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """`from` is a word of Python."""
        return {"from": Moment(source="lower", help_text="Début."), **super().get_fields()}


class DelegationCanSerializer(serializers.Serializer):
    revoke = serializers.SerializerMethodField(help_text="Vrai si vous pouvez y mettre fin, ou la rendre.")
    renew = serializers.BooleanField(help_text="Vrai si vous pouvez la prolonger.")
    until = Moment(allow_null=True, help_text="Fin la plus lointaine que vous pouvez donner ; nulle : sans limite.")
    reduce = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), help_text="Périmètres auxquels vous pouvez la réduire."
    )

    review = serializers.BooleanField(
        help_text="Vrai si qui l’a accordée a quitté l’annuaire, et que vous pouvez la garder ou y mettre fin."
    )
    ask_renewal = serializers.BooleanField(
        help_text="Vrai si c’est la vôtre, que sa fin approche, et que vous pouvez demander qu’elle soit prolongée."
    )

    def get_revoke(self, can: DelegationCan) -> bool:
        return can.revoke or can.give_up


class DelegationStateField(serializers.ChoiceField):
    def to_representation(self, row: Any) -> str:
        upper = row.period.upper
        return "ended" if row.ended_kind or (upper is not None and upper <= self.context["at"]) else "in_force"


class EndKindField(serializers.ChoiceField):
    def to_representation(self, kind: Any) -> Any:
        return kind or None


class DelegationSerializer(serializers.Serializer):
    """`context["can"]`: by key, what the caller may do (`abilities.of_delegations`); `context["at"]`: now."""

    id = serializers.IntegerField(help_text="Numéro de la délégation.")
    account = serializers.UUIDField(source="account_id", help_text="Identifiant du compte délégué.")
    account_name = serializers.CharField(source="account.name", help_text="Nom de ce compte.")
    holder = serializers.UUIDField(source="holder_id", help_text="Identifiant du compte du délégataire.")
    holder_name = serializers.CharField(source="holder.name", help_text="Nom du délégataire.")
    scope = serializers.ChoiceField(choices=Scope.choices, help_text="Périmètre.")
    period = PeriodSerializer(help_text="Quand elle ouvre le compte : d’un moment, compris, à un autre, exclu.")
    state = DelegationStateField(choices=DELEGATION_STATES, source="*", help_text="En vigueur ou non, en ce moment.")
    origin = serializers.ChoiceField(choices=Origin.choices, help_text="D’où elle vient.")
    request = serializers.IntegerField(
        source="request_id", allow_null=True, help_text="Numéro de la demande qu’elle accepte, s’il y en a une."
    )
    granted_by = serializers.SerializerMethodField(help_text="Qui l’a accordée.")
    granted_ground = serializers.ChoiceField(choices=Ground.choices, help_text="À quel titre elle a été accordée.")
    replaces = serializers.IntegerField(
        source="replaces_id", allow_null=True, help_text="Numéro de celle dont elle prend la suite, s’il y en a une."
    )
    ended_kind = EndKindField(
        choices=EndKind.choices,
        allow_null=True,
        help_text="Ce qui y a mis fin avant son terme ; nul si rien ne l’a fait.",
    )
    ended_by = serializers.SerializerMethodField(help_text="Qui y a mis fin ; vide si personne ne l’a fait.")
    ended_reason = serializers.CharField(help_text="Motif de cette fin ; vide s’il n’y en a pas.")
    can = serializers.SerializerMethodField(help_text="Ce que vous pouvez faire de cette délégation.")

    @cached_property
    def cans(self) -> DelegationCanSerializer:
        return DelegationCanSerializer()

    def get_granted_by(self, row: Delegation) -> str:
        if row.granted_ground == Ground.SERVICE_CENTRE:
            return BY_CENTRE
        return row.granted_by_account.name if row.granted_by_account else SYSTEM

    def get_ended_by(self, row: Delegation) -> str:
        return name_of(row.ended_by, row.ended_ground)

    @extend_schema_field(DelegationCanSerializer)
    def get_can(self, row: Delegation) -> dict[str, Any]:
        return dict(self.cans.to_representation(self.context["can"][row.pk]))


class DelegationsSerializer(PageSerializer):
    results = DelegationSerializer(many=True, help_text="Les délégations, les plus récentes d’abord.")


class SpaceAnswerSerializer(serializers.Serializer):
    allowed = serializers.BooleanField(help_text="Vrai si cet espace vous est ouvert en ce moment.")
    because = serializers.CharField(help_text="Par quelle délégation, ou ce qui manque, en une phrase.")
    delegation = serializers.SerializerMethodField(help_text="Numéro de la délégation qui l’ouvre, s’il y en a une.")

    def get_delegation(self, space: Any) -> int | None:
        return space.delegation.pk if space.delegation else None


class SpacesSerializer(serializers.Serializer):
    dossiers = SpaceAnswerSerializer(help_text="Les dossiers.")
    agenda = SpaceAnswerSerializer(help_text="L’agenda.")
    tasks = SpaceAnswerSerializer(help_text="Les tâches.")
    discussions = SpaceAnswerSerializer(help_text="Les discussions.")


class AccessCanSerializer(serializers.Serializer):
    ask = serializers.BooleanField(help_text="Vrai si vous pouvez demander une délégation sur ce compte.")


class AccessSerializer(serializers.Serializer):
    account = serializers.UUIDField(help_text="Identifiant du compte.")
    spaces = SpacesSerializer(help_text="La réponse pour chaque espace.")
    can = AccessCanSerializer(help_text="Ce que vous pouvez faire.")


class JournalObjectSerializer(serializers.Serializer):
    kind = serializers.CharField(source="object_kind", help_text="Sorte d’objet : « delegation », « request »…")
    key = serializers.CharField(source="object_key", help_text="Son numéro, ou son nom pour un espace.")


class JournalEntrySerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="Numéro de l’entrée.")
    at = Moment(help_text="Quand.")
    actor = serializers.UUIDField(
        source="actor_account_id", allow_null=True, help_text="Identifiant du compte de qui a agi, s’il en a un."
    )
    actor_name = serializers.SerializerMethodField(help_text="Qui a agi ; « SPICO » quand personne ne l’a fait.")
    ground = serializers.ChoiceField(choices=Ground.choices, help_text="À quel titre.")
    verb = serializers.CharField(help_text="Acte : « space.opened », « delegation.granted »…")
    object = serializers.SerializerMethodField(help_text="Sur quoi ; nul si l’acte n’a pas d’objet.")
    delegation = serializers.IntegerField(
        allow_null=True, help_text="Numéro de la délégation par laquelle la personne a agi, s’il y en a une."
    )
    details = serializers.DictField(help_text="Précisions : des périmètres, des dates, des identifiants.")

    def get_actor_name(self, row: JournalEntry) -> str:
        if row.actor_account:
            return row.actor_account.name
        return name_of(row.actor, row.ground) if row.actor else SYSTEM

    @extend_schema_field(JournalObjectSerializer(allow_null=True))
    def get_object(self, row: JournalEntry) -> dict[str, Any] | None:
        return {"kind": row.object_kind, "key": row.object_key} if row.object_kind else None


class JournalSerializer(PageSerializer):
    results = JournalEntrySerializer(many=True, help_text="Les entrées, les plus récentes d’abord.")
