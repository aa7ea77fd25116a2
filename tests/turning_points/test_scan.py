"""Every series at once: the same answers as one at a time, few false ones among those named, work that is not lost."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from detente.errors import SeriesError, StoreError
from detente.turning_points import example, intervention, when
from detente.turning_points.everywhere.discoveries import by_evidence, by_p
from detente.turning_points.everywhere.scanning import scan
from detente.turning_points.everywhere.tables import sheets

AT = date(2010, 1, 1)
YEARS = range(1985, 2025)


def panel(changed=6, still=14, size=6.0, gap=False):
    rng = np.random.default_rng(7)
    parts = []
    for number in range(changed + still):
        values = rng.normal(size=len(YEARS)) + size * (number < changed) * (np.array(YEARS) >= AT.year)
        parts.append(pd.DataFrame({"unit": f"dyad {number:02d}", "time": list(YEARS), "value": values}))
    table = pd.concat(parts, ignore_index=True)
    if gap:
        table.loc[(table["unit"] == "dyad 03") & (table["time"].between(1995, 1997)), "value"] = np.nan
    return table


def test_planted_changes_are_found_and_dated_and_the_rest_left_alone():
    found = scan(panel())
    table = found.to_frame()
    named = table[table["found"]]
    assert set(named["unit"]) == {f"dyad {number:02d}" for number in range(6)}
    assert (named["period"] == "2010-01-01").sum() >= 5
    assert table["rank"].tolist() == list(range(1, 21))
    assert found.summary().startswith("6 of 20 series changed at some date, with at most 5% false ones")
    assert found.plot().to_dict()


def test_with_nothing_to_find_nothing_is_named():
    assert scan(panel(changed=0, still=40)).found == 0


@pytest.mark.parametrize("gap", [False, True])
def test_the_answers_are_those_of_one_at_a_time(gap):
    table = panel(gap=gap)
    together = scan(table).to_frame().set_index("unit")
    for unit in ("dyad 03", "dyad 15"):
        alone = scan(table[table["unit"] == unit]).to_frame().iloc[0]
        for name in ("p_no_break", "log10_evidence", "average", "effect_lower", "effect_upper", "p"):
            assert together.loc[unit, name] == pytest.approx(alone[name], rel=1e-9), name
        assert together.loc[unit, "period"] == alone["period"]


def test_what_a_scan_says_of_a_series_is_what_the_methods_say_of_it():
    (sheet,) = sheets(panel(), unit="unit", time="time", value="value")
    series = sheet.series(2)
    row = scan(panel(), at=AT).to_frame().set_index("unit").loc["dyad 02"]
    alone = when(series)
    assert alone.p_no_break == pytest.approx(row["p_no_break"], rel=1e-9)
    (planted,) = json.loads(row["breaks"])
    (found,) = alone.breaks
    assert planted["period"] == found.period.isoformat()
    assert planted["probability"] == pytest.approx(found.probability, rel=1e-6)
    effect = intervention(series, AT)
    assert (effect.effect, effect.low, effect.high, effect.p) == pytest.approx(
        (row["average"], row["effect_lower"], row["effect_upper"], row["p"]), rel=1e-6
    )


def test_an_event_inside_a_period_leaves_that_period_out():
    (sheet,) = sheets(panel(), unit="unit", time="time", value="value")
    day = date(2009, 8, 15)
    row = scan(panel(), at=day).to_frame().set_index("unit").loc["dyad 02"]
    assert intervention(sheet.series(2), day).effect == pytest.approx(row["average"], rel=1e-6)


def test_an_event_outside_the_panel_is_refused_and_short_sides_are_told():
    with pytest.raises(SeriesError, match="outside the panel"):
        scan(panel(), at=date(1900, 1, 1))
    late = scan(panel(), at=date(2024, 1, 1))
    assert (late.to_frame()["status"] == "outside").all()
    assert late.judged == 0
    assert late.found == 0


def test_what_cannot_be_judged_is_listed_with_its_reason():
    table = panel(changed=1, still=1)
    constant = pd.DataFrame({"unit": "constant", "time": list(YEARS), "value": 3.0})
    infinite = constant.assign(unit="infinite", value=[np.inf, *range(1, len(YEARS))])
    short = constant.assign(unit="short").head(5)
    found = scan(pd.concat([table, constant, infinite, short]))
    status = found.to_frame().set_index("unit")["status"]
    assert status[["constant", "infinite", "short"]].tolist() == ["constant", "infinite", "short"]
    assert found.judged == 2
    assert "3 could not be judged" in found.summary()


def test_a_scan_goes_on_where_it_stopped(tmp_path, monkeypatch):
    table = panel()
    first = scan(table, resume=tmp_path).to_frame()
    files = sorted(tmp_path.glob("*.parquet"))
    assert files
    assert not list(tmp_path.glob("*.part"))
    monkeypatch.setattr("detente.turning_points.everywhere.scanning.rows", None)
    pd.testing.assert_frame_equal(scan(table, resume=tmp_path).to_frame(), first)
    monkeypatch.undo()
    files[0].write_bytes(b"half")
    pd.testing.assert_frame_equal(scan(table, resume=tmp_path).to_frame(), first)


def test_other_values_are_not_taken_from_an_earlier_scan(tmp_path):
    scan(panel(size=6.0), resume=tmp_path)
    assert scan(panel(size=0.0), resume=tmp_path).found == 0


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be written"):
        scan(panel(changed=1, still=1), resume=tmp_path / "file" / "folder")


def test_progress_is_told_to_the_end():
    told = []
    scan(panel(), progress=lambda *what: told.append(what))
    assert told[0] == ("scan", 0, 20)
    assert told[-1] == ("scan", 20, 20)


def test_named_series_and_panels_of_the_project_are_taken():
    named = scan({"step": example("step", size=8.0), "none": example("none")})
    assert named.to_frame()["found"].tolist() == [True, False]
    rows = panel(changed=1, still=1).rename(columns={"unit": "receiver", "time": "year"})
    starts = pd.to_datetime(rows["year"].astype(str) + "-01-01")
    table = rows.assign(measure="aid", sender="USA", period_start=starts, unit="USD", value=rows["value"] + 20.0)
    assert scan(table).found == 1
    fiscal = table.assign(
        period_start=starts - pd.DateOffset(months=3), period_end=starts + pd.DateOffset(months=9, days=-1)
    )
    quarter = fiscal[fiscal["year"] == 2000].assign(
        period_start=pd.Timestamp("1999-07-01"), period_end=pd.Timestamp("1999-09-30"), value=1e9
    )
    found = scan(pd.concat([fiscal, quarter])).to_frame()
    assert found["unit"].tolist() == ["aid USA→dyad 00", "aid USA→dyad 01"]
    assert found["period"].tolist()[0] == "2009-10-01"
    assert found["lower"].tolist()[0][5:] == "10-01"
    assert found["scale"].tolist() == ["logarithms", "logarithms"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.drop(columns="time"), "no column 'time'"),
        (lambda t: pd.concat([t, t.head(1)]), "several rows"),
        (lambda t: t.assign(value=t["value"].astype(object).where(t.index != 3, "much")), "no number"),
        (lambda t: t.assign(unit=t["unit"].where(t.index != 3)), "without a unit"),
        (lambda t: t.head(0), "."),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(change, says):
    with pytest.raises(SeriesError, match=says) as caught:
        scan(change(panel()))
    assert caught.value.hint


def test_evidence_is_weighed_against_how_much_was_looked_at():
    """Wang and Ramdas (2022): reject the k largest e-values with k e ≥ m / share; by hand for five."""
    evidence = np.log(np.array([100.0, 60.0, 30.0, 1.0, np.nan]))
    assert by_evidence(evidence, 0.05).tolist() == [True, True, True, False, False]
    assert by_evidence(evidence, 0.04).tolist() == [True, True, False, False, False]
    assert by_evidence(evidence, 0.02).tolist() == [False] * 5
    assert by_evidence(np.full(3, np.nan), 0.05).tolist() == [False] * 3


def test_p_values_are_weighed_as_statsmodels_weighs_them():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(3).uniform(size=40) ** 4
    wanted = multipletests(p, alpha=0.05, method="fdr_by")[0]
    assert wanted.any()
    assert by_p(p, 0.05).tolist() == wanted.tolist()
    assert by_p(np.append(p, np.nan), 0.05).tolist() == [*wanted.tolist(), False]


@pytest.mark.parametrize("world", ["white noise", "random walk", "AR 0.6"])
def test_few_of_those_named_are_false(world):
    """A share of 5 % is promised; with about 40 true ones, ten false ones would be far beyond chance."""
    rng = np.random.default_rng(11)
    noise = rng.normal(size=(60, 300))
    if world == "random walk":
        noise = noise.cumsum(axis=0)
    if world == "AR 0.6":
        for row in range(1, 60):
            noise[row] += 0.6 * noise[row - 1]
    noise[30:, :40] += 12.0
    table = pd.DataFrame(noise, index=range(1960, 2020)).melt(ignore_index=False).reset_index()
    named = scan(table, unit="variable", time="index").to_frame().query("found")["unit"].astype(int)
    assert (named >= 40).sum() <= 0.1 * max(len(named), 10)
    assert len(named) >= 20
