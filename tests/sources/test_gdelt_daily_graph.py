"""Daily ties in the news: an invented table and file of ties, and the real ones beside the checkout."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

TABLE = """\
date,iso3_a,iso3_b,edge
2018-01-01,PAK,USA,12.5
2018-01-01,AFG,USA,0.0
2018-01-02,PAK,USA,-3.25
2018-01-02,AFG,USA,1.0
2018-01-05,PAK,USA,0.0
2018-01-05,AFG,USA,0.0
"""


def table(folder: Path, text: str = TABLE) -> Path:
    path = folder / "dyad_daily_edge_2.csv"
    path.write_text(text, encoding="utf-8")
    return path


def ties(folder: Path, **columns: list[object]) -> Path:
    content = {
        "date": pd.to_datetime(["2018-01-01", "2018-01-01", "2018-01-02"]),
        "a": pd.Categorical(["USA", "AFG", "ISL"]),
        "b": pd.Categorical(["PAK", "USA", "ISL"]),
        "edge": pd.array([12.5, -1.0, 3.0], dtype="float32"),
    }
    path = folder / "dyad_daily_edge_all.parquet"
    pd.DataFrame(content | columns).to_parquet(path)
    return path


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("gdelt_daily_graph", [path], registry())


def values(found: Ingested) -> dict[tuple[str, str, str], float]:
    rows = found.tables["observations"]
    days = rows["period_start"].dt.strftime("%Y-%m-%d")
    return dict(zip(zip(rows["sender"], rows["receiver"], days, strict=True), rows["value"], strict=True))


def test_a_table_keeps_its_zeros_and_not_its_missing_days(tmp_path: Path) -> None:
    found = ingest(table(tmp_path))
    assert (found.rows, found.read, found.skipped) == (6, 6, {})
    assert values(found)["AFG", "USA", "2018-01-05"] == 0
    assert ("PAK", "USA", "2018-01-03") not in values(found)
    assert set(found.tables["observations"]["unit"]) == {"volume × intensity"}


def test_coverage_leaves_out_the_missing_days(tmp_path: Path) -> None:
    spans = ingest(table(tmp_path)).tables["coverage"]
    of_dyad = spans[spans["sender"].eq("PAK") & spans["receiver"].eq("USA")]
    assert list(zip(of_dyad["period_start"].dt.day, of_dyad["period_end"].dt.day, strict=True)) == [(1, 2), (5, 5)]
    assert len(spans) == 4


def test_a_file_of_ties_is_undirected_without_self_ties_and_covers_nothing(tmp_path: Path) -> None:
    found = ingest(ties(tmp_path))
    assert (found.rows, found.read, found.skipped) == (3, 2, {"a state with itself": 1})
    assert values(found) == {("PAK", "USA", "2018-01-01"): 12.5, ("AFG", "USA", "2018-01-01"): -1.0}
    assert found.tables["coverage"].empty


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("edge", "weight", SourceError, "no column 'edge'"),
        ("iso3_a", "a", SourceError, "no columns for the two states"),
        ("AFG", "QQQ", UnknownLabel, "QQQ"),
        ("12.5", "a lot", SourceError, "edge: 1 cells are not numbers, such as 'a lot'"),
        ("2018-01-05,PAK", "5 January,PAK", SourceError, "date: 1 cells are not days"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    text = TABLE.replace(old, new) if old != "iso3_a" else TABLE.replace("iso3_a", "b")
    with pytest.raises(error, match=words):
        ingest(table(tmp_path, text))


def test_the_real_table_has_300_dyads_on_2149_days(shared: Path) -> None:
    found = ingest(shared / "data/events/gdelt/dyad_daily_edge_25countries_2018-01-01_2024-02-23.csv.gz")
    rows, spans = found.tables["observations"], found.tables["coverage"]
    assert (found.rows, found.read, found.skipped) == (644700, 644700, {})
    assert rows["period_start"].nunique() == 2149
    assert len(rows[["sender", "receiver"]].drop_duplicates()) == 300
    of_dyad = spans[spans["sender"].eq("PAK") & spans["receiver"].eq("USA")]
    days = (of_dyad["period_end"] - of_dyad["period_start"]).dt.days + 1
    assert (days.sum(), len(of_dyad)) == (2149, 61)
    first = rows[rows["sender"].eq("PAK") & rows["receiver"].eq("USA")].iloc[0]
    assert (first["value"], first["period_start"]) == (1428.0185, pd.Timestamp("2018-01-01"))
