"""Values in time to a probability for each date at which the level may have changed, and for no change at all.

All combinations of {no change, a change at date k} and {level, linear trend} are compared under every kind of noise of
`noise`. A trend that is no break would otherwise be taken for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from detente.turning_points.noise import Array, grid, log_prior

Kind = Literal["level", "trend"]

PRIOR_BREAK = 0.5
NO_RHO, NO_DRIFT = 0.3, 0.3
"""Prior probability of no autocorrelation and of no drift."""
EDGE = 3
"""Fewest observations on either side of a change: two high values at the end are no new regime."""


@dataclass(frozen=True, slots=True)
class DatePosterior:
    """Probabilities, one column for each series.

    Attributes:
        first_new: The observation (from 0) that opens the new regime, for each candidate.
        by_date: Probability of a change at each candidate.
        no_break: Probability that the level did not change.
        step: Posterior mean of the change, given a change at the candidate.
    """

    first_new: NDArray[np.intp]
    by_date: Array
    no_break: Array
    step: Array


def date_posterior(positions: tuple[int, ...], y: Array, *, model: Kind = "level") -> DatePosterior:
    """Compute the posterior over the date of one change, for each column of *y*.

    Question: when did the level (or level and slope) change, if it did? Assumes at most one change and Gaussian noise
    that is AR(1) plus a random walk, both unknown; under "level" perhaps a linear trend, under "trend" always one,
    whose slope changes too. Prior: change or none evenly; dates evenly over periods; coefficients a unit-information
    (Zellner g = n) prior, so that scale and origin of the values do not matter.

    References:
        Zellner (1986), in Goel and Zellner (eds), Bayesian Inference and Decision Techniques.
        Liang, Paulo, Molina, Clyde and Berger (2008), Journal of the American Statistical Association 103.
    """
    n = len(positions)
    noise = grid(positions)
    edge = EDGE if model == "level" else EDGE + 1
    first_new = np.arange(edge, n - edge + 1)
    evidence = _level if model == "level" else _level_and_slope
    where = np.asarray(positions, dtype=float)
    pieces = [evidence(whitener, where - where.mean(), first_new, y) for whitener in noise.whiteners]
    weight = noise.log_precision + log_prior(NO_RHO, NO_DRIFT)
    gap = np.diff(where)[first_new - 1]
    log_none = np.stack([p[0] + lp for p, lp in zip(pieces, weight, strict=True)])
    log_dates = np.stack([p[1] + lp for p, lp in zip(pieces, weight, strict=True)])
    log_none += np.log(1 - PRIOR_BREAK)
    log_dates += np.log(PRIOR_BREAK * gap / gap.sum())[:, None]
    highest = np.maximum(log_none.max(axis=(0, 1)), log_dates.max(axis=(0, 1, 2)))
    none, dates = np.exp(log_none - highest), np.exp(log_dates - highest)
    total = none.sum(axis=(0, 1)) + dates.sum(axis=(0, 1, 2))
    steps = np.stack([p[2] for p in pieces])
    mean_step = (dates * steps).sum(axis=(0, 1)) / np.maximum(dates.sum(axis=(0, 1)), 1e-300)
    return DatePosterior(first_new, dates.sum(axis=(0, 1)) / total, none.sum(axis=(0, 1)) / total, mean_step)


def _without(basis: Array, *parts: Array) -> tuple[Array, ...]:
    """What is left of each part beside an orthonormal basis."""
    return tuple(part - basis @ (basis.T @ part) for part in parts)


def _steps(whitener: Array, first_new: NDArray[Any]) -> Array:
    """Whitened steps: the sum of the whitened columns from the first observation of the new regime on."""
    return np.asarray(np.cumsum(whitener[:, ::-1], axis=1)[:, ::-1][:, first_new])


def _level(whitener: Array, time: Array, first_new: NDArray[Any], y: Array) -> tuple[Array, Array, Array]:
    """Log evidence without change (trend × series) and with one (trend × date × series), and the mean step."""
    n, level = len(time), whitener.sum(axis=1)
    size = np.linalg.norm(level)
    parts = (whitener @ y, _steps(whitener, first_new), (whitener @ time)[:, None])
    data, steps, trend = _without((level / size)[:, None], *parts)
    null = (data**2).sum(axis=0)
    log_none, log_dates, means = [], [], []
    for trended in (0, 1):
        if trended:
            data, steps = _without(trend / np.linalg.norm(trend), data, steps)
        rss, power, cross = (data**2).sum(axis=0), (steps**2).sum(axis=0)[:, None], steps.T @ data
        log_none.append(_log_evidence(null, rss, n, n - 1, trended))
        log_dates.append(_log_evidence(null, rss - cross**2 / power, n, n - 1, trended + 1))
        means.append(cross / power * n / (n + 1))
    return np.stack(log_none) - np.log(size), np.stack(log_dates) - np.log(size), np.stack(means)


def _level_and_slope(whitener: Array, time: Array, first_new: NDArray[Any], y: Array) -> tuple[Array, Array, Array]:
    """The same where level and slope are always there, and change together."""
    n = len(time)
    ramps = np.maximum(time[:, None] - time[first_new], 0.0)
    base, root = np.linalg.qr(whitener @ np.column_stack([np.ones(n), time]))
    data, steps, ramps = _without(base, whitener @ y, _steps(whitener, first_new), whitener @ ramps)
    null, power, cross = (data**2).sum(axis=0), (steps**2).sum(axis=0)[:, None], steps.T @ data
    ramps = ramps - steps * ((steps * ramps).sum(axis=0)[:, None] / power).T
    rss = null - cross**2 / power - (ramps.T @ data) ** 2 / (ramps**2).sum(axis=0)[:, None]
    log_size = np.log(np.abs(np.diag(root))).sum()
    log_none = _log_evidence(null, null, n, n - 2, 0)[None] - log_size
    log_dates = _log_evidence(null, rss, n, n - 2, 2)[None] - log_size
    return log_none, log_dates, (cross / power * n / (n + 1))[None]


def _log_evidence(null: Array, rss: Array, n: int, freedom: int, regressors: int) -> Array:
    """Zellner's g-prior with g = n: log evidence of *regressors* beyond those of the null model."""
    g = n if regressors else 0
    shrunk = (null + g * np.maximum(rss, 0.0)) / (1 + g)
    return np.asarray(-regressors / 2 * np.log(1 + g) - freedom / 2 * np.log(np.maximum(shrunk, 1e-300)))
