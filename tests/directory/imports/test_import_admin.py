from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from directory.models import ImportIssue, ImportRun, Source
from tests.directory.imports.builders import finess_line, finess_number
from tests.directory.imports.conftest import Told

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre(client: Client, service_centre: User) -> Client:
    client.force_login(service_centre)
    return client


@pytest.fixture
def run(finess: Callable[..., Told]) -> ImportRun:
    return finess([finess_line(finess_number(1)), "structureet;120990001;<b>COURT"]).run


def test_the_service_centre_reads_runs_and_the_lines_set_aside(centre: Client, run: ImportRun) -> None:
    runs = centre.get(
        reverse("admin:directory_importrun_changelist"), {"source__exact": "finess", "state__exact": "done"}
    )
    assert "stock.csv" in runs.content.decode()
    page = centre.get(reverse("admin:directory_importrun_change", args=[run.pk])).content.decode()
    listed = reverse("admin:directory_importissue_changelist", query={"run__id__exact": run.pk})
    assert f'href="{listed}"' in page
    assert "1\N{NO-BREAK SPACE}mise de côté" in page
    lines = centre.get(listed).content.decode()
    assert "3 champs au lieu de 32" in lines
    assert "&lt;b&gt;COURT" in lines
    assert centre.get(listed.replace(str(run.pk), "0")).content.decode().count("champs au lieu de") == 0
    issue = centre.get(reverse("admin:directory_importissue_change", args=[ImportIssue.objects.get().pk]))
    assert "&lt;b&gt;COURT" in issue.content.decode()


@pytest.mark.parametrize("model", ["importrun", "importissue"])
@pytest.mark.parametrize("act", ["add", "delete"])
def test_nobody_adds_nor_deletes_what_an_import_left(centre: Client, run: ImportRun, model: str, act: str) -> None:
    key = {"importrun": run.pk, "importissue": run.issues.get().pk}[model]
    address = reverse(f"admin:directory_{model}_{act}", args=[] if act == "add" else [key])
    assert centre.get(address).status_code == 403
    changed = centre.post(reverse(f"admin:directory_{model}_change", args=[key]), {"reason": "x"})
    assert changed.status_code == 403


def test_the_list_asks_as_many_queries_for_one_line_as_for_many(centre: Client, run: ImportRun) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            centre.get(reverse("admin:directory_importissue_changelist"))
        return len(asked)

    queries()
    one = queries()
    ImportIssue.objects.bulk_create(ImportIssue(run=run, file="a", reason="b") for _ in range(20))
    assert queries() == one


def test_the_lines_of_the_newest_import_come_first(centre: Client) -> None:
    for day, name in ((1, "ancien.csv"), (2, "nouveau.csv")):
        at = datetime(2026, 11, day, tzinfo=UTC)
        made = ImportRun.objects.create(source=Source.FINESS, file_name=name, started_at=at)
        ImportIssue.objects.create(run=made, file=name, line=1, reason="Illisible.", raw="")
    page = centre.get("/administration/directory/importissue/").content.decode()
    assert page.index("nouveau.csv") < page.index("ancien.csv")
