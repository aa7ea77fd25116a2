"""Aid and coalition support as the Congressional Research Service counts them: a sample, and the real table."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError
from detente.sources import Catalogue, Ingested

SAMPLE = Path(__file__).parents[1] / "samples" / "crs_pakistan.csv"


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("crs_pakistan", [path], registry())


def observations(found: Ingested) -> pd.DataFrame:
    return found.tables["observations"].set_index(["indicator", "source_row"])


@pytest.fixture(scope="module")
def sample() -> Ingested:
    return ingest(SAMPLE)


def test_the_first_row_is_one_period_of_six_fiscal_years(sample: Ingested) -> None:
    first = observations(sample).loc[("crs_security", "row 2")]
    assert (f"{first['period_start']:%Y-%m-%d}", f"{first['period_end']:%Y-%m-%d}") == ("2001-10-01", "2007-09-30")
    assert (first["value"], first["unit"]) == (600e6, "USD")


def test_the_other_rows_are_fiscal_years(sample: Ingested) -> None:
    second = observations(sample).loc[("crs_total", "row 3")]
    assert (f"{second['period_start']:%Y-%m-%d}", f"{second['period_end']:%Y-%m-%d}") == ("2007-10-01", "2008-09-30")
    assert (second["sender"], second["receiver"], second["item"]) == ("USA", "PAK", "CRS 1 Jan 2013")


def test_what_the_report_does_not_give_is_unknown_and_not_zero(sample: Ingested) -> None:
    values = observations(sample)["value"]
    assert pd.isna(values["crs_coalition_support", "row 5"])
    assert pd.isna(values["crs_pcf", "row 3"])
    assert values["crs_pcf", "row 4"] == 0
    assert sample.tables["coverage"].empty


def test_totals_without_all_of_coalition_support_are_partial(sample: Ingested) -> None:
    found = sample.tables["observations"]
    partial = found[found["status"] == "partial"]
    assert set(zip(partial["indicator"], partial["source_row"], strict=True)) == {
        ("crs_coalition_support", "row 4"),
        ("crs_total", "row 4"),
        ("crs_total", "row 5"),
    }


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("fmf_musd", "fmf", "no column 'fmf_musd'"),
        ("2008,110", "2008,many", "'many'"),
        ("2008,110", "2008,210", "differ in row 3"),
        ("2002-2007", "2002 to 2007", "'2002 to 2007'"),
    ],
)
def test_what_is_not_understood_stops_the_reading(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "us_pakistan_crs_aid_and_csf.csv"
    path.write_text(SAMPLE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(SourceError, match=words):
        ingest(path)


def test_the_real_table(shared: Path) -> None:
    real = ingest(shared / "data" / "indicators" / "aid" / "us_pakistan_crs_aid_and_csf_FY2002_2018.csv")
    assert (real.rows, real.read, real.records, real.notes) == (12, 12, 72, ())
    found = observations(real)
    assert found.loc[("crs_total", "row 2"), "value"] == 10_097e6
    assert found.loc[("crs_coalition_support", "row 5"), "value"] == 1_499e6
    assert found.loc[("crs_security", "row 13"), "value"] == 23e6
    assert found["value"].isna().groupby("indicator").sum().to_dict() == {
        "crs_coalition_support": 2,
        "crs_economic": 0,
        "crs_fmf": 0,
        "crs_pcf": 2,
        "crs_security": 0,
        "crs_total": 0,
    }
