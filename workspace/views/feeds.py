"""One's own links to an agenda: made and revoked in the space; and what a calendar program gets by one of them."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from delegations.access import accounts_open_to
from delegations.errors import Refused
from delegations.scopes import Space
from spico.web.acts import act_of
from spico.web.throttle import sentence, throttled_as
from workspace.acting import Acting
from workspace.calendar_export import exported
from workspace.models import CalendarFeed
from workspace.services.feeds import create_feed, feed_or_404, feeds_of, find_feed, read_feed, revoke_feed
from workspace.signing import names_of
from workspace.views.doors import in_space, space_context

MOST_LINKS = 100


@require_safe
@in_space(Space.AGENDA)
def links(request: HttpRequest, acting: Acting) -> HttpResponse:
    return _page(request, acting)


def _page(
    request: HttpRequest, acting: Acting, secret: str = "", sentence: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    """All of this person's links, so that they see and revoke those of accounts that no longer open too."""
    found = list(feeds_of(acting.user)[:MOST_LINKS])
    names = names_of(feed.account_id for feed in found)
    opened = accounts_open_to(acting.user, Space.AGENDA, acting.at).filter(pk__in=[feed.account_id for feed in found])
    keys = set(opened.values_list("pk", flat=True))
    context = {
        **space_context(acting, ("Lien d’agenda", "")),
        "links": [(feed, names[feed.account_id], feed.account_id in keys) for feed in found],
        "standing": next((feed for feed in found if feed.account_id == acting.account.pk), None),
        "address": f"{settings.PORTAL_URL.rstrip('/')}{reverse('feeds:agenda', args=[secret])}" if secret else "",
        "sentence": sentence,
    }
    return render(request, "spaces/agenda/links.html", context, status=status)


@act_of("spaces:feeds", "account")
@in_space(Space.AGENDA, is_page=False)
def create(request: HttpRequest, acting: Acting) -> HttpResponse:
    """The address is in this answer alone: nobody, we neither, can show it again."""
    try:
        _, secret = create_feed(acting, replaces=bool(request.POST.get("replace")))
    except Refused as refused:
        return _page(request, acting, sentence=refused.sentence, status=HTTPStatus(refused.status))
    return _page(request, acting, secret)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.AGENDA, is_page=False)
def revoke(request: HttpRequest, acting: Acting, feed: int) -> HttpResponse:
    found: CalendarFeed = feed_or_404(acting, feed)
    if request.method != "POST":
        context = {
            **space_context(
                acting, ("Lien d’agenda", reverse("spaces:feeds", args=[acting.account.pk])), ("Révoquer", "")
            ),
            "feed": found,
            "name": names_of([found.account_id])[found.account_id],
        }
        return render(request, "spaces/agenda/revoke.html", context)
    if revoke_feed(acting, found):
        messages.success(request, "Le lien est révoqué\N{NO-BREAK SPACE}: il ne donne plus rien.")
    return redirect("spaces:feeds", acting.account.pk)


@login_not_required
@require_safe
def agenda(request: HttpRequest, secret: str) -> HttpResponse:
    """For programs, which sign in nowhere: the secret says who asks, the access rule whether they may. Each link has
    the budget of a person: one that was given away costs its owner nothing elsewhere, and floods no journal."""
    feed = find_feed(secret)
    if wait := throttled_as(f"feed:{feed.pk}"):
        too_often = HttpResponse(sentence(wait), "text/plain; charset=utf-8", HTTPStatus.TOO_MANY_REQUESTS)
        too_often["Retry-After"] = str(wait)
        return too_often
    acting = read_feed(feed, timezone.now())
    response = HttpResponse(exported(acting), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="agenda.ics"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


urlpatterns = [
    path("<uuid:account>/agenda/lien/", links, name="feeds"),
    path("<uuid:account>/agenda/lien/creer/", create, name="feed_create"),
    path("<uuid:account>/agenda/lien/<int:feed>/revoquer/", revoke, name="feed_revoke"),
]
