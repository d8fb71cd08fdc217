"""What a page costs on the server, warm, and what a first visit weighs."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from bench.figures import decimal, percentile, verdict
from directory.demo import cast
from directory.demo.large import make_large_structure
from directory.models import InternalOrganisation, Professional, Structure
from spico.web.memory import settle

WARM_UP, TIMES = 10, 100
PAGE_BUDGET_MS, FIRST_LOAD_BUDGET_KB, FRAGMENT_BUDGET_KB = 50, 120, 15
WORDS = [
    "ehpad genêts", "lagarrousse", "benedicte", "chu garonne", "cardiologie", "maison de santé", "pharmacie du pont",
    "espalion", "gériatrie", "service social", "saint gaudens", "12d099017", "carbonac", "hopital de jour", "dac",
    "infirmière toulouse", "orthophoniste nimes", "pasa", "unité protégée", "laboratoire montpelier",
]  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """`address` gives where to go, a fresh one each time. `posted`: the form that is sent there, as a search is."""

    what: str
    address: Callable[[], str]
    headers: dict[str, str] = field(default_factory=dict)
    posted: dict[str, str] | None = None


def run() -> list[dict[str, str]]:
    settle()
    call_command("collectstatic", interactive=False, verbosity=0)
    make_large_structure()
    client = Client()
    client.force_login(User.objects.get(username="infirmiere"))
    return [*(measure(client, page) for page in pages()), *first_load(client), same_queries(client)]


def pages() -> list[Measured]:
    words = cycle(WORDS)
    search, api = reverse("directory:search"), reverse("api:directory")
    fragment = {"HX-Request": "true", "HX-Target": "answer"}
    fixed = {
        "accueil": reverse("pages:home"),
        "annuaire, sans mot": search,
        "structure, 300 unités et 2 000 personnes": of_structure(large()),
        "structure, sans unité": of_structure(small()),
        "personnes de la grande structure": reverse("directory:people", args=[large().finess]),
        "unité": reverse("directory:unit", args=[unit().pk]),
        "professionnel": reverse("directory:professional", args=[nurse().pk]),
    }
    return [
        *(Measured(what, partial(str, address)) for what, address in fixed.items()),
        Measured("annuaire, avec des mots", lambda: f"{search}?q={next(words)}{ALL_KINDS}"),
        Measured("annuaire, fragment htmx", lambda: f"{search}?q={next(words)}{ALL_KINDS}", fragment),
        Measured("API, annuaire", lambda: f"{api}?q={next(words)}"),
    ]


ALL_KINDS = "&kind=structure&kind=unit&kind=professional"


def of_structure(structure: Structure) -> str:
    return reverse("directory:structure", args=[structure.finess])


def large() -> Structure:
    return make_large_structure()


def small() -> Structure:
    return Structure.objects.get(finess=cast.PHARMACY_FINESS)


def unit() -> InternalOrganisation:
    return InternalOrganisation.objects.get(ror_id=cast.EHPAD_UNIT)


def nurse() -> Professional:
    return Professional.objects.get(account__user__username="infirmiere")


def measure(client: Client, page: Measured) -> dict[str, str]:
    """Time on the wall, and what of it was spent in Python: the second hardly depends on who else uses the machine."""
    for _ in range(WARM_UP):
        get(client, page.address(), page.headers, page.posted)
    times, spent = [], []
    for _ in range(TIMES):
        address = page.address()
        begun, worked = perf_counter(), process_time()
        get(client, address, page.headers, page.posted)
        times.append(1000 * (perf_counter() - begun))
        spent.append(1000 * (process_time() - worked))
    queries = count_queries(client, page.address(), page.headers, page.posted)
    kept = verdict(percentile(times, 95) <= PAGE_BUDGET_MS)
    return {
        "what": page.what,
        "ours": ", ".join(f"p{rank} {decimal(percentile(times, rank))} ms" for rank in (50, 95, 99)),
        "peer": "",
        "note": f"{kept} (p95 ≤ {PAGE_BUDGET_MS} ms) ; {queries} requêtes SQL ; "
        f"Python seul : p50 {decimal(percentile(spent, 50))} ms",
    }


def get(client: Client, address: str, headers: dict[str, str], posted: dict[str, str] | None = None) -> Any:
    response = client.get(address, headers=headers) if posted is None else client.post(address, posted, headers=headers)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return response


def count_queries(client: Client, address: str, headers: dict[str, str], posted: dict[str, str] | None = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        get(client, address, headers, posted)
    return len(captured)


def same_queries(client: Client) -> dict[str, str]:
    """The page of a large structure asks no more of the database than that of a small one."""
    counts = {structure.name: count_queries(client, of_structure(structure), {}) for structure in (small(), large())}
    is_same = len(set(counts.values())) == 1
    said = ", ".join(f"{name} : {number}" for name, number in counts.items())
    return {"what": "requêtes SQL, petite et grande structures", "ours": said, "peer": "", "note": verdict(is_same)}


# The weight of a first visit


def first_load(client: Client) -> list[dict[str, str]]:
    """The page and all that it names, each as the browser would receive it."""
    address = reverse("directory:search") + f"?q=ehpad{ALL_KINDS}"
    html = get(client, address, {}).content
    weights = {"page": len(gzip.compress(html, 6)), **{name: weight(name) for name in static_files(html.decode())}}
    total = sum(weights.values()) / 1024
    fragment = len(gzip.compress(get(client, address, {"HX-Request": "true", "HX-Target": "answer"}).content, 6)) / 1024
    detail = ", ".join(f"{plain(name)} {decimal(size / 1024)}" for name, size in sorted(weights.items(), key=by_size))
    return [
        line("première visite, tout compris", total, FIRST_LOAD_BUDGET_KB, detail),
        line("fragment htmx", fragment, FRAGMENT_BUDGET_KB, ""),
    ]


def by_size(item: tuple[str, int]) -> int:
    return -item[1]


def line(what: str, kilobytes: float, budget: int, detail: str) -> dict[str, str]:
    note = f"{verdict(kilobytes <= budget)} (≤ {budget} Ko)"
    return {
        "what": what,
        "ours": f"{decimal(kilobytes)} Ko",
        "peer": "",
        "note": f"{note} ; {detail}" if detail else note,
    }


def static_files(html: str) -> set[str]:
    """Files of /static/ that the page names: styles, scripts, and the sprite of icons once."""
    found = re.findall(rf'(?:href|src)="{settings.STATIC_URL}([^"#?]+)', html)
    return set(found)


def weight(name: str) -> int:
    """Its smallest form: brotli where there is one, as browsers ask for it."""
    path = Path(str(settings.STATIC_ROOT)) / name
    forms = [form for form in (Path(f"{path}.br"), Path(f"{path}.gz"), path) if form.exists()]
    return min(form.stat().st_size for form in forms)


def plain(name: str) -> str:
    """Without the digest that the name carries."""
    return re.sub(r"\.[0-9a-f]{12}(?=\.)", "", name).rpartition("/")[2]
