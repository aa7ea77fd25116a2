"""Figures with the page they come from: invented samples, and the real files beside the checkout."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLES = Path(__file__).parents[1] / "samples"
FIGURES = SAMPLES / "published_figures.csv"
EVENTS = SAMPLES / "published_figures_events.csv"


def ingest(*paths: Path) -> Ingested:
    return Catalogue.of().ingest("published_figures", paths, registry())


def rows(found: Ingested) -> pd.DataFrame:
    return found.tables["observations"].set_index("source_row")


@pytest.fixture(scope="module")
def sample() -> Ingested:
    return ingest(FIGURES, EVENTS)


@pytest.fixture(scope="module")
def real(shared: Path) -> Ingested:
    return ingest(*sorted((shared / "data" / "facts").glob("*.csv")))


def test_a_figure_keeps_the_page_it_comes_from(sample: Ingested) -> None:
    figure = rows(sample).loc["row 2"]
    assert (figure["indicator"], figure["sender"], figure["receiver"]) == ("fig_approval", "PAK", "USA")
    assert (figure["value"], figure["unit"], figure["item"]) == (14, "% approve", "https://example.org/a")
    assert (f"{figure['period_start']:%Y-%m-%d}", f"{figure['period_end']:%Y-%m-%d}") == ("2018-07-01", "2018-08-31")


def test_more_than_x_is_an_unknown_value_with_a_lower_end(sample: Ingested) -> None:
    bound = rows(sample).loc["row 3"]
    assert pd.isna(bound["value"])
    assert (bound["low"], bound["status"]) == (20, "approximate")


def test_scaled_dollars_become_dollars_and_the_qualification_stays_with_the_page(sample: Ingested) -> None:
    found = rows(sample)
    assert found.loc["row 4", ["value", "unit"]].tolist() == [6.6e9, "USD"]
    assert found.loc["row 7", ["value", "unit", "item"]].tolist() == [550e6, "USD", "https://example.org/d"]
    assert found.loc["row 13", ["unit", "item"]].tolist() == ["meeting", "https://example.org/i level=NSA"]


def test_figures_that_disagree_are_both_kept(sample: Ingested) -> None:
    found = rows(sample)
    both = found[found["indicator"] == "fig_goods_total"]
    assert both["value"].tolist() == [6.6e9, 6.8e9]
    assert both["item"].tolist() == ["https://example.org/b (goods)", "https://example.org/c (goods)"]


def test_an_empty_value_is_unknown(sample: Ingested) -> None:
    gap = rows(sample).loc["row 6"]
    assert pd.isna(gap["value"])
    assert pd.isna(gap["low"])


def test_what_is_not_a_page_s_plain_number_is_kept_apart_by_its_status(sample: Ingested) -> None:
    status = rows(sample)["status"]
    assert status.loc[["row 9", "row 10", "row 11", "row 13"]].tolist() == [
        "derived",
        "approximate",
        "provisional",
        "approximate",
    ]
    # A note that draws another figure from this one, or names an older count, leaves this one final.
    assert status.loc[["row 8", "row 12"]].tolist() == ["final", "final"]


def test_nobody_named_is_anyone_and_two_states_are_no_dyad(sample: Ingested) -> None:
    assert rows(sample).loc["row 8", "sender"] == "WLD"
    assert (sample.rows, sample.read, sample.skipped) == (15, 14, {"aggregate, not a state": 1})


def test_dated_events_are_events(sample: Ingested) -> None:
    events = sample.tables["events"].set_index("source_row")
    assert events["kind"].tolist() == ["dated_event:security", "dated_event:aid"]
    assert events.loc["row 2", ["text", "item"]].tolist() == ["An attack", "https://example.org/k"]
    assert events.loc["row 2", "date"] == pd.Timestamp("2019-02-14")


def test_quotations_are_left_out_and_nothing_is_covered(sample: Ingested) -> None:
    for name in ("events", "observations"):
        text = sample.tables[name].astype("str")
        assert not text.apply(lambda column: column.str.contains("words that show")).any().any()
    assert sample.tables["coverage"].empty


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("source_url", "link", SourceError, "no column 'source_url'"),
        ("PAK+IRN", "QQQ", UnknownLabel, "QQQ"),
        (",14,%", ",fourteen,%", SourceError, "'fourteen'"),
        (",~20,%".replace("~", ">"), ",<20,%", SourceError, "'<20'"),
        ("2018-07-01", "July 2018", SourceError, "'July 2018'"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    path = tmp_path / "opinion.csv"
    path.write_text(FIGURES.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=words):
        ingest(path)


def test_an_event_without_a_day_stops_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "turning_points.csv"
    path.write_text(EVENTS.read_text(encoding="utf-8").replace("2020-01-03", "2020-02-30"), encoding="utf-8")
    with pytest.raises(SourceError, match="'2020-02-30'"):
        ingest(path)


def test_the_real_files(real: Ingested) -> None:
    assert (real.rows, real.read, real.notes) == (624, 620, ())
    assert real.skipped == {"aggregate, not a state": 4}
    assert (len(real.tables["observations"]), len(real.tables["events"])) == (573, 47)
    assert real.tables["observations"]["value"].isna().sum() == 16
    assert real.tables["observations"]["low"].notna().sum() == 5


def test_real_figures_in_dollars(real: Ingested) -> None:
    found = real.tables["observations"]
    financing = found[found["indicator"] == "fig_crs_fmf"].set_index("period_end")["value"]
    assert financing[pd.Timestamp("2014-09-30")] == 280e6
    assert found.loc[found["status"] == "derived", "indicator"].tolist() == [
        "fig_external_debt_owed_to_china",
        "fig_pew_us_relations_improved",
    ]
