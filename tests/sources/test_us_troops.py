"""Troops: gaps are not zeros, yearly figures are not quarters, and a wrong quarter is left out."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

HEADER = (
    "ccode,iso3c,countryname,year,month,quarter,source,troops_ad,army_ad,navy_ad,air_force_ad,marine_corps_ad,"
    "total_selected_reserve,total_civilian,troops_all"
)
ROWS = [
    ("Pakistan", 2005, "September", 3, "September 2005", 35),
    ("Pakistan", 2005, "June", 2, "Kane 2006", 30),
    ("Pakistan", 2016, "June", 2, "June 2016", 70),
    ("Pakistan", 2022, "December", 4, "", 0),
    ("Afghanistan", 2019, "March", 1, "", 13000),
    ("United States", 2005, "September", 3, "September 2005", 1000),
    ("Guam", 2005, "September", 3, "September 2005", 10),
    ("German Democratic Republic", 1995, "June", 2, "Kane 2006", 0),
    ("Serbia", 1998, "September", 3, "September 1998", 37),
]
SAMPLE = "\n".join([HEADER, *(",".join(["1", "X", *map(str, row), *[""] * 7]) for row in ROWS)]) + "\n"


def ingest(folder: Path, text: str) -> Ingested:
    path = folder / "us_troops_country_quarter_test.csv"
    path.write_text(text, encoding="utf-8")
    return Catalogue.of().ingest("us_troops", [path], registry())


def test_only_figures_that_are_figures_become_records(tmp_path: Path) -> None:
    got = ingest(tmp_path, SAMPLE)
    found = got.tables["observations"]
    assert (got.rows, got.read) == (9, 3)
    assert dict(got.skipped) == {
        "no source: a gap, not a zero": 2,
        "June figure counted twice at the source": 1,
        "at home, no host state": 1,
        "United States territory": 1,
        "host did not exist then": 1,
    }
    assert found[["receiver", "indicator", "value", "status"]].to_numpy().tolist() == [
        ["PAK", "troops_active", 35, "final"],
        ["PAK", "troops_active_yearly", 30, "approximate"],
        ["SCG", "troops_active", 37, "final"],
    ]
    assert found["period_start"].tolist()[:2] == [pd.Timestamp("2005-07-01"), pd.Timestamp("2005-01-01")]
    assert got.tables["coverage"].empty


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("troops_ad", "troops", SourceError, "'troops_ad'"),
        ("Pakistan", "Atlantis", UnknownLabel, "Atlantis"),
        (",35,", ",about 35,", SourceError, "not numbers"),
        ("September,3", "September,4", SourceError, "not the last month of quarter"),
    ],
)
def test_mutated_samples_stop(tmp_path: Path, old: str, new: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ingest(tmp_path, SAMPLE.replace(old, new))


def test_real_file_has_no_figure_where_the_publisher_has_none(shared: Path) -> None:
    path = shared / "data/indicators/troops/us_troops_country_quarter_1990_2025.csv"
    got = Catalogue.of().ingest("us_troops", [path], registry())
    found = got.tables["observations"]
    assert (got.rows, got.read, got.records, got.notes) == (17742, 13327, 13327, ())
    assert got.skipped["no source: a gap, not a zero"] == 2739
    assert not found.duplicated(["indicator", "receiver", "period_start"]).any()
    quarterly = found[found["indicator"] == "troops_active"]
    pakistan = quarterly[quarterly["receiver"] == "PAK"].set_index("period_end")["value"]
    assert pakistan[pd.Timestamp("2001-09-30")] == 21
    assert pakistan[pd.Timestamp("2025-12-31")] == 63
    gaps = {pd.Timestamp(day) for day in ("2022-12-31", "2023-03-31", "2023-06-30", "2014-06-30", "2021-06-30")}
    assert gaps.isdisjoint(quarterly["period_end"])
    afghanistan = quarterly[quarterly["receiver"] == "AFG"]
    assert afghanistan[afghanistan["period_end"].dt.year.isin([2018, 2019, 2020])].empty


def test_june_of_2014_to_2021_is_twice_what_its_neighbours_are(shared: Path) -> None:
    """The reason for leaving these rows out, from the file itself; if it fails the file has been repaired."""
    frame = pd.read_csv(shared / "data/indicators/troops/us_troops_country_quarter_1990_2025.csv")
    abroad = frame[frame["source"].notna() & (frame["countryname"] != "United States")]
    sums = abroad.groupby(["year", "quarter"])["troops_ad"].sum()
    ratio = pd.Series({year: sums[year, 2] / (sums[year, 1] + sums[year, 3]) * 2 for year in range(2014, 2026)
                       if year != 2023})  # fmt: skip
    assert ratio.loc[2014:2021].between(1.7, 2.0).all()
    assert ratio.loc[2022:].between(0.95, 1.05).all()
