"""What the pages of lower floors draw of the spaces: « Écrire », and what somebody leaves behind."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django.db.models import Case, Value, When
from django.utils import timezone
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from accounts.models import Account, User
from accounts.prepared import Prepared
from accounts.states import AccountState
from delegations.access import accounts_open_to
from delegations.models import Delegation
from delegations.scopes import Space
from spico.web.look import part
from workspace.services.leaving import brought_in, grounds_of, spaces_told
from workspace.services.participants import why_not_written

MOST_WRITERS = 50


_writers = Prepared(
    lambda *, user, at: (
        accounts_open_to(user, Space.DISCUSSIONS, at)
        .filter(state=AccountState.OPEN)
        .order_by(Case(When(user=user, then=Value(0)), default=Value(1)), "name", "pk")[: MOST_WRITERS + 1]
    ),
    user=User,
    at=datetime,
)


@pass_context
def write_button(context: Context, account: Account) -> Markup:
    """« Écrire » to the account of this page, with the account one writes for: one's own, or another to be chosen. One
    query. Nothing for who may write for nobody, and on one's own page."""
    user, at = cast(User, context["user"]), timezone.now()
    found = _writers.rows(user=user, at=at)
    writers = [one for one in found if one.pk != account.pk][:MOST_WRITERS]
    return part(
        context.environment,
        "spaces/discussions/_write.html",
        account=account,
        user=user,
        writers=[] if account.user_id and account.user_id == user.pk else writers,
        why_not=why_not_written(account),
    )


@pass_context
def left_behind(context: Context, delegation: Delegation) -> Markup:
    """On the page of a delegation, which its reader may see: whom its holder brought in, and taking them out."""
    user, at = cast(User, context["user"]), timezone.now()
    grounds = grounds_of(user, delegation, at)
    rows = brought_in(delegation, at, spaces_told(user, delegation, grounds))
    return part(
        context.environment,
        "spaces/discussions/_left_behind.html",
        delegation=delegation,
        rows=rows,
        may=bool(rows and grounds),
        account_name=delegation.account.name,
        holder_name=delegation.holder.name,
        csrf_input=context["csrf_input"],
    )


GLOBALS: dict[str, Callable[..., Any]] = {"left_behind": left_behind, "write_button": write_button}
