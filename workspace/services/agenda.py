"""What one does with the agenda of an account. Nothing is deleted: a cancelled event stays, and says by whom."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.http import Http404

from accounts.journal import record_all
from accounts.prepared import Prepared
from delegations.dates import LAST_YEAR
from delegations.errors import Refused, conflict
from delegations.scopes import Space
from spico.web.typography import french_moment
from workspace.access import events_in
from workspace.acting import Acting
from workspace.calendar import FIRST_YEAR, LONGEST
from workspace.errors import Outdated
from workspace.models import Event, EventKind
from workspace.services.discussions_refusals import as_refused
from workspace.services.reading import dossier_to_link, read_line, read_lines
from workspace.services.sending import first_sent, key_of, says

LONGEST_TITLE, LONGEST_PLACE, LONGEST_NOTES = 150, 200, 5_000
CHANGED = (
    "Quelqu’un vient de modifier cet événement. Votre texte est gardé ci-dessous\N{NO-BREAK SPACE}: comparez, puis "
    "enregistrez."
)
CANCELLED = "Cet événement est annulé\N{NO-BREAK SPACE}: il ne change plus."


@dataclass(frozen=True)
class EventDraft:
    """What somebody wants an event to say. `dossier`: one that they may open, or the one linked already."""

    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    notes: str = ""
    dossier: UUID | None = None


_event = Prepared(
    lambda *, event, account: Event.objects.of(account).select_related("dossier").filter(pk=event),
    event=UUID,
    account=UUID,
)


def event_or_404(acting: Acting, pk: UUID) -> Event:
    """One of `events_in`."""
    found = _event.first(event=pk, account=acting.account.pk) if acting.may(Space.AGENDA) else None
    if found is None:
        raise Http404
    return found


@as_refused
def add_event(acting: Acting, draft: EventDraft, client_key: UUID | None = None) -> Event:
    """The same key sent twice answers with the first."""
    acting.check_writable()
    values = _read(acting, draft, None)
    if already := first_sent(Event.objects.all(), acting, client_key, lambda one: says(one, values)):
        return already
    event: Event = Event.objects.create(**values, **key_of(client_key), **acting.written(), changed_at=acting.at)
    record_all([acting.told("event.created", "event", event.pk)])
    return event


@transaction.atomic
def change_event(acting: Acting, event: Event, version: int, draft: EventDraft) -> Event:
    """`event`: found by `event_or_404`. `Outdated` when it is not at `version` any more."""
    acting.check_writable()
    values = _read(acting, draft, event.dossier_id)
    moved = (
        events_in(acting)
        .living()
        .filter(pk=event.pk, version=version)
        .update(**values, version=F("version") + 1, changed_at=acting.at, changed_by_account=acting.own)
    )
    present = event_or_404(acting, event.pk)
    if not moved:
        raise conflict(CANCELLED) if present.cancelled_at else Outdated(CHANGED)
    record_all([acting.told("event.changed", "event", event.pk)])
    return present


@transaction.atomic
def cancel_event(acting: Acting, event: Event) -> bool:
    """False when it was cancelled already: nothing changes then."""
    acting.check_writable()
    moved = (
        events_in(acting)
        .living()
        .filter(pk=event.pk)
        .update(cancelled_at=acting.at, cancelled_by_account=acting.own, version=F("version") + 1)
    )
    if moved:
        record_all([acting.told("event.cancelled", "event", event.pk)])
    return bool(moved)


def _read(acting: Acting, draft: EventDraft, linked: UUID | None) -> dict[str, object]:
    if draft.kind not in EventKind.values:
        raise Refused("Choisissez un type dans la liste.", field="kind")
    check_period(draft.starts_at, draft.ends_at)
    return {
        "kind": draft.kind,
        "title": read_line(draft.title, LONGEST_TITLE, "title", "Donnez un titre."),
        "starts_at": draft.starts_at.astimezone(UTC),
        "ends_at": draft.ends_at.astimezone(UTC),
        "place": read_line(draft.place, LONGEST_PLACE, "place"),
        "notes": read_lines(draft.notes, LONGEST_NOTES, "notes"),
        "dossier": dossier_to_link(acting, draft.dossier, linked),
    }


def check_period(start: datetime, end: datetime) -> None:
    """Both with their time zone; compared as moments, so that a change of clock misleads nobody."""
    out_of_reach = Refused(f"Choisissez un début entre {FIRST_YEAR} et {LAST_YEAR}.", field="starts_on")
    try:
        start, end = start.astimezone(UTC), end.astimezone(UTC)
    except OverflowError as error:
        raise out_of_reach from error
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise out_of_reach
    if end <= start:
        raise Refused(
            f"L’événement finirait avant de commencer. Donnez une fin après le {french_moment(start)}.", field="ends"
        )
    # One hour more: thirty-one days in October last an hour longer.
    if end - start > LONGEST + timedelta(hours=1):
        raise Refused(f"Un événement dure au plus {LONGEST.days} jours. Faites-en plusieurs.", field="ends_on")
