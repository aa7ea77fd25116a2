"""How far to believe an effect: checks that pass where they should, fail where they should, and a grade by its rule."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from detente.errors import SeriesError
from detente.results import Check
from detente.turning_points import compare_dates, example, intervention, its_ar1, its_hac
from detente.turning_points.belief import robustness
from detente.turning_points.belief.curve import around, specification_curve
from detente.turning_points.belief.grade import Evidence, grade
from detente.turning_points.belief.placebos import halves, in_outcomes, in_space, in_time
from detente.turning_points.belief.scales import grows, has_logarithm, logged, proportional
from detente.turning_points.belief.verdict import Beside, turning_point
from detente.turning_points.effects.every_date import at_every_date
from detente.turning_points.effects.robust import effects_at

AT = date(1995, 1, 1)


def step(size=5.0, seed=0, **more):
    return example("step", at=AT, size=size, seed=seed, **more)


def changed(series, change):
    return replace(series, frame=series.frame.assign(value=change(series.frame["value"].to_numpy())))


@pytest.mark.parametrize("positions", [tuple(range(40)), (0, 1, 2, 4, 5, 6, 9, 10, 11, 12, 13, 14)])
def test_effects_at_every_date_are_those_at_each_date(positions):
    """Frisch–Waugh is exact: only rounding differs."""
    rng = np.random.default_rng(1)
    y = rng.normal(size=len(positions)) + 0.05 * np.arange(len(positions))
    first = np.arange(5, len(positions) - 2)
    known = at_every_date(positions, (y - y.mean()) / y.std(), first)
    average, _, _, p = effects_at(positions, np.repeat(y[:, None], len(first), axis=1), first)
    assert known.tail() == pytest.approx(p, abs=1e-9)
    assert known.quantile(0.5) * y.std() == pytest.approx(average, abs=1e-9)


def test_placebos_in_time_never_see_both_sides_of_the_event():
    alarms = in_time(step(size=50.0), AT)
    assert alarms.tried > 30
    without = in_time(step(size=0.0), AT)
    assert [one.p for one in alarms.placebos] == pytest.approx([one.p for one in without.placebos], abs=1e-6)
    assert alarms.check().passed
    before, after = halves(step(), AT)
    assert before.frame["period_end"].max().date() < AT <= after.frame["period_start"].min().date()


def test_a_series_that_jumps_about_makes_the_procedure_cry_wolf():
    jumpy = changed(step(), lambda y: y + 30.0 * (np.arange(len(y)) // 6 % 2))
    alarms = in_time(jumpy, AT)
    assert alarms.rate is not None
    assert alarms.rate > 0.1
    assert alarms.check().passed is False


def test_where_too_few_dates_can_be_tried_nothing_is_said_of_false_alarms():
    alarms = in_time(step(n=14), date(2018, 1, 1))
    assert alarms.rate is None
    assert alarms.check().passed is None
    assert alarms.as_sure(0.01) is None


def test_a_placebo_p_counts_the_event_itself():
    alarms = in_time(step(), AT)
    assert alarms.as_sure(0.0) == pytest.approx(1 / (1 + alarms.tried))


def test_units_that_moved_alike_speak_against_the_event():
    still = [example("none", seed=seed) for seed in range(10, 20)]
    assert in_space(still, AT, 5.0).passed
    moved = [step(seed=seed) for seed in range(10, 20)]
    assert in_space(moved, AT, 5.0).passed is False
    assert in_space(moved, AT, -5.0).passed
    assert in_space(still[:3], AT, 5.0).passed is None
    assert in_space([], AT, 5.0).passed is None


def test_outcomes_that_should_not_move():
    assert in_outcomes([example("none", seed=3)], AT).passed
    assert in_outcomes([step(seed=3)], AT).passed is False
    assert in_outcomes([], AT).passed is None


def test_a_trend_before_the_event_is_seen_and_its_way_matters():
    rising = changed(step(size=0.0), lambda y: y + 1.0 * np.arange(len(y)))
    assert robustness.pre_trend(rising, AT, effect=3.0).passed is False
    assert robustness.pre_trend(rising, AT, effect=-3.0).passed
    assert robustness.pre_trend(step(), AT, effect=3.0).passed
    assert robustness.pre_trend(step(n=20), date(2008, 1, 1), effect=3.0).passed is None


def test_an_effect_that_shows_before_the_event_fails_anticipation():
    early = changed(step(size=0.0), lambda y: y + 9.0 * (np.arange(len(y)) >= 27))
    assert robustness.anticipation(early, AT).passed is False
    assert robustness.anticipation(step(seed=1), AT).passed


def test_narrow_windows_and_rivals_and_shocks():
    assert robustness.windows(step(), AT, 5.0).passed
    assert robustness.windows(step(), AT, -5.0).passed is False
    assert robustness.rival_dates(compare_dates(step(), ("event", AT), [("war", date(1980, 1, 1))])).passed
    assert robustness.rival_dates(compare_dates(step(), ("event", date(1980, 1, 1)), [("war", AT)])).passed is False
    assert robustness.rival_dates(compare_dates(step(), ("event", AT))).passed is None
    beside = [("flood", date(1995, 6, 1), date(2005, 1, 1)), ("boom", date(1980, 1, 1), date(2020, 1, 1))]
    near = robustness.shocks_beside(step(), AT, beside)
    assert near.passed is False
    assert "flood" in near.detail
    assert "boom" not in near.detail


def test_the_nearest_half_of_each_side_is_kept():
    near = around(step(), AT, 0.5)
    assert near.frame["period_start"].min().year == 1980
    assert near.frame["period_start"].max().year == 2009


def test_a_planted_step_shows_in_nearly_every_specification():
    curve = specification_curve(step(size=8.0, n=80), AT, name="the event")
    assert len(curve.choices) == 36
    assert curve.agreeing(1.0) >= 0.9
    assert curve.telling(1.0, "robust") > 0.5
    assert 0.3 < curve.median < 1.2
    assert "of 36 reasonable specifications see a rise" in curve.summary()
    effects = curve.to_frame()["effect"].tolist()
    assert effects == sorted(effects)
    assert curve.plot().to_dict()


@pytest.mark.parametrize("method", ["robust", "AR(1) errors", "Newey–West errors"])
def test_a_choice_is_what_the_method_says_by_itself(method):
    alone = {"robust": intervention, "AR(1) errors": its_ar1, "Newey–West errors": its_hac}[method]
    series = changed(step(), lambda y: y - 12.0)
    for one in specification_curve(series, AT).choices:
        if (one.method, one.window) == (method, "all data"):
            wanted = alone(series, AT, model=one.shape.replace(" ", "_"))
            assert (one.effect, one.low, one.high, one.p) == pytest.approx(
                (wanted.effect, wanted.low, wanted.high, wanted.p), rel=1e-6, abs=1e-9
            )


def test_with_nothing_to_find_few_robust_specifications_find_it():
    shares = [specification_curve(example("none", seed=seed), AT).telling(1.0, "robust") for seed in range(5)]
    assert np.mean(shares) <= 0.1


def test_values_below_zero_have_no_logarithms_and_no_shares():
    curve = specification_curve(changed(step(), lambda y: y - 12.0), AT)
    assert {one.scale for one in curve.choices} == {"as given"}
    assert len(curve.choices) == 18
    assert curve.unit == "standard deviations"


def test_choices_do_not_depend_on_the_unit_of_the_values():
    one = specification_curve(step(), AT).to_frame()["effect"]
    other = specification_curve(changed(step(), lambda y: 1000.0 * y), AT).to_frame()["effect"]
    assert one.to_numpy() == pytest.approx(other.to_numpy(), rel=1e-6)


def test_a_date_outside_the_data_is_refused():
    with pytest.raises(SeriesError, match="outside"):
        specification_curve(step(), date(1900, 1, 1))


HELD = (Check("placebo in space", True, ""), Check("pre-trend", True, ""))
STRONG = Evidence(
    dated=True, measured=True, beforehand=True, alarms=0.05, agree=1.0, tell=1.0, before=30, after=10, checks=HELD
)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, "strong"),
        ({"beforehand": False}, "moderate"),
        ({"alarms": None}, "moderate"),
        ({"checks": (Check("pre-trend", True, ""),)}, "moderate"),
        ({"checks": (*HELD, Check("anticipation", False, ""))}, "moderate"),
        ({"checks": (*HELD, Check("anticipation", False, ""), Check("windows", False, ""))}, "weak"),
        ({"alarms": 0.2}, "weak"),
        ({"agree": 0.8}, "weak"),
        ({"tell": 0.4}, "weak"),
        ({"before": 9}, "weak"),
        ({"after": 2}, "weak"),
        ({"dated": False}, "weak"),
        ({"measured": False}, "weak"),
        ({"dated": False, "measured": False}, "none"),
    ],
)
def test_the_grade_follows_its_rule_to_the_letter(change, wanted):
    given, short = grade(replace(STRONG, **change))
    assert given == wanted
    assert bool(short) == (wanted != "strong")


def test_a_planted_step_beside_still_units_is_strong_and_alone_at_most_moderate():
    units = [example("none", seed=seed) for seed in range(10, 20)]
    found = turning_point(step(seed=1), AT, name="the event", beside=Beside(units=units))
    assert found.grade == "strong"
    assert found.summary().startswith("Strong evidence that the event was a turning point of")
    assert turning_point(step(seed=1), AT).grade == "moderate"
    assert set(found.to_frame()["check"]) >= {"placebo in time", "placebo in space", "pre-trend", "rival dates"}
    assert found.plot().to_dict()


def test_a_date_chosen_by_the_data_is_said_to_be():
    found = turning_point(step(seed=1))
    assert found.at == AT
    assert not found.beforehand
    assert "the date was chosen by looking at the series" in found.short_of


def test_with_nothing_to_find_there_is_no_grade_above_weak():
    grades = [turning_point(example("none", seed=seed, n=40), AT).grade for seed in range(6)]
    assert set(grades) <= {"none", "weak"}
    assert grades.count("none") >= 4


def test_logarithms_turn_ratios_into_steps_and_back():
    doubled = changed(example("none"), lambda y: np.where(np.arange(len(y)) < 30, 4.0, 8.0))
    values = logged(doubled).frame["value"].to_numpy()
    assert proportional(values[-1] - values[0]) == pytest.approx(1.0)
    with_zero = changed(doubled, lambda y: np.where(np.arange(len(y)) == 3, 0.0, y))
    assert np.exp(logged(with_zero).frame["value"].iloc[3]) == pytest.approx(2.0)
    with pytest.raises(SeriesError, match="no logarithm"):
        logged(changed(doubled, lambda y: -y))
    assert has_logarithm(with_zero)
    assert not has_logarithm(changed(doubled, lambda y: -y))
    assert grows("USD (constant 2020)")
    assert not grows("share")
