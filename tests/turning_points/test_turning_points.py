"""The public functions on series whose truth is known."""

import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

import detente.turning_points as tp
from detente.errors import SeriesError

AT = date(2005, 6, 1)


def annual(values, *, last=2024, partial=(), frequency="year"):
    made = tp.example("none", n=len(values), frequency=frequency)
    assert made.frame["period_end"].iloc[-1].year == last
    return replace(made, frame=made.frame.assign(value=np.asarray(values, dtype=float)), partial=partial)


def changed(series, **columns):
    return replace(series, frame=series.frame.assign(**columns))


def test_import_is_cheap():
    code = "import sys, detente.turning_points; print([m for m in ('numpy', 'pandas', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_methods_lists_every_method():
    assert {"breaks", "compare_dates", "intervention", "its_hac", "its_ar1"} <= set(tp.METHODS)
    assert tp.METHODS["breaks"] is tp.breaks


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = tp.nothing_such


def test_nile_breaks_after_1898():
    """R: breakpoints(Nile ~ 1): 1898 [1895, 1902]."""
    from statsmodels.datasets import nile

    data = nile.load_pandas().data
    frame = pd.DataFrame(
        {
            "period_start": pd.to_datetime([f"{int(year)}-01-01" for year in data["year"]]),
            "period_end": pd.to_datetime([f"{int(year)}-12-31" for year in data["year"]]),
            "value": data["volume"].to_numpy(dtype=float),
        }
    )
    found = tp.breaks(replace(tp.example("none"), frame=frame, title="Nile"))
    assert found.found
    (one,) = found.breaks
    assert (one.last_of_old, one.low, one.high) == (date(1898, 1, 1), date(1895, 1, 1), date(1902, 1, 1))
    assert one.date == date(1899, 1, 1)
    assert (one.level_before, one.level_after) == pytest.approx((1097.75, 849.97222222))
    assert found.rss[:2] == pytest.approx((2835156.75, 1597457.19444444), abs=1e-6)
    assert found.bic[:2] == pytest.approx((1318.24180688, 1270.08373574), abs=1e-6)
    assert "after 1898 (95% interval 1895 to 1902)" in found.summary()
    assert found.p_classical < 0.001
    assert found.robust_range[0] <= one.last_of_old <= found.robust_range[1]
    assert found.robust_labels[0] in found.summary()


def test_planted_step_is_found_by_all():
    series = tp.example("step", at=AT, n=60, size=4)
    found = tp.breaks(series)
    assert found.found
    assert [one.date.year for one in found.breaks] == [2005]
    verdict = tp.compare_dates(series, ("claim", AT), [("rival", date(1990, 1, 1))])
    assert verdict.verdict == "claimed"
    assert verdict.step == pytest.approx(4, abs=1)
    effect = tp.intervention(series, AT)
    assert effect.found
    assert effect.low < 4 < effect.high
    assert effect.transition == "2005"
    assert (effect.before, effect.after) == (40, 19)


def test_step_at_the_rival_date_goes_to_the_rival():
    series = tp.example("step", at=date(1990, 6, 1), n=60, size=4)
    assert tp.compare_dates(series, ("claim", AT), [("war", date(1990, 2, 1))]).verdict == "rival:war"


def test_step_elsewhere_goes_to_neither():
    series = tp.example("step", at=date(1982, 6, 1), n=60, size=4)
    found = tp.compare_dates(series, ("claim", AT), [("war", date(1990, 2, 1))])
    assert found.verdict == "elsewhere"
    assert found.likeliest in {"1981", "1982", "1983"}


def test_two_candidates_in_neighbouring_years_cannot_be_told_apart():
    series = tp.example("step", at=date(2006, 6, 1), n=60, size=5)
    found = tp.compare_dates(series, ("tweet", date(2005, 1, 4)), [("order", date(2005, 9, 1))])
    assert found.verdict == "cannot tell"
    assert set(found.shared) == {"tweet", "order"}
    assert "cannot be told apart" in found.summary()
    assert [check.passed for check in found.checks if check.name == "dates can be told apart"] == [False]


def test_change_may_show_in_the_year_after_a_late_event():
    series = tp.example("step", at=date(2006, 6, 1), n=60, size=5)
    assert tp.compare_dates(series, ("claim", date(2005, 12, 20))).verdict == "claimed"


def test_event_belongs_to_the_fiscal_year_that_contains_it():
    series = tp.example("step", at=date(2005, 10, 1), n=40, size=5, frequency="fiscal_year")
    effect = tp.intervention(series, date(2005, 8, 15))
    assert effect.transition == "FY2005"
    assert effect.table[-effect.after]["period_start"] == pd.Timestamp("2005-10-01")
    found = tp.breaks(series)
    assert found.breaks[0].label == "FY2005"
    assert found.breaks[0].date == date(2005, 10, 1)


def test_event_on_the_first_days_leaves_no_period_out():
    series = tp.example("step", at=date(2005, 1, 1), n=40, size=5)
    effect = tp.intervention(series, date(2005, 1, 4))
    assert effect.transition == ""
    assert effect.before + effect.after == 40


def test_months_have_a_window_of_three_either_side():
    series = tp.example("step", at=date(2018, 3, 10), n=140, frequency="month", size=4)
    found = tp.compare_dates(series, ("January", date(2018, 1, 4)), [("year before", date(2017, 1, 4))])
    assert found.claimed.windowed == "2017-11 to 2018-04"
    assert found.verdict == "claimed"


@pytest.mark.parametrize("frequency", ["month", "quarter", "fiscal_year", "year"])
def test_every_frequency_answers_in_three_ways(frequency):
    series = tp.example("step", n=40, frequency=frequency, size=5)
    at = series.frame["period_start"].iloc[20].date()
    results = [tp.breaks(series), tp.breaks(series, model="trend"), tp.compare_dates(series, ("claim", at))]
    results += [one(series, at) for one in (tp.intervention, tp.its_hac, tp.its_ar1)]
    for result in results:
        assert result.summary().endswith(".")
        assert len(result.to_frame())
        assert result.plot().to_dict()["layer"]
        assert "<p>" in result._repr_html_()


def test_robust_dates_contain_the_planted_one():
    """Interval of the date at a step of 3 sd, AR(0.4): 40 series, nominal 95 %."""
    inside = 0
    for seed in range(40):
        first, last = tp.breaks(tp.example("step", at=AT, n=40, rho=0.4, seed=seed)).robust_range
        inside += first.year <= 2004 <= last.year
    assert inside >= 36


def test_several_breaks_are_said_to_be_less_sure():
    series = tp.example("step", at=date(1990, 1, 1), n=60, size=5)
    values = series.frame["value"].to_numpy() + 5 * (series.frame["period_start"].dt.year.to_numpy() >= 2008)
    found = tp.breaks(changed(series, value=values))
    assert [one.date.year for one in found.breaks] == [1990, 2008]
    assert found.found
    assert "at least once" in found.summary()


def test_nothing_to_find_is_said_to_be_nothing():
    for seed in range(5):
        series = tp.example("none", n=60, seed=seed)
        assert not tp.breaks(series).found
        assert tp.compare_dates(series, ("claim", AT)).verdict in {"no break", "cannot tell"}
    assert "No change" in tp.breaks(tp.example("none", n=60)).summary()
    assert tp.breaks(tp.example("none", n=60)).plot().to_dict()


def test_trend_is_no_step():
    series = tp.example("trend", n=60, size=6)
    found = tp.breaks(series)
    assert found.p_classical < 0.01, "the F test of levels takes a trend for breaks"
    assert not found.found
    assert not tp.intervention(series, AT).found
    assert tp.its_hac(series, AT).found, "the textbook method is misled"


def test_change_of_slope_is_estimated():
    series = tp.example("none", n=60, seed=4)
    since = np.maximum(np.arange(60) - 30, 0)
    bent = changed(series, value=series.frame["value"] + 0.5 * since)
    at = bent.frame["period_start"].iloc[30].date()
    for method in (tp.intervention, tp.its_hac, tp.its_ar1):
        effect = method(bent, at, model="level_and_slope")
        slope, low, high = effect.slope
        assert low < 0.5 < high
        assert slope == pytest.approx(0.5, abs=0.1)
        assert effect.effect == pytest.approx(effect.step + slope * 14.5, abs=0.6)
    assert tp.breaks(bent, model="trend").found


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [np.nan] * 30, [1.0] * 4 + [np.nan] * 20])
def test_too_few_values_stop(values):
    series = annual(values)
    for ask in (tp.breaks, lambda s: tp.compare_dates(s, ("x", AT)), lambda s: tp.intervention(s, AT)):
        with pytest.raises(SeriesError) as error:
            ask(series)
        assert error.value.hint


def test_too_few_on_one_side_stop():
    series = tp.example("none", n=30)
    with pytest.raises(SeriesError, match="1 after it"):
        tp.intervention(series, date(2023, 5, 1))
    with pytest.raises(SeriesError, match="2 values before"):
        tp.intervention(series, date(1997, 5, 1))


def test_date_outside_names_the_span():
    with pytest.raises(SeriesError) as error:
        tp.intervention(tp.example("none", n=30), date(2030, 1, 1))
    assert "1995-01-01 to 2024-12-31" in error.value.hint


def test_rival_outside_the_data_is_not_visible():
    found = tp.compare_dates(tp.example("step", at=AT, size=5), ("claim", AT), [("old", date(1900, 1, 1))])
    assert found.rivals[0].probability is None
    assert "not visible" in found.summary()
    assert found.to_frame()["probability"].isna().sum() == 1


def test_claim_at_the_very_end_cannot_be_told():
    found = tp.compare_dates(tp.example("none", n=40), ("claim", date(2024, 3, 1)))
    assert found.claimed.probability is None
    assert found.verdict == "cannot tell"


def test_constant_series_claims_nothing():
    series = annual([7.0] * 30)
    assert not tp.breaks(series).found
    assert tp.breaks(series).checks[0].passed is False
    assert tp.compare_dates(series, ("claim", AT)).verdict == "cannot tell"
    with pytest.raises(SeriesError, match="do not vary"):
        tp.intervention(series, AT)


def test_step_without_noise_gives_no_interval_of_zero_width():
    series = annual([0.0] * 20 + [5.0] * 10)
    found = tp.breaks(series)
    assert found.breaks[0].date == date(2015, 1, 1)
    with pytest.raises(SeriesError, match="uncertainty"):
        tp.intervention(series, date(2015, 1, 1))


def test_infinite_and_disordered_series_stop():
    with pytest.raises(SeriesError, match="infinite"):
        tp.breaks(annual([np.inf] * 20))
    series = tp.example("none", n=20)
    with pytest.raises(SeriesError, match="order"):
        tp.breaks(replace(series, frame=series.frame.iloc[::-1].reset_index(drop=True)))


def test_partial_periods_are_left_out():
    series = tp.example("none", n=30)
    wild = series.frame["value"].to_numpy().copy()
    wild[-1] = 1e6
    partial = replace(changed(series, value=wild), partial=(date(2024, 1, 1),))
    found = tp.breaks(partial)
    assert found.n == 29
    assert not found.found
    assert any("1 incomplete" in check.detail for check in found.checks)


def test_gaps_are_counted_and_keep_their_time():
    series = tp.example("step", at=date(2001, 1, 1), n=60, size=5)
    values = series.frame["value"].to_numpy().copy()
    values[[3, 10, 11, 40]] = np.nan
    gappy = changed(series, value=values)
    found = tp.breaks(gappy)
    assert found.n == 56
    assert found.breaks[0].date == date(2001, 1, 1)
    assert any(check.name == "gaps" and check.detail.startswith("4 of 60") for check in found.checks)


def test_change_within_a_gap_is_spread_over_it():
    series = tp.example("step", at=date(2000, 1, 1), n=60, size=6)
    values = series.frame["value"].to_numpy().copy()
    hole = series.frame["period_start"].dt.year.isin([1998, 1999, 2000, 2001]).to_numpy()
    values[hole] = np.nan
    chances = tp.compare_dates(changed(series, value=values), ("claim", date(1999, 6, 1))).by_date()
    inside = chances[chances["period"].isin(["1998", "1999", "2000", "2001", "2002"])]["probability"]
    assert inside.sum() > 0.8
    assert inside.std() == pytest.approx(0, abs=1e-12)


def test_probabilities_sum_to_one():
    found = tp.compare_dates(tp.example("step", at=AT, size=1.5), ("claim", AT), [("war", date(1990, 2, 1))])
    assert found.p_no_break + sum(found.probabilities) == pytest.approx(1)
    assert found.to_frame()["probability"].sum() == pytest.approx(1)


def test_between_restricts_the_data():
    series = tp.example("step", at=date(1975, 1, 1), n=60, size=6)
    found = tp.compare_dates(series, ("claim", AT), between=(date(1985, 1, 1), date(2024, 12, 31)))
    assert found.dates[0][0] > date(1985, 1, 1)
    assert found.verdict in {"no break", "cannot tell"}


@pytest.mark.parametrize(("factor", "offset"), [(1e9, -3e9), (-2.5, 0.0), (1e-6, 1.0)])
def test_scale_and_origin_of_the_values_do_not_matter(factor, offset):
    series = tp.example("step", at=AT, n=40, size=2, rho=0.3, seed=5)
    moved = changed(series, value=factor * series.frame["value"] + offset)
    before, after = tp.breaks(series), tp.breaks(moved)
    assert [b.date for b in before.breaks] == [b.date for b in after.breaks]
    assert after.p_no_break == pytest.approx(before.p_no_break, rel=1e-6)
    one, two = tp.intervention(series, AT), tp.intervention(moved, AT)
    assert two.effect == pytest.approx(factor * one.effect, rel=1e-5)
    assert two.p == pytest.approx(one.p, rel=1e-5)


def test_reversing_time_mirrors_the_breaks():
    series = tp.example("step", at=date(2000, 1, 1), n=60, size=3, seed=2)
    values = series.frame["value"].to_numpy()
    forward, backward = tp.breaks(series), tp.breaks(changed(series, value=values[::-1]))
    assert backward.p_no_break == pytest.approx(forward.p_no_break, rel=1e-6)
    assert [2024 + 1965 - b.last_of_old.year for b in backward.breaks[::-1]] == [b.date.year for b in forward.breaks]


def test_input_is_not_changed_and_answers_repeat():
    series = tp.example("step", at=AT, n=40)
    copy = series.frame.copy(deep=True)
    first = (tp.breaks(series), tp.compare_dates(series, ("claim", AT)), tp.intervention(series, AT))
    again = (tp.breaks(series), tp.compare_dates(series, ("claim", AT)), tp.intervention(series, AT))
    pd.testing.assert_frame_equal(series.frame, copy)
    for one, two in zip(first, again, strict=True):
        assert one.summary() == two.summary()
        assert one.provenance == two.provenance


def test_projection_from_before_assumes_no_shape():
    effect = tp.intervention(tp.example("step", at=AT, n=60, size=4), AT)
    middle, low, high = effect.projected
    assert low < 4 < high
    assert high - low > effect.high - effect.low
    assert middle == pytest.approx(effect.effect, abs=1)


def test_outlier_and_short_history_are_said():
    values = np.random.default_rng(0).standard_normal(12)
    values[3] = 40.0
    effect = tp.intervention(annual(values), date(2020, 1, 1))
    failed = {check.name for check in effect.checks if check.passed is False}
    assert "outliers" in failed
    short = tp.intervention(annual(values[:10]), date(2021, 1, 1))
    assert "enough periods before" in {check.name for check in short.checks if check.passed is False}


def test_spread_that_grows_is_said():
    values = np.random.default_rng(1).standard_normal(60) * np.linspace(0.2, 4, 60)
    for result in (tp.breaks(annual(values)), tp.compare_dates(annual(values), ("claim", AT))):
        assert [check.passed for check in result.checks if check.name == "even spread"] == [False]


def test_wrong_trim_stops():
    with pytest.raises(SeriesError, match="trim"):
        tp.breaks(tp.example("none"), trim=0.7)
