"""False alarms and coverage on worlds with known truth: a short run of benchmarks/turning_points_calibration.py.

Bounds: with 200 series a true rate of 5 % gives at most 10 % in 99.9 % of runs; the seeds are fixed.
"""

import numpy as np
import pytest

from detente.turning_points.dating.posterior import date_posterior
from detente.turning_points.effects.classical import newey_west
from detente.turning_points.effects.robust import average, kinds_of_noise
from detente.turning_points.examples import autoregressive

REPS = 200


def world(name, n):
    rng = np.random.default_rng(42)
    white = rng.standard_normal((n, REPS))
    return {
        "white noise": white,
        "AR 0.6": autoregressive(n, 0.6, rng, count=REPS),
        "drift 0.1": white + 0.1 * rng.standard_normal((n, REPS)).cumsum(axis=0),
        "trend": white + 0.05 * np.arange(n)[:, None],
    }[name]


WORLDS = ["white noise", "AR 0.6", "drift 0.1", "trend"]


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("n", [15, 30, 60, 120])
def test_breaks_are_rarely_found_where_there_are_none(name, n):
    y, at = world(name, n), tuple(range(n))
    assert (date_posterior(at, y).no_break <= 0.2).mean() <= 0.05
    assert (date_posterior(at, y, model="trend").no_break <= 0.1).mean() <= 0.05


@pytest.mark.parametrize("n", [30, 60, 120])
def test_large_steps_are_found(n):
    step = (np.arange(n) >= 0.6 * n)[:, None]
    found = date_posterior(tuple(range(n)), world("white noise", n) + 4 * step).no_break <= 0.2
    assert found.mean() >= 0.6


def interval_rates(name, n, first):
    y = world(name, n)
    x = np.column_stack([np.ones(n), np.arange(n) >= first]).astype(float)
    known = average(kinds_of_noise(tuple(range(n))), x, y, optional=np.arange(n) - n / 2).mixture(np.array([0.0, 1.0]))
    return (known.tail(0.0) >= 0.05).mean(), (known.tail(-1.0) < 0.05).mean()


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize(("n", "first"), [(100, 70), (30, 20), (15, 11)])
def test_intervals_cover(name, n, first):
    assert interval_rates(name, n, first)[0] >= 0.90


def test_one_standard_deviation_is_seen_in_a_hundred_white_periods():
    assert interval_rates("white noise", 100, 70)[1] >= 0.6


def test_textbook_intervals_do_not_cover_where_noise_drifts():
    """Why the robust method is the default."""
    x = np.column_stack([np.ones(100), np.arange(100) >= 70]).astype(float)
    found = np.array([newey_west(tuple(range(100)), x, y, np.array([0.0, 1.0]))[:2] for y in world("drift 0.1", 100).T])
    assert (np.abs(found[:, 0]) <= 1.98 * found[:, 1]).mean() < 0.7
