"""« Accorder d’après une liste »: every line is shown with its errors, then the good ones are written, each by itself.

What is written is what was shown: the page carries the accounts that it named, signed and bound to who saw them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models import Account, User
from delegations.admin.base import ActAdmin, operator
from delegations.admin.forms import ORIGINS, ListForm
from delegations.errors import Refused
from delegations.models import GrantProposal, Origin
from delegations.registration import MOST_BYTES, TOO_HEAVY, Line, decode, preview, read
from delegations.scopes import Scope
from delegations.services import grant_by_service_centre
from delegations.services.common import end_words
from delegations.services.service_centre import Word

SALT = "delegations.registration"
TITLE = "Accorder d’après une liste"
CHANGED = "L’aperçu ne se lit plus : refaites-le. Rien n’a été accordé."
AT_ONCE = "Un autre acte était en cours sur ce compte : envoyez cette ligne de nouveau."


@dataclass(frozen=True)
class Written:
    """What became of a line: granted, proposed to a second operator, or refused meanwhile with a sentence."""

    number: int
    word: Word
    is_granted: bool = False
    is_proposed: bool = False
    sentence: str = ""

    @property
    def ends(self) -> str:
        return end_words(self.word.until)


def list_page(page: ActAdmin, request: HttpRequest, at: datetime) -> HttpResponse:
    """GET asks for the list; POST shows what it would do, or gives it back to correct. Neither writes."""
    if request.method != "POST":
        return page.page(request, "list_form", TITLE, {"form": ListForm(), "alert": ""})
    if "correct" in request.POST:
        kept = {name: request.POST.get(name, "") for name in ("text", "origin")}
        return page.page(request, "list_form", TITLE, {"form": ListForm(initial=kept), "alert": ""})
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return page.page(request, "list_form", TITLE, {"form": form, "alert": ""}, status=400)
    origin = Origin(form.cleaned_data["origin"])
    try:
        text = _text(form)
        sheet = read(text)
    except Refused as refused:
        form.add_error("file" if form.cleaned_data["file"] is not None else "text", refused.sentence)
        return page.page(request, "list_form", TITLE, {"form": form, "alert": ""}, status=refused.status)
    lines = preview(operator(request), sheet, origin, at)
    good = [line for line in lines if line.is_good]
    context = {
        "lines": lines,
        "good": len(good),
        "proposed": sum(line.takes_two for line in good),
        "bad": len(lines) - len(good),
        "ignored": ", ".join(sheet.ignored),
        "origin": ORIGINS[origin],
        "typed": {"text": text, "origin": origin.value},
        "signed": _sign(operator(request), good) if good else "",
    }
    return page.page(request, "list_preview", "Aperçu de la liste", context)


def _text(form: ListForm) -> str:
    file = form.cleaned_data["file"]
    if file is None:
        return str(form.cleaned_data["text"])
    if file.size > MOST_BYTES:
        raise Refused(TOO_HEAVY, field="file")
    return decode(file.read())


def write_page(page: ActAdmin, request: HttpRequest, at: datetime) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(reverse("admin:delegations_list"))
    try:
        words = _open(operator(request), request.POST.get("liste", ""))
    except (signing.BadSignature, ValueError, KeyError, TypeError):
        return page.page(request, "list_form", TITLE, {"form": ListForm(), "alert": CHANGED}, status=400)
    written = [_write(operator(request), number, word, at) for number, word in words]
    context = {
        "written": written,
        "granted": sum(line.is_granted for line in written),
        "proposed": sum(line.is_proposed for line in written),
        "refused": sum(bool(line.sentence) for line in written),
    }
    return page.page(request, "list_done", "Ce que la liste a donné", context)


def _write(operator: User, number: int, word: Word, at: datetime) -> Written:
    """By the service, in a transaction of its own: one line refused changes nothing to the others."""
    try:
        outcome = grant_by_service_centre(operator, word, at)
    except Refused as refused:
        return Written(number, word, sentence=refused.sentence)
    except (IntegrityError, OperationalError):
        return Written(number, word, sentence=AT_ONCE)
    is_proposed = isinstance(outcome, GrantProposal)
    return Written(number, word, is_granted=not is_proposed, is_proposed=is_proposed)


def _sign(operator: User, good: Iterable[Line]) -> str:
    lines = [[line.row.number, *_packed(line.word)] for line in good if line.word]
    return signing.dumps({"operator": operator.pk, "lines": lines}, salt=SALT, compress=True)


def _packed(word: Word) -> list[Any]:
    until = word.until.isoformat() if word.until else None
    ids = [str(account.pk) for account in (word.holder, word.account, word.word_of)]
    return [*ids, word.scope.value, until, word.origin.value]


def _open(operator: User, signed: str) -> list[tuple[int, Word]]:
    content = signing.loads(signed, salt=SALT)
    if content["operator"] != operator.pk:
        raise signing.BadSignature
    lines = content["lines"]
    accounts = Account.objects.in_bulk({UUID(key) for line in lines for key in line[1:4]})
    return [(line[0], _unpacked(line[1:], accounts)) for line in lines]


def _unpacked(packed: list[Any], accounts: dict[UUID, Account]) -> Word:
    holder, account, word_of = (accounts[UUID(key)] for key in packed[:3])
    scope, until, origin = packed[3:]
    end = datetime.fromisoformat(until) if until else None
    return Word(holder, account, Scope(scope), end, Origin(origin), word_of, person=holder.pk)
