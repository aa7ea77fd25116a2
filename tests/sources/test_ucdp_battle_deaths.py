"""Battle-related deaths: an invented file in UCDP's layout, and the real one beside the checkout."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLE = Path(__file__).parents[1] / "samples" / "ucdp_battle_deaths.csv"


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("ucdp_battle_deaths", [path], registry())


@pytest.fixture(scope="module")
def sample() -> Ingested:
    return ingest(SAMPLE)


def test_deaths_that_cannot_be_divided_are_skipped_and_counted(sample: Ingested) -> None:
    assert (sample.rows, sample.read) == (5, 4)
    assert sample.skipped == {"several states on one side, deaths not divided": 1}


def test_sides_are_states_known_groups_or_numbers(sample: Ingested) -> None:
    table = sample.tables["observations"]
    assert list(zip(table["sender"], table["receiver"], strict=True)) == [
        ("PAK", "TTP"), ("IND", "PAK"), ("VNM", "UCDP:90001"), ("RVN", "UCDP:90002"),
    ]  # fmt: skip


def test_a_row_keeps_its_estimates_year_and_place(sample: Ingested) -> None:
    row = sample.tables["observations"].iloc[0]
    assert (row["value"], row["low"], row["high"], row["unit"]) == (130, 110, 190, "deaths")
    assert (row["period_start"], row["period_end"]) == (pd.Timestamp("2014-01-01"), pd.Timestamp("2014-12-31"))
    assert row["item"] == "Government of Pakistan - TTP @ Pakistan, Afghanistan"
    assert (row["source_row"], row["version"]) == ("row 2", "24.1")


def test_a_dyad_that_is_not_listed_is_not_zero(sample: Ingested) -> None:
    assert sample.tables["coverage"].empty


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ('"bd_best"', '"best"', SourceError, "no column 'bd_best'"),
        ('"770"', '"7777"', UnknownLabel, "7777"),
        ('"130"', '"many"', SourceError, "bd_best: 1 cells are not numbers, such as 'many'"),
        ('"2014"', '"201"', SourceError, "year: 1 cells are not days"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    path = tmp_path / "BattleDeaths_v24_1.csv"
    path.write_text(SAMPLE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=words):
        ingest(path)


def test_the_published_file_has_its_published_counts(shared: Path) -> None:
    found = ingest(shared / "data/events/ucdp/BattleDeaths_v24_1_dyadic.csv")
    table = found.tables["observations"]
    assert (found.rows, found.read) == (1920, 1918)
    assert found.skipped == {"several states on one side, deaths not divided": 2}
    clash = table[table["item"].eq("Government of India - Government of Pakistan @ India, Pakistan")]
    assert set(zip(clash["sender"], clash["receiver"], strict=True)) == {("IND", "PAK")}
    assert not table.duplicated(["source_row", "indicator", "sender", "receiver", "item"]).any()
    assert table["value"].min() == 25  # the threshold of the dataset
