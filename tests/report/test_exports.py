"""What stands beside the page: tables, pictures, citations."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from lxml import etree

from detente.report import citations, figures, neutralised, tables
from tests.report import invented


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  ="])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    frame = pd.DataFrame({"name": [f"{start}HYPERLINK(1)", "plain", None], "value": [-1.5, 2.0, 3.0]})

    safe = neutralised(frame)

    assert safe["name"].iloc[0] == f"'{start}HYPERLINK(1)"
    assert safe["name"].iloc[1] == "plain"
    assert pd.isna(safe["name"].iloc[2])
    assert safe["value"].tolist() == [-1.5, 2.0, 3.0]
    assert frame["name"].iloc[0] == f"{start}HYPERLINK(1)"


def test_column_names_and_mixed_columns_are_neutralised_too() -> None:
    frame = pd.DataFrame({"=A1": pd.Series(["@x", 5, -2], dtype="object"), "kind": pd.Categorical(["-a", "b", "-a"])})

    safe = neutralised(frame)

    assert list(safe.columns) == ["'=A1", "kind"]
    assert safe["'=A1"].tolist() == ["'@x", 5, -2]
    assert safe["kind"].tolist() == ["'-a", "b", "'-a"]


def test_tables_are_tidy_and_fit_both_formats(tmp_path) -> None:
    made = tables(invented.findings())

    assert set(made) == {
        "panel", "breaks", "effects", "dates", "checks", "specifications", "index", "verdicts", "sources", "lineage",
    }  # fmt: skip
    for name, table in made.items():
        neutralised(table).to_csv(tmp_path / f"{name}.csv", index=False)
        table.to_parquet(tmp_path / f"{name}.parquet", index=False)
        assert len(pd.read_parquet(tmp_path / f"{name}.parquet")) == len(table) > 0


def test_a_measure_without_an_effect_keeps_its_reason_in_the_table() -> None:
    effects = tables(invented.findings())["effects"].set_index("measure")

    assert pd.isna(effects.loc["population", "effect"])
    assert "8 are needed" in effects.loc["population", "refused"]


def test_citations_are_bibtex_of_the_sources_used_and_the_methods() -> None:
    text = citations(invented.findings())
    entries = re.findall(r"^@(\w+)\{([^,\s]+),\n(.*?)\n\}$", text, re.MULTILINE | re.DOTALL)
    keys = [key for _, key, _ in entries]

    assert text.count("@") == len(entries)
    assert len(keys) == len(set(keys))
    assert {"usaid-greenbook-2026-01", "baiperron2003", "zellner1986", "boxtiao1975", "oecdjrc2008"} <= set(keys)
    for _, _, body in entries:
        assert re.search(r"^  title = \{.+\},?$", body, re.MULTILINE)
        plain = body.replace(r"\{", "").replace(r"\}", "")
        assert plain.count("{") == plain.count("}")
    assert r"Nobody \& Sons" in text


def test_pictures_are_files_that_stand_alone() -> None:
    made = figures(invented.findings())

    assert {"dimensions.svg", "dimensions.png", "breaks.svg", "us_economic_aid-USA-PAK.svg"} <= set(made)
    for name, picture in made.items():
        if isinstance(picture, bytes):
            assert name.endswith(".png")
            assert picture.startswith(b"\x89PNG")
        else:
            root = etree.fromstring(picture.encode())
            assert root.find("{http://www.w3.org/2000/svg}title").text
            assert "var(" not in picture
