"""Votes: which roll calls are divided, and the published agreement scores computed from the records."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

VOTES = [  # roll call 11: one no; 12: an abstention only divides; 13: all yes
    (11, "Pakistan", 1), (11, "United States", 3), (11, "Yugoslavia", 1),
    (12, "Pakistan", 1), (12, "United States", 2),
    (13, "Pakistan", 1), (13, "United States", 1),
]  # fmt: skip
CALLS = {"rcid": [11, 12, 13], "session": [46.0, 46.0, 62.0], "date": ["1991-12-01", "1992-05-01", "2007-12-01"]}


def ingest(folder: Path, votes: pd.DataFrame, calls: pd.DataFrame | None = None) -> Ingested:
    votes.to_parquet(folder / "un_votes.parquet")
    if calls is not None:
        calls.assign(date=pd.to_datetime(calls["date"]).dt.date).to_parquet(folder / "un_roll_calls.parquet")
    return Catalogue.of().ingest("un_votes", [folder / "un_votes.parquet"], registry())


def votes(rows: list[tuple[int, str, int]] = VOTES) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["rcid", "country", "vote"]).assign(country_code="XX")


def divided(observations: pd.DataFrame) -> pd.DataFrame:
    """Votes in divided roll calls, one column for each state."""
    chosen = observations[observations["item"].str.endswith(" divided")]
    return chosen.pivot(index="item", columns="sender", values="value")


def agreement(table: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Session → number of roll calls, mean of 1 − |difference|/2, and share of equal votes, from the records alone."""
    both = table[[first, second]].dropna()
    difference = (both[first] - both[second]).abs()
    session = both.index.str.extract(r"^s(\d+) ", expand=False).astype(int)
    frame = pd.DataFrame({"agree": 1 - difference / 2, "agree_exact": (difference == 0).astype(float)})
    means = frame.groupby(session).mean()
    return means.assign(n=frame.groupby(session).size())


def test_roll_call_is_divided_unless_all_cast_the_same_vote(tmp_path: Path) -> None:
    found = ingest(tmp_path, votes(), pd.DataFrame(CALLS)).tables["observations"]
    items = found.drop_duplicates("item")["item"].tolist()
    assert items == ["s046 r00011 divided", "s046 r00012 divided", "s062 r00013 unanimous"]
    assert agreement(divided(found), "PAK", "USA").loc[46].to_dict() == {"agree": 0.25, "agree_exact": 0.0, "n": 2}
    assert found["period_start"].equals(found["period_end"])
    assert found["period_start"].iloc[0] == pd.Timestamp("1991-12-01")


def test_label_means_the_state_that_sat_on_the_day(tmp_path: Path) -> None:
    rows = [(11, "Yugoslavia", 1), (12, "Yugoslavia", 1), (13, "Yugoslavia", 2)]
    found = ingest(tmp_path, votes(rows), pd.DataFrame(CALLS)).tables["observations"]
    assert found["sender"].tolist() == ["YUG", "SCG", "SRB"]


def test_votes_need_the_roll_calls_beside_them(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"un_roll_calls\.parquet is missing") as missing:
        ingest(tmp_path, votes())
    assert "folder" in missing.value.hint
    with pytest.raises(SourceError, match="lacks 1 roll calls"):
        ingest(tmp_path, votes(), pd.DataFrame(CALLS).iloc[:2])


def test_mutated_samples_stop(tmp_path: Path) -> None:
    calls = pd.DataFrame(CALLS)
    with pytest.raises(SourceError, match="'vote'"):
        ingest(tmp_path, votes().rename(columns={"vote": "ballot"}), calls)
    with pytest.raises(UnknownLabel, match="Atlantis"):
        ingest(tmp_path, votes([*VOTES, (11, "Atlantis", 1)]), calls)
    with pytest.raises(SourceError, match="none of 1, 2, 3"):
        ingest(tmp_path, votes([*VOTES, (11, "India", 8)]), calls)
    with pytest.raises(SourceError, match="votes twice"):
        ingest(tmp_path, votes([*VOTES, (11, "Pakistan", 3)]), calls)


def test_agreement_from_the_records_equals_the_published_scores(shared: Path) -> None:
    folder = shared / "data/reference/unga"
    files = [folder / "un_votes.parquet", folder / "un_roll_calls.parquet"]
    got = Catalogue.of().ingest("un_votes", files, registry())
    assert (got.rows, got.read, got.records, got.notes) == (876312, 870109, 870109, ())
    found = got.tables["observations"]
    flags = found.drop_duplicates("item")["item"].str.rsplit(n=1).str[-1].value_counts()
    assert flags.to_dict() == {"divided": 6121, "unanimous": 82}
    expected = pd.read_csv(folder / "agreement_expected.csv")
    assert expected.groupby(["c1", "c2"]).ngroups == 30
    known = registry()
    states = [known.resolve(name).actor_id for name in {*expected["c1"], *expected["c2"]}]
    table = divided(found[found["sender"].isin(states)])
    for (first, second), scores in expected.groupby(["c1", "c2"]):
        ours = agreement(table, known.resolve(str(first)).actor_id, known.resolve(str(second)).actor_id)
        ours = ours.reindex(scores["session"])
        assert ours["n"].tolist() == scores["n"].tolist(), (first, second)
        for column in ("agree", "agree_exact"):  # 1e-6: the expected values are printed with six digits
            assert abs(ours[column].to_numpy() - scores[column].to_numpy()).max() < 1e-6, (first, second)
