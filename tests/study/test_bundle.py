"""The bundled observations: small, licensed, and the same when they are made again."""

import sys
from pathlib import Path

import pytest

from detente.sources import Catalogue
from detente.store import Store
from detente.study.begin import BUNDLED

SCRIPTS = Path(__file__).parents[2] / "scripts"


def ids(store):
    records = store.records()
    return {
        "events": sorted(records.events.df()["event_id"]),
        "observations": sorted(records.observations.df()["observation_id"]),
        "coverage": sorted(records.coverage["coverage_id"]),
    }


def test_the_bundle_is_at_most_three_megabytes():
    assert sum(path.stat().st_size for path in BUNDLED.rglob("*") if path.is_file()) <= 3_000_000


def test_every_row_has_source_version_and_a_licence_that_allows_it_to_travel():
    store, catalogue = Store(BUNDLED / "data"), Catalogue.of()
    files = store.files()
    assert files[["source_id", "version", "licence", "citation", "file"]].notna().all().all()
    assert all(catalogue.spec(source).redistribute for source in set(files["source_id"]))
    records = store.records()
    for table in (records.events.df(), records.observations.df()):
        assert set(table["file"]) <= set(files["file"])
        assert table[["source_id", "version", "source_row"]].notna().all().all()


def test_there_is_no_raw_file_in_the_bundle_and_no_quotation():
    assert {path.suffix for path in BUNDLED.rglob("*") if path.is_file()} <= {".parquet", ".yml"}
    figures = Store(BUNDLED / "data").records().observations.df().query("source_id == 'published_figures'")
    assert not figures["item"].str.contains(r"\s\w+\s\w+\s\w+\s\w+\s\w+\s\w+").any()


def test_what_was_left_out_of_the_bundle_is_unknown_and_not_zero():
    from datetime import date

    from detente.actors import registry
    from detente.panel import Line, PanelSpec, build
    from detente.records import Dyad

    left_out = (
        Line("fatalities", Dyad("WLD", "UKR")),
        Line("us_military_aid", Dyad("USA", "ISR")),
        Line("us_economic_aid", Dyad("USA", "ISR")),
        Line("us_aid_obligations", Dyad("USA", "ISR")),
    )
    kept = Line("us_military_aid", Dyad("USA", "PAK"))
    panel = build(Store(BUNDLED / "data").loaded(), PanelSpec((*left_out, kept), first=date(1946, 1, 1)), registry())
    frame = panel.frame
    assert set(frame["measure"] + frame["receiver"]) == {"us_aid_obligationsISR", "us_military_aidPAK"}
    israel = frame[frame["receiver"] == "ISR"]
    assert israel["period_start"].min().year == 1995
    assert israel["value"].ne(0).all()


def test_the_committed_command_makes_the_same_bundle_again(shared, tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.delitem(sys.modules, "bundle", raising=False)
    bundle = pytest.importorskip("bundle")
    bundle.rebuild(shared / "data", tmp_path / "data")
    assert ids(Store(tmp_path / "data")) == ids(Store(BUNDLED / "data"))
    assert "bytes in data" in capsys.readouterr().out
