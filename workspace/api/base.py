"""What every address of a space shares: acting in the account that it names, versions, what is said of an author."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grounds import Ground
from accounts.journal import record_opening
from accounts.prepared_lists import Listed
from delegations.api.parameters import AccountField
from delegations.api.views import DelegationsView
from delegations.errors import Refused
from delegations.explaining import explain
from delegations.scopes import Space
from directory.api.telling import ToldSerializer
from spico.web.api import BodySerializer, PageParameters, PageSerializer, TextField
from spico.web.api import page_of as page_of_rows
from spico.web.problems import PROBLEM_TYPES, Refusal
from spico.web.typography import NBSP
from workspace.acting import Acting, NotOpen, act_in
from workspace.errors import Outdated
from workspace.views.doors import record_refusal

Moment = serializers.DateTimeField
NO_ZONE = f"Donnez cette date avec son fuseau, comme «{NBSP}2026-12-01T09:00:00+01:00{NBSP}»."


class SpaceView(DelegationsView):
    """`acting`: who asks, in the account of the address. At the door of a space (`is_door`) a no is 403 with its
    reason; below it, 404. Reading is an opening, which the journal keeps, as it does of pages."""

    space: Space
    is_door = False

    @cached_property
    def acting(self) -> Acting:
        account: UUID = self.kwargs["account"]
        try:
            acting = act_in(self.user, account, self.space, self.at)
        except NotOpen as no:
            record_refusal(self.user, no.account, self.space, self.at)
            if not self.is_door:
                raise Http404 from no
            raise PermissionDenied(explain(self.user, no.account, self.at).of(self.space).because) from no
        if self.request.method in SAFE_METHODS:
            record_opening(acting.opened())
        return acting

    def initial(self, *args: Any, **kwargs: Any) -> None:
        """The rule answers before anything of the request is read."""
        super().initial(*args, **kwargs)
        _ = self.acting

    @property
    def seen_tag(self) -> str:
        """Of `If-Match`: the `ETag` of what the caller has read. 428 without it."""
        given = self.request.headers.get("If-Match", "").strip()
        if not given:
            raise Refusal(HTTPStatus.PRECONDITION_REQUIRED, PROBLEM_TYPES[428].detail)
        return given.removeprefix("W/").strip('"')

    @property
    def seen_version(self) -> int:
        """Where the tag is a number; 412 for what was never one."""
        bare = self.seen_tag
        if not (bare.isascii() and bare.isdecimal() and len(bare) < 10):
            raise Refusal(HTTPStatus.PRECONDITION_FAILED, PROBLEM_TYPES[412].detail)
        return int(bare)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Outdated):
            exc = Refusal(HTTPStatus.PRECONDITION_FAILED, exc.sentence)
        if isinstance(exc, Refused) and exc.field in OF_FORMS:
            exc = Refused(exc.sentence, exc.no, OF_FORMS[exc.field])
        return super().handle_exception(exc)

    def told(self, data: Any, *, version: int | str | None = None, status: int = HTTPStatus.OK) -> Response:
        headers = {"ETag": f'"{version}"'} if version is not None else {}
        return Response(data, status=status, headers=headers)


class AuthoredSerializer(ToldSerializer):
    """Who wrote it, in whose name and on what ground. Rows come with `account` and `actor_account`."""

    account = serializers.UUIDField(source="account_id", help_text="Compte au nom duquel c’est écrit.")
    account_name = serializers.CharField(source="account.name", help_text="Nom de ce compte.")
    actor_account = serializers.UUIDField(source="actor_account_id", help_text="Compte de la personne qui a écrit.")
    actor_name = serializers.CharField(source="actor_account.name", help_text="Nom de cette personne.")
    ground = serializers.ChoiceField(choices=Ground.choices, help_text="À quel titre elle a écrit.")
    created_at = Moment(help_text="Date de l’écriture.")


AUTHORS = ("account", "actor_account")
# Forms ask a day and an hour where the API takes one moment: a value is named as its caller wrote it.
OF_FORMS = {"happened_on": "happened_at", "starts_on": "starts_at", "ends": "ends_at", "ends_on": "ends_at"}


class ToField(serializers.ListField):
    """Accounts of the directory, a hundred at most."""

    child = AccountField()

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "Identifiants des comptes.")
        super().__init__(min_length=1, max_length=100, **options)


class ZonedField(serializers.DateTimeField):
    """With its time zone: without one, an hour of a night when the clock changes would be guessed."""

    default_error_messages = {"zone": NO_ZONE}

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("zone")
        return super().enforce_timezone(value)


class SentOnceBody(BodySerializer):
    client_key = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="UUID que vous choisissez : envoyé deux fois, c’est écrit une fois.",
    )


class SearchBody(BodySerializer):
    q = TextField(
        max_length=100, help_text="Ce que l’on cherche : dans le corps, pour n’être gardé par aucune adresse."
    )


def page_of(request: Request, rows: QuerySet[Any, Any] | Listed[Any], parameters: PageParameters) -> dict[str, Any]:
    """A page of a list as it is asked, or of one that is written once: both are counted and cut alike."""
    return page_of_rows(request, cast("QuerySet[Any, Any]", rows), parameters)


def page_serializer(name: str, row: type[ToldSerializer]) -> type[PageSerializer]:
    fields = {"results": row(many=True, help_text="Les lignes de cette page.")}
    return type(name, (ToldSerializer, PageSerializer), fields)


def found_serializer(name: str, row: type[ToldSerializer]) -> type[serializers.Serializer]:
    """What a search finds: bounded, so without pages."""
    return type(name, (ToldSerializer,), {"results": row(many=True, help_text="Ce qui a été trouvé.")})
