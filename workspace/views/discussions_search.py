"""« Chercher » among one's conversations: what is looked for is posted, and so stands in no address and no log."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from delegations.scopes import Space
from workspace.acting import Acting
from workspace.services.discussions_search import LONGEST_SEARCH, MOST_FOUND, search_conversations
from workspace.views.doors import in_space, space_context


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.DISCUSSIONS)
def search(request: HttpRequest, acting: Acting) -> HttpResponse:
    context = {**space_context(acting, ("Chercher", "")), "longest": LONGEST_SEARCH, "most": MOST_FOUND}
    answer = search_conversations(acting, request.POST.get("q", "")) if request.method == "POST" else None
    return render(
        request, "spaces/discussions/search.html", {**context, "answer": answer, "asked": answer.text if answer else ""}
    )


urlpatterns = [path("<uuid:account>/discussions/chercher/", search, name="conversations_search")]
