"""UNHCR: origin to asylum, UNHCR's own letters, and a year that is only half over."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLE = """\
year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,returned_idps,\
stateless,ooc,oip,hst
2024,Afghanistan,AFG,AFG,Pakistan,PAK,PAK,1000,50,0,0,0,0,7,,0
2025,Afghanistan,AFG,AFG,Austria,AUS,AUT,900,0,5,0,0,0,0,12,0
2024,Afghanistan,AFG,AFG,Afghanistan,AFG,AFG,0,0,0,3000,0,0,0,,0
1955,Unknown,UKN,UNK,Australia,AUL,AUS,180,0,0,0,0,0,0,,0
2024,Stateless,STA,XXA,Pakistan,PAK,PAK,0,0,0,0,0,47,0,,0
"""


def ingest(folder: Path, text: str) -> Ingested:
    path = folder / "unhcr_population_test.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return Catalogue.of().ingest("unhcr_population", [path], registry())


def test_origin_is_sender_and_asylum_receiver(tmp_path: Path) -> None:
    got = ingest(tmp_path, SAMPLE)
    assert (got.rows, got.read) == (5, 3)
    assert dict(got.skipped) == {"origin unknown": 1, "stateless, no state of origin": 1}
    found = got.tables["observations"].set_index(["indicator", "sender", "receiver"])
    assert found.loc[("refugees", "AFG", "PAK"), "value"] == 1000
    assert found.loc[("refugees", "AFG", "AUT"), "status"] == "partial"
    assert found.loc[("refugees", "AFG", "PAK"), "status"] == "final"
    assert found.loc[("idps", "AFG", "AFG"), "value"] == 3000
    assert set(found.index.get_level_values("indicator")) == {
        "refugees", "asylum_seekers", "returned_refugees", "idps", "others_of_concern", "others_in_need_of_protection",
    }  # fmt: skip
    assert len(found) == 3 * 3 + 3
    assert got.tables["coverage"].empty


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("asylum_seekers", "asylum", SourceError, "'asylum_seekers'"),
        (",PAK,PAK,1000", ",QQQ,PAK,1000", UnknownLabel, "QQQ"),
        ("1000", "*", SourceError, "not numbers"),
    ],
)
def test_mutated_samples_stop(tmp_path: Path, old: str, new: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ingest(tmp_path, SAMPLE.replace(old, new))


def test_real_file_equals_the_extract_for_afghans(shared: Path) -> None:
    folder = shared / "data/indicators/refugees"
    got = Catalogue.of().ingest("unhcr_population", [folder / "unhcr_population.csv.gz"], registry())
    found = got.tables["observations"]
    assert (got.rows, got.read, got.records, got.notes) == (138893, 133155, 403714, ())
    assert dict(got.skipped) == {"origin unknown": 3673, "stateless, no state of origin": 2065}
    assert not found.duplicated(["indicator", "sender", "receiver", "period_start"]).any()
    extract = pd.read_csv(folder / "afghan_refugees_in_PAK_IRN.csv")
    for indicator in ("refugees", "asylum_seekers", "returned_refugees"):
        ours = found[(found["sender"] == "AFG") & (found["indicator"] == indicator)]
        values = ours.set_index([ours["period_start"].dt.year, "receiver"])["value"]
        theirs = extract.set_index(["year", "coa_iso"])[indicator]
        assert len(theirs) == 94
        assert values.reindex(theirs.index).tolist() == theirs.tolist(), indicator
    assert set(found.loc[found["period_start"].dt.year == 2025, "status"]) == {"partial"}
    assert set(found.loc[found["period_start"].dt.year < 2025, "status"]) == {"final"}
