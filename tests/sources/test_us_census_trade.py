"""US goods trade of 2024 by partner: an invented sample, and the real table beside the checkout."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLE = Path(__file__).parents[1] / "samples" / "us_census_trade.csv"


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("us_census_trade", [path], registry())


def amounts(found: Ingested) -> dict[tuple[str, str, str], float]:
    table = found.tables["observations"]
    return table.set_index(["indicator", "sender", "receiver"])["value"].to_dict()


def test_millions_become_dollars_in_both_directions() -> None:
    found = amounts(ingest(SAMPLE))
    assert found["goods_exports", "USA", "PAK"] == 12_300_000
    assert found["goods_imports", "PAK", "USA"] == 45_600_000
    assert found["goods_imports", "PSE", "USA"] == 400_000


def test_the_calendar_year_is_the_period_and_nothing_is_covered() -> None:
    sample = ingest(SAMPLE)
    table = sample.tables["observations"]
    assert set(table["period_start"]) == {pd.Timestamp("2024-01-01")}
    assert set(table["period_end"]) == {pd.Timestamp("2024-12-31")}
    assert sample.tables["coverage"].empty


def test_the_european_union_is_left_out_and_counted() -> None:
    sample = ingest(SAMPLE)
    assert (sample.rows, sample.read, sample.skipped) == (4, 3, {"union of states that stand beside it": 1})


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("us_exports_musd", "exports", SourceError, "no column 'us_exports_musd'"),
        ("India", "Atlantis", UnknownLabel, "Atlantis"),
        ("70.1", "(-)", SourceError, r"'\(-\)'"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    path = tmp_path / "us_trade_by_partner_census_2024.csv"
    path.write_text(SAMPLE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=words):
        ingest(path)


def test_the_real_table(shared: Path) -> None:
    real = ingest(shared / "data" / "indicators" / "trade" / "us_trade_by_partner_census_2024.csv")
    assert (real.rows, real.read, real.records) == (190, 189, 378)
    assert (real.skipped, real.notes) == ({"union of states that stand beside it": 1}, ())
    found = amounts(real)
    assert found["goods_exports", "USA", "PAK"] == 2_135_100_000
    assert found["goods_imports", "PAK", "USA"] == 5_123_700_000
