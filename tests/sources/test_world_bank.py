"""World Bank: two layouts, series told by code or file name, and SIPRI's series kept apart."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SINGLE = """Country Name,Country Code,Year,Value
Pakistan,PAK,2001,79.5
South Asia,SAS,2001,900.25
"""
SEVERAL = """Country Name,Country Code,Series Name,Series Code,year,value
Pakistan,PAK,Military expenditure (% of GDP),MS.MIL.XPND.GD.ZS,2001,4.5
Norway,NOR,"Net ODA provided, total (% of GNI)",DC.ODA.TOTL.GN.ZS,2001,0.75
World,WLD,Military expenditure (% of GDP),MS.MIL.XPND.GD.ZS,2001,2.25
"""


def ingest(folder: Path, text: str, name: str = "wdi_NY.GDP.MKTP.CD.csv", source: str = "world_bank") -> Ingested:
    (folder / name).write_text(text, encoding="utf-8")
    return Catalogue.of().ingest(source, [folder / name], registry())


@pytest.mark.parametrize(
    ("name", "indicator", "unit"),
    [
        ("wdi_NY.GDP.MKTP.CD_1960_2023.csv", "gdp_current", "USD"),
        ("wdi_NY.GDP.MKTP.KD.csv", "gdp_constant", "USD (constant 2015)"),
        ("wdi_SP.POP.TOTL.csv", "population", "persons"),
    ],
)
def test_file_of_one_series_is_told_by_its_name(tmp_path: Path, name: str, indicator: str, unit: str) -> None:
    got = ingest(tmp_path, SINGLE, name)
    found = got.tables["observations"]
    assert (got.rows, got.read, dict(got.skipped)) == (2, 1, {"aggregate, not a state": 1})
    assert found[["indicator", "sender", "receiver", "value", "unit"]].to_numpy().tolist() == [
        [indicator, "PAK", "WLD", 79.5, unit]
    ]


def test_sipris_series_go_to_a_source_that_is_not_passed_on(tmp_path: Path) -> None:
    ours = ingest(tmp_path, SEVERAL, "wdi_several.csv")
    theirs = ingest(tmp_path, SEVERAL, "wdi_several.csv", "world_bank_military")
    assert ours.tables["observations"]["indicator"].tolist() == ["oda_provided_gni"]
    assert ours.skipped["SIPRI's series, in source world_bank_military"] == 2
    assert theirs.tables["observations"]["indicator"].tolist() == ["military_expenditure_gdp"]
    assert (ours.spec.redistribute, theirs.spec.redistribute) == (True, False)
    assert {"military_expenditure_gdp", "arms_imports"}.isdisjoint(ours.spec.indicators)


def test_mutated_samples_stop(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not say which series"):
        ingest(tmp_path, SINGLE, "wdi_gdp.csv")
    with pytest.raises(SourceError, match="'Amount'"):
        ingest(tmp_path, SINGLE.replace("Value", "Amount"))
    with pytest.raises(SourceError, match="no column 'value'"):
        ingest(tmp_path, SINGLE.replace(",Value", "").replace(",79.5", "").replace(",900.25", ""))
    with pytest.raises(SourceError, match=r"NY\.GDP\.PCAP\.CD"):
        ingest(tmp_path, SEVERAL.replace("DC.ODA.TOTL.GN.ZS", "NY.GDP.PCAP.CD"), "wdi_several.csv")
    with pytest.raises(UnknownLabel, match="QQQ"):
        ingest(tmp_path, SINGLE.replace("PAK", "QQQ"))
    with pytest.raises(SourceError, match="not numbers"):
        ingest(tmp_path, SINGLE.replace("79.5", ".."))


def test_real_files_give_eight_series(shared: Path) -> None:
    files = sorted((shared / "data/indicators/macro").glob("*.csv"))
    got = Catalogue.of().ingest("world_bank", files, registry())
    found = got.tables["observations"]
    assert (len(files), got.rows, got.read, got.records, got.notes) == (4, 80309, 49951, 49951, ())
    assert got.skipped["SIPRI's series, in source world_bank_military"] == 19017
    assert found["indicator"].nunique() == 8
    assert not found.duplicated(["indicator", "sender", "period_start"]).any()
    gdp = found[found["period_start"] == pd.Timestamp("2015-01-01")].pivot_table(
        index="sender", columns="indicator", values="value"
    )
    # Constant dollars are of 2015: in that year both series are one, but for later revisions of one file.
    assert ((gdp["gdp_constant"] / gdp["gdp_current"] - 1).abs() < 0.001).mean() > 0.6


def test_real_military_series(shared: Path) -> None:
    path = shared / "data/indicators/macro/wdi_military_arms_1990_2023.csv"
    got = Catalogue.of().ingest("world_bank_military", [path], registry())
    assert (got.rows, got.read, got.records, got.notes) == (34829, 14530, 14530, ())
    raw = pd.read_csv(path)
    row = raw[(raw["Country Code"] == "PAK") & (raw["Series Code"] == "MS.MIL.XPND.GD.ZS") & (raw["year"] == 2018)]
    found = got.tables["observations"]
    ours = found[(found["sender"] == "PAK") & (found["indicator"] == "military_expenditure_gdp")]
    assert ours.loc[ours["period_start"].dt.year == 2018, "value"].tolist() == row["value"].tolist()
