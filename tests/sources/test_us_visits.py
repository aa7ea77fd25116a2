"""Visits to the United States: the visitor's state on the day, and coverage by decade."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

CREATED = "2025-02-26T10:00:00-04:00"


def visit(number: int, start: str, end: str, state: str, created: str = CREATED) -> str:
    """One invented visit in the publisher's format."""
    return f"""<visit><id>{number}</id><start-date>{start}</start-date><end-date>{end}</end-date>
      <visitor>President Nobody</visitor><from id="x">{state}</from><description>Working Visit.</description>
      <created-by>me</created-by><created-datetime>{created}</created-datetime>
      <last-modified-by>me</last-modified-by><last-modified-datetime/></visit>"""


VISITS = (visit(1, "2021-03-01", "2021-03-03", "Pakistan"), visit(2, "2024-10-30", "2024-10-31", "Türkiye"))


def ingest(folder: Path, *visits: str) -> Ingested:
    path = folder / "2020.xml"
    path.write_text(f"<visits>{''.join(visits)}</visits>", encoding="utf-8")
    return Catalogue.of().ingest("us_visits", [path], registry())


def test_visitor_is_the_sender(tmp_path: Path) -> None:
    got = ingest(tmp_path, *VISITS)
    found = got.tables["events"]
    assert (got.rows, got.read) == (2, 2)
    assert found[["sender", "receiver", "kind", "source_row"]].to_numpy().tolist() == [
        ["PAK", "USA", "visit:leader", "id 1"],
        ["TUR", "USA", "visit:leader", "id 2"],
    ]
    assert found["text"].iloc[0] == "President Nobody, Pakistan: Working Visit"


@pytest.mark.parametrize(("created", "until"), [(CREATED, "2024-10-31"), ("2031-01-02T10:00:00Z", "2029-12-31")])
def test_decade_is_covered_as_far_as_it_was_written(tmp_path: Path, created: str, until: str) -> None:
    covered = ingest(tmp_path, *VISITS, visit(3, "2022-01-01", "2022-01-01", "Chad", created)).tables["coverage"]
    assert covered["period_start"].tolist() == [pd.Timestamp("2020-01-01")]
    assert covered["period_end"].tolist() == [pd.Timestamp(until)]
    assert covered[["indicator", "sender", "receiver"]].to_numpy().tolist() == [["visit:leader", "*", "USA"]]


@pytest.mark.parametrize(
    ("state", "day", "actor"),
    [("Vietnam", "1957-05-08", "RVN"), ("China, Republic of", "1961-07-31", "TWN"), ("Hawaii", "1881-09-28", "HWI"),
     ("China, Republic of", "1945-04-26", "CHN"), ("Yemen Arab Republic", "1990-01-23", "YAR"),
     ("Germany, Federal Republic of", "1985-11-27", "DEU")],
)  # fmt: skip
def test_state_is_that_of_the_day(tmp_path: Path, state: str, day: str, actor: str) -> None:
    assert ingest(tmp_path, visit(1, day, day, state)).tables["events"]["sender"].tolist() == [actor]


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("visitor>", "guest>", SourceError, "'visitor'"),
        ("Pakistan", "Atlantis", UnknownLabel, "Atlantis"),
        ("2021-03-01", "2021-03-32", SourceError, "2021-03-32"),
        ("2021-03-0", "2011-03-0", SourceError, "decades 2010, 2020"),
        ("visit>", "call>", SourceError, "no element 'visit'"),
    ],
)
def test_mutated_samples_stop(tmp_path: Path, old: str, new: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ingest(tmp_path, *(text.replace(old, new) for text in VISITS))


def test_real_files_end_with_12_november_2024(shared: Path) -> None:
    files = sorted((shared / "data/originals/history_state_gov/visits/data").glob("*.xml"))
    got = Catalogue.of().ingest("us_visits", files, registry())
    found, covered = got.tables["events"], got.tables["coverage"].sort_values("period_start")
    assert (len(files), got.rows, got.read, got.notes) == (16, 3264, 3264, ())
    assert found["date_end"].max().date() == covered["period_end"].max().date() == date(2024, 11, 12)
    gaps = covered["period_start"].iloc[1:].to_numpy() - covered["period_end"].iloc[:-1].to_numpy()
    assert set(gaps) == {pd.Timedelta(days=1).to_timedelta64()}
    pakistan = found[found["sender"] == "PAK"].sort_values("date")
    assert len(pakistan) == 42
    assert pakistan["date"].iloc[-1] == pd.Timestamp("2019-07-21")
    assert "Khan" in pakistan["item"].iloc[-1]
