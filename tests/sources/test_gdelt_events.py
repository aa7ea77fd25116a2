"""GDELT events: invented rows in the three layouts, and the real files beside the checkout."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

USED = {1: "20180101", 6: "ISLAMABAD", 7: "PAK", 16: "UNITED STATES", 17: "USA", 25: "1", 26: "042", 29: "1"}
USED |= {30: "1.9", 31: "12"}
PLACE = {"full": "Islamabad, Pakistan", "country": "PK", "lat": "33.7", "lon": "73.1"}
SPOTS = {57: (50, 51, 53, 54), 58: (50, 51, 53, 54), 61: (52, 53, 56, 57)}


def line(number: int, width: int = 61, **changes: str) -> str:
    """A row; changes name a column by its place (c17) or a part of the place of action."""
    cells = [""] * width
    for place, value in USED.items():
        cells[place] = value
    for spot, value in zip(SPOTS[width], (PLACE | changes).values(), strict=False):
        cells[spot] = value
    for name, value in changes.items():
        if name[1:].isdigit():
            cells[int(name[1:])] = value
    cells[0] = str(number)
    return "\t".join(cells)


def write(path: Path, lines: Sequence[str]) -> Path:
    content = "".join(f"{text}\n" for text in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def ingest(*paths: Path) -> Ingested:
    return Catalogue.of().ingest("gdelt_events", paths, registry())


@pytest.fixture
def second(tmp_path: Path) -> Ingested:
    rows = [
        line(1),
        line(2, c7=""),
        line(3, c17="AFR"),
        line(4, c17="PAK"),
        line(5, c1="19790101", c17="SSD"),
        line(6, c25="0", c26="0834", c29="2", c30="-4.4"),
    ]
    return ingest(write(tmp_path / "20180101000000.export.CSV", rows))


def test_rows_without_two_states_are_skipped_and_counted(second: Ingested) -> None:
    assert (second.rows, second.read) == (6, 3)
    assert second.skipped == {
        "no country for one side": 1,
        "aggregate, not a state": 1,
        "the state did not exist on that day": 1,
    }


def test_an_event_keeps_code_score_class_and_place(second: Ingested) -> None:
    event = second.tables["events"].iloc[0]
    assert (event["sender"], event["receiver"], event["kind"]) == ("PAK", "USA", "cameo:042")
    assert (event["intensity"], event["mentions"], event["item"]) == (1.9, 12, "q1 root")
    assert (event["location"], event["place"], event["lat"]) == ("PAK", "Islamabad, Pakistan", 33.7)
    assert (event["date"], event["source_row"]) == (pd.Timestamp("2018-01-01"), "id 1")
    other = second.tables["events"].iloc[2]
    assert (other["kind"], other["item"], other["intensity"]) == ("cameo:0834", "q2 not root", -4.4)


def test_a_file_alone_covers_nothing(second: Ingested) -> None:
    assert second.tables["coverage"].empty


@pytest.mark.parametrize(("width", "version"), [(57, "1.0"), (58, "1.0"), (61, "2.0")])
def test_the_number_of_columns_tells_the_layout(tmp_path: Path, width: int, version: str) -> None:
    event = ingest(write(tmp_path / "x.export.CSV.gz", [line(7, width)])).tables["events"].iloc[0]
    assert (event["version"], event["location"], event["lon"]) == (version, "PAK", 73.1)


def test_backfile_and_daily_rows_may_share_a_file_but_not_versions(tmp_path: Path) -> None:
    mixed = ingest(write(tmp_path / "a.export.CSV", [line(1, 57), line(2, 58)]))
    assert (mixed.rows, mixed.read) == (2, 2)
    with pytest.raises(SourceError, match=r"mixes GDELT 1.0 and 2.0"):
        ingest(write(tmp_path / "b.export.CSV", [line(1, 57), line(2, 61)]))


def test_mentions_and_other_widths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds mentions of events, not events"):
        ingest(write(tmp_path / "m.CSV", ["\t".join(["1"] * 16)]))
    with pytest.raises(SourceError, match=r"row 2 has 60 columns; GDELT events have 57, 58 or 61"):
        ingest(write(tmp_path / "t.CSV", [line(1), line(2).rsplit("\t", 1)[0]]))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"c17": "QQQ"}, UnknownLabel, "QQQ"),
        ({"country": "Q1"}, UnknownLabel, "Q1"),
        ({"c30": "high"}, SourceError, "GoldsteinScale: 1 cells are not numbers, such as 'high'"),
        ({"c29": "5"}, SourceError, "QuadClass: 1 cells hold a code that is not known"),
        ({"c26": "4X"}, SourceError, "EventCode: '4X' is not a CAMEO code"),
        ({"c1": "20181301"}, SourceError, "SQLDATE: 1 cells are not days"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, changes: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ingest(write(tmp_path / "x.export.CSV", [line(1, 61, **changes)]))


def test_the_real_files_have_their_counts(shared: Path) -> None:
    raw = shared / "data/events/gdelt/raw"
    counts = {
        name: (found.rows, found.read)
        for name in (
            "20180101000000.export.CSV",
            "20180326044500.export.CSV",
            "spark_events.csv",
            "spark_eventsT.csv",
            "spark_events1.csv",
            "gdelt1_events_57_58cols.csv",
        )
        for found in [ingest(raw / name)]
    }
    assert counts == {
        "20180101000000.export.CSV": (2414, 577),
        "20180326044500.export.CSV": (1540, 285),
        "spark_events.csv": (100, 20),
        "spark_eventsT.csv": (100, 28),
        "spark_events1.csv": (100, 24),
        "gdelt1_events_57_58cols.csv": (710, 181),
    }


def test_a_real_file_of_mentions_is_refused(shared: Path) -> None:
    with pytest.raises(SourceError, match="holds mentions of events, not events"):
        ingest(shared / "data/events/gdelt/raw/spark_mentions.csv")
