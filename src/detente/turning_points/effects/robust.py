"""Values and a date to the change at that date, with unknown autocorrelation, drift and trend averaged out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.turning_points.noise import (
    RHOS,
    Array,
    Fit,
    Grid,
    Mixture,
    drifts_to_scale,
    fit_whitened,
    grid,
    log_likelihood,
    log_prior_by_cause,
    normalise,
)

CAUSES = (0.13, 0.67, 0.15, 0.05)
"""Prior probability of no persistence, of drift, of autocorrelation, of both."""
DRIFTING = (0.1, 0.45, 0.15, 0.06, 0.04, 0.05, 0.15)
"""How likely each drift is where there is one: most of it lies where the series hardly tells it from none."""
TREND_ODDS = 1 / 3
"""Prior odds of a linear trend."""
SHORTENED, SHORT, LONG = 0.88, 15, 100
"""Averaging over drifts makes intervals wide where there is none. By how much spreads are shortened from `LONG` values
on; up to `SHORT` values not at all."""
PLAIN, STEADY = 5, 2
"""How many of the largest drifts and autocorrelations are not shortened: a series tells them from none. All these
numbers come from simulation (docs: calibration)."""
AT_ONCE = 250
"""Series whitened together in `effects_at`: as many as fit into the memory of a small computer."""


def kinds_of_noise(positions: tuple[int, ...]) -> Grid:
    """The kinds of noise that the estimates of effects average over."""
    return grid(positions, drifts_to_scale(positions[-1] - positions[0] + 1))


@lru_cache(maxsize=1)
def log_prior_of_kinds() -> Array:
    """Log prior of each kind; the more autocorrelation the likelier, where there is some."""
    return log_prior_by_cause(np.array(CAUSES), np.array(RHOS[1:]), np.array(DRIFTING))


def shortening(count: int) -> Array:
    """By what the spread of a change of level, learnt from so many values, is multiplied under each kind of noise."""
    part = np.log(count / SHORT) / np.log(LONG / SHORT)
    factors = np.ones((len(RHOS), len(DRIFTING) + 1))
    factors[:-STEADY, : len(DRIFTING) + 1 - PLAIN] = 1 - (1 - SHORTENED) * np.clip(part, 0.0, 1.0)
    return factors.ravel()


@dataclass(frozen=True, slots=True)
class Averaged:
    """The models considered, and how much each counts.

    Attributes:
        fits: One for each set of regressors; the first columns are the same in all.
        weights: One for each fit, kind × series; together they sum to one.
    """

    fits: tuple[Fit, ...]
    weights: tuple[Array, ...]

    def mixture(self, contrast: Array) -> Mixture:
        """What is known of a contrast of the coefficients that all models share, calibrated for a change of level."""
        return self.uncalibrated(contrast).shortened(shortening(_rows(self.fits[0])))

    def uncalibrated(self, contrast: Array) -> Mixture:
        """The same as the models have it."""
        padded = [_padded(contrast, model) for model in self.fits]
        return Mixture(
            weight=np.concatenate(self.weights),
            centre=np.concatenate([m.estimate(c) for m, c in zip(self.fits, padded, strict=True)]),
            spread=np.concatenate([m.spread(c) for m, c in zip(self.fits, padded, strict=True)]),
            freedom=np.concatenate([np.full((len(m.rss), 1), float(m.freedom)) for m in self.fits]),
        )


def _padded(contrast: Array, model: Fit) -> Array:
    return np.concatenate([contrast, np.zeros(model.coefficients.shape[1] - len(contrast))])


def _rows(model: Fit) -> int:
    return model.freedom + int(model.coefficients.shape[1])


def gain(plain: Fit, wider: Fit) -> Array:
    """Log evidence of a model over one whose regressors it holds and exceeds: a unit-information prior for the others.

    References:
        Liang, Paulo, Molina, Clyde and Berger (2008), Journal of the American Statistical Association 103.
    """
    g = _rows(plain)
    shrunk = np.log((1 + g * wider.rss / plain.rss) / (1 + g))
    return np.asarray(-(plain.freedom - wider.freedom) / 2 * np.log(1 + g) - plain.freedom / 2 * shrunk)


def average(noise: Grid, x: Array, y: Array, *, optional: Array | None = None) -> Averaged:
    """Fit *x*, and *x* with an optional regressor (a trend), and weigh them by their evidence.

    Args:
        noise: `kinds_of_noise` of the positions.
        x: Regressors that are always there.
        y: Series, one a column.
        optional: A regressor that is perhaps there; its prior odds are `TREND_ODDS`.
    """
    extra = None if optional is None else noise.whiteners @ optional
    return _averaged(noise, noise.whiteners @ x, noise.whiteners @ y, extra)


def _averaged(noise: Grid, x: Array, y: Array, optional: Array | None) -> Averaged:
    """The same from whitened parts."""
    plain = fit_whitened(x, y)
    base = log_likelihood(noise, plain) + log_prior_of_kinds()[:, None]
    if optional is None:
        return Averaged((plain,), (normalise(base),))
    wider = fit_whitened(np.concatenate([x, optional[:, :, None]], axis=2), y)
    weights = normalise(np.concatenate([base, base + gain(plain, wider) + np.log(TREND_ODDS)]))
    return Averaged((plain, wider), (weights[: len(base)], weights[len(base) :]))


def effects_at(
    positions: tuple[int, ...], y: Array, first_new: NDArray[Any], confidence: float = 0.95
) -> tuple[Array, Array, Array, Array]:
    """Give the change of many series at once: average, lower and upper end, p, one value a series.

    Question and assumptions as in `detente.turning_points.intervention`, whose answers these are.

    Args:
        positions: Where the observations stand in time, the same for all series.
        y: Series, one a column, without gaps and none of them constant beside the step.
        first_new: For each series the first observation (its row in *y*) after the event.
        confidence: Of the intervals.

    References:
        As in `detente.turning_points.intervention`.
    """
    noise = kinds_of_noise(positions)
    scale = y.std(axis=0)
    scaled = (y - y.mean(axis=0)) / scale
    trend = noise.whiteners @ (np.asarray(positions, dtype=float) - np.mean(positions))
    since = np.cumsum(noise.whiteners[:, :, ::-1], axis=2)[:, :, ::-1]
    answers = np.zeros((4, y.shape[1]))
    by_date = np.argsort(first_new, kind="stable")
    for some in np.array_split(by_date, -(-len(by_date) // AT_ONCE)):
        white = noise.whiteners @ scaled[:, some]
        for first in np.unique(first_new[some]):
            mine = first_new[some] == first
            known = _averaged(noise, since[:, :, [0, first]], white[:, :, mine], trend).mixture(np.array([0.0, 1.0]))
            ends = [known.quantile(at) for at in (0.5, (1 - confidence) / 2, (1 + confidence) / 2)]
            answers[:, some[mine]] = [*(end * scale[some[mine]] for end in ends), known.tail()]
    return answers[0], answers[1], answers[2], answers[3]
