"""Direction of Trade Statistics of the United States: an invented sample, and the real file beside the checkout."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLE = Path(__file__).parents[1] / "samples" / "imf_dots.csv"


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("imf_dots", [path], registry())


def cell(found: Ingested, indicator: str, sender: str, receiver: str, year: int) -> pd.Series:
    table = found.tables["observations"]
    chosen = table[
        (table["indicator"] == indicator)
        & (table["sender"] == sender)
        & (table["receiver"] == receiver)
        & (table["period_end"] == f"{year}-12-31")
    ]
    assert len(chosen) == 1
    return chosen.iloc[0]


@pytest.fixture(scope="module")
def sample() -> Ingested:
    return ingest(SAMPLE)


@pytest.fixture(scope="module")
def real(shared: Path) -> Ingested:
    return ingest(shared / "data" / "originals" / "dots_us.csv")


def test_goods_flow_from_sender_to_receiver_in_both_directions(sample: Ingested) -> None:
    sold = cell(sample, "exports_fob", "USA", "PAK", 2020)
    bought = cell(sample, "imports_cif", "PAK", "USA", 2020)
    assert (sold["value"], bought["value"], sold["unit"]) == (1_500_000, 2_500_000, "USD")
    assert sold["source_row"] == bought["source_row"] == "row 2"
    assert sold["period_start"] == pd.Timestamp("2020-01-01")


def test_an_empty_amount_is_unknown_and_nothing_is_covered(sample: Ingested) -> None:
    assert pd.isna(cell(sample, "imports_cif", "NRU", "USA", 2021)["value"])
    assert cell(sample, "exports_fob", "USA", "NRU", 2021)["value"] == 30_000
    assert sample.tables["coverage"].empty


def test_partners_that_are_no_state_are_left_out_and_counted(sample: Ingested) -> None:
    assert (sample.rows, sample.read, sample.records) == (6, 3, 6)
    assert sample.skipped == {"aggregate, not a state": 3}


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("Time Period", "Year", SourceError, "no column 'Time Period'"),
        ('"836"', '"83600"', UnknownLabel, "83600"),
        ('"1500000"', '"1.5 million"', SourceError, "'1.5 million'"),
        ('"1500000",""', '"1500000","E"', SourceError, "status flag, such as row 2"),
        ("2020", "2020M1", SourceError, "'2020M1'"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    path = tmp_path / "dots_us.csv"
    path.write_text(SAMPLE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=words):
        ingest(path)


def test_the_real_file_is_read_to_the_last_row(real: Ingested) -> None:
    assert (real.rows, real.read, real.records, real.notes) == (5_576, 5_545, 11_090, ())
    assert real.skipped == {"aggregate, not a state": 31}


def test_real_trade_with_pakistan_in_2022(real: Ingested) -> None:
    # Whole dollars as the file prints them: the reading must be exact.
    assert cell(real, "imports_cif", "PAK", "USA", 2022)["value"] == 5_994_729_915
    assert cell(real, "imports_cif", "PAK", "USA", 1995)["value"] == 1_278_200_000


def test_real_trade_agrees_with_the_tidy_copy(real: Ingested, shared: Path) -> None:
    copy = pd.read_csv(shared / "data" / "indicators" / "trade" / "us_trade_by_partner_imf_dots_1995_2022.csv")
    table = real.tables["observations"]
    left_out = copy["imf_code"].isin([126, 899, 998])
    exports = table.loc[table["indicator"] == "exports_fob", "value"]
    assert exports.sum() == copy.loc[~left_out, "us_exports_fob_usd"].sum()
    assert exports.isna().sum() == copy.loc[~left_out, "us_exports_fob_usd"].isna().sum()
