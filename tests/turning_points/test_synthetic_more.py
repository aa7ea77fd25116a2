"""Augmented weights, intervals, several treated units and what is done to doubt a comparison."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from detente.errors import SeriesError
from detente.turning_points.donors.augmented import augmented, corrected
from detente.turning_points.donors.comparison import StaggeredEffect
from detente.turning_points.donors.conformal import conformal
from detente.turning_points.donors.panel import Donors
from detente.turning_points.donors.robustness import placebo_outcomes, robustness
from detente.turning_points.donors.weights import simplex

from .test_synthetic import EVENT, PANEL, YEARS, ask, covered, exchangeable, long, quick, world

METHODS = ["sc", "augmented", "sdid", "did"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(-2, 3))
def test_the_correction_is_the_optimum_of_the_penalised_problem(seed, power):
    """Ben-Michael, Feller and Rothstein (2021), lemma 3: least squares, and a penalty on leaving the simplex."""
    gaps = np.random.default_rng(seed).normal(0.4, 1, (5, 7))
    penalty, start = 10.0**power, simplex(gaps)

    def cost(weights):
        return ((gaps @ weights) ** 2).sum() + penalty * ((weights - start) ** 2).sum()

    sums = {"type": "eq", "fun": lambda weights: weights.sum() - 1}
    best = minimize(cost, start, constraints=sums, method="SLSQP", options={"ftol": 1e-14, "maxiter": 500})
    assert corrected(gaps, penalty) == pytest.approx(best.x, abs=1e-4)


def test_the_correction_goes_from_exact_fit_to_none():
    gaps = np.random.default_rng(3).normal(1.0, 1, (5, 9))
    assert corrected(gaps, 1e12) == pytest.approx(simplex(gaps), abs=1e-8)
    assert gaps @ corrected(gaps, 1e-10) == pytest.approx(np.zeros(5), abs=1e-6)
    assert augmented(gaps).weights.sum() == pytest.approx(1)


def test_a_unit_beyond_the_donors_is_met_better_with_the_correction():
    """The treated unit moves twice as much as any donor, so that no average of donors follows it."""
    rng = np.random.default_rng(8)
    shared = rng.standard_normal(len(YEARS)).cumsum()
    wide = pd.DataFrame({f"donor {n:02}": shared * load for n, load in enumerate(rng.uniform(0, 1, 19))}, index=YEARS)
    wide += 0.05 * rng.standard_normal(wide.shape)
    wide["treated"] = 2 * shared - 3.0 * (wide.index >= EVENT)
    plain, ridged = (quick(long(wide), method=method) for method in ("sc", "augmented"))
    assert abs(ridged.average + 3) < 0.3 < abs(plain.average + 3)
    assert min(ridged.weights.values()) < 0
    assert "negative weights" in next(one.detail for one in ridged.checks if one.name == "donor concentration")


@pytest.mark.parametrize("method", METHODS)
def test_the_interval_holds_the_planted_effect_and_not_zero(method):
    found = ask(long(world(1, effect=-9.0)), method=method, solver="exact")
    assert found.intervals[0].name == "placebos"
    assert found.lower <= -9.0 <= found.upper
    assert found.lower <= found.average <= found.upper
    assert found.found == (found.upper < 0)
    assert found.effect["average"] == found.average
    assert found.cumulative == pytest.approx(found.average * 7)


def test_a_clear_effect_is_found():
    assert ask(long(world(1, effect=-9.0)), solver="exact").summary().startswith("A change: y of treated was")


@pytest.mark.parametrize("method", ["sc", "sdid", "did"])
def test_intervals_cover_where_nothing_happened(method):
    """Coverage of like units is 95 % by construction; under 20 of 25 has a probability of about 0.001."""
    found = [ask(long(exchangeable(seed)), method=method, solver="exact") for seed in range(25)]
    assert sum(one.lower <= 0 <= one.upper for one in found) >= 20
    late = pd.concat([one.to_frame().query("after") for one in found])
    assert len(late) == 25 * 7
    assert ((late["lower"] <= 0) & (late["upper"] >= 0)).mean() > 0.85


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(METHODS), st.floats(-50, 50), st.floats(0.1, 10))
def test_intervals_shift_and_scale_with_the_values(seed, method, shift, scale):
    wide = world(seed)
    plain, moved = (ask(long(one), method=method, solver="exact") for one in (wide, wide * scale + shift))
    for first, second in zip(plain.intervals, moved.intervals, strict=True):
        assert (first.lower is None) == (second.lower is None)
        if first.lower is not None and first.name != "conformal":
            wanted = (first.lower * scale, first.upper * scale)
            assert (second.lower, second.upper) == pytest.approx(wanted, rel=1e-4, abs=1e-4 * scale)


def donors_of(wide):
    many = len(wide.columns)
    before = int((wide.index < EVENT).sum())
    return Donors(tuple(wide), tuple(wide.index), before, wide.to_numpy(), np.empty((0, many)), ())


def test_conformal_p_of_no_effect_and_interval_agree():
    """An interval that holds zero goes with a p above .05, and one that does not with a p of at most .05."""
    decided = 0
    for seed in range(8):
        for effect in (0.0, -6.0):
            wide = world(seed, effect=effect)
            found = conformal(donors_of(wide), "sc", quick(long(wide)).average)
            if found.lower is not None:
                decided += 1
                assert found.excludes(0.0) == (found.p <= 0.05)
    assert decided >= 8


def test_conformal_says_nothing_when_more_periods_follow_than_precede():
    found = next(one for one in quick(PANEL, at=1996).intervals if one.name == "conformal")
    assert found.lower is None
    assert "more periods after" in found.detail


def several(seed=0, effect=-5.0, starts=(2001, 2003, 2003)):
    """Units of one kind; the last ones drop at their own dates."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((len(YEARS), 2)).cumsum(axis=0)
    values = 20 + shared @ rng.uniform(0, 1, (2, 25)) + 0.3 * rng.standard_normal((len(YEARS), 25))
    wide = pd.DataFrame(values, index=YEARS, columns=[f"unit {number:02}" for number in range(25)])
    events = {}
    for name, start in zip(wide.columns[-len(starts) :], starts, strict=True):
        wide.loc[start:, name] += effect
        events[name] = start
    return long(wide), events


@pytest.mark.parametrize("method", METHODS)
def test_staggered_events_are_found_with_their_dates(method):
    """Noise .3 in three units and seven periods or more; equal weights leave the shared movements in."""
    loose = 1.5 if method == "did" else 0.7
    panel, events = several()
    found = ask(panel, treated=events, at=None, method=method)
    assert isinstance(found, StaggeredEffect)
    assert found.average == pytest.approx(-5.0, abs=loose)
    assert found.found
    assert found.lower <= -5 <= found.upper < 0
    assert [one.at for one in found.cohorts] == [2001, 2003]
    assert found.by_cohort()["effect"].tolist() == pytest.approx([-5, -5], abs=2 * loose)
    frame = found.to_frame()
    assert frame["units"].tolist() == [3] * 7 + [1] * 2
    assert frame["effect"].tolist() == pytest.approx([-5] * 9, abs=3 * loose)
    assert sum(found.weights.values()) == pytest.approx(1)
    assert found.summary().startswith("A change: y of 3 units with 2 dates was")
    assert found.plot().to_dict()["layer"]
    assert found.cumulative == pytest.approx(found.average * (9 + 7 + 7))


def test_staggered_finds_nothing_where_nothing_happened():
    """A true rate of 5 % gives at most 4 of 15 in 99.9 % of runs."""
    found = []
    for seed in range(15):
        panel, events = several(seed, effect=0.0)
        found.append(ask(panel, treated=events, at=None, method="did"))
    assert sum(one.found for one in found) <= 4
    assert sum(not one.lower <= 0 <= one.upper for one in found) <= 4


def test_one_of_several_is_the_same_as_one_alone():
    for method in METHODS:
        alone, listed = quick(PANEL, method=method), ask(PANEL, treated=["treated"], method=method, placebos=False)
        assert listed.average == pytest.approx(alone.average, abs=1e-9)
        assert listed.loss == pytest.approx(alone.loss, abs=1e-9)
        assert listed.weights == pytest.approx(alone.weights, abs=1e-9)
        assert listed.p is None
        assert "Nothing is said about chance" in listed.summary()


def test_several_with_one_date_are_compared_as_their_mean():
    panel, events = several(starts=(2003, 2003))
    together = ask(panel, treated=list(events), method="did", placebos=False)
    means = panel.assign(unit=panel["unit"].where(~panel["unit"].isin(events), "treated"))
    means = means.groupby(["unit", "year"], as_index=False)["y"].mean()
    assert together.average == pytest.approx(quick(means, method="did").average)


def test_units_whose_event_comes_later_are_donors_only_when_asked():
    panel, events = several(starts=(1998, 2006))
    asked = {"treated": events, "at": None, "method": "sdid", "placebos": False, "horizon": 4}
    never, waiting = ask(panel, **asked), ask(panel, **asked, not_yet=True)
    later = "unit 24"
    assert later not in never.cohorts[0].weights
    assert later in waiting.cohorts[0].weights
    assert later not in waiting.cohorts[1].weights
    assert [one.after for one in waiting.cohorts] == [4, 4]


BAD = {
    "no date": {"at": None},
    "dates twice": {"treated": {"treated": 2003}},
    "nobody": {"treated": []},
    "unknown unit": {"treated": ["treated", "nowhere"]},
    "date of one outside": {"treated": {"treated": 2003, "donor 01": 2030}, "at": None},
    "no donors left": {"treated": [f"donor {number:02}" for number in range(18)]},
    "covariates of several": {"treated": ["treated", "donor 01"], "covariates": ["y"]},
    "no horizon": {"treated": ["treated"], "horizon": 0},
    "not yet without horizon": {"treated": ["treated"], "not_yet": True},
    "text for a time": {"at": "someday"},
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_of_several_is_an_error_with_a_repair(name):
    changed = BAD[name]
    panel = PANEL if name != "no donors left" else PANEL[PANEL["unit"] != "donor 18"]
    with pytest.raises(SeriesError) as caught:
        ask(panel, **changed)
    assert caught.value.hint


def test_too_few_units_without_the_event_leave_chance_open():
    found = ask(PANEL[PANEL["unit"].isin(["treated", "donor 01", "donor 02"])], treated=["treated"])
    assert found.p is None
    assert not found.found


def test_a_true_effect_passes_the_checks():
    found = quick(long(world(1, effect=-9.0)))
    made = robustness(found)
    assert [one.name for one in made] == [
        "placebo in time",
        "pre-trend",
        "anticipation",
        "leave one donor out",
        "other methods",
    ]
    assert all(one.passed for one in made)


def test_an_effect_that_began_before_the_date_fails():
    wide = world(1)
    wide.loc[EVENT - 2 :, "treated"] -= 6.0
    made = {one.name: one.passed for one in robustness(quick(long(wide)))}
    assert made["anticipation"] is False
    drifting = world(1)
    drifting["treated"] -= 0.8 * (drifting.index - 1990)
    made = {one.name: one.passed for one in robustness(quick(long(drifting), method="did"))}
    assert made["pre-trend"] is False
    assert made["placebo in time"] is False


def test_an_effect_that_hangs_on_one_donor_fails():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(0, 0.3, (len(YEARS), 6)), index=YEARS, columns=[f"donor {n}" for n in range(6)])
    path = rng.standard_normal(len(YEARS)).cumsum()
    wide["donor 0"] += path + 3.0 * (wide.index >= EVENT)
    wide["treated"] = path + 1.0 * (wide.index >= EVENT)
    check = next(one for one in robustness(quick(long(wide))) if one.name == "leave one donor out")
    assert check.passed is False
    assert "without donor 0" in check.detail


def test_outcomes_that_should_not_move():
    wide = world(1, effect=-9.0)
    panel = long(wide).merge(long(world(1)).rename(columns={"y": "still"}))
    found = quick(panel)
    assert placebo_outcomes(found, panel, ["still"]).passed is True
    assert placebo_outcomes(found, panel.assign(moved=panel["y"] * 2), ["moved"]).passed is False
    assert placebo_outcomes(found, panel, []).passed is None


def test_checks_with_covariates_and_with_few_periods():
    found = ask(covered(), covariates=["size"], placebos=False)
    made = {one.name: one for one in robustness(found)}
    assert "by the outcome alone" in made["placebo in time"].detail
    few = {one.name: one.passed for one in robustness(quick(PANEL, at=1992))}
    assert few["placebo in time"] is None
    assert few["anticipation"] is None
    assert few["pre-trend"] is None


def test_polars_and_arrow_tables_are_panels_too():
    arrow = pytest.importorskip("pyarrow")
    expected = quick(PANEL).average
    assert quick(arrow.Table.from_pandas(PANEL)).average == pytest.approx(expected)
    with pytest.raises(SeriesError):
        quick([1, 2, 3])


def test_a_polars_frame_is_a_panel():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({name: PANEL[name].to_list() for name in PANEL})
    assert quick(frame).average == pytest.approx(quick(PANEL).average)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(METHODS), st.integers(-500, 500))
def test_names_of_periods_do_not_matter(seed, method, later):
    panel = long(world(seed, donors=6))
    plain = quick(panel, method=method)
    moved = quick(panel.assign(year=panel["year"] + later), at=EVENT + later, method=method)
    named = quick(panel.assign(year=panel["year"].astype(float)), at=str(EVENT), method=method)
    assert moved.average == plain.average == named.average


def test_covariate_search_never_ends_above_a_solution_that_is_known():
    """The mean of the outcome as the only predictor has one V, so that the loss is that of `simplex` on it."""
    found = ask(PANEL, covariates=["y"], placebos=False)
    table = PANEL[PANEL["year"] < EVENT].pivot(index="year", columns="unit", values="y")
    gaps = table.drop(columns="treated").sub(table["treated"], axis=0).to_numpy()
    assert found.loss <= ((gaps @ simplex(gaps.mean(axis=0, keepdims=True))) ** 2).mean() * (1 + 1e-9)
