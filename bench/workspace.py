"""What the pages of a well-filled account cost on the server, warm."""

from functools import partial

from django.test import Client
from django.urls import reverse

from accounts.models import User
from bench import workspace_data
from bench.pages import Measured, measure
from delegations.scopes import Space
from directory.demo import cast
from directory.models import InternalOrganisation
from spico.web.memory import settle
from workspace.models import Conversation, Dossier, Event, Task


def run() -> list[dict[str, str]]:
    settle()
    user = User.objects.get(username="infirmiere")
    unit = InternalOrganisation.objects.get(ror_id=cast.EHPAD_UNIT)
    workspace_data.fill(user.pk, user.account.pk, unit.account_id)
    client = Client()
    client.force_login(user)
    return [measure(client, page) for page in [*pages(user), *searches(user), *resources(user)]]


def pages(user: User) -> list[Measured]:
    own, dossier = user.account.pk, one_dossier(user)
    long, short = talk(0), talk(1)
    entry, event, task = dossier.entries.earliest("pk"), Event.objects.earliest("pk"), Task.objects.earliest("pk")
    agenda = reverse("spaces:space", args=[own, Space.AGENDA])
    doors = {f"{space.label}, première page": reverse("spaces:space", args=[own, space]) for space in Space}
    return fixed(
        {
            "mes espaces": reverse("spaces:index"),
            **doors,
            "agenda, en liste": f"{agenda}?vue=liste",
            "un événement": reverse("spaces:event", args=[own, event.pk]),
            "une tâche": reverse("spaces:task", args=[own, task.pk]),
            "un dossier": reverse("spaces:dossier", args=[own, dossier.pk]),
            "un dossier, imprimé": reverse("spaces:dossier_print", args=[own, dossier.pk]),
            "son cercle": reverse("spaces:circle", args=[own, dossier.pk]),
            "son identité": reverse("spaces:dossier_identity", args=[own, dossier.pk]),
            "une entrée": reverse("spaces:entry", args=[own, dossier.pk, entry.pk]),
            "écrire une entrée": reverse("spaces:entry_add", args=[own, dossier.pk, "observation"]),
            f"une conversation de {workspace_data.LONG} messages": reverse("spaces:conversation", args=[own, long.pk]),
            f"une conversation de {workspace_data.EACH} messages": reverse("spaces:conversation", args=[own, short.pk]),
            "ses participants": reverse("spaces:participants", args=[own, long.pk]),
            "écrire à quelqu’un": reverse("spaces:conversation_begin", args=[own]),
        }
    )


def searches(user: User) -> list[Measured]:
    """By a POST, so that nothing of a patient stands in an address."""
    own = user.account.pk
    asked = {
        "chercher un dossier": ("spaces:dossiers_search", "cazalb odile"),
        "chercher dans les conversations": ("spaces:conversations_search", "demain matin"),
    }
    return [
        Measured(what, partial(reverse, route, args=[own]), posted={"q": text}) for what, (route, text) in asked.items()
    ]


def resources(user: User) -> list[Measured]:
    own, dossier = user.account.pk, one_dossier(user)
    routes = {
        "API, dossiers": reverse("api:dossiers", args=[own]),
        "API, entrées d’un dossier": reverse("api:entries", args=[own, dossier.pk]),
        "API, agenda": reverse("api:agenda", args=[own]),
        "API, tâches": reverse("api:tasks", args=[own]),
        "API, discussions": reverse("api:discussions", args=[own]),
        "API, messages": reverse("api:messages", args=[own, talk(0).pk]),
    }
    return fixed(routes)


def fixed(addresses: dict[str, str]) -> list[Measured]:
    return [Measured(what, partial(str, address)) for what, address in addresses.items()]


def one_dossier(user: User) -> Dossier:
    return Dossier.objects.filter(circle__member=user.account).order_by("-moved_at", "pk")[:1].get()


def talk(number: int) -> Conversation:
    return Conversation.objects.get(title=f"Coordination {number}")
