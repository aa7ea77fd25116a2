"""Ideal points: two estimates a row, states told by number, real values against the tidy copy."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

UNREAD = """iso3c countryname idealpointlegacy nvotesfp qofp q10fp q50fp q90fp q100fp nvotesall qoall q10all q50all
q90all q100all nvotesLegacy"""


def sample(**changes: float) -> pd.DataFrame:
    """Four invented rows: Pakistan with both, with one, Serbia under its old name, and a row of the older estimate."""
    rows = [
        {"ccode": 770, "year": 2023.0, "idealpointfp": -0.75, "q5fp": -1.0, "q95fp": -0.5, "idealpointall": -0.5},
        {"ccode": 770, "year": 2024.0, "idealpointfp": -0.25, "q5fp": -0.5, "q95fp": 0.0},
        {"ccode": 345, "year": 2010.0, "idealpointfp": 0.5, "q5fp": 0.25, "q95fp": 0.75},
        {"ccode": 260, "year": 1990.0},
    ]
    nan = float("nan")
    frame = pd.DataFrame(rows).assign(q5all=[-0.75, nan, nan, nan], q95all=[-0.25, nan, nan, nan])
    for name, value in {**dict.fromkeys(UNREAD.split(), 0.0), **changes}.items():
        frame[name] = value
    return frame


def ingest(folder: Path, frame: pd.DataFrame) -> Ingested:
    path = folder / "IdealpointsTest.dta"
    frame.to_stata(path, write_index=False)
    return Catalogue.of().ingest("un_ideal_points", [path], registry())


def test_sample_gives_mean_and_quantiles_of_each_estimate_there_is(tmp_path: Path) -> None:
    got = ingest(tmp_path, sample())
    found = got.tables["observations"].sort_values(["sender", "period_start", "indicator"])
    assert (got.rows, got.read, sum(got.skipped.values()), len(found)) == (4, 3, 1, 4)
    assert found["sender"].tolist() == ["PAK", "PAK", "PAK", "SRB"]
    assert found["indicator"].tolist()[:2] == ["ideal_point_all", "ideal_point_final"]
    assert found[["value", "low", "high"]].to_numpy().tolist()[1] == [-0.75, -1.0, -0.5]
    assert set(found["receiver"]) == {"WLD"}


@pytest.mark.parametrize(
    ("year", "actor"), [(1991.0, "YUG"), (1992.0, "SCG"), (2005.0, "SCG"), (2006.0, "SRB"), (2024.0, "SRB")]
)
def test_one_number_means_one_state_after_the_other(tmp_path: Path, year: float, actor: str) -> None:
    got = ingest(tmp_path, sample(ccode=345, year=year, idealpointfp=0.0))
    assert set(got.tables["observations"]["sender"]) == {actor}


def test_mutated_samples_stop(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="idealpointfp"):
        ingest(tmp_path, sample().rename(columns={"idealpointfp": "idealpoint"}))
    with pytest.raises(UnknownLabel, match="9999"):
        ingest(tmp_path, sample(ccode=9999))
    with pytest.raises(SourceError, match="not years"):
        ingest(tmp_path, sample(year=2023.5))


def test_real_file_equals_the_tidy_copy(shared: Path) -> None:
    got = Catalogue.of().ingest("un_ideal_points", [shared / "data/originals/IdealpointsJuly2025.dta"], registry())
    found = got.tables["observations"]
    assert (got.rows, got.read, got.records, got.notes) == (11440, 11423, 22653, ())
    ends = found.groupby("indicator")["period_end"].max().dt.date
    assert ends.to_dict() == {"ideal_point_final": date(2024, 12, 31), "ideal_point_all": date(2023, 12, 31)}
    assert not found.duplicated(["indicator", "sender", "period_start"]).any()
    tidy = pd.read_csv(shared / "data/indicators/unga/voeten_ideal_points_jul2025_1946_2024.csv")
    pakistan = tidy[tidy["ccode"] == 770].set_index("year")
    ours = found[(found["sender"] == "PAK") & (found["indicator"] == "ideal_point_final")]
    ours = ours.set_index(ours["period_start"].dt.year)
    # The file holds single precision, the copy what was printed of it: 1e-6 is the last digit both have.
    for column, name in {"value": "idealpointfp", "low": "q5fp", "high": "q95fp"}.items():
        assert (ours[column] - pakistan[name].reindex(ours.index)).abs().max() < 1e-6
