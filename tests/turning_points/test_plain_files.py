"""Turning points of files without a study: what the commands print for people and for machines."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from detente.cli import app
from detente.errors import SeriesError, StudyError
from detente.study import columns_in, series_in, table_in

runner = CliRunner()
N, AT = 60, 40
YEARS = "year,value\n" + "".join(f"{year},{{0}}\n" for year in range(1980, 2010))


def out(*arguments, fails=False):
    done = runner.invoke(app, ["turning-points", *map(str, arguments)])
    assert (done.exit_code != 0) == fails, done.output
    return done


def told(*arguments):
    return json.loads(out(*arguments, "--json").stdout)


@pytest.fixture
def monthly(tmp_path):
    """A series that rises by 5 in its forty-first month, beside a control that helps to see it."""
    rng = np.random.default_rng(4)
    months = pd.period_range("2015-01", periods=N, freq="M").astype(str)
    control = rng.normal(10.0, 1.0, N)
    value = 3.0 + control + rng.normal(0.0, 0.5, N) + 5.0 * (np.arange(N) >= AT)
    path = tmp_path / "aid.csv"
    pd.DataFrame({"month": months, "aid": value, "other": control}).to_csv(path, index=False)
    return path


@pytest.fixture
def panel(tmp_path):
    """Twelve units over thirty years; one falls by 6 in its twenty-first year."""
    rng = np.random.default_rng(5)
    common, late = rng.normal(size=30).cumsum(), np.arange(30) >= 20
    parts = [
        pd.DataFrame(
            {
                "state": f"state {number:02d}",
                "year": range(1980, 2010),
                "value": 50.0 + number + common + rng.normal(0.0, 0.3, 30) - 6.0 * late * (number == 3),
            }
        )
        for number in range(12)
    ]
    path = tmp_path / "panel.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


def test_when_has_the_documented_keys(monthly):
    found = told("when", monthly, "--value", "aid")
    assert {"method", "summary", "breaks", "p_no_break", "verdict", "checks", "by_date"} <= set(found)
    assert found["verdict"] == "changed"
    (one,) = found["breaks"]
    assert set(one) >= {"period", "lower", "upper", "probability"}
    assert one["lower"] <= "2018-05-01" <= one["upper"]
    assert all(set(check) == {"name", "passed", "detail"} for check in found["checks"])


def test_effect_has_the_documented_keys_and_uses_its_control(monthly):
    found = told("effect", monthly, "--value", "aid", "--at", "2018-05-01", "--controls", "other")
    effect = found["effect"]
    assert set(effect) >= {"average", "lower", "upper", "p", "cumulative"}
    assert effect["lower"] < 5.0 < effect["upper"]
    assert effect["upper"] - effect["lower"] < 2.5
    assert effect["cumulative"] == pytest.approx(20 * effect["average"], rel=0.05)
    assert found["controls"][0][0] == "other"
    assert found["controls"][0][1] > 0.9


def test_the_value_is_found_where_it_is_the_only_one_left(monthly):
    assert told("effect", monthly, "--at", "2018-05", "--controls", "other")["series"] == "aid"


def test_columns_may_follow_their_option_or_repeat_it(monthly):
    rows = ("effect", monthly, "--at", "2018-05", "--value", "aid")
    wide = pd.read_csv(monthly).assign(second=np.arange(N) % 7)
    wide.to_csv(monthly, index=False)
    one = told(*rows, "--controls", "other", "second")
    other = told(*rows, "--controls", "other", "--controls", "second")
    assert one["effect"] == other["effect"]
    assert len(one["controls"]) == 2


def test_counts_are_taken_as_counts(tmp_path):
    rng = np.random.default_rng(1)
    values = rng.poisson(np.where(np.arange(60) < 40, 6.0, 15.0))
    path = tmp_path / "visits.csv"
    pd.DataFrame({"year": range(1960, 2020), "visits": values}).to_csv(path, index=False)
    effect = told("effect", path, "--at", "2000", "--counts")["effect"]
    assert effect["lower"] < 9.0 < effect["upper"]
    assert told("when", path, "--counts")["breaks"][0]["lower"] <= "2000-01-01"


@pytest.mark.parametrize("method", ["sc", "sdid", "did", "augmented"])
def test_synthetic_has_the_documented_keys(panel, method):
    rows = ("--unit", "state", "--time", "year", "--outcome", "value", "--treated", "state 03", "--at", "2000")
    found = told("synthetic", panel, *rows, "--method", method)
    assert set(found) >= {"effect", "weights", "loss", "checks"}
    assert found["effect"]["average"] == pytest.approx(-6.0, abs=1.5)
    assert sum(found["weights"].values()) == pytest.approx(1.0, abs=1e-6)


def test_scan_has_the_documented_keys_and_goes_on_where_it_stopped(panel, tmp_path):
    rows = ("scan", panel, "--unit", "state", "--time", "year", "--resume", tmp_path / "kept")
    found = told(*rows)
    assert set(found) >= {"judged", "found", "share", "series", "checks"}
    first = found["series"][0]
    assert set(first) >= {"rank", "unit", "found", "status", "p_no_break", "breaks", "effect"}
    assert set(first["effect"]) >= {"average", "lower", "upper", "p"}
    assert list((tmp_path / "kept").glob("*.parquet"))
    assert told(*rows) == found
    known = told("scan", panel, "--unit", "state", "--time", "year", "--at", "2000")
    assert [row["unit"] for row in known["series"] if row["found"]] == ["state 03"]


def test_for_people_the_sentence_comes_first_and_then_what_failed(monthly):
    said = out("when", monthly, "--value", "aid").stdout
    assert said.startswith("aid changed")
    assert "{" not in said


def test_numbered_rows_are_told_by_their_numbers(tmp_path):
    path = tmp_path / "plain.csv"
    values = np.random.default_rng(8).normal(size=40) + 9.0 * (np.arange(40) >= 25)
    pd.DataFrame({"value": values}).to_csv(path, index=False)
    (one,) = told("when", path)["breaks"]
    assert one["lower"] <= 25 <= one["upper"]
    assert told("effect", path, "--at", "25")["effect"]["p"] < 0.05


def test_a_study_needs_no_further_word(tmp_path):
    """The folder is no study: what opens it says so, and does not take its name for a command."""
    done = runner.invoke(app, ["turning-points", str(tmp_path), "--json"])
    assert isinstance(done.exception, StudyError)
    assert "study.yml" in str(done.exception)


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("year,value\n2001,1\n2001,2\n", (), "several values for 2001"),
        ("year,value\n2002,1\n2001,2\n", (), "out of order"),
        ("year,value\n2001,1\n2002,2\n", (), "values"),
        ("year,value\nspring,1\nautumn,2\n", (), "'spring'"),
        ("year,a,b\n2001,1,2\n", (), "2 columns of numbers"),
        ("year,a,b\n2001,1,2\n", ("--value", "c"), "no column 'c'"),
        (
            "year,value\n" + "".join(f"{year},3\n" for year in range(1980, 2010)),
            (),
            "cannot tell|never varies|no change",
        ),
        ("year,value\n" + "".join(f"{year},much\n" for year in range(1980, 2010)), (), "not numbers"),
        ("year,value\n" + "".join(f"{year},inf\n" for year in range(1980, 2010)), (), "infinite"),
        ("year,value\n" + "".join(f"{year},\n" for year in range(1980, 2010)), (), "not numbers|0 known values"),
        ("", (), "cannot be read"),
    ],
)
def test_a_bad_file_is_refused_or_its_limit_stated(tmp_path, text, options, says):
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    done = runner.invoke(app, ["turning-points", "when", str(path), *options])
    said = str(done.exception) if done.exit_code else done.output
    assert pd.Series([said]).str.contains(says).all(), said
    if done.exit_code:
        assert isinstance(done.exception, SeriesError)
        assert done.exception.hint


@pytest.mark.parametrize("at", ["1900-01-01", "spring", "2019-12-01"])
def test_a_date_that_cannot_be_used_is_refused(monthly, at):
    done = runner.invoke(app, ["turning-points", "effect", str(monthly), "--value", "aid", "--at", at])
    assert isinstance(done.exception, SeriesError)
    assert done.exception.hint


def test_a_missing_file_is_an_error_with_a_hint(tmp_path):
    with pytest.raises(SeriesError, match="no file") as caught:
        table_in(tmp_path / "none.csv")
    assert caught.value.hint


def test_semicolons_tabs_and_parquet_are_read(tmp_path):
    frame = pd.DataFrame({"year": [2001.0, 2002.0], "value": [1.5, None]})
    for name, separator in (("a.csv", ";"), ("a.tsv", "\t")):
        frame.to_csv(tmp_path / name, sep=separator, index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.tsv", "a.parquet"):
        series = series_in(tmp_path / name)
        assert series.frequency == "year"
        assert series.frame["value"].isna().tolist() == [False, True]
    assert columns_in(tmp_path / "a.csv", ["value"]).index.tolist() == [2001.0, 2002.0]
