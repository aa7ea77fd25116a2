"""Armed conflicts: an invented file in the layout of UCDP/PRIO, and the real one beside the checkout."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLE = Path(__file__).parents[1] / "samples" / "ucdp_conflicts.csv"


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("ucdp_conflicts", [path], registry())


def pairs(found: Ingested) -> list[tuple[str, str, str]]:
    table = found.tables["observations"]
    return list(zip(table["source_row"], table["sender"], table["receiver"], strict=True))


@pytest.fixture(scope="module")
def sample() -> Ingested:
    return ingest(SAMPLE)


def test_every_pair_of_opposed_sides_is_an_observation(sample: Ingested) -> None:
    assert (sample.rows, sample.read, sample.skipped) == (4, 4, {})
    assert pairs(sample) == [
        ("row 2", "PAK", "BLA"), ("row 2", "PAK", "UCDP:90003"),
        ("row 3", "EGY", "ISR"), ("row 3", "SYR", "ISR"),
        ("row 4", "IND", "UCDP:90004"),
        ("row 5", "AFG", "GBR"), ("row 5", "AFG", "USA"),
    ]  # fmt: skip


def test_an_observation_names_conflict_and_cause(sample: Ingested) -> None:
    row = sample.tables["observations"].iloc[0]
    assert row["item"] == "conflict 90325 over territory: Balochistan"
    assert (row["value"], row["unit"], row["version"]) == (1, "level", "24.1")
    assert sample.tables["observations"].iloc[6]["item"] == "conflict 93692 over government"


def test_hyderabad_is_no_state_and_keeps_its_number(sample: Ingested) -> None:
    assert ("row 4", "IND", "UCDP:90004") in pairs(sample)
    assert sample.notes == ("the whole file has 2,686 rows in version 24.1; this one has 4",)


def test_a_year_that_is_not_listed_had_no_conflict(sample: Ingested) -> None:
    span = sample.tables["coverage"].iloc[0]
    assert (span["sender"], span["receiver"], span["indicator"]) == ("*", "*", "conflict_intensity")
    assert (span["period_start"], span["period_end"]) == (pd.Timestamp("1948-01-01"), pd.Timestamp("2012-12-31"))


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ('"intensity_level"', '"intensity"', SourceError, "no column 'intensity_level'"),
        ('"770"', '"7777"', UnknownLabel, "7777"),
        ('"2012","1"', '"2012","3"', SourceError, "intensity_level: 1 cells hold a code that is not known"),
        ('"1","Balochistan"', '"9","Balochistan"', SourceError, "incompatibility: 2 cells hold a code"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    path = tmp_path / "UcdpPrioConflict_v24_1.csv"
    path.write_text(SAMPLE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=words):
        ingest(path)


def test_the_published_file_has_its_published_counts(shared: Path) -> None:
    found = ingest(shared / "data/events/ucdp/UcdpPrioConflict_v24_1.csv")
    table = found.tables["observations"]
    assert (found.rows, found.read, found.records, found.notes) == (2686, 2686, 3370, ())
    kashmir = table[table["sender"].eq("IND") & table["receiver"].eq("PAK") & table["value"].eq(2)]
    assert set(kashmir["period_start"].dt.year) == {1948, 1965, 1971}
    assert table["source_row"].nunique() == 2686
    assert not table.duplicated(["source_row", "indicator", "sender", "receiver", "item"]).any()
