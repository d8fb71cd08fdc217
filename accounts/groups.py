"""Staff groups are code: this table is what they may do, and `sync_groups` writes it."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

SERVICE_CENTRE = "Centre de service"

VIEW_DIRECTORY = [
    "attachment",
    "commune",
    "contactpoint",
    "department",
    "establishmentcategory",
    "importissue",
    "importrun",
    "internalorganisation",
    "legalentity",
    "offer",
    "practicelocation",
    "profession",
    "professional",
    "structure",
    "unittype",
]
VIEW_DELEGATIONS = ["accesscase", "delegation", "delegationrequest", "grantproposal", "orphan", "referent", "toreview"]
# What the services ask of an operator: each is an act with its own page, none edits a row by hand.
ACTS = [
    ("delegations", "add_grantproposal"),
    ("delegations", "add_referent"),
    ("delegations", "change_accesscase"),
]
GROUPS: dict[str, list[tuple[str, str]]] = {
    SERVICE_CENTRE: [
        *(("directory", f"view_{model}") for model in VIEW_DIRECTORY),
        ("accounts", "view_account"),
        ("accounts", "view_user"),
        ("accounts", "view_apitoken"),
        ("accounts", "view_journalentry"),
        ("accounts", "view_outgoingmail"),
        *(("delegations", f"view_{model}") for model in VIEW_DELEGATIONS),
        *ACTS,
    ],
}


@transaction.atomic
def sync_groups() -> None:
    """Make each group hold exactly what the table says. A permission that does not exist raises `LookupError`."""
    for name, wanted in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        found = {
            (permission.content_type.app_label, permission.codename): permission
            for permission in Permission.objects.select_related("content_type").filter(
                content_type__app_label__in={app for app, _ in wanted}
            )
        }
        if missing := set(wanted) - set(found):
            raise LookupError(f"Unknown permissions: {sorted(missing)}")
        group.permissions.set([found[key] for key in wanted])
