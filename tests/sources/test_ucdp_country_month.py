"""Deaths by country and month: invented vintages in the publisher's layout, and the real ones beside the checkout."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

JULY = """\
,Pakistan,Serbia (Yugoslavia),South Sudan,
1992-03-31,5,7,0,0
2011-07-31,6,0,3,0
2023-12-31,11,0,0,0
2024-06-30,115,0,2,0
"""


def write(path: Path, text: str = JULY) -> Path:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def ingest(*paths: Path) -> Ingested:
    return Catalogue.of().ingest("ucdp_country_month", paths, registry())


def cells(found: Ingested) -> pd.DataFrame:
    return found.tables["observations"].set_index(["version", "receiver", "period_start"]).sort_index()


@pytest.fixture
def july(tmp_path: Path) -> Ingested:
    return ingest(write(tmp_path / "Conf_2024-07-21.csv.gz"))


def test_every_cell_is_accounted_for(july: Ingested) -> None:
    assert (july.rows, july.read) == (16, 11)
    assert july.skipped == {"column without a country": 4, "no deaths, and the state did not exist yet": 1}


def test_the_name_of_the_file_tells_the_version(july: Ingested) -> None:
    assert set(july.tables["observations"]["version"]) == {"2024-07-21"}
    assert set(july.tables["files"]["version"]) == {"2024-07-21"}


def test_months_after_the_last_yearly_release_are_provisional(july: Ingested, tmp_path: Path) -> None:
    assert cells(july).loc[("2024-07-21", "PAK"), "status"].tolist() == ["final", "final", "final", "provisional"]
    april = cells(ingest(write(tmp_path / "Conf_2024-04-22.csv")))
    assert april.loc[("2024-04-22", "PAK"), "status"].tolist() == ["final", "final", "provisional", "provisional"]


def test_a_month_and_country_stands_once_in_each_vintage(tmp_path: Path) -> None:
    later = write(tmp_path / "Conf_2025-07-21.csv", JULY.replace("115", "78"))
    both = cells(ingest(write(tmp_path / "Conf_2024-07-21.csv"), later))
    assert both.index.is_unique
    june = both.xs(("PAK", pd.Timestamp("2024-06-01")), level=("receiver", "period_start"))
    assert june["value"].to_dict() == {"2024-07-21": 115, "2025-07-21": 78}
    assert june["period_end"].eq(pd.Timestamp("2024-06-30")).all()


def test_zero_in_a_listed_country_is_zero_and_an_absent_country_has_no_row(july: Ingested) -> None:
    table = cells(july)
    assert table.loc[("2024-07-21", "SSD", pd.Timestamp("2023-12-01")), "value"] == 0
    assert "AFG" not in table.index.get_level_values("receiver")
    assert set(july.tables["coverage"]["receiver"]) == {"PAK", "YUG", "SRB", "SSD"}
    assert set(table["sender"]) == {"WLD"}


def test_one_column_stands_for_the_states_that_followed_each_other(july: Ingested) -> None:
    table = cells(july)
    assert table.loc[("2024-07-21", "YUG", pd.Timestamp("1992-03-01")), "value"] == 7
    assert ("2024-07-21", "SRB", pd.Timestamp("2011-07-01")) in table.index


def test_a_file_without_a_day_is_the_described_snapshot_or_nothing(tmp_path: Path) -> None:
    whole = write(tmp_path / "Conf.csv", ",Pakistan\n2026-01-31,107\n2026-02-28,96\n")
    assert set(ingest(whole).tables["observations"]["version"]) == {"2026-03-29"}
    with pytest.raises(SourceError, match=r"ends in 2024-06 and does not say of which day it is") as stopped:
        ingest(write(tmp_path / "Conf.csv"))
    assert "Conf_2025-09-25.csv" in stopped.value.hint


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        (",Pakistan", "month,Pakistan", SourceError, "no column 'Unnamed: 0'"),
        ("Pakistan", "Atlantis", UnknownLabel, "Atlantis"),
        ("115", "some", SourceError, "deaths: 1 cells are not numbers, such as 'some'"),
        ("2024-06-30", "06/2024", SourceError, "month: 1 cells are not days"),
        ("1992-03-31,5,7,0", "1992-03-31,5,7,4", SourceError, "outside their lifetime: South Sudan"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    path = write(tmp_path / "Conf_2024-07-21.csv", JULY.replace(old, new, 1))
    with pytest.raises(error, match=words):
        ingest(path)


def test_the_snapshot_has_its_counts(shared: Path) -> None:
    found = ingest(shared / "data/events/ucdp/country_month_fatalities_1989-01_2026-02_pace.csv")
    table = cells(found)
    assert (found.rows, found.read) == (59318, 58197)
    assert found.skipped == {"no deaths, and the state did not exist yet": 675, "column without a country": 446}
    assert table.loc[("2026-03-29", "PAK", pd.Timestamp("2024-06-01")), "value"] == 78
    of_2010 = table.loc[("2026-03-29", "PAK")].loc["2010-01-01":"2010-12-01", "value"]
    assert of_2010.sum() == 6457
    final = table[table["status"] == "final"]
    assert final["period_end"].max() == pd.Timestamp("2024-12-31")
    assert table["period_end"].max() == pd.Timestamp("2026-02-28")


def test_two_real_vintages_differ_where_the_yearly_release_came_between(shared: Path) -> None:
    folder = shared / "data/events/ucdp/vintages"
    found = ingest(folder / "Conf_2024-04-22.csv.gz", folder / "Conf_2024-07-21.csv.gz")
    assert (found.rows, found.read) == (55836 + 55380, 54932 + 54496)
    wide = cells(found)["value"].unstack("version").dropna()
    revised = wide[wide["2024-04-22"] != wide["2024-07-21"]].index.get_level_values("period_start")
    assert set(revised.year) >= {2022, 2023}
    assert set(revised[revised.year == 2023].month) == set(range(1, 13))
    assert 2024 not in set(revised.year)
