import pytest

from bench.__main__ import SECTIONS, markdown, named, report
from bench.figures import decimal, percentile, verdict


@pytest.mark.parametrize(("rank", "figure"), [(50, 50), (95, 95), (99, 99), (100, 100), (1, 1)])
def test_a_percentile_is_a_figure_that_was_measured(rank: int, figure: float) -> None:
    assert percentile(list(range(100, 0, -1)), rank) == figure
    assert percentile([7.0], rank) == 7.0


def test_figures_are_written_in_french() -> None:
    assert decimal(12.34) == "12,3"
    assert (verdict(True), verdict(False)) == ("tenu", "MANQUÉ")


def test_a_cell_cannot_break_its_table() -> None:
    assert markdown(["a"], [["x | y"]]).splitlines()[-1] == "| x \\| y |"


def test_the_database_of_the_measures_is_on_the_same_server() -> None:
    assert named("postgresql://spico:x@127.0.0.1:5432/spico", "other") == "postgresql://spico:x@127.0.0.1:5432/other"
    assert named("postgresql:///spico?sslmode=disable", "other") == "postgresql:///other?sslmode=disable"


def test_the_report_says_where_and_holds_every_row() -> None:
    row = {"what": "accueil", "ours": "p95 12,0 ms", "peer": "", "note": "tenu"}
    text = report([["date", "23 novembre 2026"]], {name: [row] for name in SECTIONS})
    assert "| date | 23 novembre 2026 |" in text
    assert text.count("| accueil | p95 12,0 ms |  | tenu |") == len(SECTIONS)
