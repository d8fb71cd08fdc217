"""Links that give an agenda to a calendar program: made, replaced, revoked, read while one may still enter."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404

from accounts.grounds import Ground
from accounts.journal import entry, record, record_all
from accounts.models import JournalEntry, User
from delegations.errors import Refused, conflict
from delegations.scopes import Space
from delegations.services.common import own_account
from workspace.acting import Acting, NotOpen, act_in
from workspace.models import CalendarFeed

SECRET_BYTES = 32
REFUSALS_KEPT_EVERY = timedelta(days=1)
ALREADY = "Vous avez déjà un lien pour cet agenda. Remplacez-le si vous ne l’avez plus."


def feeds_of(user: User) -> QuerySet[CalendarFeed]:
    """The living links of one person, whatever the account."""
    return CalendarFeed.objects.living().filter(user=user).select_related("account").order_by("account__name", "pk")


def feed_or_404(acting: Acting, pk: int) -> CalendarFeed:
    """One's own alone, living or revoked; be it on an account that is not open any more."""
    found = CalendarFeed.objects.select_related("account").filter(user=acting.user, pk=pk).first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def create_feed(acting: Acting, *, replaces: bool = False) -> tuple[CalendarFeed, str]:
    """The link and its secret, which is kept nowhere. `replaces`: the one that stands is revoked by the same act."""
    acting.check_writable()
    standing = CalendarFeed.objects.living().filter(user=acting.user, account=acting.account)
    if replaces:
        for feed in standing:
            revoke_feed(acting, feed)
    elif standing.exists():
        raise conflict(ALREADY)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    try:
        with transaction.atomic():
            feed = CalendarFeed.objects.create(
                user=acting.user, account=acting.account, digest=digest_of(secret), created_at=acting.at
            )
    except IntegrityError as twice:  # the other half of a double click, committed meanwhile
        raise conflict(ALREADY) from twice
    record_all([acting.told("feed.created", "feed", feed.pk)])
    return feed, secret


@transaction.atomic
def revoke_feed(acting: Acting, feed: CalendarFeed) -> bool:
    """False when it was revoked already. Closing a way in is never refused: neither by a frozen account, nor because
    the account is not open to this person any more."""
    moved = CalendarFeed.objects.living().filter(pk=feed.pk, user=acting.user).update(revoked_at=acting.at)
    if moved:
        record_all([_revoked(acting, feed)])
    return bool(moved)


def _revoked(acting: Acting, feed: CalendarFeed) -> JournalEntry:
    if feed.account_id == acting.account.pk:
        return acting.told("feed.revoked", "feed", feed.pk)
    return entry(
        "feed.revoked",
        at=acting.at,
        ground=Ground.OWN,
        actor=acting.user,
        actor_account=acting.own,
        account=feed.account,
        object_kind="feed",
        object_key=feed.pk,
    )


def find_feed(secret: str) -> CalendarFeed:
    """The link that was somebody's, whether or not it gives something still; `Http404` for one that is nobody's."""
    found = CalendarFeed.objects.select_related("user", "account").filter(digest=digest_of(secret)).first()
    if found is None:
        raise Http404
    return found


def read_feed(feed: CalendarFeed, at: datetime) -> Acting:
    """Who reads which agenda, as the access rule answers at that moment. `Http404` for everything else, alike: revoked,
    a delegation that ended, an account that closed, a person who left; the journal keeps it."""
    try:
        return _read(feed, at)
    except (NotOpen, Refused, Http404) as no:
        _keep_refusal(feed, at)
        raise Http404 from no


@transaction.atomic
def _read(feed: CalendarFeed, at: datetime) -> Acting:
    if not CalendarFeed.objects.living().filter(pk=feed.pk).update(read_at=at):
        raise Http404
    acting = act_in(feed.user, feed.account_id, Space.AGENDA, at)
    record_all([acting.told("feed.read", "feed", feed.pk)])
    return acting


@transaction.atomic
def _keep_refusal(feed: CalendarFeed, at: datetime) -> None:
    """A calendar program goes on asking for months: once a day for each link."""
    told = JournalEntry.objects.filter(actor=feed.user, at__gt=at - REFUSALS_KEPT_EVERY, verb="feed.refused")
    if told.filter(object_key=str(feed.pk)).exists():
        return
    record(
        "feed.refused",
        at=at,
        ground=Ground.SERVICE_CENTRE if feed.user.is_staff else Ground.OWN,
        actor=feed.user,
        actor_account=own_account(feed.user),
        account=feed.account,
        object_kind="feed",
        object_key=feed.pk,
    )


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
