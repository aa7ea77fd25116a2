"""Non-immigrant visas: classes by item, and a missing month that stays unknown."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLE = """country,month,exchange_J,official_A_G,other,student_F,visitor_B,work_H_L,total
Pakistan,2019-04-01,1,2,3,4,50,6,66
Pakistan,2019-06-01,2,2,2,2,20,2,30
**Eswatini,2019-06-01,0,0,0,0,7,0,7
China - mainland,2019-06-01,0,0,0,9,0,0,9
British National Overseas (Hong Kong) Passport,2019-06-01,0,0,0,0,1,0,1
"""


def ingest(folder: Path, text: str) -> Ingested:
    path = folder / "us_nonimmigrant_visas_test.csv"
    path.write_text(text, encoding="utf-8")
    return Catalogue.of().ingest("us_visas_nonimmigrant", [path], registry())


def test_row_gives_six_classes_and_the_total(tmp_path: Path) -> None:
    got = ingest(tmp_path, SAMPLE)
    found = got.tables["observations"]
    assert (got.rows, got.read, sum(got.skipped.values()), len(found)) == (5, 4, 1, 28)
    assert set(found["receiver"]) == {"PAK", "SWZ", "CHN"}
    pakistan = found[found["source_row"] == "row 2"].set_index("item")["value"]
    assert pakistan["student_F"] == 4
    total = found[found["indicator"] == "visas_nonimmigrant_total"]
    assert total["item"].isna().all()
    assert total["value"].tolist() == [66, 30, 7, 9]


def test_missing_month_has_neither_record_nor_coverage(tmp_path: Path) -> None:
    got = ingest(tmp_path, SAMPLE)
    months = set(got.tables["observations"]["period_end"].dt.strftime("%Y-%m-%d"))
    assert months == {"2019-04-30", "2019-06-30"}
    assert got.tables["coverage"].empty


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("student_F", "student", SourceError, "'student_F'"),
        ("Pakistan", "Atlantis", UnknownLabel, "Atlantis"),
        ("50,6", "5O,6", SourceError, "not numbers"),
        ("2019-04-01", "April 2019", SourceError, "April 2019"),
    ],
)
def test_mutated_samples_stop(tmp_path: Path, old: str, new: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ingest(tmp_path, SAMPLE.replace(old, new))


def test_real_file_knows_nothing_of_may_2019(shared: Path) -> None:
    path = shared / "data/indicators/visas/us_nonimmigrant_visas_nationality_month_2017_2025.csv"
    got = Catalogue.of().ingest("us_visas_nonimmigrant", [path], registry())
    found = got.tables["observations"]
    assert (got.rows, got.read, sum(got.skipped.values()), got.records, got.notes) == (19588, 19488, 100, 136416, ())
    assert not found.duplicated(["indicator", "item", "receiver", "period_start"]).any()
    assert got.tables["coverage"].empty
    total = found[(found["indicator"] == "visas_nonimmigrant_total") & (found["receiver"] == "PAK")]
    months = total["period_start"].dt.strftime("%Y-%m")
    assert len(total) == 98
    assert "2019-05" not in set(months)
    classes = found[(found["indicator"] == "visas_nonimmigrant") & (found["receiver"] == "PAK")]
    sums = classes.groupby("period_start")["value"].sum()
    assert (sums.to_numpy() == total.set_index("period_start")["value"].reindex(sums.index).to_numpy()).all()
    assert found["period_end"].max() == pd.Timestamp("2025-05-31")
