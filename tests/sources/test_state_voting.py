"""Voting coincidence: two bases are two indicators."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

HEADER = "year,country,iso,same,opposite,partial,absent,coincidence,basis"
SAMPLE = f"""{HEADER}
2016,Pakistan,,1,9,0,0,0.1,important votes only
2017,"Lao People’s
Democratic Republic",,0,0,0,21,No Votes,important votes only
2018,Pakistan,PAK,20,60,20,0,0.3,all recorded plenary votes
"""


def ingest(folder: Path, text: str) -> Ingested:
    path = folder / "us_state_dept_voting_coincidence_test.csv"
    path.write_text(text, encoding="utf-8")
    return Catalogue.of().ingest("state_voting", [path], registry())


def test_basis_decides_the_indicator_and_no_votes_is_unknown(tmp_path: Path) -> None:
    got = ingest(tmp_path, SAMPLE)
    found = got.tables["observations"]
    assert (got.rows, got.read) == (3, 3)
    assert found["indicator"].tolist() == ["voting_coincidence_important"] * 2 + ["voting_coincidence_all"]
    assert found["sender"].tolist() == ["PAK", "LAO", "PAK"]
    assert found["value"].isna().tolist() == [False, True, False]
    assert set(found["receiver"]) == {"USA"}


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("coincidence", "agreement", SourceError, "'coincidence'"),
        ("Pakistan", "Atlantis", UnknownLabel, "Atlantis"),
        ("0.3,", "O.3,", SourceError, "not numbers"),
        ("all recorded", "some recorded", SourceError, "some recorded"),
    ],
)
def test_mutated_samples_stop(tmp_path: Path, old: str, new: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ingest(tmp_path, SAMPLE.replace(old, new))


def test_real_file_never_joins_the_bases(shared: Path) -> None:
    path = shared / "data/indicators/unga/us_state_dept_voting_coincidence_2013_2023.csv"
    got = Catalogue.of().ingest("state_voting", [path], registry())
    found = got.tables["observations"]
    years = found.groupby("indicator")["period_start"].agg(["min", "max"])
    assert (got.rows, got.read, got.records, got.notes) == (2112, 2112, 2112, ())
    assert years.loc["voting_coincidence_important"].dt.year.tolist() == [2013, 2017]
    assert years.loc["voting_coincidence_all"].dt.year.tolist() == [2018, 2023]
    assert not found.duplicated(["sender", "period_start"]).any()
    assert int(found["value"].isna().sum()) == 1
    pakistan = found[(found["sender"] == "PAK") & (found["period_start"] == pd.Timestamp("2023-01-01"))]
    assert pakistan["value"].tolist() == [0.36]
