"""What the pages of a well-filled account cost on the server, warm."""

from collections.abc import Callable
from functools import partial

from django.test import Client
from django.urls import reverse

from accounts.models import User
from bench import workspace_data
from bench.pages import Measured, measure
from delegations.scopes import Space
from directory.demo import cast
from directory.models import InternalOrganisation
from workspace.models import Conversation, Dossier


def run() -> list[dict[str, str]]:
    user = User.objects.get(username="infirmiere")
    unit = InternalOrganisation.objects.get(ror_id=cast.EHPAD_UNIT)
    workspace_data.fill(user.pk, user.account.pk, unit.account_id)
    client = Client()
    client.force_login(user)
    return [measure(client, Measured(what, address)) for what, address in addresses(user).items()]


def addresses(user: User) -> dict[str, Callable[[], str]]:
    own = user.account.pk
    dossier = Dossier.objects.filter(circle__member=own).order_by("-moved_at").first()
    assert dossier is not None  # noqa: S101, just made
    long = Conversation.objects.get(title="Coordination 0")
    short = Conversation.objects.get(title="Coordination 1")
    doors = {f"{space.label}, première page": reverse("spaces:space", args=[own, space]) for space in Space}
    fixed = {
        "mes espaces": reverse("spaces:index"),
        **doors,
        "un dossier": reverse("spaces:dossier", args=[own, dossier.pk]),
        f"une conversation de {workspace_data.LONG} messages": reverse("spaces:conversation", args=[own, long.pk]),
        f"une conversation de {workspace_data.EACH} messages": reverse("spaces:conversation", args=[own, short.pk]),
    }
    return {what: partial(str, address) for what, address in fixed.items()}
