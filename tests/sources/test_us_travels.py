"""Travels: stops and trips, historic hosts, and coverage that ends where the files end."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested


def stop(number: int, start: str, end: str, country: str, **changes: str) -> str:
    """One invented stop of Secretary Kerry in the publisher's format."""
    held = {"role": "secretary", "who": "kerry-john-forbes", "written": "2017-04-21", "locale": "Capital"} | changes
    return f"""<trip role="{held["role"]}" who="{held["who"]}"><id>{number}</id><role>{held["role"]}</role>
      <name>John Kerry</name><start-date>{start}</start-date><end-date>{end}</end-date>
      <country id="x">{country}</country><locale>{held["locale"]}</locale>
      <remarks>Met with one, two, three, four, five, six
        and seven people.</remarks><created-by>me</created-by>
      <created-datetime>{held["written"]}T10:00:00-04:00</created-datetime>
      <last-modified-by>me</last-modified-by><last-modified-datetime/></trip>"""


STOPS = (
    stop(1, "2014-03-01", "2014-03-03", "Pakistan"),
    stop(2, "2014-03-03", "2014-03-03", "Vietnam", locale=""),
    stop(3, "2014-03-04", "2014-03-05", "Burma"),
    stop(4, "2014-03-07", "2014-03-08", "India"),
)


def ingest(folder: Path, *stops: str) -> Ingested:
    path = folder / "kerry-john-forbes.xml"
    path.write_text(f"<trips>{''.join(stops)}</trips>", encoding="utf-8")
    return Catalogue.of().ingest("us_travels", [path], registry())


def spans(got: Ingested, kind: str) -> list[tuple[date, date]]:
    """Covered spans of a kind, joined where one begins the day after another ends."""
    rows = got.tables["coverage"]
    rows = rows[rows["indicator"] == kind].sort_values("period_start")
    joined: list[tuple[date, date]] = []
    for start, end in zip(rows["period_start"].dt.date, rows["period_end"].dt.date, strict=True):
        if joined and (start - joined[-1][1]).days <= 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def test_stops_without_a_day_at_home_make_one_trip(tmp_path: Path) -> None:
    got = ingest(tmp_path, *STOPS)
    found = got.tables["events"]
    assert (got.rows, got.read, len(found)) == (4, 4, 4)
    assert found["receiver"].tolist() == ["PAK", "VNM", "MMR", "IND"]
    assert found["item"].tolist() == ["kerry-john-forbes 2014-03-01"] * 3 + ["kerry-john-forbes 2014-03-07"]
    assert found["place"].isna().tolist() == [False, True, False, False]
    assert found["text"].iloc[0] == "John Kerry, Pakistan: Met with one, two, three, four, five, six"
    assert (set(found["kind"]), set(found["sender"])) == ({"visit:secretary"}, {"USA"})


def test_file_written_after_the_term_covers_all_of_it(tmp_path: Path) -> None:
    assert spans(ingest(tmp_path, *STOPS), "visit:secretary") == [(date(2013, 2, 1), date(2017, 1, 31))]


def test_file_written_within_the_term_covers_it_to_the_last_stop(tmp_path: Path) -> None:
    got = ingest(tmp_path, *(text.replace("2017-04-21", "2014-04-01") for text in STOPS))
    assert spans(got, "visit:secretary") == [(date(2013, 2, 1), date(2014, 3, 8))]


def test_traveller_of_unknown_tenure_covers_nothing(tmp_path: Path) -> None:
    got = ingest(tmp_path, stop(1, "2014-03-01", "2014-03-03", "Pakistan", who="doe-jane"))
    assert (got.read, len(got.tables["coverage"])) == (1, 0)


@pytest.mark.parametrize(
    ("country", "day", "actor"),
    [("Vietnam", "1966-10-26", "RVN"), ("Yugoslavia", "1996-02-04", "SCG"), ("Yugoslavia", "1970-09-30", "YUG"),
     ("U.S.S.R.", "1974-06-27", "RUS"), ("Yemen", "1972-07-01", "YAR"), ("Republic of China", "1960-06-18", "TWN")],
)  # fmt: skip
def test_host_is_the_state_of_the_day(tmp_path: Path, country: str, day: str, actor: str) -> None:
    assert ingest(tmp_path, stop(1, day, day, country)).tables["events"]["receiver"].tolist() == [actor]


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("locale>", "place>", SourceError, "'locale'"),
        ("Pakistan", "Atlantis", UnknownLabel, "Atlantis"),
        ("2014-03-05", "5 March 2014", SourceError, "5 March 2014"),
        ("2014-03-08", "2014-03-06", SourceError, "entry 4 runs from"),
        ('who="kerry-john-forbes"><id>4', 'who="doe-jane"><id>4', SourceError, "one president or secretary"),
    ],
)
def test_mutated_samples_stop(tmp_path: Path, old: str, new: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ingest(tmp_path, *(text.replace(old, new) for text in STOPS))


@pytest.fixture(scope="module")
def whole(shared: Path) -> Ingested:
    files = sorted((shared / "data/originals/history_state_gov/travels").glob("*/*.xml"))
    return Catalogue.of().ingest("us_travels", files, registry())


def test_real_files_give_one_event_a_stop(whole: Ingested) -> None:
    found = whole.tables["events"]
    assert (whole.rows, whole.read, sum(whole.skipped.values()), whole.notes) == (4271, 4269, 2, ())
    assert found["kind"].value_counts().to_dict() == {"visit:secretary": 3437, "visit:president": 832}
    last = found.groupby("kind")["date_end"].max().dt.date.to_dict()
    assert last == {"visit:president": date(2024, 12, 4), "visit:secretary": date(2025, 2, 19)}
    assert not found.duplicated("source_row").any()


def test_real_coverage_is_without_gap_from_1993_and_ends_where_the_files_end(whole: Ingested) -> None:
    assert spans(whole, "visit:president") == [(date(1901, 9, 14), date(2025, 1, 19))]
    secretary = spans(whole, "visit:secretary")
    assert secretary[-1] == (date(1993, 1, 20), date(2025, 2, 19))
    assert secretary[-2][1] == date(1992, 8, 22)  # Lawrence Eagleburger has no file


def test_nobody_visited_pakistan_after_september_2018(whole: Ingested) -> None:
    found = whole.tables["events"]
    stops = found[found["receiver"] == "PAK"].sort_values("date")
    last = stops.iloc[-1]
    assert (last["date"], last["place"]) == (pd.Timestamp("2018-09-05"), "Islamabad")
    assert last["text"].startswith("Michael R. Pompeo")
    presidents = stops[stops["kind"] == "visit:president"]
    assert presidents["date"].max() == pd.Timestamp("2006-03-03")
    for kind in ("visit:president", "visit:secretary"):
        start, end = spans(whole, kind)[-1]
        assert start < date(2018, 10, 1) < end
