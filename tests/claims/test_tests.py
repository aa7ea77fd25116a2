"""Each kind of claim test: every outcome is reached, and by the truth that was planted."""

from datetime import date

import numpy as np
import pytest

from detente.actors import registry
from tests.claims.planted import claim, judged, months, years

IMPORTS = "measure: goods_imports, sender: PAK, receiver: USA"
KEY = ("goods_imports", "PAK", "USA")
DEATHS = "measure: fatalities, sender: WLD, receiver: PAK"
DEATHS_KEY = ("fatalities", "WLD", "PAK")


def noise(n: int, seed: int = 1, size: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, size, n)


def step(n: int, at: int, height: float, seed: int = 1) -> list[float]:
    return list(100 + height * (np.arange(n) >= at) + noise(n, seed))


def only(text: str, series: dict) -> object:
    return judged(text, series)[0]


def monthly_step(year: int, height: float) -> dict:
    """Months from 2010 to 2025 whose level changes at the start of a year (or in September 2021)."""
    at = 140 if year == 2021 else 12 * (year - 2010)
    return {DEATHS_KEY: months(2010, step(192, at, height))}


@pytest.mark.parametrize(
    ("year", "height", "direction", "outcome"),
    [
        (2021, 10, "up", "supported"),
        (2021, -10, "up", "contradicted"),
        (2021, 10, "either", "supported"),
        (2016, 10, "up", "mixed"),
        (2021, 0, "up", "inconclusive"),
    ],
)
def test_level_change(year: int, height: float, direction: str, outcome: str) -> None:
    verdict = only(claim("level_change", DEATHS, direction), monthly_step(year, height))
    assert verdict.outcome == outcome, verdict.because
    assert verdict.because.startswith(outcome.capitalize())
    assert "95% interval" in verdict.because


def test_level_change_names_the_rival_dates_and_counts_its_records() -> None:
    verdict = only(claim("level_change", DEATHS, "up"), monthly_step(2021, 10))
    assert "the earlier rival" in verdict.rival
    assert verdict.numbers["records"] == 191  # August 2021, which holds the date, is left out
    assert len(verdict.evidence) == verdict.numbers["records_listed"] <= 200
    assert verdict.numbers["p_claimed_window"] > 0.9


@pytest.mark.parametrize(
    ("values", "direction", "outcome"),
    [
        ([10] * 20 + [10, 10, 10, 10, 10, 20, 20, 20, 20], "up", "supported"),
        ([10] * 20 + [10, 10, 10, 10, 10, 20, 20, 20, 20], "down", "contradicted"),
        ([20] * 21 + [10, 10, 10, 10, 9, 9, 9, 9], "down", "mixed"),  # most of the fall came before
        ([30] * 21 + [10, 10, 10, 10, 20, 20, 20, 20], "up", "mixed"),  # it only makes up for the time before
        ([10] * 29, "up", "inconclusive"),
    ],
)
def test_average_change(values: list[float], direction: str, outcome: str) -> None:
    noisy = [float(value + 0.1 * wobble) for value, wobble in zip(values, noise(len(values)), strict=True)]
    verdict = only(claim("average_change", IMPORTS, direction), {KEY: years(1996, noisy)})
    assert verdict.outcome == outcome, verdict.because


def test_a_fall_that_came_before_is_told_with_its_share() -> None:
    values = list(np.r_[[20.0] * 20, [10] * 5, [9] * 4] + 0.1 * noise(29))
    verdict = only(claim("average_change", IMPORTS, "down"), {KEY: years(1996, values)})
    assert 0.8 < verdict.numbers["share_before"] < 1
    assert "had come about before the date" in verdict.because


def test_average_change_says_when_drift_would_explain_it() -> None:
    walk = list(np.cumsum(noise(192, seed=5)))
    verdict = only(claim("average_change", DEATHS, "up"), {DEATHS_KEY: months(2010, [value + 100 for value in walk])})
    assert [check.passed for check in verdict.checks] == [False]


@pytest.mark.parametrize(
    ("year", "height", "direction", "when", "outcome"),
    [
        (2021, 10, "up", "at", "supported"),
        (2016, -10, "down", "before", "supported"),
        (2016, -10, "either", "at", "contradicted"),
        (2021, 10, "down", "at", "contradicted"),
        (2021, 0, "either", "at", "inconclusive"),
    ],
)
def test_change_timing(year: int, height: float, direction: str, when: str, outcome: str) -> None:
    verdict = only(claim("change_timing", DEATHS, direction, f"when: {when}"), monthly_step(year, height))
    assert verdict.outcome == outcome, verdict.because


@pytest.mark.parametrize(
    ("heights", "outcome"), [((0, 9, 0, 9), "supported"), ((0, 9), "mixed"), ((0,), "contradicted")]
)
def test_regimes(heights: tuple[float, ...], outcome: str) -> None:
    values = np.repeat(np.array(heights, dtype=float), 120 // len(heights)) + noise(120)
    verdict = only(claim("regimes", DEATHS, "", "least: 3"), {DEATHS_KEY: months(2010, list(values))})
    assert verdict.outcome == outcome, verdict.because


@pytest.mark.parametrize(
    ("values", "outcome"), [([1.0] * 10, "supported"), ([-1.0] * 10, "contradicted"), ([1.0, -1.0] * 5, "mixed")]
)
def test_sign(values: list[float], outcome: str) -> None:
    assert only(claim("sign", IMPORTS, "positive"), {KEY: years(2000, values)}).outcome == outcome


def test_another_source_that_disagrees_makes_a_sign_mixed() -> None:
    other = "check: {measure: goods_exports, sender: USA, receiver: PAK}"
    series = {KEY: years(2000, [1.0] * 8), ("goods_exports", "USA", "PAK"): years(2000, [-1.0] * 8)}
    verdict = only(claim("sign", IMPORTS, "positive", other), series)
    assert verdict.outcome == "mixed"
    assert "disagrees" in verdict.rival


def test_a_second_source_without_data_takes_nothing_away() -> None:
    other = "check: {measure: goods_exports, sender: USA, receiver: PAK}"
    verdict = only(claim("sign", IMPORTS, "positive", other), {KEY: years(2000, [1.0] * 8)})
    assert (verdict.outcome, verdict.rival) == ("supported", "No second source in the study.")


@pytest.mark.parametrize(
    ("ours", "first", "second", "outcome"),
    [(10, 5, 6, "supported"), (3, 5, 6, "contradicted"), (5.5, 5, 6, "mixed"), (5, 5, 5, "inconclusive")],
)
def test_compare_levels(ours: float, first: float, second: float, outcome: str) -> None:
    levels = {"PAK": ours, "IND": first, "BGD": second}
    series = {
        ("goods_imports", actor, "USA"): years(2000, list(level + 0.1 * noise(15, seed)))
        for seed, (actor, level) in enumerate(levels.items())
    }
    verdict = only(claim("compare_levels", IMPORTS, "up", "against: [IND, BGD]"), series)
    assert verdict.outcome == outcome, verdict.because


def test_what_has_nothing_to_be_compared_with_is_untestable() -> None:
    series = {("goods_imports", "PAK", "USA"): years(2000, list(5 + 0.1 * noise(15, 1)))}
    verdict = only(claim("compare_levels", IMPORTS, "up", "against: [IND, BGD]"), series)

    assert verdict.outcome == "untestable"
    assert "IND→USA and BGD→USA" in verdict.because


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"), [(9, 0, "supported"), (0, 9, "contradicted"), (9, 9, "inconclusive")]
)
def test_compare_change(ours: float, theirs: float, outcome: str) -> None:
    heights = {"PAK": ours, "IND": theirs, "BGD": theirs}
    series = {
        ("fatalities", "WLD", actor): months(2012, step(160, 116, height, seed))
        for seed, (actor, height) in enumerate(heights.items())
    }
    verdict = only(claim("compare_change", DEATHS, "up", "against: [IND, BGD]"), series)
    assert verdict.outcome == outcome, verdict.because
    assert "placebo probability" in verdict.rival


@pytest.mark.parametrize(("mine", "outcome"), [(8, "supported"), (2, "contradicted"), (5, "inconclusive")])
def test_share(mine: float, outcome: str) -> None:
    rest = "others: [{measure: goods_exports, sender: USA, receiver: PAK}]"
    series = {
        KEY: years(2000, list(mine + 0.2 * noise(15))),
        ("goods_exports", "USA", "PAK"): years(2000, list(10 - mine + 0.2 * noise(15, 2))),
    }
    assert only(claim("share", IMPORTS, "up", rest), series).outcome == outcome


@pytest.mark.parametrize(("slope", "outcome"), [(2, "supported"), (-2, "contradicted"), (0, "inconclusive")])
def test_trend(slope: float, outcome: str) -> None:
    values = 100 + slope * np.arange(25) + noise(25)
    verdict = only(claim("trend", IMPORTS, "up"), {KEY: years(1998, list(values))})
    assert verdict.outcome == outcome, verdict.because


@pytest.mark.parametrize(("after", "outcome"), [(5, "supported"), (0.2, "contradicted"), (1, "inconclusive")])
def test_volatility(after: float, outcome: str) -> None:
    values = noise(192) * np.where(np.arange(192) < 140, 1, after)
    verdict = only(claim("volatility", DEATHS, "up"), {DEATHS_KEY: months(2010, list(100 + values))})
    assert verdict.outcome == outcome, verdict.because


@pytest.mark.parametrize(("weight", "outcome"), [(1, "supported"), (-1, "contradicted"), (0, "inconclusive")])
def test_association(weight: float, outcome: str) -> None:
    other = noise(120, 3)
    values = weight * np.r_[0, other[:-1]] + 0.5 * noise(120, 4)
    series = {
        DEATHS_KEY: months(2010, list(100 + values)),
        ("fatalities", "WLD", "AFG"): months(2010, list(100 + other)),
    }
    text = claim(
        "association", DEATHS, "positive", "other: {measure: fatalities, sender: WLD, receiver: AFG}, lag: 1",
        "from: 2010-01-01, to: 2020-12-31",
    )  # fmt: skip
    verdict = only(text, series)
    assert verdict.outcome == outcome, verdict.because


VISITS = ("2004-03-17", "2009-10-28", "2011-05-27", "2014-01-02", "2018-09-05")


@pytest.mark.parametrize(
    ("visits", "until", "outcome"),
    [
        (VISITS, "2025-02-19", "supported"),
        ((*VISITS, "2018-09-06"), "2025-02-19", "contradicted"),
        (VISITS, "2019-01-31", "inconclusive"),
    ],
)
def test_none_since(visits: tuple[str, ...], until: str, outcome: str) -> None:
    verdict = judged(claim("none_since", "measure: us_visits", "", "after: 2018-09-05"), {}, visits, until)[0]
    assert verdict.outcome == outcome, verdict.because
    assert verdict.numbers["coverage_end"] == until
    assert set(verdict.evidence) == {f"visit/{day}" for day in visits}


@pytest.mark.parametrize(
    ("params", "outcome"),
    [
        ("take: total, least: 10, most: 20", "supported"),
        ("take: mean, least: 9", "contradicted"),
        ("take: last, most: 5", "supported"),
    ],
)
def test_in_range(params: str, outcome: str) -> None:
    assert only(claim("in_range", IMPORTS, "", params), {KEY: years(2000, [1.0, 2, 3, 4, 5])}).outcome == outcome


def test_an_unknown_period_leaves_a_total_open_but_not_a_highest_value() -> None:
    series = {KEY: [*years(2000, [1.0, 2]), *years(2004, [30.0])]}
    window = "from: 2000-01-01, to: 2004-12-31"
    assert only(claim("in_range", IMPORTS, "", "take: total, most: 50", window), series).outcome == "inconclusive"
    assert only(claim("in_range", IMPORTS, "", "take: highest, least: 20", window), series).outcome == "supported"


def test_too_little_after_the_date_is_inconclusive_and_says_how_much() -> None:
    verdict = only(claim("level_change", IMPORTS, "up"), {KEY: years(2000, list(step(23, 21, 50)))})
    assert verdict.outcome == "inconclusive"
    assert "1 after; 5 and 3 are needed" in verdict.because


def test_nothing_is_found_in_noise_more_often_than_said() -> None:
    """25 autocorrelated series without a change: at 2.5 % a side, 4 or more `supported` have probability .003."""
    states = [actor.actor_id for actor in registry() if actor.kind == "state" and actor.exists(date(2000, 1, 1))][:25]
    rng, series = np.random.default_rng(2021), {}
    for state in states:
        shocks, values = rng.normal(size=29), np.zeros(29)
        for at in range(1, 29):
            values[at] = 0.4 * values[at - 1] + shocks[at]
        series["goods_imports", state, "USA"] = years(1996, list(values + 100))
    for test in ("level_change", "average_change"):
        texts = [
            claim(test, f"measure: goods_imports, sender: {state}, receiver: USA", "up").replace(
                "id: A", f"id: {state}"
            )
            for state in states
        ]
        found = [verdict.outcome for verdict in judged("".join(texts), series)]
        assert len(found) == 25
        assert found.count("supported") < 4, test
