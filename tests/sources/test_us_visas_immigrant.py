"""Immigrant visas: all of them, and the special ones among them."""

from pathlib import Path

import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLE = """country,month,immigrant_visas,special_immigrant_SI_SQ
Afghanistan,2021-08-01,300,250
Pakistan,2021-08-01,120,0
Northern Ireland (DV only),2021-08-01,2,0
Czec Republic,2021-08-01,3,0
"""


def ingest(folder: Path, text: str) -> Ingested:
    path = folder / "us_immigrant_visas_test.csv"
    path.write_text(text, encoding="utf-8")
    return Catalogue.of().ingest("us_visas_immigrant", [path], registry())


def test_special_visas_are_an_indicator_of_their_own(tmp_path: Path) -> None:
    got = ingest(tmp_path, SAMPLE)
    found = got.tables["observations"].set_index(["indicator", "receiver"])["value"]
    assert (got.rows, got.read, dict(got.skipped)) == (4, 3, {"a part of a state, beside the state's own row": 1})
    assert found["visas_immigrant", "AFG"] == 300
    assert found["visas_special_immigrant", "AFG"] == 250
    assert found["visas_immigrant", "CZE"] == 3
    assert got.tables["coverage"].empty


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("special_immigrant_SI_SQ", "special", SourceError, "special_immigrant_SI_SQ"),
        ("Pakistan", "Atlantis", UnknownLabel, "Atlantis"),
        ("120", "12o", SourceError, "not numbers"),
    ],
)
def test_mutated_samples_stop(tmp_path: Path, old: str, new: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ingest(tmp_path, SAMPLE.replace(old, new))


def test_two_spellings_of_one_country_are_added_up(tmp_path: Path) -> None:
    got = ingest(tmp_path, SAMPLE + "Czech Republic,2021-08-01,4,1\n")
    found = got.tables["observations"]
    czech = found[(found["receiver"] == "CZE") & (found["indicator"] == "visas_immigrant")]
    assert czech[["value", "status", "source_row"]].to_numpy().tolist() == [[7, "derived", "row 5 + row 6"]]
    assert got.read == 4


def test_real_file_has_one_row_for_a_country_and_month(shared: Path) -> None:
    path = shared / "data/indicators/visas/us_immigrant_visas_country_month_2017_2025.csv"
    got = Catalogue.of().ingest("us_visas_immigrant", [path], registry())
    found = got.tables["observations"]
    assert (got.rows, got.read, sum(got.skipped.values()), got.records, got.notes) == (17360, 17347, 13, 34662, ())
    assert not found.duplicated(["indicator", "receiver", "period_start"]).any()
    first = found[(found["receiver"] == "AFG") & (found["period_start"] == "2017-03-01")].set_index("indicator")
    assert first["value"].to_dict() == {"visas_immigrant": 1704, "visas_special_immigrant": 1644}
