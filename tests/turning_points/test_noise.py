"""The noise model against plain matrix algebra."""

from itertools import product

import numpy as np
import pytest

from detente.turning_points import noise
from detente.turning_points.dating.posterior import date_posterior
from detente.turning_points.effects import robust

GAPPY = (0, 1, 2, 5, 6, 9, 10, 11)


def covariance(positions, rho, drift):
    at = np.asarray(positions, dtype=float)
    lag = np.abs(at[:, None] - at)
    return np.where(lag == 0, 1.0, rho**lag) + drift**2 * np.minimum.outer(at, at)


def test_whiteners_are_inverse_cholesky_factors_with_gaps():
    grid = noise.grid(GAPPY)
    for number, (rho, drift) in enumerate(product(noise.RHOS, noise.DRIFTS)):
        factor = np.linalg.inv(np.linalg.cholesky(covariance(GAPPY, rho, drift)))
        assert np.allclose(grid.whiteners[number], factor)
        assert grid.log_precision[number] == pytest.approx(np.log(np.diag(factor)).sum())


def test_mean_of_last_observations_has_its_own_whitener():
    merge = np.vstack([np.eye(8)[:5], np.r_[np.zeros(5), np.ones(3) / 3]])
    merged = noise.last_averaged(noise.grid(GAPPY), 3)
    for number, (rho, drift) in enumerate(product(noise.RHOS, noise.DRIFTS)):
        factor = np.linalg.inv(np.linalg.cholesky(merge @ covariance(GAPPY, rho, drift) @ merge.T))
        assert np.allclose(merged.whiteners[number], factor)


def test_mixture_of_equal_parts_is_student_t():
    from scipy.stats import t

    one = noise.Mixture(np.full((2, 1), 0.5), np.full((2, 1), 3.0), np.full((2, 1), 2.0), np.full((2, 1), 7.0))
    assert one.quantile(0.975)[0] == pytest.approx(3 + 2 * t.ppf(0.975, 7))
    assert one.tail()[0] == pytest.approx(2 * t.cdf(-1.5, 7))


def test_prior_sums_to_one():
    assert np.exp(noise.log_prior(0.2, 0.1)).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("model", ["level", "trend"])
def test_posterior_equals_evidence_computed_model_by_model(model):
    """The vectorised posterior against one regression for each model, date and kind of noise."""
    from detente.turning_points.dating import posterior

    y = np.array([0.3, -0.5, 0.1, 0.9, -0.2, 2.2, 2.9, 2.0, 2.4, 1.8, 2.6])
    n = len(y)
    time = np.arange(n) - 5.0
    base = np.ones((n, 1)) if model == "level" else np.column_stack([np.ones(n), time])
    edge = posterior.EDGE + (model == "trend")
    firsts = range(edge, n - edge + 1)
    found = date_posterior(tuple(range(n)), y[:, None], model=model)
    prior = noise.log_prior(posterior.NO_RHO, posterior.NO_DRIFT)
    none, dated = 0.0, dict.fromkeys(firsts, 0.0)

    def evidence(whitener, extra):
        def rss(x):
            return ((whitener @ y - whitener @ x @ np.linalg.lstsq(whitener @ x, whitener @ y)[0]) ** 2).sum()

        g = n if extra else 0
        full = np.column_stack([base, *extra])
        root = np.sqrt(np.linalg.det((whitener @ base).T @ (whitener @ base)))
        shrunk = (rss(base) + g * rss(full)) / (1 + g)
        return (1 + g) ** (-len(extra) / 2) * shrunk ** (-(n - base.shape[1]) / 2) / root

    for number, (rho, drift) in enumerate(product(noise.RHOS, noise.DRIFTS)):
        whitener = np.linalg.inv(np.linalg.cholesky(covariance(range(n), rho, drift)))
        weight = np.exp(prior[number]) * np.linalg.det(whitener) / 2
        trends = ((), (time,)) if model == "level" else ((),)
        for trend in trends:
            none += weight * evidence(whitener, trend)
            for first in firsts:
                step = (np.arange(n) >= first).astype(float)
                extra = (step,) if model == "level" else (step, np.maximum(time - time[first], 0))
                dated[first] += weight * evidence(whitener, (*trend, *extra)) / len(dated)
    total = none + sum(dated.values())
    assert found.no_break[0] == pytest.approx(none / total, rel=1e-6)
    assert found.by_date[:, 0] == pytest.approx([value / total for value in dated.values()], rel=1e-6)


def test_robust_estimate_of_a_perfectly_white_world_is_near_least_squares():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(200), np.arange(200) >= 100]).astype(float)
    y = rng.standard_normal((200, 1)) + 5 * x[:, 1:]
    known = robust.average(robust.kinds_of_noise(tuple(range(200))), x, y).mixture(np.array([0.0, 1.0]))
    plain = y[100:].mean() - y[:100].mean()
    assert known.quantile(0.5)[0] == pytest.approx(plain, abs=0.1)
