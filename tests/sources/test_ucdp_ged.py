"""Events of organised violence: invented files in both of UCDP's layouts, and the real ones beside the checkout."""

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

EXTRACT = "ged_pakistan_1989-2021_hdx.csv"
CANDIDATE = "GEDEvent_v23_0_11.csv"
SPEC = Catalogue.of().spec("ucdp_ged")
HEADER = [*SPEC.columns.used, *(name for name in SPEC.columns.ignored if name != "iso3")]
EVENT = {
    "id": "7001",
    "year": "2019",
    "type_of_violence": "1",
    "dyad_name": "Government of Pakistan - TTP",
    "side_a_new_id": "142",
    "side_b_new_id": "356",
    "number_of_sources": "3",
    "where_coordinates": "Kel village",
    "adm_1": "Balochistan province",
    "latitude": "30.5",
    "longitude": "67.25",
    "country_id": "770",
    "date_start": "2019-03-30 00:00:00.000",
    "date_end": "2019-04-01 00:00:00.000",
    "best": "4",
    "high": "9",
    "low": "2",
    "gwnoa": "770",
    "gwnob": "",
    "source_original": "a report\nof two lines",
}
TAGS = {"year": "#date+year", "country_id": "", "best": "#affected+killed"}
ABROAD = {"id": "7002", "side_a_new_id": "3", "gwnoa": "2", "side_b_new_id": "769", "dyad_name": "USA - al-Qaida"}
AMONG_GROUPS = {"id": "7003", "type_of_violence": "2", "side_a_new_id": "91234", "gwnoa": "", "side_b_new_id": "303"}
AGAINST_CIVILIANS = {"id": "7004", "type_of_violence": "3", "side_b_new_id": "1", "number_of_sources": "-1"}
BETWEEN_STATES = {"id": "7005", "gwnob": "750", "side_b_new_id": "141", "country_id": "750"}


def write(path: Path, *changes: dict[str, str], header: list[str] = HEADER, tags: bool = True) -> Path:
    rows = [EVENT | change for change in changes]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows([TAGS, *rows] if tags else rows)
    return path


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("ucdp_ged", [path], registry())


def events(found: Ingested) -> pd.DataFrame:
    return found.tables["events"].set_index("source_row")


@pytest.fixture
def extract(tmp_path: Path) -> Ingested:
    return ingest(write(tmp_path / EXTRACT, {}, ABROAD, AMONG_GROUPS, AGAINST_CIVILIANS, BETWEEN_STATES))


def test_the_row_of_tags_is_skipped_and_line_breaks_make_no_rows(extract: Ingested) -> None:
    assert (extract.rows, extract.read, extract.skipped) == (6, 5, {"HXL tag row": 1})


def test_the_location_is_where_it_happened_not_a_side(extract: Ingested) -> None:
    strike = events(extract).loc["id 7002"]
    assert (strike["sender"], strike["receiver"], strike["location"]) == ("USA", "AQ", "PAK")
    clash = events(extract).loc["id 7005"]
    assert (clash["sender"], clash["receiver"], clash["location"]) == ("PAK", "IND", "IND")


def test_groups_get_their_actor_or_keep_their_number_and_civilians_are_nobody(extract: Ingested) -> None:
    table = events(extract)
    assert table.loc["id 7001", "receiver"] == "TTP"
    assert (table.loc["id 7003", "sender"], table.loc["id 7003", "receiver"]) == ("UCDP:91234", "TALIBAN")
    assert table.loc["id 7004", "receiver"] == "WLD"
    assert list(table["kind"]) == [
        "ged:state-based", "ged:state-based", "ged:non-state", "ged:one-sided", "ged:state-based",
    ]  # fmt: skip


def test_an_event_keeps_its_days_estimates_and_place(extract: Ingested) -> None:
    event = events(extract).loc["id 7001"]
    assert (event["date"], event["date_end"]) == (pd.Timestamp("2019-03-30"), pd.Timestamp("2019-04-01"))
    assert (event["fatalities"], event["fatalities_low"], event["fatalities_high"]) == (4, 2, 9)
    assert (event["place"], event["lat"], event["lon"]) == ("Balochistan province", 30.5, 67.25)
    assert (event["mentions"], event["status"], event["version"]) == (3, "final", "22.1")


def test_sources_that_were_not_counted_are_unknown(extract: Ingested) -> None:
    assert pd.isna(events(extract).loc["id 7004", "mentions"])


def test_an_extract_covers_the_countries_in_it_and_a_candidate_file_its_month(
    tmp_path: Path, extract: Ingested
) -> None:
    covered = extract.tables["coverage"][["indicator", "sender", "receiver", "period_start"]]
    assert covered.to_dict("records") == [
        {"indicator": "ged", "sender": "*", "receiver": place, "period_start": pd.Timestamp("1989-01-01")}
        for place in ("IND", "PAK")
    ]
    month = {"date_start": "2023-11-03 00:00:00.000", "date_end": "2023-11-03 00:00:00.000", "country_id": "700"}
    candidate = ingest(write(tmp_path / CANDIDATE, month, tags=False))
    assert (candidate.rows, candidate.read, candidate.notes) == (1, 1, ())
    row = candidate.tables["coverage"].iloc[0]
    assert (row["receiver"], row["period_start"].date(), row["period_end"].date()) == (
        "*", date(2023, 11, 1), date(2023, 11, 30),
    )  # fmt: skip
    assert set(candidate.tables["events"]["status"]) == {"provisional"}
    assert set(candidate.tables["events"]["version"]) == {"23.0.11"}


def test_a_selection_of_ones_own_covers_nothing(tmp_path: Path) -> None:
    found = ingest(write(tmp_path / "ged_my_events.csv", {}, ABROAD, tags=False))
    assert found.read == 2
    assert found.tables["coverage"].empty


def test_a_global_file_is_final_and_covers_every_year_before_its_release(tmp_path: Path) -> None:
    found = ingest(write(tmp_path / "GEDEvent_v24_1.csv", {}, tags=False))
    row = found.tables["coverage"].iloc[0]
    assert (row["version"], row["receiver"], row["period_end"].date()) == ("24.1", "*", date(2023, 12, 31))
    assert set(found.tables["events"]["status"]) == {"final"}


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"gwnoa": "7777"}, UnknownLabel, "7777"),
        ({"country_id": "7778"}, UnknownLabel, "7778"),
        ({"best": "about four"}, SourceError, "best: 1 cells are not numbers, such as 'about four'"),
        ({"type_of_violence": "4"}, SourceError, "type_of_violence: 1 cells hold a code that is not known"),
        ({"date_start": "30/03/2019"}, SourceError, "date_start: 1 cells are not days"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, change: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ingest(write(tmp_path / EXTRACT, change))


def test_a_renamed_column_stops_the_reading(tmp_path: Path) -> None:
    header = ["fatalities" if name == "best" else name for name in HEADER]
    with pytest.raises(SourceError, match="no column 'best'"):
        ingest(write(tmp_path / EXTRACT, {}, header=header))


def test_the_extract_of_pakistan_has_its_published_counts(shared: Path) -> None:
    found = ingest(shared / "data/events/ucdp" / EXTRACT)
    table = events(found)
    assert (found.rows, found.read, found.skipped, found.notes) == (6417, 6416, {"HXL tag row": 1}, ())
    assert (table["fatalities"].sum(), table["fatalities_low"].sum(), table["fatalities_high"].sum()) == (
        43225, 41089, 49713,
    )  # fmt: skip
    assert table["kind"].value_counts().to_dict() == {
        "ged:state-based": 5388, "ged:one-sided": 559, "ged:non-state": 469,
    }  # fmt: skip
    assert ((table["sender"] == "USA") & (table["receiver"] == "AQ")).sum() == 411
    assert set(table["location"]) == {"PAK"}
    assert (table["receiver"] == "TTP").sum() == 3834
    assert (table["date"].min().date(), table["date_end"].max().date()) == (date(1989, 1, 25), date(2021, 12, 31))


def test_the_candidate_file_is_a_version_of_its_own(shared: Path) -> None:
    found = ingest(shared / "data/events/ucdp/GEDEvent_v23_0_10.csv")
    table = events(found)
    assert (found.rows, found.read, found.skipped) == (2391, 2391, {})
    assert set(table["version"]) == {"23.0.10"}
    assert set(table["status"]) == {"provisional"}
    assert table["fatalities"].sum() == 12603
    assert table["location"].isin(["PAK", "AFG"]).sum() == 67
