"""Accounts as the service centre must tell them apart: many units have the same name, and so do some people."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Account, AccountKind
from delegations.identities import identity_of
from directory.owners import owners_of


def person_told(account: Account) -> str:
    """« Soline Carbonnac, infirmière, Rodez, CH de la Boralde, RPPS …1234 »: before an act on somebody."""
    identity = identity_of(account.pk)
    return identity.described if identity else account.name


def account_told(account: Account) -> str:
    """« Unité Les Orchis, Unité élémentaire · EHPAD Les Genêts, Bozouls »."""
    if account.kind == AccountKind.PP:
        return person_told(account)
    owner = owners_of([account.pk]).get(account.pk)
    return f"{owner.label}, {owner.detail}" if owner and owner.detail else account.name


# What `placed` reads of an account, for the queryset of a list.
PLACE = ("structure", "internalorganisation__structure")


def placed(account: Account) -> SafeString | str:
    """In a list: the name, and beneath it the structure of a unit, the town of a structure. No query after `PLACE`."""
    where = _where(account)
    return format_html('{}<span class="act-detail">{}</span>', account.name, where) if where else account.name


def _where(account: Account) -> str:
    if account.kind == AccountKind.STRUCTURE:
        return account.structure.city
    return account.internalorganisation.structure.name if account.kind == AccountKind.UNIT else ""
